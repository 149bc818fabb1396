"""Builds are claimed once, however many ask, and end once; the ledger gives nothing twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.conftest import NOON, Tenant
from tests.contract.threads import together

from houselights.base.clock import FixedClock
from houselights.base.errors import Conflict, NotFound
from houselights.base.ids import random_id
from houselights.model.build import Build, BuildState
from houselights.model.credit import CreditEvent
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.credits import Credits, NoCredit

LATER = NOON + timedelta(seconds=30)


def build(tenant: Tenant, **changes: object) -> Build:
    made = Build(
        workspace_id=tenant.workspace.id, client_id=tenant.client.id, origin="here", audience_id=random_id(), name="A",
        description="", source={"kind": "rule"}, asked={"x": [1, None]}, created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    return tenant.control.builds.add(replace(made, **changes))


def claimed(tenant: Tenant, worker: str, *origins: str) -> Build | None:
    return tenant.control.builds.claim(worker, origins or ("here",), lease_until=LATER, now=NOON)


def test_it_is_read_as_it_was_written(acme: Tenant, neighbour: Tenant) -> None:
    made = build(acme)
    assert acme.control.builds.get(acme.workspace.id, made.number) == made
    for workspace_id, number in [(neighbour.workspace.id, made.number), (acme.workspace.id, 1 << 80)]:
        with pytest.raises(NotFound):
            acme.control.builds.get(workspace_id, number)


def test_numbers_are_small_and_never_used_again(acme: Tenant) -> None:
    first = build(acme)
    acme.control.builds.change(acme.workspace.id, first.number, state="removed")
    assert first.number < build(acme).number < 1 << 31
    listed, total = acme.control.builds.list(acme.workspace.id, "here")
    assert (len(listed), total) == (1, 1)
    assert acme.control.builds.list(acme.workspace.id, "there") == ([], 0)


def test_each_is_claimed_once(acme: Tenant) -> None:
    numbers = [build(acme).number for _ in range(4)]
    build(acme, origin="elsewhere")
    got = together(8, lambda worker: claimed(acme, str(worker)))
    found = [each.number for each in got if isinstance(each, Build)]
    assert sorted(found) == numbers
    assert got.count(None) == 4


def test_what_ended_ends_no_second_time(acme: Tenant) -> None:
    running = replace(build(acme), state=BuildState.RUNNING)
    claimed(acme, "one")
    open_states = {BuildState.WAITING, BuildState.RUNNING}

    def end(worker: str) -> Build:
        return acme.control.builds.change(
            acme.workspace.id, running.number, worker=worker, among=open_states, state="succeeded"
        )

    with pytest.raises(Conflict):
        end("two")
    assert end("one").state is BuildState.SUCCEEDED
    with pytest.raises(Conflict):
        end("one")


def test_what_a_dead_worker_had_waits_again(acme: Tenant) -> None:
    build(acme)
    running = claimed(acme, "dead")
    assert running is not None
    control = acme.control.builds
    assert control.lapsed(LATER) == []
    control.renew("dead", LATER + timedelta(seconds=30))
    assert control.lapsed(LATER + timedelta(seconds=1)) == []
    after = LATER + timedelta(minutes=1)
    (lapsed,) = control.lapsed(after)
    assert sorted(map(bool, together(4, lambda _: control.release(lapsed, after)))) == [False, False, False, True]
    again = claimed(acme, "alive")
    assert again is not None
    assert (again.number, again.attempts) == (running.number, 2)
    assert control.put_back("alive", again, counts=False)
    assert not control.put_back("alive", again, counts=False)
    third = claimed(acme, "alive")
    assert third is not None
    assert third.attempts == 2


def ledger(tenant: Tenant) -> Credits:
    return Credits(tenant.control, FixedClock(NOON), Audit(tenant.control, FixedClock(NOON)))


def caller_of(tenant: Tenant, *, client: bool = True) -> Caller:
    local = Caller.local(tenant.workspace)
    return replace(local, client=tenant.client) if client else local


def test_the_last_credit_is_spent_once(acme: Tenant, neighbour: Tenant) -> None:
    credits_, company = ledger(acme), caller_of(acme, client=False)
    assert credits_.balance(company)["builds"] is None
    credits_.spend(company, "builds", "before there was a limit")
    credits_.allow(company, "builds", 3)
    assert credits_.balance(company)["builds"] == 3
    got = together(6, lambda _: credits_.spend(company, "builds", "build"))
    assert sum(isinstance(each, int) for each in got) == 3
    assert sum(isinstance(each, NoCredit) for each in got) == 3
    assert credits_.balance(company)["builds"] == 0
    assert credits_.balance(caller_of(neighbour))["builds"] is None


def test_what_was_spent_is_given_back_once(acme: Tenant) -> None:
    credits_, company = ledger(acme), caller_of(acme, client=False)
    early = credits_.spend(company, "insights", "before there was a limit")
    credits_.allow(company, "insights", 2)
    spent = credits_.spend(company, "insights", "insight")
    assert credits_.balance(company)["insights"] == 1
    got = together(4, lambda _: credits_.refund(acme.workspace.id, spent))
    assert sorted(map(bool, got)) == [False, False, False, True]
    assert credits_.balance(company)["insights"] == 2
    assert credits_.refund(acme.workspace.id, early)
    assert credits_.balance(company)["insights"] == 2  # it was of an allowance that is over
    assert not credits_.refund(acme.workspace.id, None)
    events = [entry.event for entry in credits_.entries(company)]
    assert events == [CreditEvent.REFUND, CreditEvent.REFUND, CreditEvent.SPEND, CreditEvent.ALLOW, CreditEvent.SPEND]


def test_a_client_spends_its_own_when_it_has_some(acme: Tenant) -> None:
    credits_, company, client = ledger(acme), caller_of(acme, client=False), caller_of(acme)
    credits_.allow(company, "builds", 5)
    assert credits_.balance(client)["builds"] == 5
    credits_.allow(company, "builds", 1, client_number=acme.client.id)
    credits_.spend(client, "builds", "build")
    assert (credits_.balance(client)["builds"], credits_.balance(company)["builds"]) == (0, 5)
    with pytest.raises(NoCredit):
        credits_.spend(client, "builds", "build")
    credits_.allow(company, "builds", None, client_number=acme.client.id)
    assert credits_.balance(client)["builds"] is None
