"""Who is let in, and how those are refused who are not."""

import pytest

from tests.apis.adobe.conftest import ORGANIZATION, Speaker, Stage

ANY = "/config/mergePolicies"


@pytest.mark.covers("token")
def test_a_client_gets_a_token_for_its_secret(stage: Stage) -> None:
    client = stage.client()
    form = {"grant_type": "client_credentials", "client_id": client.client.client_id, "client_secret": client.secret}
    for sent in ({"data": {**form, "scope": "openid,AdobeID,read_organizations"}}, {"params": form}):
        response = stage.http.post("/ims/token/v3", **sent)
        assert response.status_code == 200, response.text
        told = response.json()
        assert told["token_type"] == "bearer"
        assert told["expires_in"] == 86_399
        assert response.headers["cache-control"] == "no-store"
        assert stage.house.access.verify(told["access_token"]).scopes == client.client.scopes


@pytest.mark.covers("token")
@pytest.mark.parametrize(
    ("change", "error", "status"),
    [
        ({"client_secret": "wrong"}, "invalid_client", 401),
        ({"client_id": "nobody"}, "invalid_client", 401),
        ({"grant_type": "password"}, "unsupported_grant_type", 400),
        ({"grant_type": ""}, "invalid_request", 400),
    ],
)
def test_a_token_request_is_refused_as_oauth_does(
    stage: Stage, change: dict[str, str], error: str, status: int
) -> None:
    client = stage.client()
    form = {"grant_type": "client_credentials", "client_id": client.client.client_id, "client_secret": client.secret}
    response = stage.http.post("/ims/token/v3", data=form | change)
    assert response.status_code == status
    assert response.json()["error"] == error
    assert response.json()["error_description"]


@pytest.mark.covers("gateway")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Authorization": None}, "403010"),
        ({"Authorization": "Bearer"}, "403010"),
        ({"Authorization": "Bearer made-up"}, "401013"),
        ({"x-api-key": None}, "403000"),
        ({"x-api-key": "another"}, "403003"),
        ({"x-gw-ims-org-id": None}, "400003"),
        ({"x-gw-ims-org-id": "SOMEBODY@AdobeOrg"}, "403025"),
        ({"x-sandbox-name": "stage"}, "403025"),
    ],
)
def test_the_gateway_refuses_in_its_own_words(twelve: Speaker, change: dict[str, str | None], code: str) -> None:
    response = twelve.send("GET", ANY, headers=change)
    assert response.status_code == int(code[:3])
    assert set(response.json()) == {"error_code", "message"}
    assert response.json()["error_code"] == code


@pytest.mark.covers("sandboxes")
def test_without_a_sandbox_header_the_production_sandbox_is_meant(twelve: Speaker) -> None:
    assert "error_code" not in twelve.send("GET", ANY, headers={"x-sandbox-name": None}).text


@pytest.mark.covers("sandboxes")
def test_an_organisation_of_another_workspace_is_not_found_here(stage: Stage, neighbour: Speaker) -> None:
    response = neighbour.send("GET", ANY, headers={"x-gw-ims-org-id": ORGANIZATION})
    assert response.json()["error_code"] == "403025"
    homeless = stage.speaker(stage.client(account=0))
    assert homeless.send("GET", ANY).json()["error_code"] == "403025"


@pytest.mark.covers("errors")
def test_what_nobody_answers_is_refused_in_the_envelope(twelve: Speaker) -> None:
    twelve.refused("GET", "/nothing/here", status=404)
    twelve.refused("DELETE", "/nothing/here/either", status=404)
    twelve.refused("PUT", "/audiences", {}, status=405)
    assert "POST" in twelve.send("PUT", "/audiences").headers["allow"]
    twelve.refused("POST", "/audiences", {"name": "x" * (5 << 20)}, status=413)


def test_the_rooms_page_shows_every_operation(stage: Stage) -> None:
    page = stage.http.get("/adobe/docs").text
    assert "/data/core/ups/audiences/bulk-get" in page
