"""Asks the clean room: a table from rows, a query, its answer."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from houselights.cleanroom.compile import compile_query
from houselights.cleanroom.question import Parameters, Privacy, Purpose, Window
from houselights.cleanroom.run import Limits, run
from houselights.cleanroom.tables import Class, Column, Table

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
MARCH = Window(start=datetime(2024, 3, 1, tzinfo=UTC), end=datetime(2024, 3, 8, tzinfo=UTC))
LIMITS = Limits(seconds=60, memory="1GB", threads=1)

_ARROW = {
    "STRING": pa.string(),
    "INTEGER": pa.int32(),
    "LONG": pa.int64(),
    "DOUBLE": pa.float64(),
    "DECIMAL": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "ARRAY<STRING>": pa.list_(pa.string()),
}
USER = Column(name="user_id", type="STRING", klass=Class.VERY_HIGH)


def column(name: str, kind: str = "STRING", klass: Class = Class.NONE) -> Column:
    return Column(name=name, type=kind, klass=klass, is_metric=kind in ("INTEGER", "LONG", "DOUBLE", "DECIMAL"))


def table(name: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], **also: Any) -> Table:
    """A table of rows; `user_id` is its user when it has one."""
    fields = [
        pa.field(each.name, pa.int64() if each.klass == Class.VERY_HIGH else _ARROW[each.type]) for each in columns
    ]
    data = pa.Table.from_pylist(
        [{each.name: row.get(each.name) for each in columns} for row in rows], pa.schema(fields)
    )
    also.setdefault("user", "user_id" if any(each.name == "user_id" for each in columns) else None)
    return Table(names=(name,), columns=tuple(columns), rows=data, **also)


def ask(
    sql: str,
    *tables: Table,
    window: Window = MARCH,
    parameters: Parameters | None = None,
    privacy: Privacy | None = None,
    now: datetime = NOW,
) -> list[tuple[Any, ...]]:
    """The rows of a report."""
    compiled = compile_query(sql, tables, window=window, now=now, parameters=parameters, privacy=privacy)
    with run(compiled, LIMITS) as result:
        return list(result.rows())


def people(sql: str, *tables: Table, window: Window = MARCH) -> list[int]:
    """The people of an audience."""
    compiled = compile_query(sql, tables, window=window, now=NOW, purpose=Purpose.AUDIENCE)
    with run(compiled, LIMITS) as result:
        return [int(each) for each in result.people]
