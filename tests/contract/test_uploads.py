"""Uploads in the control database: kept in order, worked on by one at a time, finished once, metered and counted."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.conftest import NOON, Tenant
from tests.contract.threads import together

from houselights.base.errors import Conflict, NotFound
from houselights.model.upload import InvalidRecord, ListCounts, TargetOutcome, UploadKind, UploadState
from houselights.storage.control.uploads import Backlog, NewUpload, Outcome

EVERYTHING = {"uploads": 1000, "records": 1_000_000, "size": 1 << 30}


def keep(tenant: Tenant, payload: bytes = b"payload", **changes: Any) -> str:
    given: dict[str, Any] = {
        "id": str(uuid.uuid4()), "workspace_id": tenant.workspace.id, "client_id": tenant.client.id, "owners": None,
        "kind": UploadKind.MEMBERS, "received": 10, "audience_ids": (5, 1 << 60), "payload": payload,
        "received_at": NOON,
    }  # fmt: skip
    new = NewUpload(**{**given, **changes})
    with tenant.control.transaction() as conn:
        tenant.control.uploads.add(conn, new)
    return new.id


def lease(tenant: Tenant, owner: str = "here/a", *, instead_of: str = "nowhere", at: float = 0) -> bool:
    return tenant.control.uploads.lease(
        tenant.workspace.id, owner, instead_of=instead_of, now=NOON + timedelta(seconds=at), seconds=60
    )


def finish(
    tenant: Tenant, *outcomes: Outcome, owner: str = "here/a", counts: dict[int, ListCounts] | None = None
) -> None:
    with tenant.control.transaction() as conn:
        tenant.control.uploads.finish(
            conn, tenant.workspace.id, owner, outcomes, counts or {}, generation=3, at=NOON + timedelta(minutes=1)
        )


def done(number: int, **changes: Any) -> Outcome:
    return Outcome(number=number, state=UploadState.SUCCEEDED, **changes)


def test_an_upload_waits_with_its_payload_until_it_is_finished(acme: Tenant) -> None:
    uploads, workspace_id = acme.control.uploads, acme.workspace.id
    upload_id = keep(acme, b"\x00\xffbytes", owners=(4, 1 << 60))
    (waiting,) = uploads.waiting(workspace_id, **EVERYTHING)
    assert (waiting.id, waiting.payload, waiting.owners) == (upload_id, b"\x00\xffbytes", (4, 1 << 60))
    assert uploads.backlog(workspace_id) == Backlog(uploads=1, records=10, bytes=7)
    assert uploads.workspaces_waiting() == [workspace_id]
    status = uploads.get(workspace_id, upload_id)
    assert (status.state, status.received, status.finished_at) == (UploadState.WAITING, 10, None)

    assert lease(acme)
    invalid = (InvalidRecord(audience_id=1 << 60, external_id="e", error="why"),)
    targets = (TargetOutcome(name="one"), TargetOutcome(name="two", error="gone"))
    outcome = Outcome(
        number=waiting.number, state=UploadState.PARTIAL, processed=9, matched=4, invalid=invalid, targets=targets
    )
    finish(acme, outcome)
    status = uploads.get(workspace_id, upload_id)
    assert (status.state, status.processed, status.matched) == (UploadState.PARTIAL, 9, 4)
    assert (status.invalid, status.targets, status.audience_ids) == (invalid, targets, (5, 1 << 60))
    assert (status.generation, status.finished_at) == (3, NOON + timedelta(minutes=1))
    assert uploads.waiting(workspace_id, **EVERYTHING) == []
    assert uploads.backlog(workspace_id) == Backlog(uploads=0, records=0, bytes=0)
    assert uploads.workspaces_waiting() == []


def test_the_oldest_come_first_and_never_more_than_asked_for(acme: Tenant) -> None:
    ids = [keep(acme, b"x" * 100) for _ in range(5)]

    def waiting(**limits: int) -> list[str]:
        return [each.id for each in acme.control.uploads.waiting(acme.workspace.id, **{**EVERYTHING, **limits})]

    assert waiting() == ids
    assert waiting(uploads=2) == ids[:2]
    assert waiting(records=35) == ids[:3]
    assert waiting(size=250) == ids[:2]
    assert waiting(records=1) == waiting(size=1) == ids[:1]


def test_nothing_is_finished_twice_and_a_second_time_changes_nothing(acme: Tenant) -> None:
    keep(acme)
    (waiting,) = acme.control.uploads.waiting(acme.workspace.id, **EVERYTHING)
    audience = acme.create()
    counts = {audience.id: ListCounts(received=3, matched=2)}
    assert lease(acme)
    finish(acme, done(waiting.number), counts=counts)
    with pytest.raises(Conflict):
        finish(acme, done(waiting.number, processed=99), counts=counts)
    assert acme.control.uploads.counts(acme.workspace.id, [audience.id, 5]) == counts
    keep(acme)
    (waiting,) = acme.control.uploads.waiting(acme.workspace.id, **EVERYTHING)
    finish(acme, done(waiting.number), counts=counts)
    assert acme.control.uploads.counts(acme.workspace.id, [audience.id]) == {
        audience.id: ListCounts(received=6, matched=4)
    }


def test_only_who_holds_the_lease_may_finish(acme: Tenant) -> None:
    keep(acme)
    (waiting,) = acme.control.uploads.waiting(acme.workspace.id, **EVERYTHING)
    with pytest.raises(Conflict):
        finish(acme, done(waiting.number))
    assert lease(acme, "here/a")
    assert lease(acme, "here/a", at=30)  # kept for longer
    assert not lease(acme, "there/b", at=89)
    assert lease(acme, "there/b", at=91)  # the first has not been heard of
    assert not lease(acme, "here/a", at=92)
    with pytest.raises(Conflict):
        finish(acme, done(waiting.number), owner="here/a")
    finish(acme, done(waiting.number), owner="there/b")


def test_a_lease_of_somebody_known_to_be_dead_is_taken_over_at_once(acme: Tenant) -> None:
    assert lease(acme, "here/a")
    assert not lease(acme, "there/b", instead_of="there/")
    assert lease(acme, "here/b", instead_of="here/")
    acme.control.uploads.release(acme.workspace.id, "here/a")  # not its own any more: nothing happens
    assert not lease(acme, "there/b", instead_of="there/")
    acme.control.uploads.release(acme.workspace.id, "here/b")
    assert lease(acme, "there/b", instead_of="there/")


def test_of_many_who_want_the_first_lease_one_gets_it(acme: Tenant) -> None:
    got = together(6, lambda number: lease(acme, f"place-{number}/x"))
    assert sorted(str(each) for each in got) == ["False"] * 5 + ["True"]


def test_a_meter_counts_the_hour_and_forgets_what_was_before(acme: Tenant) -> None:
    def measure(key: str, minute: int, records: int) -> dict[int, int]:
        with acme.control.transaction() as conn:
            return acme.control.uploads.measure(conn, acme.workspace.id, key, minute, records)

    assert measure("a", 100, 5) == {100: 5}
    assert measure("a", 100, 6) == {100: 11}
    assert measure("b", 101, 1) == {101: 1}
    assert measure("a", 159, 1) == {100: 11, 159: 1}
    assert measure("a", 160, 1) == {159: 1, 160: 1}


def test_meters_count_right_when_many_count_at_once(acme: Tenant) -> None:
    def measure(_number: int) -> int:
        with acme.control.transaction() as conn:
            return sum(acme.control.uploads.measure(conn, acme.workspace.id, "a", 7, 10).values())

    assert sorted(together(8, measure)) == [10 * n for n in range(1, 9)]  # type: ignore[type-var]


def test_uploads_are_listed_by_client_and_state_newest_first(acme: Tenant) -> None:
    uploads, workspace_id = acme.control.uploads, acme.workspace.id
    mine = [keep(acme), keep(acme)]
    others = keep(acme, client_id=None)
    assert [each.id for each in uploads.list(workspace_id)] == [others, mine[1], mine[0]]
    assert [each.id for each in uploads.list(workspace_id, client_id=acme.client.id)] == mine[::-1]
    assert [each.id for each in uploads.list(workspace_id, before=mine[1])] == mine[:1]
    assert [each.id for each in uploads.list(workspace_id, limit=1)] == [others]
    assert uploads.list(workspace_id, states=[UploadState.FAILED]) == []
    (first, *_) = uploads.waiting(workspace_id, **EVERYTHING)
    assert lease(acme)
    finish(acme, done(first.number, invalid=(InvalidRecord(audience_id=1, external_id=None, error="x"),)))
    (told,) = uploads.list(workspace_id, states=[UploadState.SUCCEEDED])
    assert (told.id, told.invalid) == (mine[0], ())


def test_a_neighbour_sees_nothing(acme: Tenant, neighbour: Tenant) -> None:
    upload_id = keep(acme)
    with pytest.raises(NotFound):
        neighbour.control.uploads.get(neighbour.workspace.id, upload_id)
    assert neighbour.control.uploads.list(neighbour.workspace.id) == []
    assert neighbour.control.uploads.waiting(neighbour.workspace.id, **EVERYTHING) == []
    assert neighbour.control.uploads.backlog(neighbour.workspace.id).uploads == 0


def test_no_upload_is_found_under_an_odd_id(acme: Tenant) -> None:
    for odd in ("", "x\x00y", "\ud800", "no such"):
        with pytest.raises(NotFound):
            acme.control.uploads.get(acme.workspace.id, odd)


def test_old_outcomes_are_forgotten_and_what_waits_is_not(acme: Tenant) -> None:
    first, second = keep(acme), keep(acme)
    (waiting, _) = acme.control.uploads.waiting(acme.workspace.id, **EVERYTHING)
    assert lease(acme)
    finish(acme, done(waiting.number))
    assert acme.control.uploads.forget(acme.workspace.id, NOON) == 0
    assert acme.control.uploads.forget(acme.workspace.id, NOON + timedelta(days=1)) == 1
    with pytest.raises(NotFound):
        acme.control.uploads.get(acme.workspace.id, first)
    assert acme.control.uploads.get(acme.workspace.id, second).state is UploadState.WAITING
