"""Rows of evaluation runs and of when they are due. A finished run does not change again."""

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from houselights.base.errors import Conflict, NotFound
from houselights.model.motion import FINISHED, EvaluationRun, EvaluationSchedule, MembershipCounts, RunSource, RunState
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import evaluation_run, evaluation_schedule
from houselights.storage.control.upsert import put

_OPEN = tuple(state.value for state in RunState if state not in FINISHED)


class Evaluations:
    """Runs and schedules of workspaces. `conn` runs a method inside the caller's transaction."""

    def __init__(self, database: Engine):
        self._database = database

    def start(self, run: EvaluationRun, *, conn: Connection | None = None) -> EvaluationRun:
        """Record a run and return it with its id; the id it carries is not looked at."""
        values = {
            **asdict(run),
            "source": run.source.value,
            "state": run.state.value,
            "audiences": [str(each) for each in run.audiences],
            "counts": _written(run.counts),
        }
        del values["id"]
        with writing(self._database, conn) as connection:
            inserted = connection.execute(
                sa.insert(evaluation_run).values(**values).returning(evaluation_run.c.id)
            ).scalar_one()
            return self.get(run.workspace_id, int(inserted), conn=connection)

    def change(self, workspace_id: int, run_id: int, *, conn: Connection | None = None, **values: Any) -> None:
        """Change columns of a run. Raises NotFound, or Conflict when it has finished."""
        if "counts" in values:
            values["counts"] = _written(values["counts"])
        update = (
            sa.update(evaluation_run)
            .where(
                evaluation_run.c.workspace_id == workspace_id,
                evaluation_run.c.id == run_id,
                evaluation_run.c.state.in_(_OPEN),
            )
            .values(**values)
        )
        with writing(self._database, conn) as connection:
            if not connection.execute(update).rowcount:
                state = self.get(workspace_id, run_id, conn=connection).state
                raise Conflict(f"run {run_id} has {state.value} and does not change again")

    def get(self, workspace_id: int, run_id: int, *, conn: Connection | None = None) -> EvaluationRun:
        """Return one run of the workspace. Raises NotFound."""
        query = sa.select(evaluation_run).where(
            evaluation_run.c.workspace_id == workspace_id, evaluation_run.c.id == run_id
        )
        with reading(self._database, conn) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"no evaluation run {run_id}")
        return _run(row)

    def list(
        self,
        workspace_id: int,
        *,
        states: Sequence[RunState] = tuple(RunState),
        limit: int = 100,
        conn: Connection | None = None,
    ) -> builtins.list[EvaluationRun]:
        """Return runs of the workspace in one of `states`, newest first."""
        query = (
            sa.select(evaluation_run)
            .where(
                evaluation_run.c.workspace_id == workspace_id,
                evaluation_run.c.state.in_([state.value for state in states]),
            )
            .order_by(evaluation_run.c.id.desc())
            .limit(limit)
        )
        with reading(self._database, conn) as connection:
            return [_run(row) for row in connection.execute(query)]

    def unfinished(self, *, conn: Connection | None = None) -> builtins.list[EvaluationRun]:
        """Return the runs of all workspaces that have not finished, oldest first."""
        query = sa.select(evaluation_run).where(evaluation_run.c.state.in_(_OPEN)).order_by(evaluation_run.c.id)
        with reading(self._database, conn) as connection:
            return [_run(row) for row in connection.execute(query)]

    def put_schedule(self, schedule: EvaluationSchedule, *, conn: Connection | None = None) -> None:
        """Set when a workspace's audiences are evaluated."""
        with writing(self._database, conn) as connection:
            put(connection, evaluation_schedule, asdict(schedule), key=("workspace_id",))

    def schedule(self, workspace_id: int, *, conn: Connection | None = None) -> EvaluationSchedule | None:
        """Return a workspace's schedule, None when it has none."""
        query = sa.select(evaluation_schedule).where(evaluation_schedule.c.workspace_id == workspace_id)
        with reading(self._database, conn) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _schedule(row)

    def due(self, at: datetime, *, conn: Connection | None = None) -> builtins.list[EvaluationSchedule]:
        """Return the enabled schedules that were due by `at`."""
        query = sa.select(evaluation_schedule).where(
            evaluation_schedule.c.enabled, evaluation_schedule.c.next_due <= at
        )
        with reading(self._database, conn) as connection:
            return [_schedule(row) for row in connection.execute(query)]


def _written(counts: Mapping[int, MembershipCounts]) -> dict[str, Any]:
    return {str(audience_id): asdict(each) for audience_id, each in counts.items()}


def _run(row: Row[Any]) -> EvaluationRun:
    values = {name: getattr(row, name) for name in evaluation_run.c.keys()}  # noqa: SIM118 - columns are not a dict
    values |= {
        "source": RunSource(row.source),
        "state": RunState(row.state),
        "audiences": tuple(int(each) for each in row.audiences),
        "counts": {int(key): MembershipCounts(**each) for key, each in row.counts.items()},
    }
    return EvaluationRun(**values)


def _schedule(row: Row[Any]) -> EvaluationSchedule:
    return EvaluationSchedule(
        workspace_id=row.workspace_id, minute=row.minute, enabled=row.enabled, next_due=row.next_due
    )
