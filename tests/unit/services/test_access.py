"""Tokens as RFC 6749 has them, over a real control database: the three grants, their refusals, and bearer checks."""

import base64
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from houselights.base.errors import Conflict, InvalidInput, NotAuthenticated, NotFound
from houselights.model.workspace import Account, Workspace
from houselights.services.access import CACHE_SECONDS, Access, NewClient
from houselights.services.authorize import grant_code
from houselights.services.oauth.secret_hash import SecretCheck, hash_secret
from houselights.services.oauth.server import TokenServer
from houselights.services.oauth.style import TokenStyle
from houselights.storage.control.control import Control
from houselights.storage.control.schema import client as client_table
from houselights.storage.control.schema import token as token_table

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
CALLBACK = "https://agency.example/callback"
STYLE = TokenStyle(
    access_prefix="acc|",
    refresh_prefix="ref|",
    scopes={
        "shop::audiences": frozenset({"audiences:read", "audiences:write"}),
        "shop::insights": frozenset({"insights:read"}),
        "openid": frozenset(),
    },
)


@dataclass
class Hands:
    """A clock one can turn."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def turn(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class World:
    control: Control
    clock: Hands
    access: Access
    endpoint: TokenServer
    workspace: Workspace
    new: NewClient

    def form(self, **fields: str) -> dict[str, str]:
        return {"client_id": self.new.client.client_id, "client_secret": self.new.secret, **fields}

    def refresh(self, **fields: str) -> dict[str, str]:
        return self.form(grant_type="refresh_token", refresh_token=self.new.refresh_token, **fields)

    def code(self, **changes: str | None) -> str:
        asked = {"redirect_uri": CALLBACK, "granted_by": "ada", **changes}
        reply = grant_code(self.endpoint, client_id=self.new.client.client_id, **asked)
        assert reply.status == 302
        return parse_qs(urlsplit(reply.headers["Location"]).query)["code"][0]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    control = Control.open(f"sqlite:///{tmp_path / 'control.db'}")
    clock = Hands()
    access = Access(control, clock, monotonic=lambda: clock.at.timestamp())
    workspace = control.workspaces.create("acme", created_at=START)
    new = access.create_client(
        workspace_id=workspace.id,
        name="agency",
        scopes=["audiences:read", "insights:read"],
        redirect_uris=[CALLBACK],
        style=STYLE,
    )
    yield World(control, clock, access, access.token_endpoint(STYLE), workspace, new)
    control.close()


# ── refresh tokens ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_refresh_token_gives_an_access_token_and_the_same_refresh_token(world: World) -> None:
    reply = world.endpoint.exchange(world.refresh(), {})
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert {key: value for key, value in reply.body.items() if key != "access_token"} == {
        "token_type": "bearer",
        "expires_in": 3600,
        "refresh_token": world.new.refresh_token,
    }
    assert reply.body["access_token"].startswith("acc|")
    verified = world.access.verify(reply.body["access_token"])
    assert verified.client == world.new.client
    assert verified.scopes == {"audiences:read", "insights:read"}
    assert verified.expires_at == START + timedelta(hours=1)


def test_an_access_token_lasts_an_hour_and_a_refresh_token_for_ever(world: World) -> None:
    token = world.endpoint.exchange(world.refresh(), {}).body["access_token"]
    world.clock.turn(3599)
    world.access.verify(token)
    world.clock.turn(1)
    with pytest.raises(NotAuthenticated, match="expired"):
        world.access.verify(token)
    world.clock.turn(10 * 365 * 86400)
    assert world.endpoint.exchange(world.refresh(), {}).status == 200


def test_the_client_may_use_http_basic_and_an_empty_authorization_header_counts_as_none(world: World) -> None:
    pair = f"{world.new.client.client_id}:{world.new.secret}".encode()
    form = {"grant_type": "refresh_token", "refresh_token": world.new.refresh_token}
    basic = {"authorization": "Basic " + base64.b64encode(pair).decode()}
    assert world.endpoint.exchange(form, basic).status == 200
    assert world.endpoint.exchange(world.refresh(), {"authorization": ""}).status == 200


@pytest.mark.parametrize("header", ["Basic", "Basic ====", "Basic \u00e9", "Basic /w==", "Bearer x", "nonsense"])
def test_an_authorization_header_that_cannot_be_read_is_a_401_and_no_crash(world: World, header: str) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": world.new.refresh_token}
    reply = world.endpoint.exchange(form, {"Authorization": header})
    assert (reply.status, reply.error) == (401, "invalid_client")


def test_scope_narrows_an_access_token_and_is_said_back(world: World) -> None:
    reply = world.endpoint.exchange(world.refresh(scope="shop::audiences,openid"), {})
    assert reply.body["scope"] == "shop::audiences openid"
    assert world.access.verify(reply.body["access_token"]).scopes == {"audiences:read"}


def test_a_revoked_refresh_token_is_an_invalid_grant(world: World) -> None:
    assert world.access.revoke(world.new.refresh_token)
    assert not world.access.revoke(world.new.refresh_token)
    assert world.endpoint.exchange(world.refresh(), {}).error == "invalid_grant"


def test_another_clients_refresh_token_is_an_invalid_grant(world: World) -> None:
    other = world.access.create_client(workspace_id=world.workspace.id, name="other", scopes=["audiences:read"])
    form = world.form(grant_type="refresh_token", refresh_token=other.refresh_token)
    assert world.endpoint.exchange(form, {}).error == "invalid_grant"


# ── authorization codes ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_code_gives_both_tokens_and_they_work(world: World) -> None:
    form = world.form(grant_type="authorization_code", code=world.code(), redirect_uri=CALLBACK)
    reply = world.endpoint.exchange(form, {})
    assert reply.status == 200
    assert reply.body["refresh_token"].startswith("ref|")
    assert reply.body["refresh_token"] != world.new.refresh_token
    world.access.verify(reply.body["access_token"])
    again = world.form(grant_type="refresh_token", refresh_token=reply.body["refresh_token"])
    assert world.endpoint.exchange(again, {}).status == 200


def test_a_code_works_once_and_a_second_try_takes_back_what_it_gave(world: World) -> None:
    form = world.form(grant_type="authorization_code", code=world.code(), redirect_uri=CALLBACK)
    first = world.endpoint.exchange(form, {})
    assert world.endpoint.exchange(form, {}).error == "invalid_grant"
    again = world.form(grant_type="refresh_token", refresh_token=first.body["refresh_token"])
    assert world.endpoint.exchange(again, {}).error == "invalid_grant"
    assert world.endpoint.exchange(world.refresh(), {}).status == 200, "the client's own refresh token stays"


def test_a_code_lasts_five_minutes(world: World) -> None:
    form = world.form(grant_type="authorization_code", code=world.code(), redirect_uri=CALLBACK)
    world.clock.turn(300)
    assert world.endpoint.exchange(form, {}).error == "invalid_grant"


def test_a_code_is_bound_to_its_redirect_uri(world: World) -> None:
    form = world.form(grant_type="authorization_code", code=world.code(), redirect_uri=CALLBACK + "/else")
    assert world.endpoint.exchange(form, {}).error == "invalid_grant"
    form["redirect_uri"] = CALLBACK
    assert world.endpoint.exchange(form, {}).error == "invalid_grant", "a code cannot be tried twice"


def test_another_clients_code_is_refused_and_left_alone(world: World) -> None:
    thief = world.access.create_client(
        workspace_id=world.workspace.id, name="thief", scopes=["audiences:read"], redirect_uris=[CALLBACK]
    )
    form = world.form(grant_type="authorization_code", code=world.code(), redirect_uri=CALLBACK)
    stolen = {**form, "client_id": thief.client.client_id, "client_secret": thief.secret}
    assert world.endpoint.exchange(stolen, {}).error == "invalid_grant"
    assert world.endpoint.exchange(form, {}).status == 200


def test_of_many_at_once_one_gets_the_code(world: World) -> None:
    form = world.form(grant_type="authorization_code", code=world.code(), redirect_uri=CALLBACK)
    world.endpoint.exchange(world.refresh(), {})  # pay for the slow hash before the race
    statuses = in_threads(8, lambda: world.endpoint.exchange(form, {}).status)
    assert sorted(statuses) == [200] + [400] * 7


def test_the_redirect_carries_state_and_a_refusal_says_so(world: World) -> None:
    granted = grant_code(
        world.endpoint,
        client_id=world.new.client.client_id,
        redirect_uri=CALLBACK,
        granted_by="ada",
        state="x y",
        scope="shop::insights",
    )
    query = parse_qs(urlsplit(granted.headers["Location"]).query)
    assert query["state"] == ["x y"]
    form = world.form(grant_type="authorization_code", code=query["code"][0], redirect_uri=CALLBACK)
    token = world.endpoint.exchange(form, {}).body["access_token"]
    assert world.access.verify(token).scopes == {"insights:read"}
    refused = grant_code(
        world.endpoint, client_id=world.new.client.client_id, redirect_uri=CALLBACK, granted_by=None, state="x"
    )
    assert refused.headers["Location"].startswith(CALLBACK + "?error=access_denied")


@pytest.mark.parametrize(
    "changes",
    [{"redirect_uri": "https://evil.example/"}, {"client_id": "nobody"}, {"response_type": "token"}],
)
def test_an_unsound_authorization_request_is_never_redirected_elsewhere(world: World, changes: dict[str, str]) -> None:
    asked = {"client_id": world.new.client.client_id, "redirect_uri": CALLBACK, "granted_by": "ada", **changes}
    reply = grant_code(world.endpoint, **asked)
    assert reply.status == 400 or reply.headers["Location"].startswith(CALLBACK + "?error=")
    assert "code=" not in reply.headers.get("Location", "")


# ── client credentials ──────────────────────────────────────────────────────────────────────────────────────────────


def test_client_credentials_give_an_access_token_alone(world: World) -> None:
    reply = world.endpoint.exchange(world.form(grant_type="client_credentials"), {})
    assert set(reply.body) == {"access_token", "token_type", "expires_in"}
    assert world.access.verify(reply.body["access_token"]).scopes == {"audiences:read", "insights:read"}


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"refresh_token": "ref|made-up"}, 400, "invalid_grant"),
        ({"scope": "shop::everything"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": "audiences:read"}, 400, "invalid_scope"),
        ({"grant_type": "authorization_code"}, 400, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "hlc_x", "redirect_uri": CALLBACK}, 400, "invalid_grant"),
    ],
)
def test_refusals(world: World, changes: dict[str, str], status: int, error: str) -> None:
    reply = world.endpoint.exchange({**world.refresh(), **changes}, {})
    assert (reply.status, reply.error) == (status, error)
    assert set(reply.body) == {"error", "error_description"}
    assert reply.body["error_description"]


def test_an_unknown_client_and_a_wrong_secret_look_alike(world: World) -> None:
    wrong = world.endpoint.exchange(world.refresh(client_secret="wrong"), {})
    unknown = world.endpoint.exchange(world.refresh(client_id="nobody"), {})
    assert (wrong.status, wrong.body) == (unknown.status, unknown.body)


def test_a_client_without_redirect_uri_may_not_use_codes(world: World) -> None:
    machine = world.access.create_client(workspace_id=world.workspace.id, name="machine", scopes=["audiences:read"])
    form = {
        "client_id": machine.client.client_id,
        "client_secret": machine.secret,
        "grant_type": "authorization_code",
        "code": "x",
    }
    assert world.endpoint.exchange(form, {}).error == "unauthorized_client"


def test_a_room_without_a_grant_does_not_know_it(world: World) -> None:
    endpoint = world.access.token_endpoint(TokenStyle(grants=("client_credentials",)))
    assert endpoint.exchange(world.refresh(), {}).error == "unsupported_grant_type"


# ── bearers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("token", ["", "acc|nothing", "\ud800", "x" * 100_000])
def test_a_token_nobody_gave_is_not_known(world: World, token: str) -> None:
    with pytest.raises(NotAuthenticated, match="not known"):
        world.access.verify(token)


def test_a_refresh_token_is_no_bearer_token(world: World) -> None:
    with pytest.raises(NotAuthenticated):
        world.access.verify(world.new.refresh_token)


def test_a_static_token_lives_until_it_is_revoked(world: World) -> None:
    token = world.access.static_token(world.new.client, scopes=["audiences:read"])
    world.clock.turn(10 * 365 * 86400)
    verified = world.access.verify(token)
    assert (verified.scopes, verified.expires_at) == ({"audiences:read"}, None)
    world.access.revoke(token)
    with pytest.raises(NotAuthenticated):
        world.access.verify(token)


def test_a_static_token_cannot_exceed_its_client(world: World) -> None:
    with pytest.raises(InvalidInput, match="counts:exact"):
        world.access.static_token(world.new.client, scopes=["counts:exact"])


def test_a_revocation_elsewhere_is_honoured_within_the_cache_time(world: World) -> None:
    token = world.access.static_token(world.new.client)
    elsewhere = Access(world.control, world.clock)
    world.access.verify(token)
    elsewhere.revoke(token)
    world.access.verify(token)
    world.clock.turn(CACHE_SECONDS)
    with pytest.raises(NotAuthenticated):
        world.access.verify(token)


def test_a_hot_token_does_not_ask_the_database_each_time(world: World) -> None:
    token = world.access.static_token(world.new.client)
    statements: list[str] = []
    sa.event.listen(world.control.database, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for _ in range(50):
        world.access.verify(token)
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 2


def test_disabling_a_client_ends_everything_it_has(world: World) -> None:
    token = world.access.static_token(world.new.client)
    world.access.verify(token)
    world.access.disable_client(world.workspace.id, world.new.client.id)
    with pytest.raises(NotAuthenticated):
        world.access.verify(token)
    with pytest.raises(NotAuthenticated):
        world.access.authenticate_client(world.new.client.client_id, world.new.secret)
    assert world.endpoint.exchange(world.refresh(), {}).error == "invalid_client"


# ── making clients, and what is kept ────────────────────────────────────────────────────────────────────────────────


def test_a_client_is_known_by_its_secret(world: World) -> None:
    assert world.access.authenticate_client(world.new.client.client_id, world.new.secret) == world.new.client
    for client_id, secret in [(world.new.client.client_id, "wrong"), ("nobody", world.new.secret)]:
        with pytest.raises(NotAuthenticated):
            world.access.authenticate_client(client_id, secret)


def test_neither_secrets_nor_tokens_are_kept(world: World) -> None:
    token = world.endpoint.exchange(world.refresh(), {}).body["access_token"]
    with world.control.database.connect() as connection:
        kept = [str(connection.execute(sa.select(table)).all()) for table in (client_table, token_table)]
    for word in (world.new.secret, world.new.refresh_token, token):
        assert all(word not in text for text in kept)


def test_a_client_is_made_whole_or_not_at_all(world: World) -> None:
    make: Callable[..., NewClient] = world.access.create_client
    given = {"workspace_id": world.workspace.id, "name": "x", "client_id": "x"}
    with pytest.raises(NotFound):
        make(**given, scopes=["audiences:read"], accounts=[404])
    with pytest.raises(InvalidInput) as caught:
        make(**given, scopes=["audiences:reed"])
    assert caught.value.hint is not None
    assert '"audiences:read"' in caught.value.hint
    account = world.control.accounts.put(Account(id=7, workspace_id=world.workspace.id, kind="agency", name="A"))
    made = make(**given, scopes=["audiences:read"], accounts=[7])
    assert world.control.clients.accounts_of(made.client) == [account]
    with pytest.raises(Conflict):
        make(**given, scopes=["audiences:read"])


def test_expired_tokens_are_thrown_away(world: World) -> None:
    for _ in range(3):
        world.endpoint.exchange(world.refresh(), {})
    world.clock.turn(3 * 3600)
    world.endpoint.exchange(world.refresh(), {})
    with world.control.database.connect() as connection:
        kinds = sorted(connection.execute(sa.select(token_table.c.kind)).scalars())
    assert kinds == ["access", "refresh"]


def test_a_secret_is_salted_and_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = hash_secret("open sesame"), hash_secret("open sesame")
    assert first != second
    check = SecretCheck()
    assert check.holds("open sesame", first)
    assert check.holds("open sesame", second)
    assert not check.holds("open says me", first)
    assert not check.holds("open sesame", None)
    monkeypatch.setattr("hashlib.scrypt", lambda *_args, **_more: pytest.fail("the second time is quick"))
    assert check.holds("open sesame", first)


def in_threads(count: int, work: Callable[[], int]) -> list[int]:
    """Run `work` in `count` threads that start together; return what each returned."""
    gate, results = threading.Barrier(count), []

    def run() -> None:
        gate.wait()
        results.append(work())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
