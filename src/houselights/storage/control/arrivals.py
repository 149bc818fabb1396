"""Rows of what has arrived: accepted profiles and events, kept until and after they are in their place.

A row is written before the reply that accepts it. Refuses to mark one twice: whoever marks it publishes in the same
transaction, so what was accepted is put in its place exactly once.
"""

import builtins
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from houselights.base.errors import Conflict, NotFound
from houselights.model.motion import Arrival, ArrivalKind
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import arrival


class Arrivals:
    """Arrivals of workspaces. `conn` runs a method inside the caller's transaction; without it, in its own."""

    def __init__(self, database: Engine):
        self._database = database

    def add(
        self,
        workspace_id: int,
        kind: ArrivalKind,
        bodies: Sequence[Mapping[str, Any]],
        at: datetime,
        *,
        conn: Connection | None = None,
    ) -> builtins.list[int]:
        """Keep several bodies, all or none, and return their ids in the same order."""
        rows = [
            {"workspace_id": workspace_id, "kind": kind.value, "body": dict(body), "received_at": at} for body in bodies
        ]
        if not rows:
            return []
        insert = sa.insert(arrival).returning(arrival.c.id, sort_by_parameter_order=True)
        with writing(self._database, conn) as connection:
            return [int(number) for number in connection.execute(insert, rows).scalars()]

    def waiting(self, workspace_id: int, limit: int, *, conn: Connection | None = None) -> builtins.list[Arrival]:
        """Return the oldest that wait, in the order in which they came."""
        query = (
            sa.select(arrival)
            .where(arrival.c.workspace_id == workspace_id, arrival.c.generation.is_(None))
            .order_by(arrival.c.id)
            .limit(limit)
        )
        with reading(self._database, conn) as connection:
            return [_arrival(row) for row in connection.execute(query)]

    def workspaces_waiting(self, *, conn: Connection | None = None) -> builtins.list[int]:
        """Return the workspaces for which something waits."""
        query = sa.select(arrival.c.workspace_id).where(arrival.c.generation.is_(None)).distinct()
        with reading(self._database, conn) as connection:
            return sorted(int(number) for number in connection.execute(query).scalars())

    def placed(
        self, conn: Connection, workspace_id: int, generation: int, outcomes: Mapping[int, Mapping[str, Any]]
    ) -> None:
        """Mark arrivals as in their place from a generation on. Raises Conflict when one already was."""
        update = (
            sa.update(arrival)
            .where(
                arrival.c.workspace_id == workspace_id,
                arrival.c.id == sa.bindparam("its_id"),
                arrival.c.generation.is_(None),
            )
            .values(generation=generation, outcome=sa.bindparam("its_outcome", type_=sa.JSON))
        )
        for number, outcome in outcomes.items():
            if not conn.execute(update, {"its_id": number, "its_outcome": dict(outcome)}).rowcount:
                raise Conflict(f"arrival {number} is in its place already")

    def find(self, workspace_id: int, ids: Sequence[int], *, conn: Connection | None = None) -> builtins.list[Arrival]:
        """Return those of the arrivals that the workspace has, by id."""
        query = sa.select(arrival).where(arrival.c.workspace_id == workspace_id, arrival.c.id.in_(list(ids)))
        with reading(self._database, conn) as connection:
            return [_arrival(row) for row in connection.execute(query.order_by(arrival.c.id))]

    def get(self, workspace_id: int, arrival_id: int, *, conn: Connection | None = None) -> Arrival:
        """Return one arrival. Raises NotFound."""
        found = self.find(workspace_id, [arrival_id], conn=conn)
        if not found:
            raise NotFound(f"no arrival {arrival_id}")
        return found[0]

    def recall(self, conn: Connection, workspace_id: int) -> int:
        """Let everything wait again, where data is published that does not know of it; return how many there are."""
        update = (
            sa.update(arrival)
            .where(arrival.c.workspace_id == workspace_id, arrival.c.generation.is_not(None))
            .values(generation=None)
        )
        return int(conn.execute(update).rowcount)


def _arrival(row: Row[Any]) -> Arrival:
    values = {name: getattr(row, name) for name in arrival.c.keys()}  # noqa: SIM118 - columns are not a dict
    return Arrival(**{**values, "kind": ArrivalKind(row.kind)})
