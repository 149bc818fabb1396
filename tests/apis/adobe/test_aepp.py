"""`aepp`, as it comes from PyPI, against a real server: every Segmentation method that reaches a configurable host.

Four methods for external audiences have the vendor's host written into them and reach no other; `estimateExpression`
never returns, wherever it is sent. Everything else is here, unmodified.
"""

import inspect
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aepp
import pytest
from aepp import config as settings
from aepp.customerprofile import Profile
from aepp.segmentation import Segmentation

from tests.apis.adobe.conftest import ORGANIZATION, SANDBOX, Stage

pytestmark = [
    pytest.mark.covers("aepp"),
    # the library's own habits: it leaves sockets to the garbage collector, and asks for no certificates
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
PQL = {"type": "PQL", "format": "pql/text", "value": 'workAddress.country = "US"'}


@pytest.fixture(scope="module")
def connection(stage: Stage) -> Iterator[Any]:
    """Aim the library at our server: an endpoint of its own, and the token endpoint in its configuration."""
    base, client = str(stage.http.base_url).rstrip("/"), stage.client()
    kept = {**settings.config_object}
    made = aepp.configure(
        org_id=ORGANIZATION,
        secret=client.secret,
        client_id=client.client.client_id,
        scopes="openid,AdobeID,read_organizations",
        sandbox=SANDBOX,
        environment="support",
        endpoint=base,
        connectInstance=True,
        retry=0,
    )
    made.getConfigObject()["oauthTokenEndpointV2"] = f"{base}/ims/token/v3"
    yield made
    settings.config_object.update(kept)


@pytest.fixture(scope="module")
def segmentation(connection: Any) -> Any:
    return Segmentation(config=connection)


# What reaches no server of ours, or never returns.
ELSEWHERE = {
    "createExtenalAudience", "getExternalAudienceStatus", "runExternalAudienceJob", "getExternalAudienceJob",
    "estimateExpression",
}  # fmt: skip


def test_every_method_is_called_here() -> None:
    called = set(re.findall(r"segmentation\.(\w+)", Path(__file__).read_text(encoding="utf-8")))
    methods = {name for name, _ in inspect.getmembers(Segmentation, inspect.isfunction) if not name.startswith("_")}
    assert methods - called == ELSEWHERE


def settled(read: Any, identifier: Any, field: str) -> Any:
    deadline = time.monotonic() + 60
    while True:
        told = read(identifier)
        if told[field] not in {"NEW", "QUEUED", "RUNNING", "PROCESSING"}:
            return told
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_creates_reads_changes_and_deletes_audiences(segmentation: Any) -> None:
    wanted = {**Segmentation.PLATFORM_AUDIENCE_DICT}
    made = segmentation.createAudience(wanted)
    assert (made["name"], made["ttlInDays"], made["expression"]) == (wanted["name"], 60, wanted["expression"])
    assert segmentation.getAudience(made["id"]) == made
    change = [{"op": "add", "path": "/expression", "value": {**PQL, "value": 'plan = "trial"'}}]
    assert segmentation.patchAudience(made["id"], change)["expression"]["value"] == 'plan = "trial"'
    whole = segmentation.getAudience(made["id"])
    assert segmentation.putAudience(made["id"], {**whole, "name": "Renamed"})["name"] == "Renamed"
    assert segmentation.deleteAudience(made["id"]) == 204
    assert segmentation.getAudience(made["id"])["status"] == 404


def test_it_lists_audiences_page_by_page(segmentation: Any) -> None:
    made = [segmentation.createAudience({"name": f"Page {number}", "expression": PQL})["id"] for number in range(7)]
    listed = segmentation.getAudiences(limit=3, name="page", sort="updateTime:desc")
    assert sorted(each["id"] for each in listed) == sorted(made)
    assert [each["id"] for each in segmentation.getAudiences(prop=f"audienceId=={made[3]}")] == [made[3]]


def test_it_finds_the_audiences_and_paths_inside_an_audience(segmentation: Any) -> None:
    inner = segmentation.createAudience({"name": "Inner", "expression": PQL})
    value = f'inSegment("{inner["id"]}") and plan = "trial"'
    outer = segmentation.createAudience({"name": "Outer", "expression": {**PQL, "value": value}})
    assert segmentation.extractAudiences(outer["id"]) == [inner["id"]]
    converted = segmentation.convertSegmentDef(name="Outer", expression=outer["expression"])["expression"]
    assert segmentation.extractPaths({"expression": converted}) == ["plan"]
    chain = 'CHAIN(xEvent, timestamp, [C0: WHAT(web.webPageDetails.name.equals("equipment", false))])'
    assert segmentation.extractPaths({"expression": {**PQL, "value": chain}}) == ["web.webPageDetails.name"]


def test_it_creates_reads_changes_and_deletes_segments(segmentation: Any) -> None:
    wanted = {
        "name": "Segment",
        "description": "said",
        "expression": PQL,
        "schema": {"name": "_xdm.context.profile"},
        "ttlInDays": 30,
    }
    made = segmentation.createSegment(wanted)
    assert segmentation.getSegment(made["id"]) == made
    assert segmentation.createSegment(wanted)["status"] == 422
    assert segmentation.updateSegment(made["id"], {**wanted, "name": "Other"})["name"] == "Other"
    assert segmentation.getMultipleSegments([made["id"]])[made["id"]]["name"] == "Other"
    assert segmentation.deleteSegment(made["id"]) == 200


@pytest.mark.slow
def test_it_gets_two_hundred_and_fifty_segments_without_a_double(segmentation: Any) -> None:
    before = len(segmentation.getSegments())
    for number in range(250 - before):
        segmentation.createAudience({"name": f"Many {number}", "expression": PQL})
    listed = [each["id"] for each in segmentation.getSegments()]
    assert (len(listed), len(set(listed))) == (250, 250)
    streaming = segmentation.getSegments(onlyRealTime=True)
    assert all(each["evaluationInfo"]["continuous"]["enabled"] for each in streaming)


def test_it_gets_segments(segmentation: Any) -> None:
    made = segmentation.createAudience({"name": "Just one more", "expression": PQL})["id"]
    assert made in {each["id"] for each in segmentation.getSegments()}
    path = f"/segment/definitions/{made}"
    assert segmentation.getResource(segmentation.endpoint + path, params={})["id"] == made


def test_it_converts_segments_there_and_back(segmentation: Any) -> None:
    there = segmentation.convertSegmentDef(name="x", expression=PQL)
    back = segmentation.convertSegmentDef(name="x", expression=there["expression"])
    assert back["expression"] == PQL


def test_it_previews_and_estimates(segmentation: Any) -> None:
    made = segmentation.createPreview(PQL["value"])
    estimate = settled(segmentation.getEstimate, made["previewId"], "state")
    assert (estimate["state"], estimate["estimatedSize"]) == ("RESULT_READY", 2)
    assert len(segmentation.getPreview(made["previewId"])["results"]) == 2
    assert segmentation.deletePreview(made["previewId"]) == 200


def test_it_runs_and_watches_jobs(segmentation: Any) -> None:
    made = segmentation.createAudience({"name": "To be evaluated", "expression": PQL})
    job = segmentation.createJob([made["id"]])
    told = settled(segmentation.getJob, job["id"], "status")
    assert told["metrics"]["segmentedProfileCounter"] == {made["id"]: 2}
    assert job["id"] in {each["id"] for each in segmentation.getJobs(status="SUCCEEDED")}
    assert segmentation.deleteJob(job["id"])["status"] == 409


def test_it_exports(segmentation: Any) -> None:
    asked = {"fields": "_id,plan", "schema": {"name": "_xdm.context.profile"}, "destination": {"datasetId": "d"}}
    jobs = [segmentation.createExport(asked) for _ in range(3)]
    assert all(settled(segmentation.getExport, job["id"], "status")["status"] == "SUCCEEDED" for job in jobs)
    assert len(segmentation.getExportJobs(limit=2)) == 3
    assert segmentation.deleteExport(jobs[0]["id"]) == 204
    assert len(segmentation.getExportJobs()) == 2


def test_it_searches(segmentation: Any) -> None:
    segmentation.createAudience({"name": "Findable", "expression": PQL})
    assert segmentation.searchNamespaces("findable")["totalCount"] == 1
    assert [each["name"] for each in segmentation.searchEntities("name:findable")] == ["Findable"]


def test_it_keeps_schedules(segmentation: Any) -> None:
    assert segmentation.updateScheduledBatchSegmentationJob("0 15 2 * * ?") == {}
    (first,) = segmentation.getSchedules()
    assert first["schedule"] == "0 15 2 * * ?"
    made = segmentation.createSchedule({**segmentation.SCHEDULE_TEMPLATE, "type": "batch_segmentation"})
    assert segmentation.getSchedule(made["id"])["state"] == "inactive"
    change = [{"op": "add", "path": "/state", "value": "active"}]
    assert segmentation.updateSchedule(made["id"], change) == {}
    assert segmentation.getSchedule(made["id"])["state"] == "active"
    assert segmentation.deleteSchedule(made["id"]) == 204


def test_its_profile_module_reads_profiles_and_merge_policies(connection: Any) -> None:
    profiles = Profile(config=connection)
    (policy,) = profiles.getMergePolicies()
    assert profiles.getMergePolicyActiveOnEdge() == policy == profiles.getMergePolicy(policy["id"])
    made = profiles.createMergePolicy({"name": "Second", "schema": {"name": "_xdm.context.profile"}})
    assert profiles.deleteMergePolicy(made["id"]) == 200
    told = profiles.getEntity(entityId="ada@example.com", entityIdNS="email")
    (profile,) = told.values()
    assert profile["entity"]["plan"] == "trial"
    events = profiles.getEntityEvents(entityId="ada@example.com", entityIdNS="email", limit=4)
    assert len(events) == 6
