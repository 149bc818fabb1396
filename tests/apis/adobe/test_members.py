"""External audiences: members are uploaded, counted, used in rules, and leave again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from houselights.base.clock import FixedClock
from tests.apis.adobe.conftest import Speaker, Stage
from tests.apis.adobe.profiles import NOW

EMAILS = ("ada@example.com", "ben@example.com", "nobody@example.com")


@pytest.fixture
def listed(twelve: Speaker) -> Any:
    body = {
        "name": "Uploaded",
        "type": "ExternalSegment",
        "audienceId": str(uuid4()),
        "namespace": "CustomerAudienceUpload",
    }
    return twelve.told("POST", "/audiences", body)


@pytest.mark.covers("upload")
def test_members_come_as_csv_and_are_found_by_rules(twelve: Speaker, listed: Any) -> None:
    table = "email,cookie\n" + "\n".join(f"{email}," for email in EMAILS) + "\n,c-lena-1\n"
    path = f"/audiences/{listed['id']}/members"
    told = twelve.told("POST", path, content=table.encode(), headers={"Content-Type": "text/csv"})
    assert {name: told[name] for name in ("received", "unmatched", "added", "removed", "members")} == {
        "received": 4, "unmatched": 1, "added": 3, "removed": 0, "members": 3,
    }  # fmt: skip
    assert told["validUntil"] == "2026-12-01T15:30:00.000Z"
    assert twelve.size(f'inSegment("{listed["id"]}")') == 3
    assert twelve.size(f'inSegment("{listed["audienceId"]}") and plan = "trial"') == 2


@pytest.mark.covers("upload")
def test_members_are_taken_away_and_replaced(twelve: Speaker, listed: Any) -> None:
    path = f"/audiences/{listed['id']}/members"

    def send(mode: str, *emails: str) -> Any:
        given = [{"namespace": "email", "id": email} for email in emails]
        return twelve.told("POST", path, {"identities": given, "mode": mode, "ttlInDays": 1})

    assert send("add", "ada@example.com", "ben@example.com")["members"] == 2
    assert send("add", "ada@example.com")["added"] == 0
    assert send("remove", "ada@example.com", "gus@example.com")["removed"] == 1
    assert send("replace", "gus@example.com", "ada@example.com") | {"uploadId": 0} == {
        "uploadId": 0, "received": 2, "unmatched": 0, "added": 2, "removed": 1, "members": 2,
        "validUntil": "2026-11-02T15:30:00.000Z",
    }  # fmt: skip
    assert twelve.size(f'inSegment("{listed["id"]}")') == 2


@pytest.fixture
def later(stage: Stage) -> Iterator[FixedClock]:
    """The uploads' clock, a month and a day later."""
    clock, uploads = FixedClock(NOW + timedelta(days=31)), stage.house.uploads
    before = uploads._parts
    uploads._parts = replace(before, clock=clock)
    yield clock
    uploads._parts = before


@pytest.mark.covers("expiry")
def test_members_leave_when_their_upload_expires(
    stage: Stage, twelve: Speaker, listed: Any, request: pytest.FixtureRequest
) -> None:
    path = f"/audiences/{listed['id']}/members"
    twelve.told("POST", path, [{"namespace": "email", "id": email} for email in EMAILS])
    twelve.told("POST", f"{path}?days=90", [{"namespace": "email", "id": "ben@example.com"}])
    request.getfixturevalue("later")
    assert twelve.told("GET", f"/audiences/{listed['id']}")["id"] == listed["id"]
    assert twelve.size(f'inSegment("{listed["id"]}")') == 1


@pytest.mark.covers("upload")
def test_uploads_that_are_none_are_refused(twelve: Speaker, neighbour: Speaker, stage: Stage, listed: Any) -> None:
    path = f"/audiences/{listed['id']}/members"
    for bad in ({"identities": "ada"}, [{"id": "ada@example.com"}], 3):
        assert twelve.refused("POST", path, bad, status=400)["code"] == "UPLIB-101206-500"
    assert twelve.refused("POST", f"{path}?mode=swap", [], status=400)["field"] == "mode"
    for days in (0, -1, 3651, "many", True):
        sent = {"identities": [], "ttlInDays": days}
        assert twelve.refused("POST", path, sent, status=400)["field"] == "ttlInDays"
    for content in (b"", b"\xff\xfe"):
        csv = {"Content-Type": "text/csv"}
        assert twelve.refused("POST", path, status=400, content=content, headers=csv)["code"] == "UPLIB-101206-500"
    ruled = twelve.audience("true")
    assert "has a rule" in twelve.refused("POST", f"/audiences/{ruled['id']}/members", [], status=400)["message"]
    neighbour.refused("POST", path, [], status=404)
    reader = stage.speaker(stage.client(scopes=frozenset({"audiences:read", "audiences:write"})))
    reader.refused("POST", path, [], status=403)
