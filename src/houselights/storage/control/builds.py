"""Rows of builds: what waits, what runs and who runs it, what came of it. What has ended ends no second time.

A lease goes by the machine's time, given as an argument, and not by the clock of a workspace that is held at a date.
"""

import builtins
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from houselights.base.errors import Conflict, NotFound
from houselights.model.build import Build, BuildState
from houselights.storage.control.columns import fits
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema_builds import build

_C = build.c
CLAIM_LOCK = 0x426C6473  # "Blds": the PostgreSQL advisory lock that claiming workers queue on


class Builds:
    """Builds of workspaces. `conn` runs a method inside the caller's transaction."""

    def __init__(self, database: Engine):
        self._database = database

    def add(self, value: Build, *, conn: Connection | None = None) -> Build:
        """Store a new build and return it with its number."""
        values = asdict(value) | {"state": value.state.value}
        del values["number"]
        with writing(self._database, conn) as connection:
            number = connection.execute(sa.insert(build).values(**values).returning(_C.number)).scalar_one()
        return replace(value, number=int(number))

    def get(self, workspace_id: int, number: int, *, conn: Connection | None = None) -> Build:
        """Return one build of the workspace, removed ones included. Raises NotFound."""
        row = None
        if fits(number):
            query = sa.select(build).where(_C.workspace_id == workspace_id, _C.number == number)
            with reading(self._database, conn) as connection:
                row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"no build {number}")
        return _build(row)

    def list(
        self, workspace_id: int, origin: str, *, offset: int = 0, limit: int = 100, conn: Connection | None = None
    ) -> tuple[builtins.list[Build], int]:
        """Return one stretch of the builds a room asked for, newest first, and how many there are; no removed ones."""
        there = (_C.workspace_id == workspace_id, _C.origin == origin, _C.state != BuildState.REMOVED.value)
        query = sa.select(build).where(*there).order_by(_C.number.desc()).offset(offset).limit(limit)
        with reading(self._database, conn) as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(build).where(*there)).scalar_one()
            return [_build(row) for row in connection.execute(query)], int(total)

    def recent(
        self, workspace_id: int, *, before: datetime | None = None, limit: int = 100, conn: Connection | None = None
    ) -> builtins.list[Build]:
        """Return the builds of every room that were asked for last, before an instant when one is given."""
        query = sa.select(build).where(_C.workspace_id == workspace_id)
        if before is not None:
            query = query.where(_C.created_at < before)
        with reading(self._database, conn) as connection:
            return [_build(row) for row in connection.execute(query.order_by(_C.number.desc()).limit(limit))]

    def change(
        self,
        workspace_id: int,
        number: int,
        *,
        worker: str | None = None,
        among: Collection[BuildState] = frozenset(BuildState),
        conn: Connection | None = None,
        **values: Any,
    ) -> Build:
        """Change columns of a build that is in one of the states `among`; with `worker`, only while that worker has it.

        Raises NotFound, and Conflict when it is in another state or another worker's.
        """
        update = sa.update(build).where(
            _C.workspace_id == workspace_id, _C.number == number, _C.state.in_([state.value for state in among])
        )
        if worker is not None:
            update = update.where(_C.worker == worker)
        with writing(self._database, conn) as connection:
            row = connection.execute(update.values(**values).returning(build)).one_or_none()
            if row is None:
                state = self.get(workspace_id, number, conn=connection).state
                raise Conflict(f"build {number} is {state.value}, or another worker's")
        return _build(row)

    # ── what workers do ─────────────────────────────────────────────────────────────────────────────────────────────

    def claim(self, worker: str, origins: Collection[str], *, lease_until: datetime, now: datetime) -> Build | None:
        """Give the oldest build that waits, of these rooms, to a worker; however many ask, it is given once."""
        waiting = sa.select(_C.number).where(_C.state == BuildState.WAITING.value, _C.origin.in_(sorted(origins)))
        with writing(self._database) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CLAIM_LOCK)))
            number = connection.execute(waiting.order_by(_C.number).limit(1)).scalar_one_or_none()
            if number is None:
                return None
            given = {
                "state": BuildState.RUNNING.value, "worker": worker, "lease_until": lease_until,
                "started_at": now, "updated_at": now, "attempts": _C.attempts + 1,
            }  # fmt: skip
            update = sa.update(build).where(_C.number == number).values(given).returning(build)
            return _build(connection.execute(update).one())

    def renew(self, worker: str, lease_until: datetime) -> None:
        """Put off the end of the leases of everything a worker runs."""
        update = sa.update(build).where(_C.worker == worker, _C.state == BuildState.RUNNING.value)
        with writing(self._database) as connection:
            connection.execute(update.values(lease_until=lease_until))

    def lapsed(self, at: datetime) -> builtins.list[Build]:
        """Return what runs according to its row, though its worker has not renewed the lease: it died."""
        query = sa.select(build).where(_C.state == BuildState.RUNNING.value, _C.lease_until < at)
        with reading(self._database, None) as connection:
            return [_build(row) for row in connection.execute(query.order_by(_C.number))]

    def release(self, lapsed: Build, at: datetime) -> bool:
        """Let one that lapsed wait again, unless somebody else was faster; tell whether it does."""
        update = sa.update(build).where(
            _C.number == lapsed.number, _C.state == BuildState.RUNNING.value, _C.lease_until < at
        )
        waiting = {"state": BuildState.WAITING.value, "worker": None, "lease_until": None}
        with writing(self._database) as connection:
            return bool(connection.execute(update.values(waiting)).rowcount)

    def put_back(self, worker: str, running: Build, *, counts: bool) -> bool:
        """Let a build wait again that its worker was kept from; tell whether it does. `counts`: it was a try."""
        update = sa.update(build).where(
            _C.number == running.number, _C.worker == worker, _C.state == BuildState.RUNNING.value
        )
        waiting = {
            "state": BuildState.WAITING.value, "worker": None, "lease_until": None,
            "attempts": running.attempts - (0 if counts else 1),
        }  # fmt: skip
        with writing(self._database) as connection:
            return bool(connection.execute(update.values(waiting)).rowcount)


def _build(row: Row[Any]) -> Build:
    values = {name: getattr(row, name) for name in Build.__slots__}
    return Build(**values | {"state": BuildState(row.state)})
