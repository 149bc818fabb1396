"""Rows of generations: which data is being served. The newest row is the one; publishing is one insert."""

import builtins
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from houselights.base.errors import Conflict
from houselights.model.workspace import Generation, is_passing
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import generation


class Generations:
    """Published states of workspaces' data."""

    def __init__(self, database: Engine):
        self._database = database

    def current(self, workspace_id: int, *, conn: Connection | None = None) -> Generation | None:
        """Return the newest generation, or None before the first import."""
        query = (
            sa.select(generation)
            .where(generation.c.workspace_id == workspace_id)
            .order_by(generation.c.number.desc())
            .limit(1)
        )
        with reading(self._database, conn) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _generation(row)

    def current_number(self, workspace_id: int, *, conn: Connection | None = None) -> int | None:
        """Return the newest generation's number, or None: one look at the end of an index, cheap enough to poll."""
        query = sa.select(sa.func.max(generation.c.number)).where(generation.c.workspace_id == workspace_id)
        with reading(self._database, conn) as connection:
            number = connection.execute(query).scalar_one_or_none()
        return None if number is None else int(number)

    def publish(self, conn: Connection, value: Generation) -> None:
        """Make a generation the one being served once the caller's transaction commits.

        Its number is one more than the newest. Raises Conflict when somebody else published in the meantime: what
        was built then rests on data that has moved.
        """
        newest = self.current_number(value.workspace_id, conn=conn) or 0
        if value.number != newest + 1:
            raise Conflict(f"generation {value.number} was built upon another than the newest, {newest}")
        insert = sa.insert(generation).values(
            workspace_id=value.workspace_id,
            number=value.number,
            tables=dict(value.tables),
            index_name=value.index,
            as_of=value.as_of,
            built_at=value.built_at,
            people=value.people,
            fingerprint=value.fingerprint,
            details=dict(value.details),
        )
        try:
            conn.execute(insert)
        except IntegrityError as error:
            raise Conflict(f"generation {value.number} has been published by somebody else") from error

    def forget(self, workspace_id: int, before: int, *, conn: Connection | None = None) -> int:
        """Drop the rows of passing generations older than a number; return how many."""
        query = sa.select(generation.c.number, generation.c.details).where(
            generation.c.workspace_id == workspace_id, generation.c.number < before
        )
        with writing(self._database, conn) as connection:
            gone = [number for number, details in connection.execute(query) if is_passing(details)]
            if gone:
                connection.execute(
                    sa.delete(generation).where(
                        generation.c.workspace_id == workspace_id, generation.c.number == sa.bindparam("its_number")
                    ),
                    [{"its_number": number} for number in gone],
                )
        return len(gone)

    def list(self, workspace_id: int, *, conn: Connection | None = None) -> builtins.list[Generation]:
        """Return all generations of a workspace, newest first."""
        query = (
            sa.select(generation).where(generation.c.workspace_id == workspace_id).order_by(generation.c.number.desc())
        )
        with reading(self._database, conn) as connection:
            return [_generation(row) for row in connection.execute(query)]


def _generation(row: Row[Any]) -> Generation:
    return Generation(
        workspace_id=row.workspace_id,
        number=row.number,
        tables=row.tables,
        index=row.index_name,
        as_of=row.as_of,
        built_at=row.built_at,
        people=row.people,
        fingerprint=row.fingerprint,
        details=row.details,
    )
