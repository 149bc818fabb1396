"""Lists over our own API: made, sent people, read, and shortened by time."""

import time
from typing import Any

from starlette.testclient import TestClient

UNKNOWN = "0" * 64


def ok(reply: Any, status: int = 200) -> Any:
    assert reply.status_code == status, reply.text
    return reply.json()


def ended(client: TestClient, upload: str) -> Any:
    for _ in range(200):
        told = ok(client.get(f"/v1/uploads/{upload}"))
        if told["finished_at"] is not None:
            return told
        time.sleep(0.05)
    raise AssertionError("the upload never ended")


def test_a_list_is_made_fed_shortened_and_brought_back(client: TestClient) -> None:
    people = ok(client.post("/v1/size", json={"rule": {"everyone": True}}))["exact"]
    made = ok(client.post("/v1/lists", json={"name": "Spring", "ttl_seconds": 3600, "country": "GB"}), 201)
    number = made["audience"]["id"]
    assert (made["members"], made["received"], made["match_rate"]) == (0, 0, None)
    assert made["audience"]["kind"] == "advertiser"
    known = [{"token": {"namespace": "cookie", "value": f"nobody-{one}"}} for one in range(2)]
    sent = ok(
        client.post(f"/v1/lists/{number}/records", json={"records": [*known, {"hashed": [{"email": UNKNOWN}]}]}), 202
    )
    told = ended(client, sent["upload"])
    assert (told["state"], told["received"], told["matched"]) == ("succeeded", 3, 0)
    read = ok(client.get(f"/v1/lists/{number}"))
    assert (read["received"], read["matched"], read["match_rate"]) == (3, 0, 0.0)
    assert ok(client.post("/v1/size", json={"audience": number}))["exact"] == 0 < people
    assert ok(client.patch(f"/v1/lists/{number}", json={"ttl_seconds": 0}))["ttl_seconds"] == 0


def test_what_is_no_hash_and_what_is_no_list_are_refused(client: TestClient) -> None:
    made = ok(client.post("/v1/lists", json={"name": "Spring"}), 201)["audience"]["id"]
    raw = client.post(f"/v1/lists/{made}/records", json={"records": [{"hashed": [{"email": "ada@example.com"}]}]})
    assert raw.status_code == 422
    assert "email" in raw.text
    other = ok(client.post("/v1/audiences", json={"name": "x", "rule": {"everyone": True}}), 201)["id"]
    assert client.get(f"/v1/lists/{other}").status_code == 404
    assert client.post(f"/v1/lists/{other}/records", json={"records": [{"external_id": "a"}]}).status_code == 404


def test_counts_are_for_those_who_may_see_them(http: TestClient, client: TestClient, token: Any) -> None:
    made = ok(client.post("/v1/lists", json={"name": "Spring"}), 201)["audience"]["id"]
    partner = {"Authorization": f"Bearer {token('audiences:read')}"}
    read = ok(http.get(f"/v1/lists/{made}", headers=partner))
    assert (read["received"], read["matched"], read["members"]) == (None, None, None)
    assert http.post("/v1/lists", json={"name": "y"}, headers=partner).status_code == 403
    records = {"records": [{"external_id": "a"}]}
    assert http.post(f"/v1/lists/{made}/records", json=records, headers=partner).status_code == 403
