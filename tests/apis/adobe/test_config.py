"""`/config/schedules` and `/config/mergePolicies`."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.apis.adobe.conftest import Speaker, Stage

SCHEDULES, POLICIES = "/config/schedules", "/config/mergePolicies"
DAILY = {"name": "nightly", "type": "batch_segmentation", "schedule": "0 30 3 * * ?", "properties": {"segments": ["*"]}}


def running(stage: Stage) -> Any:
    workspace = stage.house.control.workspaces.by_name("twelve")
    assert workspace is not None
    return stage.house.control.evaluations.schedule(workspace.id)


@pytest.mark.covers("schedules")
def test_there_is_a_schedule_from_the_start_and_it_sleeps(twelve: Speaker) -> None:
    told = twelve.told("GET", SCHEDULES)
    assert [each["name"] for each in told["children"]] == ["profile-default"]
    first = told["children"][0]
    assert {name: first[name] for name in ("type", "frequency", "state", "schedule", "properties")} == {
        "type": "batch_segmentation", "frequency": "daily", "state": "inactive", "schedule": "0 0 1 * * ?",
        "properties": {"segments": ["*"]},
    }  # fmt: skip
    assert (told["_links"], told["_page"]["totalCount"]) == ({"next": {}}, 1)


@pytest.mark.covers("schedules")
def test_the_active_schedule_is_the_one_that_runs(twelve: Speaker, stage: Stage) -> None:
    made = twelve.told("POST", SCHEDULES, DAILY)
    path = f"{SCHEDULES}/{made['id']}"
    assert made["state"] == "inactive"
    assert running(stage) is None
    assert twelve.send("PATCH", path, [{"op": "add", "path": "/state", "value": "active"}]).status_code == 204
    now = running(stage)
    assert (now.minute, now.enabled, now.next_due) == (210, True, datetime(2026, 11, 2, 3, 30, tzinfo=UTC))
    twelve.told("PATCH", path, [{"op": "add", "path": "/schedule", "value": "0 0 16 * * ?"}], status=204)
    assert running(stage).next_due == datetime(2026, 11, 1, 16, tzinfo=UTC)
    first = next(each for each in twelve.told("GET", SCHEDULES)["children"] if each["name"] == "profile-default")
    refused = twelve.refused(
        "PATCH", f"{SCHEDULES}/{first['id']}", [{"op": "add", "path": "/state", "value": "active"}], status=400
    )
    assert "nightly" in refused["message"]
    assert twelve.send("DELETE", path).status_code == 204
    assert running(stage).enabled is False
    twelve.refused("GET", path, status=404)


@pytest.mark.covers("schedules")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"schedule": "0 0 * * * ?"}, "schedule"),
        ({"schedule": "0 0 1 ? * MON"}, "schedule"),
        ({"schedule": "0 0 25 * * ?"}, "schedule"),
        ({"schedule": "daily"}, "schedule"),
        ({"schedule": None}, "schedule"),
        ({"type": "report"}, "type"),
        ({"name": ""}, "name"),
        ({"state": "paused"}, "state"),
        ({"type": "export", "state": "active"}, "state"),
        ({"properties": {"segments": ["one"]}}, "properties.segments"),
    ],
)
def test_schedules_that_could_not_run_are_refused(twelve: Speaker, change: dict[str, Any], field: str) -> None:
    assert twelve.refused("POST", SCHEDULES, {**DAILY, **change}, status=400)["field"] == field


@pytest.mark.covers("policies")
def test_there_is_a_default_policy_from_the_start(twelve: Speaker) -> None:
    told = twelve.told("GET", POLICIES)
    (policy,) = told["children"]
    assert (policy["default"], policy["isActiveOnEdge"], policy["schema"]) == (
        True,
        True,
        {"name": "_xdm.context.profile"},
    )
    assert told["_links"] == {"next": {}}
    assert twelve.audience("true")["mergePolicyId"] == policy["id"]
    twelve.refused("DELETE", f"{POLICIES}/{policy['id']}", status=400)


@pytest.mark.covers("policies")
def test_policies_are_made_changed_and_removed(twelve: Speaker) -> None:
    made = twelve.told("POST", POLICIES, {"name": "Second", "identityGraph": {"type": "pdg"}})
    path = f"{POLICIES}/{made['id']}"
    assert (made["version"], made["isActiveOnEdge"]) == (1, False)
    change = [{"op": "add", "path": "/identityGraph.type", "value": "none"}]
    assert twelve.told("PATCH", path, change)["identityGraph"] == {"type": "none"}
    assert twelve.told("PUT", path, {"name": "Renamed"})["version"] == 3
    assert twelve.told("GET", path)["name"] == "Renamed"
    found = twelve.told("POST", f"{POLICIES}/bulk-get", {"ids": [{"id": made["id"]}]}, status=207)["results"]
    assert found[made["id"]]["name"] == "Renamed"
    batch = twelve.audience("true", mergePolicyId=made["id"])
    assert batch["evaluationInfo"]["batch"] == {"enabled": True}
    told = twelve.told("GET", f"/audiences/{batch['id']}/eligibility")
    assert told["explanation"] == "batch, because its merge policy is not active on edge"
    assert twelve.send("DELETE", path).status_code == 200
    twelve.refused("GET", path, status=404)


@pytest.mark.covers("policies")
def test_of_default_policies_there_is_one(twelve: Speaker) -> None:
    before = next(each for each in twelve.told("GET", POLICIES)["children"] if each["default"])
    made = twelve.told("POST", POLICIES, {"name": "New default", "default": True, "isActiveOnEdge": True})
    defaults = [each["id"] for each in twelve.told("GET", f"{POLICIES}?default=true")["children"]]
    assert defaults == [made["id"]]
    twelve.refused("PUT", f"{POLICIES}/{made['id']}", {"name": "No default"}, status=400)
    twelve.told("PUT", f"{POLICIES}/{before['id']}", {**before, "default": True})
    assert twelve.refused("POST", POLICIES, {"name": ""}, status=400)["field"] == "name"
    for flag in ("default", "isActiveOnEdge"):
        assert twelve.refused("POST", POLICIES, {"name": "x", flag: "yes"}, status=400)["field"] == flag
