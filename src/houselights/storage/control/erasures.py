"""Rows of erasures, and of the salted hashes by which those who were erased are held back. Hashes nothing itself."""

import builtins
from collections.abc import Collection, Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from houselights.base.errors import NotFound
from houselights.model.erasure import Erasure, ErasureScope, ErasureState
from houselights.storage.control.columns import storable
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import erasure, held_back
from houselights.storage.control.upsert import put_if_absent

AT_ONCE = 500  # hashes in one query
_C = erasure.c
_TUPLES = ("people", "lists", "uploads")
_PAIRS = ("identities", "needles")


class Erasures:
    """Erasures of workspaces. `conn` runs a method inside the caller's transaction; without it, in its own."""

    def __init__(self, database: Engine):
        self._database = database

    def add(self, conn: Connection, new: Erasure) -> None:
        """Keep an erasure in the caller's transaction."""
        values = {each.name: getattr(new, each.name) for each in fields(new)}
        lists = {name: list(values[name]) for name in (*_TUPLES, *_PAIRS)}
        values |= {**lists, "scope": new.scope.value, "state": new.state.value, "report": dict(new.report)}
        conn.execute(sa.insert(erasure).values(**values))

    def change(self, erasure_id: str, *, conn: Connection | None = None, **values: Any) -> None:
        """Change columns of one erasure."""
        with writing(self._database, conn) as connection:
            connection.execute(sa.update(erasure).where(_C.id == erasure_id).values(**values))

    def get(self, workspace_id: int, erasure_id: str, *, conn: Connection | None = None) -> Erasure:
        """Return one erasure. Raises NotFound."""
        found = None
        if storable(erasure_id):
            with reading(self._database, conn) as connection:
                query = sa.select(erasure).where(_C.workspace_id == workspace_id, _C.id == erasure_id)
                found = connection.execute(query).one_or_none()
        if found is None:
            raise NotFound(f"no erasure {erasure_id}")
        return _erasure(found)

    def list(
        self,
        workspace_id: int,
        *,
        states: Collection[ErasureState] = (),
        client_id: int | None = None,
        limit: int | None = None,
        conn: Connection | None = None,
    ) -> builtins.list[Erasure]:
        """Return erasures in the order in which they were asked for; with a limit, only the newest of them."""
        query = sa.select(erasure).where(_C.workspace_id == workspace_id)
        if states:
            query = query.where(_C.state.in_([state.value for state in states]))
        if client_id is not None:
            query = query.where(_C.client_id == client_id)
        with reading(self._database, conn) as connection:
            rows = connection.execute(query.order_by(_C.number.desc()).limit(limit)).all()
        return [_erasure(row) for row in reversed(rows)]

    def workspaces_unfinished(self) -> builtins.list[int]:
        """Return the workspaces that have erasures which are not done."""
        query = sa.select(_C.workspace_id).where(_C.state != ErasureState.DONE.value).distinct()
        with reading(self._database, None) as connection:
            return sorted(int(number) for number in connection.execute(query).scalars())

    def first_generation(self, workspace_id: int) -> int:
        """Return the oldest generation that may still be read: the last one that erased somebody, 0 without any."""
        query = sa.select(sa.func.max(_C.generation)).where(_C.workspace_id == workspace_id)
        with reading(self._database, None) as connection:
            return int(connection.execute(query).scalar_one_or_none() or 0)

    # ── held back ───────────────────────────────────────────────────────────────────────────────────────────────────

    def hold_back(self, conn: Connection, workspace_id: int, hashes: Iterable[str], since: datetime) -> None:
        """Keep hashes; those that are kept already stay as they are."""
        for one in hashes:
            put_if_absent(conn, held_back, {"workspace_id": workspace_id, "hash": one, "since": since})

    def let_go(self, workspace_id: int, hashes: Collection[str]) -> int:
        """Drop hashes; return how many there were."""
        columns = held_back.c
        with writing(self._database) as connection:
            delete = sa.delete(held_back).where(
                columns.workspace_id == workspace_id, columns.hash.in_(builtins.list(hashes))
            )
            return int(connection.execute(delete).rowcount)

    def held_back(self, workspace_id: int) -> builtins.list[str]:
        """Return all hashes of a workspace."""
        query = sa.select(held_back.c.hash).where(held_back.c.workspace_id == workspace_id)
        with reading(self._database, None) as connection:
            return builtins.list(connection.execute(query).scalars())

    def among_held_back(self, workspace_id: int, hashes: Collection[str]) -> set[str]:
        """Return those of the hashes that are held back."""
        wanted, found = sorted(hashes), set[str]()
        with reading(self._database, None) as connection:
            for start in range(0, len(wanted), AT_ONCE):
                query = sa.select(held_back.c.hash).where(
                    held_back.c.workspace_id == workspace_id, held_back.c.hash.in_(wanted[start : start + AT_ONCE])
                )
                found |= set(connection.execute(query).scalars())
        return found


def _erasure(row: Row[Any]) -> Erasure:
    values = {each.name: getattr(row, each.name) for each in fields(Erasure)}
    values |= {name: tuple(values[name]) for name in _TUPLES}
    values |= {name: tuple((namespace, value) for namespace, value in values[name]) for name in _PAIRS}
    return Erasure(**{**values, "scope": ErasureScope(row.scope), "state": ErasureState(row.state)})
