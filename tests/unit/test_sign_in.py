"""People come back from an outside provider with a session; and with none whenever anything about it is not right."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from houselights.app import ROOMS, build_house, create_app
from houselights.base.errors import InvalidInput
from houselights.base.session_cookie import COOKIE
from houselights.base.settings import Settings
from houselights.base.sign_in_settings import SignInSettings
from houselights.services.caller import Caller
from houselights.services.house import House
from tests.openid import CLIENT, SECRET, OpenId, provided

OURS = [room for room in ROOMS if room.name in {"native", "web"}]
ROLES = {"admins": "operator", "analysts": "builder", "*": "viewer"}


@pytest.fixture(scope="module")
def server() -> Iterator[OpenId]:
    with provided() as running:
        yield running


@pytest.fixture
def provider(server: OpenId) -> OpenId:
    server.claims, server.wrong = {"preferred_username": "Ada"}, ""
    return server


@dataclass
class Door:
    """A house whose people sign in outside, as a browser sees it."""

    house: House
    http: TestClient

    def leave(self) -> str:
        """Click the button; return where that leads."""
        reply = self.http.get("/web/sign-in", follow_redirects=False)
        assert reply.status_code == 303
        return str(reply.headers["location"])

    def back(self, address: str) -> Any:
        """Come back to an address that the provider gave."""
        return self.http.get(address.removeprefix("http://127.0.0.1:8080"), follow_redirects=False)

    def through(self) -> Any:
        """Leave, sign in there, come back."""
        return self.back(httpx.get(self.leave()).headers["location"])

    def refused(self, reply: Any) -> str:
        """Return the word with which somebody was refused; they have no session."""
        assert reply.status_code == 303
        assert COOKIE not in reply.cookies
        return str(parse_qs(urlsplit(reply.headers["location"]).query)["refused"][0])


@pytest.fixture
def door(tmp_path: Path, provider: OpenId) -> Iterator[Callable[..., Door]]:
    opened: list[House] = []

    def open_one(base_url: str = "http://127.0.0.1:8080", **more: Any) -> Door:
        settings = SignInSettings(
            **{"issuer": provider.base, "client_id": CLIENT, "client_secret": SECRET, "name": "Acme"} | more
        )
        data = tmp_path / str(len(opened))
        house = build_house(Settings(data=data, sign_in=settings, base_url=base_url))
        house.control.workspaces.create("acme", created_at=house.clock.now())  # nobody's people are asked about
        opened.append(house)
        return Door(house, TestClient(create_app(house, OURS), base_url=base_url))

    yield open_one
    for house in opened:
        house.control.close()


def test_somebody_comes_back_with_the_session_that_a_password_would_have_given(door: Callable[..., Door]) -> None:
    one = door()
    assert one.http.get("/v1/session/ways").json() == {"signed_in": False, "outside": "Acme"}
    reply = one.through()
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    cookie = next(each for each in reply.headers.get_list("set-cookie") if each.startswith(COOKIE)).lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    told = one.http.get("/v1/session").json()
    assert (told["name"], told["role"]) == ("Ada", "viewer")
    assert one.http.delete("/v1/session").status_code == 403
    assert one.http.delete("/v1/session", headers={"Houselights-Proof": told["proof"]}).status_code == 204


def test_behind_https_both_cookies_travel_over_tls_alone(door: Callable[..., Door]) -> None:
    one = door("https://audiences.acme.example")
    there = one.http.get("/web/sign-in", follow_redirects=False)
    assert "secure" in there.headers["set-cookie"].lower()
    assert "redirect_uri=https%3A%2F%2Faudiences.acme.example%2Fweb%2Fsign-in%2Fcallback" in there.headers["location"]
    back = httpx.get(there.headers["location"]).headers["location"]
    reply = one.http.get(back.removeprefix("https://audiences.acme.example"), follow_redirects=False)
    assert all("secure" in each.lower() for each in reply.headers.get_list("set-cookie") if each.startswith(COOKIE))
    assert one.http.get("/v1/session").status_code == 200


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["admins"], "operator"),
        (["analysts", "admins"], "operator"),
        ("analysts", "builder"),
        (None, "viewer"),
        ([7], "viewer"),
    ],
)
def test_a_claim_gives_the_role(door: Callable[..., Door], provider: OpenId, groups: Any, role: str) -> None:
    one = door(role_claim="groups", roles=ROLES)
    provider.claims["groups"] = groups
    one.through()
    assert one.http.get("/v1/session").json()["role"] == role


@pytest.mark.parametrize("groups", [None, [], ["guests"], "*", {"admins": True}])
def test_who_is_given_no_role_is_refused_where_there_is_none_for_anybody(
    door: Callable[..., Door], provider: OpenId, groups: Any
) -> None:
    one = door(role_claim="groups", roles={"admins": "operator"})
    provider.claims["groups"] = groups
    assert one.refused(one.through()) == "role"
    assert one.house.operators.list(Caller.local(one.house.control.workspaces.list()[0])) == []


def test_another_role_holds_from_the_next_sign_in_and_ends_what_the_old_one_could(
    door: Callable[..., Door], provider: OpenId
) -> None:
    one = door(role_claim="groups", roles=ROLES)
    provider.claims["groups"] = ["admins"]
    one.through()
    before = one.http.cookies[COOKIE]
    provider.claims["groups"] = []
    one.through()
    assert one.http.get("/v1/session").json()["role"] == "viewer"
    one.http.cookies.set(COOKIE, before)
    assert TestClient(one.http.app, cookies={COOKIE: before}).get("/v1/session").status_code == 401


def test_a_name_is_not_who_somebody_is(door: Callable[..., Door], provider: OpenId) -> None:
    one = door()
    caller = Caller.local(one.house.control.workspaces.list()[0])
    one.house.operators.add(caller, name="ada", password="a long sentence", role="operator")
    one.through()
    assert one.http.get("/v1/session").json()["role"] == "viewer"
    provider.claims |= {"sub": "u-2"}
    one.through()
    people = one.house.operators.list(caller)
    assert [(each.name, each.role) for each in people] == [("ada", "operator"), ("Ada", "viewer"), ("Ada", "viewer")]
    provider.claims |= {"preferred_username": "Grace"}
    one.through()
    assert len(one.house.operators.list(caller)) == 3


def test_who_was_turned_away_stays_away(door: Callable[..., Door]) -> None:
    one = door()
    one.through()
    caller = Caller.local(one.house.control.workspaces.list()[0])
    one.house.clients.disable(caller, one.house.operators.list(caller)[0].client.id)
    one.http.cookies.clear()
    assert one.refused(one.through()) == "answer"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": None},
        {"aud": [CLIENT, "somebody-else"]},
        {"azp": "somebody-else"},
        {"iss": "https://elsewhere.example"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"nbf": int(time.time()) + 3600},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"at_hash": "bm90IGl0"},
    ],
    ids=lambda claims: "-".join(
        claims
    ),  # not the values: the time of collection is in some, and each worker has its own
)
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    door: Callable[..., Door], provider: OpenId, claims: dict[str, Any]
) -> None:
    one = door()
    provider.claims |= claims
    assert one.refused(one.through()) == "answer"
    assert one.http.get("/v1/session").status_code == 401


@pytest.mark.parametrize("wrong", ["none", "shared secret", "key", "refuses"])
def test_what_the_provider_did_not_sign_is_refused(door: Callable[..., Door], provider: OpenId, wrong: str) -> None:
    one = door()
    provider.wrong = wrong
    assert one.refused(one.through()) == "answer"


def test_a_provider_of_another_name_is_refused(door: Callable[..., Door], provider: OpenId) -> None:
    one = door()
    provider.wrong = "name"
    assert one.refused(one.http.get("/web/sign-in", follow_redirects=False)) == "provider"


def test_a_provider_that_cannot_be_reached_is_said_so(door: Callable[..., Door]) -> None:
    one = door(issuer="http://127.0.0.1:9")
    assert one.refused(one.http.get("/web/sign-in", follow_redirects=False)) == "provider"


def test_an_answer_that_nobody_here_asked_for_is_refused(door: Callable[..., Door]) -> None:
    one, other = door(), door()
    address = httpx.get(other.leave()).headers["location"]
    assert one.refused(one.back(address)) == "answer"  # no sign-in was begun
    one.leave()
    assert one.refused(one.back(address)) == "answer"  # another one was
    good = httpx.get(one.leave()).headers["location"]
    assert one.refused(one.back(good.replace("state=", "state=x"))) == "answer"
    assert one.http.get("/v1/session").status_code == 401


def test_a_code_is_good_once_and_so_is_a_sign_in(door: Callable[..., Door]) -> None:
    one = door()
    address = httpx.get(one.leave()).headers["location"]
    kept = one.http.cookies["houselights_sign_in"]
    assert one.back(address).headers["location"] == "/"
    assert "houselights_sign_in" not in one.http.cookies
    one.http.cookies.clear()
    one.http.cookies.set("houselights_sign_in", kept)
    assert one.refused(one.back(address)) == "answer"


def test_a_code_taken_from_somebody_else_s_browser_is_worth_nothing(door: Callable[..., Door]) -> None:
    one = door()
    stolen = parse_qs(urlsplit(httpx.get(one.leave()).headers["location"]).query)["code"][0]
    mine = urlsplit(httpx.get(one.leave()).headers["location"])
    state = parse_qs(mine.query)["state"][0]
    assert one.refused(one.back(f"{mine.path}?code={stolen}&state={state}")) == "answer"


def test_new_keys_are_found_and_the_provider_is_not_asked_each_time(
    door: Callable[..., Door], provider: OpenId, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = door()
    one.through()
    asked = len(provider.asked)
    one.through()
    assert [each for each in provider.asked[asked:] if each != "/authorize"] == []
    provider.turn_keys()
    one.http.cookies.clear()
    assert one.refused(one.through()) == "answer"  # keys were asked for a moment ago
    monkeypatch.setattr("houselights.web.provider.KEYS_AGAIN_SECONDS", 0.0)
    assert one.through().headers["location"] == "/"


def test_without_a_provider_there_is_no_such_page(http: TestClient) -> None:
    assert http.get("/web/sign-in", follow_redirects=False).status_code == 404
    assert http.get("/v1/session/ways").json()["outside"] is None


def test_where_there_are_several_workspaces_one_must_be_named(door: Callable[..., Door]) -> None:
    one = door()
    one.house.control.workspaces.create("second", created_at=one.house.clock.now())
    assert one.refused(one.through()) == "provider"


def test_variables(monkeypatch: pytest.MonkeyPatch, house: House) -> None:
    def read(**given: str) -> SignInSettings | None:
        for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "NAME", "WORKSPACE", "ROLE_CLAIM", "ROLES"):
            monkeypatch.setenv(f"HOUSELIGHTS_OIDC_{name}", given.get(name, ""))
        return SignInSettings.from_environment()

    def fault(**given: str) -> str | None:
        with pytest.raises(InvalidInput) as raised:
            read(**given)
        return raised.value.field

    assert read() is None
    whole = {"ISSUER": "https://id.acme.example", "CLIENT_ID": "houselights"}
    plain = read(**whole)
    assert plain is not None
    assert plain.roles == {"*": "viewer"}
    told = read(**whole, ROLE_CLAIM="groups", ROLES="cn=admins=operator, *=viewer", CLIENT_SECRET="hidden")
    assert told is not None
    assert told.roles == {"cn=admins": "operator", "*": "viewer"}
    assert "hidden" not in repr(told)
    assert fault(CLIENT_ID="houselights") == "HOUSELIGHTS_OIDC_ISSUER"
    assert fault(ISSUER="https://id.acme.example") == "HOUSELIGHTS_OIDC_CLIENT_ID"
    assert fault(**whole | {"ISSUER": "http://id.acme.example"}) == "HOUSELIGHTS_OIDC_ISSUER"
    assert fault(**whole, ROLES="admins") == "HOUSELIGHTS_OIDC_ROLES"
    assert fault(**whole, ROLES="admins=operator") == "HOUSELIGHTS_OIDC_ROLE_CLAIM"
    odd = replace(house.settings, sign_in=replace(plain, roles={"*": "veiwer"}))
    with pytest.raises(InvalidInput, match="veiwer"):
        create_app(replace(house, settings=odd))
