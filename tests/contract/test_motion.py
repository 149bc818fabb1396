"""What has arrived waits until it is placed, once; runs end once; schedules are due when they say."""

from datetime import UTC, datetime, timedelta

import pytest

from houselights.base.errors import Conflict, NotFound
from houselights.model.motion import (
    ArrivalKind,
    EvaluationRun,
    EvaluationSchedule,
    MembershipCounts,
    RunSource,
    RunState,
)
from houselights.storage.control.control import Control

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def workspace(control: Control) -> int:
    return control.workspaces.create("one", created_at=AT).id


def test_arrivals_wait_in_order_until_they_are_placed(control: Control, workspace: int) -> None:
    other = control.workspaces.create("two", created_at=AT).id
    ids = control.arrivals.add(workspace, ArrivalKind.PROFILE, [{"key": "a"}, {"key": "b"}], AT)
    ids += control.arrivals.add(workspace, ArrivalKind.EVENT, [{"type": "buy"}], AT)
    assert control.arrivals.workspaces_waiting() == [workspace]
    assert [each.id for each in control.arrivals.waiting(workspace, 10)] == sorted(ids) == ids
    assert [each.body for each in control.arrivals.waiting(workspace, 2)] == [{"key": "a"}, {"key": "b"}]
    with control.transaction() as conn:
        control.arrivals.placed(conn, workspace, 2, {ids[0]: {"person": "a"}, ids[2]: {}})
    assert [each.id for each in control.arrivals.waiting(workspace, 10)] == [ids[1]]
    assert control.arrivals.get(workspace, ids[0]).outcome == {"person": "a"}
    with pytest.raises(NotFound):
        control.arrivals.get(other, ids[0])


def test_nothing_is_placed_twice(control: Control, workspace: int) -> None:
    (one,) = control.arrivals.add(workspace, ArrivalKind.PROFILE, [{}], AT)
    with control.transaction() as conn:
        control.arrivals.placed(conn, workspace, 2, {one: {}})
    with pytest.raises(Conflict), control.transaction() as conn:
        control.arrivals.placed(conn, workspace, 3, {one: {}})
    with control.transaction() as conn:
        assert control.arrivals.recall(conn, workspace) == 1
    assert [each.id for each in control.arrivals.waiting(workspace, 10)] == [one]


def test_a_run_keeps_what_was_found_and_ends_once(control: Control, workspace: int) -> None:
    run = control.evaluations.start(
        EvaluationRun(workspace_id=workspace, source=RunSource.REQUEST, audiences=(9001, 2**60), requested_at=AT)
    )
    assert (run.state, run.audiences) == (RunState.QUEUED, (9001, 2**60))
    assert [each.id for each in control.evaluations.unfinished()] == [run.id]
    counts = {2**60: MembershipCounts(realized=3, existing=2, exited=1)}
    control.evaluations.change(
        workspace, run.id, state=RunState.SUCCEEDED, finished_at=AT, counts=counts, people=12, generation=2
    )
    found = control.evaluations.get(workspace, run.id)
    assert (found.counts, found.counts[2**60].members, found.people) == (counts, 5, 12)
    assert control.evaluations.unfinished() == []
    assert control.evaluations.list(workspace, states=[RunState.FAILED]) == []
    with pytest.raises(Conflict, match="has succeeded"):
        control.evaluations.change(workspace, run.id, state=RunState.CANCELLED)
    with pytest.raises(NotFound):
        control.evaluations.get(workspace + 1, run.id)


def test_a_schedule_is_due_from_its_time_on(control: Control, workspace: int) -> None:
    assert control.evaluations.schedule(workspace) is None
    schedule = EvaluationSchedule(workspace_id=workspace, minute=90, enabled=True, next_due=AT)
    control.evaluations.put_schedule(schedule)
    assert control.evaluations.due(AT - timedelta(seconds=1)) == []
    assert control.evaluations.due(AT) == [schedule]
    off = EvaluationSchedule(workspace_id=workspace, minute=90, enabled=False, next_due=AT)
    control.evaluations.put_schedule(off)
    assert (control.evaluations.due(AT), control.evaluations.schedule(workspace)) == ([], off)
