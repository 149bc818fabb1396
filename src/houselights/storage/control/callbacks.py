"""Rows of callbacks: what waits and until when, what is being sent and by whom, every try. What has ended is not sent.

All times are the machine's, given as arguments.
"""

import builtins
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from houselights.base.errors import NotFound
from houselights.model.callback import OVER, Attempt, Callback, CallbackState
from houselights.storage.control.columns import storable
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema_callbacks import callback, callback_attempt

_C, _A = callback.c, callback_attempt.c
CLAIM_LOCK = 0x43616C6C  # "Call": the PostgreSQL advisory lock that claiming workers queue on
_FREE = {"worker": None, "lease_until": None}


class Callbacks:
    """Callbacks of workspaces. `conn` runs a method inside the caller's transaction."""

    def __init__(self, database: Engine):
        self._database = database

    def add(self, value: Callback, *, conn: Connection | None = None) -> None:
        """Store a new callback."""
        with writing(self._database, conn) as connection:
            connection.execute(sa.insert(callback).values(**asdict(value) | {"state": value.state.value}))

    def get(self, workspace_id: int, callback_id: str, *, conn: Connection | None = None) -> Callback:
        """Return one callback of the workspace. Raises NotFound."""
        row = None
        if storable(callback_id):
            with reading(self._database, conn) as connection:
                row = connection.execute(sa.select(callback).where(*_one(workspace_id, callback_id))).one_or_none()
        if row is None:
            raise NotFound(f"no callback {callback_id}")
        return _callback(row)

    def list(
        self,
        workspace_id: int,
        *,
        client_id: int | None = None,
        states: Sequence[CallbackState] = (),
        limit: int = 100,
        before: str | None = None,
    ) -> builtins.list[Callback]:
        """Return callbacks, newest first and older than `before`; of one client, when it is given. Raises NotFound."""
        query = sa.select(callback).where(_C.workspace_id == workspace_id)
        if client_id is not None:
            query = query.where(_C.client_id == client_id)
        if states:
            query = query.where(_C.state.in_([state.value for state in states]))
        if before is not None:
            self.get(workspace_id, before)
            last = sa.select(_C.number).where(*_one(workspace_id, before)).scalar_subquery()
            query = query.where(_C.number < last)
        with reading(self._database, None) as connection:
            return [_callback(row) for row in connection.execute(query.order_by(_C.number.desc()).limit(limit))]

    def attempts(self, workspace_id: int, callback_id: str) -> builtins.list[Attempt]:
        """Return every try to deliver a callback, oldest first."""
        these = (_A.workspace_id == workspace_id, _A.callback_id == callback_id)
        query = sa.select(callback_attempt).where(*these).order_by(_A.number)
        with reading(self._database, None) as connection:
            return [
                Attempt(**{name: getattr(row, name) for name in Attempt.__slots__}) for row in connection.execute(query)
            ]

    def again(self, workspace_id: int, callback_id: str, at: datetime) -> bool:
        """Let one that has ended wait as if it were new; tell whether it had ended."""
        ended = sa.update(callback).where(*_one(workspace_id, callback_id), _C.state.in_([each.value for each in OVER]))
        new = {"state": CallbackState.WAITING.value, "attempts": 0, "due_at": at, "ended_at": None, **_FREE}
        with writing(self._database) as connection:
            return bool(connection.execute(ended.values(new)).rowcount)

    def forget(self, before: datetime) -> int:
        """Delete what ended before an instant, with its attempts; return how many callbacks that was."""
        with writing(self._database) as connection:
            return int(connection.execute(sa.delete(callback).where(_C.ended_at < before)).rowcount)

    # ── what workers do ─────────────────────────────────────────────────────────────────────────────────────────────

    def claim(
        self, worker: str, origins: Collection[str], *, now: datetime, lease_until: datetime, each: int
    ) -> Callback | None:
        """Give what has been due for longest to a worker, of these rooms, and count it as a try.

        However many ask, it is given once. At most `each` are sent to one host at the same time.
        """
        sending = sa.select(_C.host).where(_C.state == CallbackState.SENDING.value)
        busy = sending.group_by(_C.host).having(sa.func.count() >= each)
        due = (
            sa.select(_C.number)
            .where(_C.state == CallbackState.WAITING.value, _C.due_at <= now, _C.origin.in_(sorted(origins)))
            .where(_C.host.not_in(busy))
            .order_by(_C.due_at, _C.number)
            .limit(1)
        )
        with reading(self._database, None) as connection:
            if connection.execute(due).first() is None:
                return None  # looking is no reason to write
        with writing(self._database) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CLAIM_LOCK)))
            number = connection.execute(due).scalar_one_or_none()
            if number is None:
                return None
            given = {
                "state": CallbackState.SENDING.value, "worker": worker, "lease_until": lease_until,
                "attempts": _C.attempts + 1,
            }  # fmt: skip
            update = sa.update(callback).where(_C.number == number)
            row = connection.execute(update.values(given).returning(callback))
            return _callback(row.one())

    def tried(
        self, sent: Callback, worker: str, attempt: Attempt, state: CallbackState, at: datetime, due_at: datetime
    ) -> bool:
        """Write down a try and what follows from it; tell whether the callback was still the worker's."""
        mine = (_C.worker == worker, _C.state == CallbackState.SENDING.value)
        values = {"state": state.value, "due_at": due_at, "ended_at": at if state in OVER else None, **_FREE}
        with writing(self._database) as connection:
            done = connection.execute(
                sa.update(callback).where(*_one(sent.workspace_id, sent.id), *mine).values(values)
            )
            if not self._is_there(connection, sent):
                return False
            connection.execute(
                sa.insert(callback_attempt).values(
                    workspace_id=sent.workspace_id, callback_id=sent.id, **asdict(attempt)
                )
            )
            return bool(done.rowcount)

    def renew(self, worker: str, lease_until: datetime) -> None:
        """Put off the end of the leases of everything a worker sends."""
        mine = sa.update(callback).where(_C.worker == worker, _C.state == CallbackState.SENDING.value)
        with writing(self._database) as connection:
            connection.execute(mine.values(lease_until=lease_until))

    def lapsed(self, at: datetime) -> builtins.list[tuple[Callback, str]]:
        """Return what is being sent according to its row, though its worker, named with it, died."""
        query = sa.select(callback).where(_C.state == CallbackState.SENDING.value, _C.lease_until < at)
        with reading(self._database, None) as connection:
            return [(_callback(row), str(row.worker)) for row in connection.execute(query.order_by(_C.number))]

    def _is_there(self, connection: Connection, sent: Callback) -> bool:
        query = sa.select(_C.number).where(*_one(sent.workspace_id, sent.id))
        return connection.execute(query).one_or_none() is not None


def _one(workspace_id: int, callback_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _C.workspace_id == workspace_id, _C.id == callback_id


def _callback(row: Row[Any]) -> Callback:
    values = {name: getattr(row, name) for name in Callback.__slots__}
    return Callback(**values | {"state": CallbackState(row.state)})
