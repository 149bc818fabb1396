"""Rows of askings of queries: what waits, what runs and who runs it, what came of it. What has ended stays as it is.

Whether a process still lives is told by its lease, which it renews; a lease is a matter of machines, so it goes by the
machine's time, given as an argument, and not by the clock of a workspace that is held at a date.
"""

import builtins
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from houselights.base.errors import Conflict, NotFound
from houselights.model.workflow import OVER, Execution, ExecutionState, Purpose
from houselights.storage.control.columns import storable
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema_executions import execution

_C = execution.c
CLAIM_LOCK = 0x436C6169  # "Clai": the PostgreSQL advisory lock that claiming workers queue on
_OPEN = (ExecutionState.PENDING.value, ExecutionState.RUNNING.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionFilter:
    """Which executions to list; every given condition must hold. `created_from` and `created_to` are inclusive."""

    client_id: int | None = None
    query_id: str | None = None
    purpose: Purpose | None = None
    states: Collection[ExecutionState] = tuple(ExecutionState)
    created_from: datetime | None = None
    created_to: datetime | None = None


class Executions:
    """Executions of workspaces. `conn` runs a method inside the caller's transaction."""

    def __init__(self, database: Engine):
        self._database = database

    def add(self, value: Execution, *, conn: Connection | None = None) -> Execution:
        """Store a new execution."""
        values = asdict(value) | {"purpose": value.purpose.value, "state": value.state.value}
        with writing(self._database, conn) as connection:
            connection.execute(sa.insert(execution).values(**values))
        return value

    def get(self, workspace_id: int, execution_id: str, *, conn: Connection | None = None) -> Execution:
        """Return one execution of the workspace. Raises NotFound."""
        row = None
        if storable(execution_id):
            query = sa.select(execution).where(_C.workspace_id == workspace_id, _C.id == execution_id)
            with reading(self._database, conn) as connection:
                row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"no execution {execution_id}")
        return _execution(row)

    def list(
        self,
        workspace_id: int,
        account_id: int,
        where: ExecutionFilter | None = None,
        *,
        offset: int = 0,
        limit: int = 100,
        ascending: bool = False,
        conn: Connection | None = None,
    ) -> tuple[builtins.list[Execution], int]:
        """Return one stretch of an account's executions, newest first unless `ascending`, and how many there are."""
        where = where or ExecutionFilter()
        conditions = [_C.workspace_id == workspace_id, _C.account_id == account_id]
        equal = {"client_id": where.client_id, "query_id": where.query_id}
        equal["purpose"] = None if where.purpose is None else where.purpose.value
        conditions += [_C[name] == value for name, value in equal.items() if value is not None]
        if len(set(where.states)) < len(ExecutionState):
            conditions.append(_C.state.in_([state.value for state in where.states]))
        if where.created_from is not None:
            conditions.append(_C.created_at >= where.created_from)
        if where.created_to is not None:
            conditions.append(_C.created_at <= where.created_to)
        order = _C.number.asc() if ascending else _C.number.desc()
        query = sa.select(execution).where(*conditions).order_by(order).offset(offset).limit(limit)
        with reading(self._database, conn) as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(execution).where(*conditions))
            return [_execution(row) for row in connection.execute(query)], int(total.scalar_one())

    def recent(
        self, workspace_id: int, *, before: datetime | None = None, limit: int = 100, conn: Connection | None = None
    ) -> builtins.list[Execution]:
        """Return the executions of every account that were asked for last, before an instant when one is given."""
        query = sa.select(execution).where(_C.workspace_id == workspace_id)
        if before is not None:
            query = query.where(_C.created_at < before)
        with reading(self._database, conn) as connection:
            return [_execution(row) for row in connection.execute(query.order_by(_C.number.desc()).limit(limit))]

    def change(
        self,
        workspace_id: int,
        execution_id: str,
        *,
        worker: str | None = None,
        conn: Connection | None = None,
        **values: Any,
    ) -> None:
        """Change columns of an execution that has not ended; with `worker`, only while that worker has it.

        Raises NotFound, and Conflict when it has ended or is another's.
        """
        update = sa.update(execution).where(_C.workspace_id == workspace_id, _C.id == execution_id, _C.state.in_(_OPEN))
        if worker is not None:
            update = update.where(_C.worker == worker)
        with writing(self._database, conn) as connection:
            if not connection.execute(update.values(**values)).rowcount:
                state = self.get(workspace_id, execution_id, conn=connection).state
                why = "is another worker's" if state not in OVER else f"has {state.value} and does not change again"
                raise Conflict(f"execution {execution_id} {why}")

    def forget_outcome(self, workspace_id: int, execution_id: str, *, conn: Connection | None = None) -> None:
        """Empty the outcome of an execution that has ended: its files are gone."""
        update = sa.update(execution).where(_C.workspace_id == workspace_id, _C.id == execution_id)
        with writing(self._database, conn) as connection:
            connection.execute(update.values(outcome={}))

    # ── what workers do ─────────────────────────────────────────────────────────────────────────────────────────────

    def claim(self, worker: str, *, lease_until: datetime, now: datetime, each: int) -> Execution | None:
        """Give the oldest execution that waits to a worker, of an account that has fewer than `each` running.

        However many workers ask at once, no execution is given twice and no account has more than `each`.
        """
        running = sa.select(_C.workspace_id, _C.account_id, sa.func.count().label("running")).group_by(
            _C.workspace_id, _C.account_id
        )
        waiting = sa.select(_C.workspace_id, _C.account_id, _C.id).order_by(_C.number)
        with writing(self._database) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CLAIM_LOCK)))
            busy = connection.execute(running.where(_C.state == ExecutionState.RUNNING.value))
            full = {(row.workspace_id, row.account_id) for row in busy if row.running >= each}
            for row in connection.execute(waiting.where(_C.state == ExecutionState.PENDING.value)).all():
                if (row.workspace_id, row.account_id) in full:
                    continue
                given = {
                    "state": ExecutionState.RUNNING.value, "worker": worker, "lease_until": lease_until,
                    "started_at": now, "updated_at": now, "attempts": _C.attempts + 1,
                }  # fmt: skip
                mine = sa.update(execution).where(_C.workspace_id == row.workspace_id, _C.id == row.id)
                connection.execute(mine.values(given))
                return self.get(row.workspace_id, row.id, conn=connection)
        return None

    def renew(self, worker: str, lease_until: datetime) -> None:
        """Put off the end of the leases of everything a worker runs."""
        update = sa.update(execution).where(_C.worker == worker, _C.state == ExecutionState.RUNNING.value)
        with writing(self._database) as connection:
            connection.execute(update.values(lease_until=lease_until))

    def lapsed(self, at: datetime) -> builtins.list[Execution]:
        """Return what runs according to its row, though its worker has not renewed the lease: it died."""
        query = sa.select(execution).where(_C.state == ExecutionState.RUNNING.value, _C.lease_until < at)
        with reading(self._database, None) as connection:
            return [_execution(row) for row in connection.execute(query.order_by(_C.number))]

    def release(self, lapsed: Execution, at: datetime, **values: Any) -> bool:
        """Change one that lapsed, unless somebody else was faster; tell whether it was changed."""
        update = sa.update(execution).where(
            _C.workspace_id == lapsed.workspace_id,
            _C.id == lapsed.id,
            _C.state == ExecutionState.RUNNING.value,
            _C.lease_until < at,
        )
        with writing(self._database) as connection:
            return bool(connection.execute(update.values(worker=None, lease_until=None, **values)).rowcount)

    def old(self, before: datetime, limit: int = 1000) -> builtins.list[Execution]:
        """Return executions that ended before an instant and still have something to show for it."""
        query = (
            sa.select(execution)
            .where(
                _C.state == ExecutionState.SUCCEEDED.value,
                _C.finished_at < before,
                _C.purpose == Purpose.REPORT.value,
                sa.cast(_C.outcome, sa.Text) != "{}",
            )
            .order_by(_C.number)
            .limit(limit)
        )
        with reading(self._database, None) as connection:
            return [_execution(row) for row in connection.execute(query)]


def _execution(row: Row[Any]) -> Execution:
    values = {name: getattr(row, name) for name in Execution.__slots__}
    values |= {"purpose": Purpose(row.purpose), "state": ExecutionState(row.state)}
    return Execution(**values)
