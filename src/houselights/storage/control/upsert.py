"""Insert-or-update, which both databases spell alike but SQLAlchemy keeps in two dialects. Knows no table."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection


def put(connection: Connection, table: sa.Table, values: Mapping[str, Any], *, key: Sequence[str]) -> None:
    """Insert a row, or change the columns not in `key` of the row that is there."""
    rest = [name for name in values if name not in key]
    insert = _insert(connection, table).values(**values)
    connection.execute(
        insert.on_conflict_do_update(index_elements=list(key), set_={name: insert.excluded[name] for name in rest})
    )


def put_if_absent(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same key is there, which is then left as it is; return whether it was put."""
    # Drivers do not agree about how many rows an insert that did nothing has touched.
    insert = _insert(connection, table).values(**values).on_conflict_do_nothing().returning(sa.literal(1))
    return connection.execute(insert).first() is not None


def add(connection: Connection, table: sa.Table, values: Mapping[str, Any], *, key: Sequence[str]) -> None:
    """Insert a row of numbers, or add its numbers to those of the row that is there."""
    rest = [name for name in values if name not in key]
    insert = _insert(connection, table).values(**values)
    sums = {name: table.c[name] + insert.excluded[name] for name in rest}
    connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=sums))


def _insert(connection: Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
