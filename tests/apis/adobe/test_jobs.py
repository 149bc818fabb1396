"""`/segment/jobs`: evaluations over everybody."""

from dataclasses import replace
from typing import Any

import pytest

from tests.apis.adobe.conftest import Speaker, Stage
from tests.apis.adobe.profiles import NOW

JOBS = "/segment/jobs"


def done(speaker: Speaker, body: Any) -> Any:
    made = speaker.told("POST", JOBS, body)
    assert made["status"] == "NEW"
    return speaker.settled(f"{JOBS}/{made['id']}", "status")


@pytest.mark.covers("jobs")
def test_a_job_counts_who_came_and_who_went(twelve: Speaker) -> None:
    made = twelve.audience('plan = "trial"', "Trials")
    job = done(twelve, [{"segmentId": made["id"]}])
    assert (job["status"], job["source"], job["errors"]) == ("SUCCEEDED", "api", [])
    assert [each["segmentId"] for each in job["segments"]] == [made["id"]]
    assert job["segments"][0]["segment"]["expression"] == made["expression"]
    metrics = job["metrics"]
    assert metrics["totalProfiles"] == 12
    assert metrics["segmentedProfileCounter"] == {made["id"]: 6}
    known = metrics["segmentedProfileByNamespaceCounter"][made["id"]]
    assert known["email"] == twelve.size('plan = "trial" and identityMap.get("email").isNotNull()') > 0
    assert set(known.values()) <= set(range(1, 7))
    assert metrics["segmentedProfileByStatusCounter"] == {made["id"]: {"realized": 6, "existing": 0, "exited": 0}}
    change = [{"op": "add", "path": "/expression", "value": {"value": 'plan = "trial" and region = "emea"'}}]
    twelve.told("PATCH", f"/audiences/{made['id']}", change)
    again = done(twelve, [{"segmentId": made["id"]}])["metrics"]["segmentedProfileByStatusCounter"]
    assert again == {made["id"]: {"realized": 0, "existing": 3, "exited": 3}}


@pytest.mark.covers("jobs")
def test_a_job_over_all_leaves_out_what_is_not_in_use(twelve: Speaker) -> None:
    used, unused = twelve.audience("true", "Used"), twelve.audience("true", "Unused", lifecycleState="inactive")
    job = done(twelve, {"schema": {"name": "_xdm.context.profile"}, "segments": [{"segmentId": "*"}]})
    counted = job["metrics"]["segmentedProfileCounter"]
    assert counted[used["id"]] == 11
    assert unused["id"] not in counted
    assert twelve.refused("POST", JOBS, [{"segmentId": unused["id"]}], status=400)["field"] == "[0].segmentId"
    for schema in ("x", {"name": "_xdm.context.account"}):
        asked = {"schema": schema, "segments": [{"segmentId": used["id"]}]}
        assert twelve.refused("POST", JOBS, asked, status=400)["field"] == "schema.name"


@pytest.mark.covers("jobs", "lifecycle")
def test_the_nightly_job_leaves_out_what_is_not_in_use(twelve: Speaker, stage: Stage) -> None:
    used, unused = twelve.audience("true", "Used by night"), twelve.audience("true", "Unused by night")
    twelve.told("PATCH", f"/audiences/{unused['id']}", [{"op": "add", "path": "/lifecycleState", "value": "inactive"}])
    schedule = {"name": "nightly", "type": "batch_segmentation", "schedule": "0 0 1 * * ?", "state": "active"}
    made = twelve.told("POST", "/config/schedules", schedule)
    evaluations = stage.house.control.evaluations
    schedules = [evaluations.schedule(each.id) for each in stage.house.control.workspaces.list()]
    evaluations.put_schedule(next(replace(each, next_due=NOW) for each in schedules if each is not None))
    assert stage.house.scheduler.work() == 1
    twelve.told("DELETE", f"/config/schedules/{made['id']}", status=204)
    (nightly,) = twelve.told("GET", JOBS, params={"property": "source==scheduler"})["children"]
    assert nightly["status"] == "SUCCEEDED"
    assert used["id"] in nightly["metrics"]["segmentedProfileCounter"]
    assert unused["id"] not in nightly["metrics"]["segmentedProfileCounter"]


@pytest.mark.covers("jobs")
def test_jobs_are_listed_found_and_not_cancelled_when_they_have_ended(twelve: Speaker, neighbour: Speaker) -> None:
    made = twelve.audience("true", "Listed")
    job = done(twelve, [{"segmentId": made["id"]}])
    told = twelve.told("GET", JOBS, params={"property": f"segments~segmentId=={made['id']}", "status": "SUCCEEDED"})
    assert [each["id"] for each in told["children"]] == [job["id"]]
    assert (told["_page"]["totalCount"], told["_links"]) == (1, {"next": {}})
    assert twelve.told("GET", JOBS, params={"property": f"id=={job['id']}"})["children"] == [job]
    assert twelve.told("POST", f"{JOBS}/bulk-get", {"ids": [{"id": job["id"]}]}, status=207)["results"] == {
        job["id"]: job
    }
    twelve.refused("DELETE", f"{JOBS}/{job['id']}", status=409)
    for missing in (made["id"], "none"):
        twelve.refused("GET", f"{JOBS}/{missing}", status=404)
    neighbour.refused("GET", f"{JOBS}/{job['id']}", status=404)


@pytest.mark.covers("jobs")
def test_a_job_that_has_not_begun_is_cancelled(twelve: Speaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("houselights.apis.adobe.jobs.JobRoutes._carry_out", lambda *_: None)
    made = twelve.told("POST", JOBS, [{"segmentId": "*"}])
    response = twelve.send("DELETE", f"{JOBS}/{made['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert twelve.told("GET", f"{JOBS}/{made['id']}")["status"] == "CANCELLED"


@pytest.mark.covers("jobs")
@pytest.mark.parametrize("body", [[], {}, [{}], [{"segmentId": "none"}], 3])
def test_jobs_over_nothing_are_refused(twelve: Speaker, body: Any) -> None:
    twelve.refused("POST", JOBS, body, status=400)
