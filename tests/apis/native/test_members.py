"""Members and erasures over the native API."""

import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from houselights.model.audience import Audience
from houselights.model.workspace import SCOPES, Workspace
from houselights.services.house import House
from tests.apis.native.test_uploads import home, met, shop, speaker
from tests.uploading import create, email

__all__ = ["home", "met", "shop"]


@pytest.fixture
def filled(home: House, shop: Workspace, met: Audience) -> Audience:
    _, caller = speaker(home, shop)
    home.intake.accept(caller, create(met.id, [1, 2, 3]))
    home.worker.work_all()
    return met


def test_members_are_counted_and_told_by_the_day(home: House, shop: Workspace, filled: Audience) -> None:
    """{"audience", "people": {"band", "exact"}, "as_of"}; {"audience", "days": [{"day", "added", …, "members"}]}"""
    http, _ = speaker(home, shop)
    path = f"/v1/audiences/{filled.id}/members"
    told = http.get(f"{path}/count").json()
    assert (told["audience"], told["people"]["exact"]) == (str(filled.id), 3)
    assert set(told) == {"audience", "people", "as_of"}
    earlier = http.get(f"{path}/count", params={"as_of": "2026-01-01T00:00:00"}).json()
    assert (earlier["people"]["exact"], earlier["as_of"]) == (0, "2026-01-01T00:00:00Z")
    today = told["as_of"][:10]
    (day,) = http.get(f"{path}/history", params={"start": today, "end": "2100-01-01"}).json()["days"]
    assert day["day"] == today
    counts = {name: day[name]["exact"] for name in ("added", "removed", "expired", "members")}
    assert counts == {"added": 3, "removed": 0, "expired": 0, "members": 3}
    page = http.get(path, params={"limit": 2}).json()
    assert ([each["key"] for each in page["items"]], page["total"]) == (["p1", "p2"], 3)
    rest = http.get(path, params={"limit": 2, "page_token": page["next_page_token"]}).json()
    assert [each["key"] for each in rest["items"]] == ["p3"]
    assert rest["next_page_token"] is None


def test_who_may_not_see_people_gets_bands_and_no_ids(home: House, shop: Workspace, filled: Audience) -> None:
    http, _ = speaker(home, shop, "audiences:read", "insights:read")
    path = f"/v1/audiences/{filled.id}/members"
    assert http.get(f"{path}/count").json()["people"]["exact"] is None
    assert http.get(path).status_code == 403
    refused = http.get(f"{path}/count", params={"as_of": "2100-01-01T00:00:00Z"})
    assert (refused.status_code, refused.json()["field"]) == (422, "as_of")


def test_an_erasure_is_followed_to_its_proof(home: House, shop: Workspace, filled: Audience) -> None:
    http, _ = speaker(home, shop)
    body: dict[str, Any] = {"identities": [{"namespace": "email", "value": email(2)["email"]}], "scope": "everything"}
    made = http.post("/v1/erasures", json=body)
    assert made.status_code == 202
    assert made.headers["Location"] == f"/v1/erasures/{made.json()['id']}"
    assert http.get(f"/v1/audiences/{filled.id}/members/count").json()["people"]["exact"] == 2
    told = http.get(made.headers["Location"]).json()
    assert (told["state"], told["people"], told["proof"]) == ("waiting", 1, None)
    home.eraser.work_all()
    told = http.get(made.headers["Location"]).json()
    assert (told["state"], told["proof"]["clean"], told["proof"]["looked"]["traces"]) == ("done", True, [])
    assert [each["id"] for each in http.get("/v1/erasures").json()["items"]] == [made.json()["id"]]
    other, _ = speaker(home, shop, *(set(SCOPES) - {"operator"}))
    assert other.get("/v1/erasures").json() == {"items": []}
    assert other.get(made.headers["Location"]).status_code == 404
    assert other.post("/v1/erasures", json=body).status_code == 403
    wrong = http.post("/v1/erasures", json={**body, "identities": [{"namespace": "emial", "value": "x"}]})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "identities[0]")
    arrives = http.post("/v1/profiles", json={"items": [{"key": "p2", "attributes": {}}]})
    assert arrives.status_code == 409


def test_the_reply_comes_after_the_person_is_gone_and_the_server_does_the_rest(
    home: House, shop: Workspace, filled: Audience
) -> None:
    http, _ = speaker(home, shop)
    with TestClient(http.app) as living:
        living.headers.update(http.headers)
        body = {"identities": [{"namespace": "key", "value": "p3"}], "scope": "everything"}
        made = living.post("/v1/erasures", json=body).json()["id"]
        assert living.get(f"/v1/audiences/{filled.id}/members/count").json()["people"]["exact"] == 2
        while living.get(f"/v1/erasures/{made}").json()["state"] != "done":
            time.sleep(0.1)
        assert living.get(f"/v1/erasures/{made}").json()["proof"]["clean"]
