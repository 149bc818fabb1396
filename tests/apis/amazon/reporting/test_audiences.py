"""Audiences chosen by SQL: made, used like any other, refreshed, refused for a reason, changed and taken away."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.apis.amazon.amc.conftest import record
from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.people import COFFEE, LAMPS, MINIMUM_LIST, NOT_YOURS, rows
from tests.apis.amazon.reporting.conftest import (
    QUERY_AUDIENCES,
    WAIT_SECONDS,
    WORKFLOWS,
    Asker,
    asker_of,
)

MEDIA = "application/vnd.amcquerybasedaudience.v1{}+json"
DRAMA = "SELECT user_id FROM watched_genre_for_audiences WHERE title = 'drama'"
OVER = {"SUCCEEDED", "FAILED", "DEACTIVATED"}


def wanted(query: str = DRAMA, **more: Any) -> dict[str, Any]:
    return {
        "audienceName": "Watched drama",
        "audienceDescription": "Whoever watched drama",
        "advertiserId": str(LAMPS),
        "timeWindowStart": "2026-10-01T00:00:00Z",
        "timeWindowEnd": "2026-11-01T00:00:00Z",
        "query": query,
        **more,
    }


def made(asker: Asker, body: dict[str, Any]) -> dict[str, Any]:
    """Make an audience, wait until its query has ended, and return it in the latest version."""
    started = asker.told(QUERY_AUDIENCES, body)
    assert started["status"] == "PENDING"
    return ended(asker, started["audienceExecutionId"])


def ended(asker: Asker, audience_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        response = asker.get(f"{QUERY_AUDIENCES}/{audience_id}", headers={"Accept": MEDIA.format(".2")})
        told: dict[str, Any] = response.json()
        if told["status"] in OVER:
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.02)


def drama() -> int:
    return sum("drama" in row.leaves["genre"] for row in rows())


@pytest.fixture
def fresh(stage: Stage) -> Asker:
    return asker_of(stage, stage.http)


@pytest.mark.covers("query-audiences")
def test_an_audience_is_whoever_the_query_chooses_and_is_used_like_any_other(
    fresh: Asker, lamps: Speaker, stage: Stage
) -> None:
    told = made(fresh, wanted())
    assert (told["status"], told["audienceType"], told["refreshRateDays"]) == ("SUCCEEDED", "RULE_BASED", 21)
    assert told["audienceCount"] == drama() - drama() % 25, "approximately"
    audience = told["dspAudienceId"]
    snapshot = stage.house.snapshots.newest(1)
    assert len(snapshot.list_log(int(audience)).standing()[0]) == drama()
    listing = {"adType": "DSP", "filters": [{"field": "categoryPath", "values": ["Custom-built", "AMC"]}]}
    (listed,) = (
        one
        for one in lamps.told("/audiences/list", listing, maxResults=250)["audiences"]
        if one["audienceId"] == audience
    )
    assert (listed["audienceName"], listed["category"], listed["subCategory"]) == (
        "AMC Watched drama", "Custom-built", "AMC",
    )  # fmt: skip
    members = [{"groupId": "1", "negative": "false", "audienceId": audience}]
    size = lamps.told("/insights/bandedSize", {"audienceTargetingExpression": {"audiences": members}})
    assert size, size
    assert lamps.told(
        "/insights/topOverlappingAudiences", {"audienceTargetingExpression": {"audiences": members}}, maxResults=5
    )


@pytest.mark.covers("query-audiences")
def test_versions_tell_more_and_more(fresh: Asker) -> None:
    audience = made(fresh, wanted())["audienceExecutionId"]
    path, versions = f"{QUERY_AUDIENCES}/{audience}", {}
    for version in ("", ".1", ".2"):
        response = fresh.get(path, headers={"Accept": MEDIA.format(version)})
        assert response.headers["content-type"] == MEDIA.format(version)
        versions[version] = set(response.json())
    assert versions[""] < versions[".1"] < versions[".2"]
    assert set(fresh.get(path, headers={"Accept": "application/json"}).json()) == versions[""]
    for version in ("", ".1", ".2"):
        response = fresh.get(QUERY_AUDIENCES, headers={"Accept": MEDIA.format(version)})
        assert set(response.json()["executionMetadata"][0]) == versions[version]
    assert fresh.get(path, headers={"Accept": MEDIA.format(".3")}).status_code == 415


@pytest.mark.covers("query-audiences")
@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("SELECT user_id FROM watched_genre", "Invalid tables in the SQL query: Use audience-specific tables"),
        ("SELECT title FROM watched_genre_for_audiences", "selects user ids"),
        ("SELECT user_id FROM nowhere_for_audiences", "nowhere_for_audiences"),
        ("SELECT user_id FROM watched_genre_for_audiences WHERE title = 'opera'", f"{MINIMUM_LIST:,}"),
    ],
)
def test_why_none_could_be_made_is_told_in_its_state(fresh: Asker, query: str, why: str) -> None:
    told = made(fresh, wanted(query))
    assert told["status"] == "FAILED"
    assert why in told["statusReason"]
    assert "dspAudienceId" not in told


@pytest.mark.covers("query-audiences")
def test_one_that_failed_is_changed_and_one_that_succeeded_is_not(fresh: Asker) -> None:
    failed = made(fresh, wanted("SELECT user_id FROM watched_genre"))
    path = f"{QUERY_AUDIENCES}/{failed['audienceExecutionId']}"
    body = {**wanted(), "audienceType": "RULE_BASED"}
    for field, value in (("audienceName", "Another"), ("advertiserId", str(COFFEE)), ("audienceType", "LOOKALIKE")):
        response = fresh.send("PUT", path, {**body, field: value})
        assert response.status_code == 400
        assert field in response.json()["details"]
    changed = fresh.send("PUT", path, body, headers={"Accept": MEDIA.format(".2")})
    assert changed.status_code == 200, changed.text
    assert ended(fresh, failed["audienceExecutionId"])["status"] == "SUCCEEDED"
    again = fresh.send("PUT", path, body)
    assert again.status_code == 400
    assert "failed" in again.json()["details"]
    assert set(again.json()) == {"code", "details", "requestId"}


@pytest.mark.covers("query-audiences")
def test_one_that_is_taken_away_is_nowhere(fresh: Asker, lamps: Speaker, stage: Stage) -> None:
    told = made(fresh, wanted())
    path = f"{QUERY_AUDIENCES}/{told['audienceExecutionId']}"
    assert fresh.send("DELETE", path).status_code == 204
    assert fresh.get(path).status_code == 404
    assert fresh.send("DELETE", path).status_code == 404
    listing = {"adType": "DSP", "filters": [{"field": "audienceId", "values": [told["dspAudienceId"]]}]}
    assert lamps.told("/audiences/list", listing)["audiences"] == []
    assert len(stage.house.snapshots.newest(1).list_log(int(told["dspAudienceId"])).standing()[0]) == 0


@pytest.mark.covers("query-audiences")
def test_lists_and_workflows_choose_too(fresh: Asker) -> None:
    first = fresh.listed(range(300), "The first list of ours")
    second = fresh.listed(range(200, 600), "The second list of ours")
    query = f"""
    SELECT a.user_id FROM {fresh.table("members")} a INNER JOIN {fresh.table("members")} b ON a.user_id = b.user_id
    WHERE a.audience_id = CUSTOM_PARAMETER('one') AND b.audience_id = CUSTOM_PARAMETER('other')
    """
    parameters = [{"name": name, "dataType": "STRING"} for name in ("one", "other")]
    workflow = {"workflowId": "both", "sqlQuery": query, "inputParameters": parameters}
    assert fresh.told(WORKFLOWS, workflow) == {}
    body = wanted(workflowId="both", parameterValues={"one": str(first), "other": str(second)}, audienceName="Both")
    del body["query"]
    told = made(fresh, body)
    assert (told["status"], "100" in told.get("statusReason", "200")) == ("FAILED", False), "100 are too few"
    swapped = {"one": str(second), "other": str(second)}
    whole = made(fresh, {**body, "audienceName": "Both again", "parameterValues": swapped})
    assert (whole["status"], whole["audienceCount"], whole["workflowId"]) == ("SUCCEEDED", 400, "both")


@pytest.mark.covers("query-audiences")
def test_audiences_are_refreshed_when_due_and_never_refreshed_ones_end(fresh: Asker, stage: Stage) -> None:
    first = fresh.listed(range(300), "A list that grows")
    query = f"SELECT user_id FROM {fresh.table('members')} WHERE audience_id = '{first}'"
    weekly = made(fresh, wanted(query, refreshRateDays=7, audienceName="Weekly"))
    never = made(fresh, wanted(query, refreshRateDays=0, audienceName="Never"))
    assert (weekly["audienceCount"], never["audienceCount"]) == (300, 300)
    fresh.upload(first, [{"externalUserId": f"crm-{n}", "action": "CREATE", **_pii(n)} for n in range(300, 400)])
    audiences = stage.house.workflows.audiences
    held, now = audiences._clock, stage.house.clock.now()
    try:
        audiences._clock = _At(now + timedelta(days=6))
        audiences.enqueue_due()
        assert ended(fresh, weekly["audienceExecutionId"])["audienceCount"] == 300, "not due yet"
        audiences._clock = _At(now + timedelta(days=8))
        audiences.enqueue_due()
        audiences._clock = held
        assert ended(fresh, weekly["audienceExecutionId"])["audienceCount"] == 400
        assert ended(fresh, never["audienceExecutionId"])["audienceCount"] == 300
        audiences._clock = _At(now + timedelta(days=31))
        audiences.enqueue_due()
    finally:
        audiences._clock = held
    assert ended(fresh, never["audienceExecutionId"])["status"] == "DEACTIVATED"


class _At:
    """A clock that stands."""

    def __init__(self, at: datetime):
        self._at = at

    def now(self) -> datetime:
        return self._at


def _pii(number: int) -> dict[str, Any]:

    return {"hashedPII": record(number)["hashedPII"]}


@pytest.mark.covers("query-audiences")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"refreshRateDays": 22}, "refreshRateDays"),
        ({"query": None}, "query"),
        ({"workflowId": "x"}, "query and workflowId"),
        ({"advertiserId": str(NOT_YOURS)}, "advertiserId"),
        ({"timeWindowEnd": "2026-09-01T00:00:00Z"}, "timeWindowEnd"),
        ({"timeWindowStart": "yesterday"}, "timeWindowStart"),
        ({"parameterValues": {"x": "1"}}, "parameterValues.x"),
        ({"audienceName": ""}, "audienceName"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(fresh: Asker, change: dict[str, Any], field: str) -> None:
    response = fresh.post(QUERY_AUDIENCES, {**wanted(), **change})
    assert response.status_code == 400, response.text
    assert field in response.json()["details"]
    assert set(response.json()) == {"code", "details", "requestId"}


@pytest.mark.covers("reporting-callers", "tenancy")
def test_headers_name_the_instance_and_each_client_has_its_own(fresh: Asker, stage: Stage) -> None:
    header = "Amazon-Marketing-Cloud-Audience-InstanceId"
    for value in (None, "amcnotyours", "amc1"):
        response = fresh.get(QUERY_AUDIENCES, headers={header: value})
        assert response.status_code == 400
        assert header in response.json()["details"]
    assert fresh.get(QUERY_AUDIENCES, headers={"Amazon-Advertising-API-EntityId": "ENTITY6NOTYOURS"}).status_code == 400
    audience = fresh.told(QUERY_AUDIENCES, wanted())["audienceExecutionId"]
    other = asker_of(stage, stage.http)
    assert other.get(QUERY_AUDIENCES).json() == {"executionMetadata": []}
    assert other.get(f"{QUERY_AUDIENCES}/{audience}").status_code == 404
    assert fresh.get(f"{QUERY_AUDIENCES}/{audience}", headers={header: "amc444000000000000002"}).status_code == 404
    ended(fresh, audience)


@pytest.mark.covers("query-audiences")
def test_audiences_are_listed_page_by_page(fresh: Asker) -> None:
    ids = [fresh.told(QUERY_AUDIENCES, wanted(audienceName=f"A{n}"))["audienceExecutionId"] for n in range(3)]
    first = fresh.get(QUERY_AUDIENCES, maxResults=2).json()
    rest = fresh.get(QUERY_AUDIENCES, maxResults=2, nextToken=first["nextToken"]).json()
    found = [one["audienceExecutionId"] for page in (first, rest) for one in page["executionMetadata"]]
    assert found == ids[::-1]
    for each in ids:
        ended(fresh, each)
