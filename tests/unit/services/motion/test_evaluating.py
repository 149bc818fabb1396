"""Runs over everybody: true states, counts that add up, a log that says the same; schedules due once a day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from houselights.base.errors import Conflict, InvalidInput, NotAllowed, NotFound
from houselights.model.audience import Evaluation
from houselights.model.motion import MembershipCounts, RunSource, RunState
from houselights.model.workspace import Workspace
from houselights.rules.tree import HasTrait, Listed
from houselights.rules.values import Literal
from houselights.services.caller import Caller
from houselights.services.evaluation import next_due
from houselights.services.house import House
from houselights.services.imports.lock import only_import
from houselights.services.motion.incoming import NewProfile, Who
from tests.unit.services.motion.test_arriving import audience, city, members, recorded

__all__ = ["audience"]
from collections.abc import Callable, Mapping

from houselights.model.audience import Audience

Make = Callable[..., Audience]


def alone(found: Mapping[int, MembershipCounts]) -> dict[int, MembershipCounts]:
    """Return counts without those by namespace."""
    return {audience_id: replace(each, namespaces={}) for audience_id, each in found.items()}


def counts(realized: int = 0, existing: int = 0, exited: int = 0) -> MembershipCounts:
    return MembershipCounts(realized=realized, existing=existing, exited=exited)


def test_a_run_records_who_came_and_who_went(
    house: House, caller: Caller, workspace: Workspace, audience: Make
) -> None:
    leeds = audience("Leeds", city("Leeds"), Evaluation.BATCH)
    run = house.evaluation.run_batch(caller, [leeds.id])
    assert (run.state, run.source, run.people) == (RunState.SUCCEEDED, RunSource.REQUEST, 12)
    assert (run.done, run.total) == (1, 1)
    assert alone(run.counts) == {leeds.id: counts(realized=2)}
    assert recorded(house, workspace, leeds.id) == {"ben", "cleo"}
    assert alone(house.evaluation.run_batch(caller, [leeds.id]).counts) == {leeds.id: counts(existing=2)}
    house.profiles.accept(caller, [NewProfile(who=Who(key="ben"), attributes={"homeAddress": {"city": "York"}})])
    house.applier.apply_all()
    assert recorded(house, workspace, leeds.id) == {"ben", "cleo"}
    again = house.evaluation.run_batch(caller)
    assert alone(again.counts)[leeds.id] == counts(existing=1, exited=1)
    assert recorded(house, workspace, leeds.id) == {"cleo"} == members(house, workspace, leeds.id)
    assert house.evaluation.get(caller, again.id) == again
    assert [each.id for each in house.evaluation.list(caller)] == [again.id, again.id - 1, run.id]


def test_a_run_over_all_takes_every_active_audience_that_was_made_here(
    house: House, caller: Caller, workspace: Workspace
) -> None:
    run = house.evaluation.run_batch(caller)
    assert set(run.counts) == {9001, 9002, 9003, 9004, 9005}
    for audience_id, found in run.counts.items():
        assert found.members == len(members(house, workspace, audience_id))


def test_what_is_out_of_use_is_left_out_of_runs_over_all_and_of_streams(
    house: House, caller: Caller, workspace: Workspace, audience: Make
) -> None:
    used = audience("Leeds", city("Leeds"), Evaluation.CONTINUOUS)
    unused = audience("Leeds, once", city("Leeds"), Evaluation.NEVER)
    run = house.evaluation.run_batch(caller)
    assert used.id in run.counts
    assert unused.id not in run.counts
    house.profiles.accept(caller, [NewProfile(who=Who(key="ada"), attributes={"homeAddress": {"city": "Leeds"}})])
    house.applier.apply_all()
    assert recorded(house, workspace, used.id) == {"ada", "ben", "cleo"}
    assert recorded(house, workspace, unused.id) == set()
    assert members(house, workspace, unused.id) == {"ada", "ben", "cleo"}  # its rule can still be asked


def test_a_run_counts_by_namespace_of_identities(
    house: House, caller: Caller, workspace: Workspace, audience: Make
) -> None:
    everybody = audience("Everybody", Literal(True), Evaluation.BATCH)
    (found,) = house.evaluation.run_batch(caller, [everybody.id]).counts.values()
    lake, generation = house.lake, house.snapshots.newest(workspace.id).generation
    rows = lake.dataset(workspace.id, "identities", generation.tables["identities"]).to_table().to_pylist()
    known = {name: len({row["person_id"] for row in rows if row["namespace"] == name})
             for name in {row["namespace"] for row in rows}}  # fmt: skip
    assert found.members == 12
    assert found.namespaces == known
    assert 0 < known["email"] < 12


def test_what_looks_at_the_record_of_another_follows_in_the_same_run(
    house: House, caller: Caller, workspace: Workspace, audience: Make
) -> None:
    leeds = audience("Leeds", city("Leeds"), Evaluation.BATCH)
    listed = audience("Recorded", Listed(leeds.id), Evaluation.BATCH)
    run = house.evaluation.run_batch(caller, [listed.id, leeds.id])
    assert alone(run.counts) == {leeds.id: counts(realized=2), listed.id: counts(realized=2)}


def test_a_failed_run_says_so_and_changes_nothing(
    house: House, caller: Caller, workspace: Workspace, audience: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    women = audience("Women", HasTrait("gender", ("female",)), Evaluation.BATCH)
    before = house.control.generations.current_number(workspace.id)

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(type(house.control.generations), "publish", crash)
        run = house.evaluation.run_batch(caller, [women.id])
    assert (run.state, run.error) == (RunState.FAILED, "RuntimeError: the disk is full")
    assert house.control.generations.current_number(workspace.id) == before
    assert recorded(house, workspace, women.id) == set()
    assert alone(house.evaluation.run_batch(caller, [women.id]).counts) == {women.id: counts(realized=6)}


def test_a_cancelled_run_is_not_run(house: House, caller: Caller, workspace: Workspace) -> None:
    run = house.evaluation.request(caller, [9001])
    assert house.evaluation.cancel(caller, run.id).state is RunState.CANCELLED
    assert house.evaluation.carry_out(run).state is RunState.CANCELLED
    assert recorded(house, workspace, 9001) == set()
    with pytest.raises(Conflict):
        house.evaluation.cancel(caller, run.id)


def test_a_run_waits_while_an_import_has_the_workspace(
    house: House, caller: Caller, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("houselights.services.evaluation.LOCK_SECONDS", 0.1)
    run = house.evaluation.request(caller)
    with only_import(house.settings.data / "locks", workspace.id):
        assert house.evaluation.carry_out(run).state is RunState.QUEUED
    assert house.scheduler.work() == 1
    assert house.evaluation.get(caller, run.id).state is RunState.SUCCEEDED


def test_a_run_that_died_is_said_to_have_failed(house: House, caller: Caller, workspace: Workspace) -> None:
    run = house.evaluation.request(caller)
    house.control.evaluations.change(workspace.id, run.id, state=RunState.RUNNING)
    house.evaluation.recover()
    assert house.evaluation.get(caller, run.id).error == "it stopped before its end"


def test_who_may_ask(house: House, caller: Caller, workspace: Workspace) -> None:
    reader = Caller(client=None, workspace=workspace, scopes=frozenset({"audiences:read"}))
    with pytest.raises(NotAllowed):
        house.evaluation.request(reader)
    with pytest.raises(NotFound):
        house.evaluation.request(caller, [77])


def test_a_schedule_comes_due_once_a_day(house: House, caller: Caller, workspace: Workspace) -> None:
    with pytest.raises(InvalidInput):
        house.evaluation.set_schedule(caller, 1440)
    schedule = house.evaluation.set_schedule(caller, 90)
    assert (schedule.next_due.hour, schedule.next_due.minute) == (1, 30)
    assert house.scheduler.work() == 0
    missed = schedule.next_due - timedelta(days=5)
    house.control.evaluations.put_schedule(replace(schedule, next_due=missed))
    assert house.scheduler.work() == 1
    assert house.scheduler.work() == 0
    (run,) = house.evaluation.list(caller)
    assert (run.source, run.state) == (RunSource.SCHEDULE, RunState.SUCCEEDED)
    assert house.evaluation.schedule(caller) == schedule


def test_the_next_time_is_always_ahead() -> None:
    at = datetime(2026, 2, 28, 1, 30, tzinfo=UTC)
    assert next_due(90, at) == datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
    assert next_due(91, at) == datetime(2026, 2, 28, 1, 31, tzinfo=UTC)
    assert next_due(0, at) == datetime(2026, 3, 1, tzinfo=UTC)
