"""Tokens: three grants, the vendor's prefixes, OAuth's errors."""

from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from tests.apis.amazon import oracle
from tests.apis.amazon.conftest import Stage

pytestmark = pytest.mark.covers("token")


def ask(stage: Stage, status: int = 200, headers: dict[str, str] | None = None, **form: str) -> Any:
    credentials = {"client_id": stage.client.client.client_id, "client_secret": stage.client.secret}
    sent = {name: value for name, value in (credentials | form).items() if value}
    response = stage.http.post("/auth/o2/token", data=sent, headers=headers)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    oracle.check("POST", "/auth/o2/token", status, "application/json", response.content)
    return response.json()


def profiles(stage: Stage, token: str) -> int:
    headers = {
        "Authorization": f"Bearer {token}",
        "Amazon-Advertising-API-ClientId": stage.client.client.client_id,
    }
    return int(stage.http.get("/v2/profiles", headers=headers).status_code)


def test_a_refresh_token_gives_an_access_token_and_comes_back_itself(stage: Stage) -> None:
    told = ask(stage, grant_type="refresh_token", refresh_token=stage.client.refresh_token)
    assert told["access_token"].startswith("Atza|")
    assert told["refresh_token"] == stage.client.refresh_token
    assert told["refresh_token"].startswith("Atzr|")
    assert (told["token_type"], told["expires_in"]) == ("bearer", 3600)
    assert profiles(stage, told["access_token"]) == 200


@pytest.mark.covers("consent")
def test_an_authorization_code_works_once(stage: Stage) -> None:
    callback = stage.client.client.redirect_uris[0]
    query = {
        "client_id": stage.client.client.client_id,
        "redirect_uri": callback,
        "scope": "advertising::campaign_management",
        "response_type": "code",
        "state": "s 1",
    }
    away = stage.http.get("/ap/oa", params=query, follow_redirects=False)
    assert away.status_code == 302, away.text
    back = urlparse(away.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == callback
    assert parse_qs(back.query)["state"] == ["s 1"]
    code = parse_qs(back.query)["code"][0]
    told = ask(stage, grant_type="authorization_code", code=code, redirect_uri=callback)
    assert profiles(stage, told["access_token"]) == 200
    assert told["refresh_token"].startswith("Atzr|")
    again = ask(stage, 400, grant_type="authorization_code", code=code, redirect_uri=callback)
    assert again["error"] == "invalid_grant"


@pytest.mark.covers("consent")
@pytest.mark.parametrize(
    "change", [{"redirect_uri": "https://thief.example/callback"}, {"client_id": "nobody"}, {"redirect_uri": ""}]
)
def test_a_code_goes_only_to_a_registered_uri_of_a_known_client(stage: Stage, change: dict[str, str]) -> None:
    query = {
        "client_id": stage.client.client.client_id,
        "redirect_uri": stage.client.client.redirect_uris[0],
        "response_type": "code",
    } | change
    refused = stage.http.get("/ap/oa", params={k: v for k, v in query.items() if v}, follow_redirects=False)
    if change.get("redirect_uri") == "" and refused.status_code == 302:
        assert refused.headers["location"].startswith(stage.client.client.redirect_uris[0])
        return
    assert refused.status_code in {400, 401}
    assert "location" not in refused.headers
    assert refused.json()["error"]


@pytest.mark.parametrize(
    "scope",
    [
        "",
        "advertising::campaign_management",
        "advertising::campaign_management advertising::audiences",
        "advertising::campaign_management&advertising::audiences",
    ],
)
def test_client_credentials(stage: Stage, scope: str) -> None:
    told = ask(stage, grant_type="client_credentials", scope=scope)
    assert profiles(stage, told["access_token"]) == 200


@pytest.mark.covers("error-families")
@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "refresh_token", "refresh_token": "Atzr|made-up"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "Atzr|x", "client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "refresh_token", "refresh_token": "Atzr|x", "client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"grant_type": "password", "username": "u", "password": "p"}, 400, "unsupported_grant_type"),
        ({}, 400, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "made-up"}, 400, "invalid_grant"),
        ({"grant_type": "client_credentials", "scope": "everything"}, 400, "invalid_scope"),
    ],
)
def test_refusals_are_worded_as_oauth_has_them(stage: Stage, form: dict[str, str], status: int, error: str) -> None:
    told = ask(stage, status, **form)
    assert told["error"] == error
    assert told["error_description"]


def test_an_empty_authorization_header_is_no_header(stage: Stage) -> None:
    """A widely used connector sends one."""
    form = {"grant_type": "refresh_token", "refresh_token": stage.client.refresh_token}
    assert ask(stage, 200, {"authorization": ""}, **form)
    assert ask(stage, 400, {"authorization": "Bearer Atza|x"}, **form)["error"] == "invalid_request"


def test_a_token_never_carries_the_right_to_exact_counts(stage: Stage) -> None:
    token = ask(stage, grant_type="client_credentials")["access_token"]
    speaker = stage.speaker(stage.client)
    speaker.headers["Authorization"] = f"Bearer {token}"
    size = speaker.told("/insights/bandedSize", _lone(speaker.ids("Life event")["Moving"]))["estimatedSize"]
    assert size["min"] in {0, 10_000}


def _lone(audience: str) -> dict[str, Any]:
    member = {"audienceId": audience, "groupId": "g", "negative": False}
    return {"audienceTargetingExpression": {"audiences": [member]}}
