"""Rows of import runs: what is coming in and what became of it. A finished run does not change again."""

import builtins
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from houselights.base.errors import Conflict, NotFound
from houselights.model.imports import ImportRun, ImportStage, ImportState
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import import_run


class Imports:
    """Import runs of workspaces."""

    def __init__(self, database: Engine):
        self._database = database

    def start(self, run: ImportRun, *, conn: Connection | None = None) -> int:
        """Record a run and return its id; the id it carries is not looked at."""
        values = {name: value for name, value in asdict(run).items() if name != "id"}
        with writing(self._database, conn) as connection:
            inserted = connection.execute(sa.insert(import_run).values(**values).returning(import_run.c.id))
            return int(inserted.scalar_one())

    def progress(
        self,
        workspace_id: int,
        run_id: int,
        *,
        rows_read: int,
        rows_rejected: int,
        stage: ImportStage | None = None,
        conn: Connection | None = None,
    ) -> None:
        """Say how far a running import has come. Raises NotFound, or Conflict when it is no longer running."""
        where = None if stage is None else asdict(stage)
        self._change(conn, workspace_id, run_id, rows_read=rows_read, rows_rejected=rows_rejected, stage=where)

    def finish(
        self,
        workspace_id: int,
        run_id: int,
        *,
        state: ImportState,
        finished_at: datetime,
        rows_read: int,
        rows_rejected: int,
        people: int = 0,
        generation: int | None = None,
        error: str | None = None,
        reject_file: str | None = None,
        conn: Connection | None = None,
    ) -> None:
        """Say how an import ended; give `conn` to end it together with what it published. Where it was is kept of one
        that failed.

        Raises NotFound, or Conflict when it is no longer running.
        """
        self._change(
            conn,
            workspace_id,
            run_id,
            state=state.value,
            finished_at=finished_at,
            rows_read=rows_read,
            rows_rejected=rows_rejected,
            people=people,
            generation=generation,
            error=error,
            reject_file=reject_file,
            **({} if state is ImportState.FAILED else {"stage": None}),
        )

    def get(self, workspace_id: int, run_id: int, *, conn: Connection | None = None) -> ImportRun:
        """Return one run of the workspace. Raises NotFound."""
        query = sa.select(import_run).where(import_run.c.workspace_id == workspace_id, import_run.c.id == run_id)
        with reading(self._database, conn) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"no import {run_id}")
        return _run(row)

    def list(
        self, workspace_id: int, *, limit: int = 100, before: int | None = None, conn: Connection | None = None
    ) -> builtins.list[ImportRun]:
        """Return runs of the workspace, newest first, those with an id below `before` when that is given."""
        query = sa.select(import_run).where(import_run.c.workspace_id == workspace_id)
        if before is not None:
            query = query.where(import_run.c.id < before)
        with reading(self._database, conn) as connection:
            rows = connection.execute(query.order_by(import_run.c.id.desc()).limit(limit))
            return [_run(row) for row in rows]

    def _change(self, conn: Connection | None, workspace_id: int, run_id: int, **values: object) -> None:
        update = sa.update(import_run).where(
            import_run.c.workspace_id == workspace_id,
            import_run.c.id == run_id,
            import_run.c.state == ImportState.RUNNING.value,
        )
        with writing(self._database, conn) as connection:
            if connection.execute(update.values(**values)).rowcount:
                return
            state = self.get(workspace_id, run_id, conn=connection).state
            raise Conflict(f"import {run_id} has {state.value} and does not change again")


def _run(row: Row[Any]) -> ImportRun:
    values = {name: getattr(row, name) for name in import_run.c.keys()}  # noqa: SIM118 - columns are not a dict
    stage = None if row.stage is None else ImportStage(**row.stage)
    return ImportRun(**{**values, "state": ImportState(row.state), "stage": stage})
