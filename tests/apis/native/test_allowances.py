"""What operators allow: credits, and rights over outputs."""

from collections.abc import Callable

from starlette.testclient import TestClient


def test_credits_are_set_spent_by_nobody_else_and_told(client: TestClient, token: Callable[..., str]) -> None:
    assert client.get("/v1/credits").json()["builds"] is None
    assert client.put("/v1/credits", json={"kind": "builds", "amount": 2}).json()["builds"] == 2
    (entry,) = client.get("/v1/credits/ledger").json()["items"]
    assert (entry["kind"], entry["event"], entry["amount"], entry["holder"]) == ("builds", "allow", 2, None)
    number = client.get("/v1/clients").json()["items"][0]["id"]
    assert client.put("/v1/credits", json={"kind": "builds", "amount": 7, "client": number}).json()["builds"] == 7
    other = {"Authorization": f"Bearer {token('audiences:read')}"}
    assert client.get("/v1/credits", headers=other).json()["builds"] == 2
    assert client.put("/v1/credits", headers=other, json={"kind": "builds", "amount": 9}).status_code == 403
    assert client.get("/v1/credits/ledger", headers=other).status_code == 403
    assert client.put("/v1/credits", json={"kind": "builds", "amount": 1, "client": "999"}).status_code == 404


def test_rights_are_set_and_told(client: TestClient, token: Callable[..., str]) -> None:
    number = client.get("/v1/clients").json()["items"][0]["id"]
    url = f"/v1/clients/{number}/rights"
    assert client.get(url).json()["generate"] is None
    told = client.put(url, json={"generate": ["md5", "ss_id"], "demographics_first": False}).json()
    assert told == client.get(url).json()
    assert (told["generate"], told["choose_outputs"], told["demographics_first"]) == (["md5", "ss_id"], True, False)
    refused = client.put(url, json={"view": ["md6"]})
    assert refused.status_code in {400, 422}
    assert "md5" in refused.text
    assert client.get("/v1/clients/999/rights").status_code == 404
    other = {"Authorization": f"Bearer {token('audiences:read')}"}
    assert client.put(url, headers=other, json={}).status_code == 403
