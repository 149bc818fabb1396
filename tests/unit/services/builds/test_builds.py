"""Builds from beginning to end: kept as they were found, told of once, paid back when they fail, begun again."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import numpy as np
import pytest
from sqlalchemy.engine import Connection

from houselights.base.clock import SystemClock
from houselights.base.errors import Conflict, InvalidInput, NotFound, Unavailable
from houselights.engine.snapshot import Snapshot
from houselights.model.audience import AudienceStatus
from houselights.model.build import Build, BuildState
from houselights.model.workspace import Workspace
from houselights.rules.consent import OPTED_OUT
from houselights.rules.json_form import from_json
from houselights.rules.tree import And, HasTrait, InAudience, Listed, Not
from houselights.services.builds.builds import rule_source
from houselights.services.builds.makers import Follower, Made, Stopped
from houselights.services.caller import Caller
from houselights.services.credits import NoCredit
from houselights.services.house import House

WOMEN = HasTrait("gender", ("female",))


def begin(house: House, caller: Caller, **changes: Any) -> Build:
    return house.builds.start(caller, **{"origin": "", "name": "Women", "source": rule_source(WOMEN), **changes})


def ended(house: House, caller: Caller, build: Build) -> Build:
    house.build_worker.work()
    return house.builds.get(caller, build.origin, build.number)


def maker(house: House, make: Callable[..., Made]) -> dict[str, str]:
    """Add a maker, and return a source for it."""
    house.builds.makers["test"] = make
    return {"kind": "test"}


def made_of(*people: int) -> Made:
    return Made(np.array(people, np.int64), {"told": "more"})


def test_members_are_those_of_the_rule_and_stay(house: House, caller: Caller) -> None:
    waiting = begin(house, caller, description="all of them", asked={"as": "sent"})
    assert (waiting.state, waiting.members) == (BuildState.WAITING, None)
    assert caller.workspace is not None
    with pytest.raises(Conflict):
        house.builds.done(caller, "", waiting.number)
    done = ended(house, caller, waiting)
    count = house.insights.size(caller, And((WOMEN, Not(OPTED_OUT)))).exact
    assert (done.state, done.members, done.asked) == (BuildState.SUCCEEDED, count, {"as": "sent"})
    assert done.generation == house.snapshots.current(caller.workspace.id).generation.number - 1
    assert len(house.builds.people(done)) == count
    audience = house.audiences.get(caller, done.audience_id)
    assert from_json(audience.rule) == Listed(done.audience_id)
    assert (audience.name, audience.description) == ("Women", "all of them")
    assert house.insights.size(caller, InAudience(done.audience_id)).exact == count
    assert house.build_worker.work() == 0


def test_who_opted_out_is_in_no_audience_whoever_made_it(house: House, caller: Caller) -> None:
    assert caller.workspace is not None
    snapshot = house.snapshots.current(caller.workspace.id)
    out = set(snapshot.evaluate(OPTED_OUT, house.audiences.resolve(caller.workspace)).ids().tolist())
    women = set(snapshot.evaluate(WOMEN, house.audiences.resolve(caller.workspace)).ids().tolist())
    assert out & women
    by_maker = maker(house, lambda *_: made_of(*sorted(women)))
    for build in (begin(house, caller), begin(house, caller, source=by_maker)):
        done = ended(house, caller, build)
        assert set(house.builds.people(done).tolist()) == women - out
        assert done.members == len(women - out)
        assert house.audiences.get(caller, done.audience_id).exclude_opted_out  # also who opts out later


def test_reports_and_audiences_do_not_wait_for_each_other(house: House, caller: Caller) -> None:
    house.builds.follow("reports")
    house.builds.reports.add("reports")
    holds, begun, over = Event(), {"": Event(), "reports": Event()}, {"": Event(), "reports": Event()}

    def make(_caller: Caller, build: Build, *_: object) -> Made:
        begun[build.origin].set()
        if build.name == "Long":
            assert holds.wait(30)
        return made_of(1)

    source = maker(house, make)
    for origin, event in over.items():
        house.builds.follow(origin, Follower(lambda _conn, _build: None, event.set))
    house.build_worker.start()
    try:
        for long, short in (("", "reports"), ("reports", "")):
            for event in (holds, *begun.values(), *over.values()):
                event.clear()
            begin(house, caller, name="Long", origin=long, source=source)
            assert begun[long].wait(30)
            begin(house, caller, name="Short", origin=short, source=source)
            assert over[short].wait(30)
            assert not over[long].is_set()
            holds.set()
            assert over[long].wait(30)
    finally:
        holds.set()
        house.build_worker.stop()


def test_what_it_is_called_can_change(house: House, caller: Caller) -> None:
    build = begin(house, caller)
    house.builds.rename(caller, "", build.number, name="Ladies")
    done = ended(house, caller, build)
    assert house.audiences.get(caller, done.audience_id).name == "Ladies"
    renamed = house.builds.rename(caller, "", build.number, name="Women again", description="x")
    assert (renamed.name, renamed.description) == ("Women again", "x")
    assert house.audiences.get(caller, done.audience_id).name == "Women again"
    with pytest.raises(InvalidInput):
        house.builds.rename(caller, "", build.number, name=" ")


def test_nobody_is_left_of_what_is_removed(house: House, caller: Caller) -> None:
    done = ended(house, caller, begin(house, caller))
    house.builds.remove(caller, "", done.number)
    with pytest.raises(NotFound):
        house.builds.get(caller, "", done.number)
    assert len(house.builds.people(done)) == 0
    assert house.audiences.get(caller, done.audience_id).status is AudienceStatus.ARCHIVED
    assert house.builds.list(caller, "") == ([], 0)


def test_what_others_stand_on_stays(house: House, caller: Caller) -> None:
    done = ended(house, caller, begin(house, caller))
    house.audiences.create(caller, name="Above", description="", rule=InAudience(done.audience_id))
    with pytest.raises(Conflict):
        house.builds.remove(caller, "", done.number)
    assert house.builds.get(caller, "", done.number).members == len(house.builds.people(done))


def test_what_is_removed_while_it_runs_leaves_nobody(house: House, caller: Caller) -> None:
    def make(_caller: Caller, build: Build, _snapshot: Snapshot, _stop: Event) -> Made:
        house.builds.remove(caller, "", build.number)
        return made_of(1, 2, 3)

    house.credits.allow(caller, "builds", 1)
    build = begin(house, caller, source=maker(house, make))
    assert house.credits.balance(caller)["builds"] == 0
    house.build_worker.work()
    assert house.control.builds.get(caller.workspace.id, build.number).state is BuildState.REMOVED
    assert len(house.builds.people(build)) == 0
    assert house.audiences.get(caller, build.audience_id).status is AudienceStatus.ARCHIVED
    assert house.credits.balance(caller)["builds"] == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (InvalidInput("the reason is this"), "the reason is this"),
        (ZeroDivisionError(), "internal error"),
        (NotFound("no audience 7"), "no audience 7"),
    ],
)
def test_what_fails_says_why_and_costs_nothing(house: House, caller: Caller, error: Exception, reason: str) -> None:
    def make(*_: Any) -> Made:
        raise error

    house.credits.allow(caller, "builds", 1)
    failed = ended(house, caller, begin(house, caller, source=maker(house, make)))
    assert failed.state is BuildState.FAILED
    assert reason in (failed.reason or "")
    assert house.credits.balance(caller)["builds"] == 1
    assert caller.workspace is not None
    assert not house.control.audiences.find(caller.workspace.id, [failed.audience_id])


def test_nothing_is_begun_that_is_not_paid_for(house: House, caller: Caller) -> None:
    house.credits.allow(caller, "builds", 1)
    begin(house, caller)
    with pytest.raises(NoCredit):
        begin(house, caller)
    assert house.builds.list(caller, "")[1] == 1
    begin(house, caller, pays=None)
    with pytest.raises(InvalidInput):
        begin(house, caller, source={"kind": "magic"}, pays=None)
    with pytest.raises(InvalidInput):
        begin(house, caller, name=" ", pays=None)


def test_who_follows_a_room_hears_once_in_the_transaction_that_ends_it(house: House, caller: Caller) -> None:
    heard: list[tuple[int, BuildState]] = []
    woken: list[int] = []

    def write(conn: Connection, build: Build) -> None:
        heard.append((build.number, build.state))
        house.control.documents.put(build.workspace_id, "note", str(build.number), {}, build.updated_at, conn=conn)

    build = begin(house, caller, origin="there")
    assert house.build_worker.work() == 0  # nobody has said what follows yet
    house.builds.follow("there", Follower(write, lambda: woken.append(1)))
    done = ended(house, caller, build)
    assert heard == [(build.number, BuildState.SUCCEEDED)]
    assert woken == [1]
    house.control.documents.get(done.workspace_id, "note", str(done.number))
    with pytest.raises(NotFound):
        house.builds.get(caller, "", build.number)


def test_who_cannot_write_down_the_end_is_asked_again_and_given_up(house: House, caller: Caller) -> None:
    asked: list[int] = []

    def write(_conn: Connection, build: Build) -> None:
        asked.append(build.number)
        raise RuntimeError("no room on the disk")

    house.builds.follow("there", Follower(write))
    done = ended(house, caller, begin(house, caller, origin="there"))
    assert (done.state, done.attempts) == (BuildState.FAILED, 3)
    assert "internal error" in (done.reason or "")
    assert len(asked) == 6  # each time the end, and then that it failed


def test_what_is_interrupted_waits_and_comes_to_the_same(house: House, caller: Caller) -> None:
    tries: list[int] = []

    def make(*_: Any) -> Made:
        tries.append(1)
        if len(tries) < 3:
            raise Stopped if len(tries) == 1 else Unavailable("an import has the workspace")
        return made_of(0, 5)

    done = ended(house, caller, begin(house, caller, source=maker(house, make)))
    assert (done.state, done.members, done.outcome) == (BuildState.SUCCEEDED, 2, {"told": "more"})
    assert done.attempts == 2  # being stopped is no try
    assert house.builds.people(done).tolist() == [0, 5]


@pytest.mark.parametrize("attempts", [1, 3])
def test_what_a_dead_process_had_is_begun_again_or_given_up(house: House, caller: Caller, attempts: int) -> None:
    house.credits.allow(caller, "builds", 1)
    build = begin(house, caller)
    past = SystemClock().now() - timedelta(minutes=1)
    for _ in range(attempts):
        running = house.control.builds.claim("dead", [""], lease_until=past, now=past)
        assert running is not None
        if running.attempts < attempts:
            assert house.control.builds.release(running, SystemClock().now())
    house.build_worker.tend()
    after = ended(house, caller, build)
    assert after.state is (BuildState.SUCCEEDED if attempts == 1 else BuildState.FAILED)
    assert house.credits.balance(caller)["builds"] == (0 if attempts == 1 else 1)


def test_the_worker_of_a_server_carries_builds_out(house: House, caller: Caller) -> None:
    heard = Event()
    house.builds.follow("there", Follower(lambda _conn, _build: None, heard.set))
    house.build_worker.start()
    try:
        build = begin(house, caller, origin="there")
        assert heard.wait(30)
    finally:
        house.build_worker.stop()
    assert house.builds.done(caller, "there", build.number).members


def test_a_client_that_is_turned_away_builds_nothing(house: House, workspace: Workspace, caller: Caller) -> None:
    made = house.access.create_client(workspace_id=workspace.id, name="x", scopes=["audiences:read", "audiences:write"])
    client = Caller(client=made.client, workspace=workspace, scopes=made.client.scopes)
    build = begin(house, client)
    house.access.disable_client(workspace.id, made.client.id)
    assert "turned away" in (ended(house, caller, build).reason or "")


def test_a_neighbour_sees_nothing_of_it(house: House, caller: Caller) -> None:
    done = ended(house, caller, begin(house, caller))
    other = house.control.workspaces.create("neighbours", created_at=house.clock.now())
    stranger = Caller.local(other)
    assert house.builds.list(stranger, "") == ([], 0)
    for ask in (house.builds.get, house.builds.done, house.builds.remove, house.builds.rename):
        with pytest.raises(NotFound):
            ask(stranger, "", done.number)
