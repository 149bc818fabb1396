"""Callbacks over our own API: a client's own, everybody's for an operator, once more on demand, and what signs them."""

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from houselights.model.workspace import SCOPES, Workspace
from houselights.services.house import House
from tests.receiving import until

Token = Callable[..., str]


def asked(house: House, workspace: Workspace, client_id: int | None) -> str:
    with house.control.transaction() as conn:
        made = house.callbacks.add(
            conn, workspace_id=workspace.id, client_id=client_id, origin="a room", kind="done", subject="7",
            url="http://127.0.0.1:9/hook",
        )  # fmt: skip
    return made.id


def test_callbacks_are_listed_read_and_sent_once_more(
    http: TestClient, house: House, workspace: Workspace, token: Token
) -> None:
    made = house.access.create_client(workspace_id=workspace.id, name="n", scopes=("audiences:read",))
    client = {"Authorization": f"Bearer {house.access.static_token(made.client)}"}
    operator = {"Authorization": f"Bearer {token()}"}

    def got(path: str, headers: dict[str, str], status: int = 200, method: str = "GET") -> Any:
        reply = http.request(method, f"/v1/callbacks{path}", headers=headers)
        assert reply.status_code == status, reply.text
        return reply.json()

    mine, other = asked(house, workspace, made.client.id), asked(house, workspace, None)
    assert [each["id"] for each in got("", client)["items"]] == [mine]
    assert [each["id"] for each in got("?limit=1", operator)["items"]] == [other]
    assert [each["id"] for each in got(f"?before={other}", operator)["items"]] == [mine]
    read = got(f"/{mine}", client)
    assert (read["state"], read["room"], read["kind"], read["tries"]) == ("waiting", "a room", "done", [])
    assert got(f"/{other}", client, 404)["status"] == 404
    assert got(f"/{mine}/redeliver", client, 403, "POST")
    assert got(f"/{mine}/redeliver", operator, 409, "POST")

    house.callbacks.write_bodies("a room", lambda caller, callback: b"{}")
    house.callbacks.wake()
    until(lambda: bool(got(f"/{mine}", client)["state"] == "refused"))
    read = got(f"/{mine}", client)
    assert read["tries"][0]["error"] == "127.0.0.1 is not a public address; an operator can allow it"
    assert (read["due_at"], read["ended_at"] is not None) == (None, True)
    assert got(f"/{mine}/redeliver", operator, 202, "POST")["id"] == mine
    until(lambda: len(got(f"/{mine}", client)["tries"]) == 2)
    assert [each["id"] for each in got("?state=refused", client)["items"]] == [mine]


def test_each_client_has_a_secret_of_its_own(
    http: TestClient, house: House, workspace: Workspace, token: Token
) -> None:
    made = house.access.create_client(workspace_id=workspace.id, name="n", scopes=tuple(set(SCOPES) - {"operator"}))
    client = {"Authorization": f"Bearer {house.access.static_token(made.client)}"}
    operator = {"Authorization": f"Bearer {token()}"}
    path = "/v1/callbacks/signing-secret"
    mine = http.get(path, headers=client).json()["secret"]
    assert mine.startswith("whsec_")
    assert http.get(path, headers=client).json()["secret"] == mine
    assert http.get(path, headers=operator).json()["secret"] != mine
    assert http.get(path, headers=operator, params={"client": str(made.client.id)}).json()["secret"] == mine
    assert http.get(path, headers=client, params={"client": "1"}).status_code in (
        403,
        200 if made.client.id == 1 else 403,
    )
    assert http.get(path, headers=operator, params={"client": "99999"}).status_code == 404
