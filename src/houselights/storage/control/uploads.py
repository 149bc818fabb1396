"""Rows of uploads: accepted before the reply, worked on by one worker at a time, and finished once.

A worker holds a lease on the uploads of a workspace, so that they are worked on in the order in which they came.
Refuses to finish what another worker has the lease for, or what is finished already: whoever finishes an upload
publishes what it brought in the same transaction, so each is in its place exactly once.
"""

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from houselights.base.errors import Conflict, NotFound
from houselights.model.upload import (
    InvalidRecord,
    ListCounts,
    TargetOutcome,
    UploadKind,
    UploadState,
    UploadStatus,
)
from houselights.storage.control.columns import storable
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import list_count, upload, upload_lease, upload_meter, upload_payload
from houselights.storage.control.upsert import add, put, put_if_absent

HOUR_MINUTES = 60
_C = upload.c


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUpload:
    """An upload to be kept. `owners` are the accounts whose lists it may change besides the workspace's own; None
    stands for everybody's.
    """

    id: str
    workspace_id: int
    client_id: int | None
    owners: tuple[int, ...] | None
    kind: UploadKind
    received: int
    audience_ids: tuple[int, ...]
    payload: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingUpload:
    """An upload that waits, with all that working on it needs. Numbers ascend in the order of acceptance."""

    number: int
    id: str
    client_id: int | None
    owners: tuple[int, ...] | None
    received_at: datetime
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one upload."""

    number: int
    state: UploadState
    processed: int = 0
    matched: int = 0
    invalid: tuple[InvalidRecord, ...] = ()
    targets: tuple[TargetOutcome, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How much of a workspace waits: uploads, their records, the bytes of their payloads."""

    uploads: int
    records: int
    bytes: int


class Uploads:
    """Uploads of workspaces. `conn` runs a method inside the caller's transaction; without it, in its own."""

    def __init__(self, database: Engine):
        self._database = database

    # ── taking in ───────────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, conn: Connection, new: NewUpload) -> int:
        """Keep an upload in the caller's transaction and return its number."""
        values = {
            "id": new.id, "workspace_id": new.workspace_id, "client_id": new.client_id,
            "owners": None if new.owners is None else list(new.owners), "kind": new.kind.value,
            "state": UploadState.WAITING.value, "received": new.received, "bytes": len(new.payload),
            "received_at": new.received_at, "processed": 0, "matched": 0, "invalid": [], "targets": [],
            "audience_ids": list(new.audience_ids),
        }  # fmt: skip
        number = int(conn.execute(sa.insert(upload).values(**values).returning(_C.number)).scalar_one())
        conn.execute(sa.insert(upload_payload).values(upload_number=number, body=new.payload))
        return number

    def backlog(self, workspace_id: int, *, conn: Connection | None = None) -> Backlog:
        """Return how much waits: one look at a stretch of an index."""
        query = sa.select(sa.func.count(), sa.func.sum(_C.received), sa.func.sum(_C.bytes)).where(
            _waiting(workspace_id)
        )
        with reading(self._database, conn) as connection:
            number, records, size = connection.execute(query).one()
        return Backlog(uploads=int(number), records=int(records or 0), bytes=int(size or 0))

    def measure(self, conn: Connection, workspace_id: int, key: str, minute: int, records: int) -> dict[int, int]:
        """Count records under a key in a minute of the epoch, and return those of the hour that ends with it, by
        minute. Counts of earlier hours are dropped. Callers with one key queue here until the transaction ends.
        """
        columns = upload_meter.c
        mine = sa.and_(columns.workspace_id == workspace_id, columns.key == key)
        values = {"workspace_id": workspace_id, "key": key, "minute": minute, "records": records}
        add(conn, upload_meter, values, key=("workspace_id", "key", "minute"))
        conn.execute(sa.delete(upload_meter).where(mine, columns.minute <= minute - HOUR_MINUTES))
        found = conn.execute(sa.select(columns.minute, columns.records).where(mine).order_by(columns.minute))
        return {int(row.minute): int(row.records) for row in found}

    # ── working ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def workspaces_waiting(self, *, conn: Connection | None = None) -> builtins.list[int]:
        """Return the workspaces for which uploads wait."""
        query = sa.select(_C.workspace_id).where(_C.state == UploadState.WAITING.value).distinct()
        with reading(self._database, conn) as connection:
            return sorted(int(number) for number in connection.execute(query).scalars())

    def lease(
        self, workspace_id: int, owner: str, *, instead_of: str, now: datetime, seconds: float,
        conn: Connection | None = None,
    ) -> bool:  # fmt: skip
        """Take, or keep, the uploads of a workspace for `seconds`. Return False while somebody else has them.

        A lease whose owner's name begins with `instead_of` is taken over at once: the caller knows that owner dead.
        `now` is the machine's time, not a workspace's, which may stand still.
        """
        columns = upload_lease.c
        values = {"workspace_id": workspace_id, "owner": owner, "until": now + timedelta(seconds=seconds)}
        with writing(self._database, conn) as connection:
            query = sa.select(columns.owner, columns.until).where(columns.workspace_id == workspace_id)
            held = connection.execute(query.with_for_update()).one_or_none()
            if held is None:
                # Two first workers at once: the second waits for the first's row here, and finds it on its next try.
                return put_if_absent(connection, upload_lease, values)
            if held.owner != owner and held.until > now and not held.owner.startswith(instead_of):
                return False
            put(connection, upload_lease, values, key=("workspace_id",))
        return True

    def release(self, workspace_id: int, owner: str) -> None:
        """Give a lease back, if it is still the owner's."""
        columns = upload_lease.c
        with writing(self._database) as connection:
            connection.execute(
                sa.delete(upload_lease).where(columns.workspace_id == workspace_id, columns.owner == owner)
            )

    def waiting(
        self, workspace_id: int, *, uploads: int, records: int, size: int, conn: Connection | None = None
    ) -> builtins.list[WaitingUpload]:
        """Return the oldest that wait with their payloads: at most `uploads`, with `records` and `size` bytes together,
        and the first in any case.
        """
        query = (
            sa.select(_C.number, _C.received, _C.bytes).where(_waiting(workspace_id)).order_by(_C.number).limit(uploads)
        )
        with reading(self._database, conn) as connection:
            last, left, room = None, records, size
            for row in connection.execute(query):
                left, room = left - row.received, room - row.bytes
                if last is not None and (left < 0 or room < 0):
                    break
                last = row.number
            if last is None:
                return []
            rows = connection.execute(
                sa.select(_C.number, _C.id, _C.client_id, _C.owners, _C.received_at, upload_payload.c.body)
                .join(upload_payload, upload_payload.c.upload_number == _C.number)
                .where(_waiting(workspace_id), _C.number <= last)
                .order_by(_C.number)
            )
            return [
                WaitingUpload(
                    number=row.number, id=row.id, client_id=row.client_id, received_at=row.received_at,
                    owners=None if row.owners is None else tuple(row.owners), payload=row.body,
                )
                for row in rows
            ]  # fmt: skip

    def finish(
        self,
        conn: Connection,
        workspace_id: int,
        owner: str,
        outcomes: Sequence[Outcome],
        counts: Mapping[int, ListCounts],
        *,
        generation: int | None,
        at: datetime,
    ) -> None:
        """Say what came of uploads, count what they brought for lists, and drop their payloads.

        Raises Conflict when the lease is somebody else's by now, or one of them is finished: nothing may be kept then.
        """
        columns = upload_lease.c
        query = sa.select(columns.owner).where(columns.workspace_id == workspace_id).with_for_update()
        if conn.execute(query).scalar_one_or_none() != owner:
            raise Conflict("somebody else works on the uploads of this workspace by now")
        update = sa.update(upload).where(_waiting(workspace_id), _C.number == sa.bindparam("its_number"))
        for one in outcomes:
            values = {
                "state": one.state.value, "finished_at": at, "processed": one.processed, "matched": one.matched,
                "invalid": [asdict(each) for each in one.invalid], "targets": [asdict(each) for each in one.targets],
                "generation": generation, "error": one.error,
            }  # fmt: skip
            if not conn.execute(update.values(**values), {"its_number": one.number}).rowcount:
                raise Conflict(f"upload {one.number} is finished already")
        numbers = [one.number for one in outcomes]
        conn.execute(sa.delete(upload_payload).where(upload_payload.c.upload_number.in_(numbers)))
        for audience_id, more in sorted(counts.items()):
            row = {"workspace_id": workspace_id, "audience_id": audience_id, **asdict(more)}
            add(conn, list_count, row, key=("workspace_id", "audience_id"))

    def forget(self, workspace_id: int, before: datetime, *, conn: Connection | None = None) -> int:
        """Drop the rows of uploads that were finished before an instant; return how many."""
        delete = sa.delete(upload).where(_C.workspace_id == workspace_id, _C.finished_at < before)
        with writing(self._database, conn) as connection:
            return int(connection.execute(delete).rowcount)

    # ── telling ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def get(self, workspace_id: int, upload_id: str, *, conn: Connection | None = None) -> UploadStatus:
        """Return one upload. Raises NotFound."""
        found = None
        if storable(upload_id):
            with reading(self._database, conn) as connection:
                found = connection.execute(
                    sa.select(upload).where(_C.workspace_id == workspace_id, _C.id == upload_id)
                ).one_or_none()
        if found is None:
            raise NotFound(f"no upload {upload_id}")
        return _status(found)

    def list(
        self,
        workspace_id: int,
        *,
        client_id: int | None = None,
        states: Sequence[UploadState] = (),
        before: str | None = None,
        limit: int = 100,
        conn: Connection | None = None,
    ) -> builtins.list[UploadStatus]:
        """Return uploads, newest first: of one client when it is given, in some states when they are, and older than
        the upload `before`. Invalid records are left out: they may be thousands each.
        """
        query = sa.select(*(column for column in _C if column.name != "invalid")).where(_C.workspace_id == workspace_id)
        if client_id is not None:
            query = query.where(_C.client_id == client_id)
        if states:
            query = query.where(_C.state.in_([state.value for state in states]))
        if before is not None:
            query = query.where(_C.number < sa.select(_C.number).where(_C.id == before).scalar_subquery())
        with reading(self._database, conn) as connection:
            return [_status(row) for row in connection.execute(query.order_by(_C.number.desc()).limit(limit))]

    def counts(
        self, workspace_id: int, audience_ids: Sequence[int], *, conn: Connection | None = None
    ) -> dict[int, ListCounts]:
        """Return what was ever brought for some lists; for those that never got anything, nothing."""
        columns = list_count.c
        query = sa.select(list_count).where(
            columns.workspace_id == workspace_id, columns.audience_id.in_(builtins.list(audience_ids))
        )
        with reading(self._database, conn) as connection:
            return {
                int(row.audience_id): ListCounts(received=int(row.received), matched=int(row.matched))
                for row in connection.execute(query)
            }


def _waiting(workspace_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(_C.workspace_id == workspace_id, _C.state == UploadState.WAITING.value)


def _status(row: Row[Any]) -> UploadStatus:
    return UploadStatus(
        id=row.id,
        kind=UploadKind(row.kind),
        state=UploadState(row.state),
        client_id=row.client_id,
        received=row.received,
        processed=row.processed,
        matched=row.matched,
        invalid=tuple(InvalidRecord(**each) for each in getattr(row, "invalid", ())),
        targets=tuple(TargetOutcome(**each) for each in row.targets),
        audience_ids=tuple(row.audience_ids),
        received_at=row.received_at,
        finished_at=row.finished_at,
        generation=row.generation,
        error=row.error,
    )
