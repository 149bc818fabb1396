"""Executions are claimed once, however many ask; an account has its share; what has ended does not change again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.conftest import NOON, Tenant
from tests.contract.threads import together

from houselights.base.errors import Conflict, NotFound
from houselights.model.workflow import Execution, ExecutionState, Purpose
from houselights.storage.control.executions import ExecutionFilter

LATER = NOON + timedelta(seconds=30)
SOON = NOON + timedelta(seconds=1)


def execution(tenant: Tenant, name: str, **changes: object) -> Execution:
    made = Execution(
        id=name, workspace_id=tenant.workspace.id, account_id=tenant.account.id, client_id=tenant.client.id,
        asked={"sql": "SELECT 1"}, created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    return tenant.control.executions.add(replace(made, **changes))


def test_it_is_read_as_it_was_written(acme: Tenant, neighbour: Tenant) -> None:
    made = execution(acme, "a", query_id="sizes", subject="7", purpose=Purpose.AUDIENCE)
    assert acme.control.executions.get(acme.workspace.id, "a") == made
    for workspace_id, name in [(neighbour.workspace.id, "a"), (acme.workspace.id, "b"), (acme.workspace.id, "a\x00")]:
        with pytest.raises(NotFound):
            acme.control.executions.get(workspace_id, name)


def test_lists_in_order_by_filter_and_in_stretches(acme: Tenant) -> None:
    rows, mine = acme.control.executions, (acme.workspace.id, acme.account.id)
    made = [execution(acme, str(n), query_id=f"q{n % 2}", created_at=NOON + timedelta(minutes=n)) for n in range(6)]
    rows.change(acme.workspace.id, "5", state=ExecutionState.CANCELLED.value)

    def names(where: ExecutionFilter | None = None, **more: object) -> list[str]:
        return [each.id for each in rows.list(*mine, where, **more)[0]]

    assert names() == list("543210")
    assert names(ascending=True, offset=1, limit=2) == list("12")
    assert rows.list(*mine, limit=1) == ([replace(made[5], state=ExecutionState.CANCELLED)], 6)
    assert names(ExecutionFilter(states=set(ExecutionState) - {ExecutionState.CANCELLED})) == list("43210")
    assert names(ExecutionFilter(query_id="q1")) == list("531")
    assert names(ExecutionFilter(created_from=made[2].created_at, created_to=made[4].created_at)) == list("432")
    assert names(ExecutionFilter(client_id=acme.client.id + 1)) == []
    assert rows.list(acme.workspace.id, acme.account.id + 1) == ([], 0)


def test_many_claim_at_once_and_each_execution_is_given_once(acme: Tenant) -> None:
    for number in range(8):
        execution(acme, str(number))

    def claim(number: int) -> Execution | None:
        return acme.control.executions.claim(f"w{number}", lease_until=LATER, now=NOON, each=5)

    given = [each.id for each in together(8, claim) if each is not None]
    assert sorted(given) == list("01234"), "no more than five of one account, the oldest first"
    assert claim(9) is None
    acme.control.executions.change(acme.workspace.id, "3", state=ExecutionState.SUCCEEDED.value)
    again = claim(9)
    assert again is not None
    assert (again.id, again.state, again.attempts, again.started_at) == ("5", ExecutionState.RUNNING, 1, NOON)


def test_a_full_account_does_not_stand_in_anothers_way(acme: Tenant) -> None:
    execution(acme, "a")
    execution(acme, "b")
    execution(acme, "c", account_id=acme.account.id + 1)
    claims = [acme.control.executions.claim("w", lease_until=LATER, now=NOON, each=1) for _ in range(3)]
    assert [each and each.id for each in claims] == ["a", "c", None]


def test_what_has_ended_stays_as_it_is(acme: Tenant) -> None:
    execution(acme, "a")
    rows = acme.control.executions
    rows.change(acme.workspace.id, "a", state=ExecutionState.CANCELLED.value)
    with pytest.raises(Conflict, match="cancelled"):
        rows.change(acme.workspace.id, "a", state=ExecutionState.SUCCEEDED.value)
    with pytest.raises(NotFound):
        rows.change(acme.workspace.id, "b", state=ExecutionState.SUCCEEDED.value)


def test_one_whose_worker_died_is_released_once_and_lost_to_that_worker(acme: Tenant) -> None:
    execution(acme, "a")
    rows = acme.control.executions
    rows.claim("dead", lease_until=NOON, now=NOON, each=1)
    assert rows.lapsed(NOON) == []
    rows.renew("dead", SOON)
    assert rows.lapsed(SOON) == []
    (found,) = rows.lapsed(LATER)
    assert rows.release(found, LATER, state=ExecutionState.PENDING.value)
    assert not rows.release(found, LATER, state=ExecutionState.FAILED.value)
    again = rows.claim("alive", lease_until=LATER, now=SOON, each=1)
    assert again is not None
    assert again.attempts == 2
    with pytest.raises(Conflict):
        rows.change(acme.workspace.id, "a", worker="dead", state=ExecutionState.SUCCEEDED.value)
    rows.change(acme.workspace.id, "a", worker="alive", state=ExecutionState.SUCCEEDED.value)


def test_old_results_are_found_until_they_are_forgotten(acme: Tenant) -> None:
    rows = acme.control.executions
    execution(acme, "a")
    execution(acme, "b")
    for name, at in [("a", NOON), ("b", LATER)]:
        rows.change(
            acme.workspace.id, name, state=ExecutionState.SUCCEEDED.value, finished_at=at, outcome={"files": [name]}
        )
    assert [each.id for each in rows.old(SOON)] == ["a"]
    rows.forget_outcome(acme.workspace.id, "a")
    assert rows.old(SOON) == []
    assert [each.id for each in rows.old(LATER + timedelta(days=1))] == ["b"]
