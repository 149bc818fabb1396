"""What operators see and do: the audit log by action and client, other people's roles, connections, rooms."""

from collections.abc import Callable

import httpx
from starlette.testclient import TestClient

from houselights.model.workspace import Account
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.web.tables import PATH

PASSWORD = "a long sentence"


def test_the_audit_log_by_action_and_client(client: TestClient, token: Callable[..., str]) -> None:
    other = {"Authorization": f"Bearer {token('audiences:read', 'insights:read')}"}
    assert client.post("/v1/size", json={"rule": {"everyone": True}}, headers=other).status_code == 200
    assert client.post("/v1/clients", json={"name": "one", "scopes": ["audiences:read"]}).status_code == 201
    actions = {each["action"] for each in client.get("/v1/audit", params={"action": "client."}).json()["items"]}
    assert actions == {"client.create"}
    (sized,) = client.get("/v1/audit", params={"action": "insights."}).json()["items"]
    of_it = client.get("/v1/audit", params={"client": sized["client"]}).json()["items"]
    assert [each["id"] for each in of_it] == [sized["id"]]
    assert client.get("/v1/audit", params={"action": "%"}).json()["items"] == []
    assert client.get("/v1/audit", headers=other).status_code == 403


def test_a_role_is_changed_by_others_only_and_ends_sessions(http: TestClient, client: TestClient, house: House) -> None:
    caller = Caller.local(house.control.workspaces.list()[0])
    for name, role in (("ada", "operator"), ("bob", "viewer")):
        house.operators.add(caller, name=name, password=PASSWORD, role=role)
    session = house.operators.sign_in("bob", PASSWORD)
    ada = {"Authorization": f"Bearer {house.operators.sign_in('ada', PASSWORD).token}"}

    def change(name: str, role: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return http.put(f"/v1/people/{name}/role", json={"role": role}, headers=headers or ada)

    assert change("bob", "builder").json()["role"] == "builder"
    assert http.get("/v1/me", headers={"Authorization": f"Bearer {session.token}"}).status_code == 401
    again = house.operators.sign_in("bob", PASSWORD)
    assert "audiences:write" in house.callers.identify(again.token).scopes
    assert change("ada", "viewer").status_code == 403
    assert change("nobody", "viewer").status_code == 404
    refused = change("bob", "builders")
    assert (refused.status_code, refused.json()["field"]) == (422, "role")
    assert change("bob", "viewer", {"Authorization": f"Bearer {again.token}"}).status_code == 403


def test_connections_are_everybodys_to_an_operator_only(
    client: TestClient, token: Callable[..., str], house: House
) -> None:
    workspace = house.control.workspaces.list()[0]
    account = house.control.accounts.put(Account(id=900, workspace_id=workspace.id, kind="advertiser", name="Shop"))
    body = {"name": "sender", "scopes": ["audiences:read", "audiences:write"], "accounts": [str(account.id)]}
    made = client.post("/v1/clients", json=body).json()
    sender = {"Authorization": f"Bearer {made['token']}"}
    house.connections.create(house.callers.identify(made["token"]), advertiser_id=account.id)
    for headers in (sender, None):
        (one,) = client.get("/v1/connections", headers=headers).json()["items"]
        assert (one["client"], one["advertiser"], one["is_default"]) == (made["id"], str(account.id), True)
    stranger = {"Authorization": f"Bearer {token('audiences:read')}"}
    assert client.get("/v1/connections", headers=stranger).json()["items"] == []


def test_every_room_says_where_its_document_is(client: TestClient) -> None:
    rooms = client.get("/v1/rooms").json()["items"]
    assert {"name": "native", "document": "/v1/openapi.json"} in rooms
    for room in rooms:
        assert client.get(room["document"]).json()["openapi"].startswith("3.")


def test_browsers_keep_the_tables_of_normal_forms_while_they_are_the_same(http: TestClient) -> None:
    told = http.get(PATH)
    assert told.json()["states"]["US"]["CALIFORNIA"] == "CA"
    assert http.get(PATH, headers={"If-None-Match": told.headers["etag"]}).status_code == 304
