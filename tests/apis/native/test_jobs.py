"""Jobs of every client, for operators: audiences being built and SQL being asked, in one list, newest first."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from houselights.model.build import Build, BuildState
from houselights.model.workflow import Execution, ExecutionState
from houselights.model.workspace import Account, Workspace
from houselights.services.house import House

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_builds_and_queries_stand_in_one_list(
    client: TestClient, house: House, workspace: Workspace, accounts: tuple[Account, Account]
) -> None:
    for minute, name in enumerate(("first", "third")):
        at = NOON + timedelta(minutes=2 * minute)
        made = house.control.builds.add(
            Build(
                workspace_id=workspace.id, client_id=None, origin="a room", audience_id=7 + minute, name=name,
                description="", source={"kind": "rule"}, created_at=at, updated_at=at,
            )
        )  # fmt: skip
        house.control.builds.change(
            workspace.id, made.number, state=BuildState.FAILED, reason="nobody was meant", finished_at=at
        )
    at = NOON + timedelta(minutes=1)
    house.control.executions.add(
        Execution(
            id="e-1", workspace_id=workspace.id, account_id=accounts[0].id, client_id=None, query_id="reach by day",
            asked={}, state=ExecutionState.CANCELLED, created_at=at, updated_at=at,
        )
    )  # fmt: skip
    told = client.get("/v1/jobs").json()
    assert [(job["kind"], job["name"], job["state"]) for job in told["items"]] == [
        ("build", "third", "failed"), ("query", "reach by day", "cancelled"), ("build", "first", "failed"),
    ]  # fmt: skip
    assert told["items"][0]["error"] == "nobody was meant"
    assert told["next_before"] is None
    page = client.get("/v1/jobs", params={"limit": 2}).json()
    rest = client.get("/v1/jobs", params={"limit": 2, "before": page["next_before"]}).json()
    assert [job["name"] for job in page["items"] + rest["items"]] == ["third", "reach by day", "first"]


def test_jobs_are_for_operators(http: TestClient, token: Callable[..., str]) -> None:
    reply = http.get("/v1/jobs", headers={"Authorization": f"Bearer {token('audiences:read', 'imports:write')}"})
    assert reply.status_code == 403
