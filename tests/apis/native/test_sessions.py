"""People sign in with a cookie; a change asked for with it needs the word of proof that other sites do not have."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.operators import ROLES, role_of

PASSWORD = "a long sentence"
RULE = {"trait": {"facet": "gender", "any_of": ["female"]}}


@pytest.fixture
def people(house: House) -> Callable[..., str]:
    """Let people sign in: `people("ada", "builder")`."""

    def add(name: str, role: str) -> str:
        caller = Caller.local(house.control.workspaces.list()[0])
        return house.operators.add(caller, name=name, password=PASSWORD, role=role).name

    return add


def sign_in(http: TestClient, name: str, password: str = PASSWORD) -> Any:
    reply = http.post("/v1/session", json={"name": name, "password": password})
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_a_session_is_a_cookie_that_scripts_cannot_read(http: TestClient, people: Callable[..., str]) -> None:
    people("Ada", "builder")
    reply = http.post("/v1/session", json={"name": " ADA ", "password": PASSWORD})
    assert reply.status_code == 200
    cookie = reply.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    told = reply.json()
    assert (told["name"], told["role"]) == ("Ada", "builder")
    assert told["scopes"] == sorted(ROLES["builder"])
    assert http.get("/v1/session").json() == told
    assert http.get("/v1/facets").status_code == 200


def test_a_change_needs_the_proof(http: TestClient, people: Callable[..., str]) -> None:
    proof = sign_in(http, people("ada", "builder"))["proof"]
    body = {"name": "Women", "rule": RULE}
    refused = http.post("/v1/audiences", json=body)
    assert refused.status_code == 403
    assert refused.json()["field"] == "Houselights-Proof"
    wrong = http.post("/v1/audiences", json=body, headers={"Houselights-Proof": "0" * 64})
    assert wrong.status_code == 403
    made = http.post("/v1/audiences", json=body, headers={"Houselights-Proof": proof})
    assert made.status_code == 201


def test_one_session_s_proof_is_nothing_to_another(http: TestClient, people: Callable[..., str]) -> None:
    first = sign_in(http, people("ada", "builder"))["proof"]
    second = sign_in(http, "ada")["proof"]
    assert first != second
    assert http.post("/v1/size", json={"rule": RULE}, headers={"Houselights-Proof": first}).status_code == 403
    assert http.post("/v1/size", json={"rule": RULE}, headers={"Houselights-Proof": second}).status_code == 200


def test_roles_are_scopes(http: TestClient, people: Callable[..., str]) -> None:
    proof = {"Houselights-Proof": sign_in(http, people("vera", "viewer"))["proof"]}
    assert http.post("/v1/size", json={"rule": RULE}, headers=proof).status_code == 200
    assert http.post("/v1/audiences", json={"name": "x", "rule": RULE}, headers=proof).status_code == 403
    assert http.get("/v1/clients").status_code == 403
    assert [role_of(scopes) for scopes in ROLES.values()] == list(ROLES)


def test_signing_out_ends_the_session_and_not_only_the_cookie(http: TestClient, people: Callable[..., str]) -> None:
    proof = sign_in(http, people("ada", "viewer"))["proof"]
    cookie = http.cookies["houselights_session"]
    assert http.delete("/v1/session", headers={"Houselights-Proof": proof}).status_code == 204
    assert http.get("/v1/session").status_code == 401
    http.cookies.set("houselights_session", cookie)
    assert http.get("/v1/session").status_code == 401


def test_who_guesses_is_told_nothing_and_slowed_down(http: TestClient, people: Callable[..., str]) -> None:
    people("ada", "viewer")
    unknown = http.post("/v1/session", json={"name": "bob", "password": PASSWORD})
    wrong = http.post("/v1/session", json={"name": "ada", "password": "another sentence"})
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.json()["detail"] == wrong.json()["detail"]
    replies = [http.post("/v1/session", json={"name": "ada", "password": "guess"}).status_code for _ in range(12)]
    assert 429 in replies


def test_another_password_ends_sessions(http: TestClient, client: TestClient, people: Callable[..., str]) -> None:
    people("ada", "viewer")
    changed = client.put("/v1/people/ada/password", json={"password": "another sentence"})
    assert changed.status_code == 204, changed.text
    assert http.post("/v1/session", json={"name": "ada", "password": PASSWORD}).status_code == 401
    sign_in(http, "ada", "another sentence")


def test_operators_add_people_and_turn_them_away(client: TestClient) -> None:
    short = client.post("/v1/people", json={"name": "eve", "password": "short", "role": "viewer"})
    assert (short.status_code, short.json()["field"]) == (422, "password")
    odd = client.post("/v1/people", json={"name": "eve", "password": PASSWORD, "role": "buidler"})
    assert odd.json()["hint"] == 'did you mean "builder"?'
    made = client.post("/v1/people", json={"name": "eve", "password": PASSWORD, "role": "builder"})
    assert made.status_code == 201
    again = client.post("/v1/people", json={"name": "EVE", "password": PASSWORD, "role": "viewer"})
    assert again.status_code == 409
    assert [one["name"] for one in client.get("/v1/people").json()["items"]] == ["eve"]
    assert client.post(f"/v1/clients/{made.json()['id']}/disable").status_code == 204
    assert client.get("/v1/people").json()["items"][0]["disabled"]
    assert client.post("/v1/session", json={"name": "eve", "password": PASSWORD}).status_code == 401
