"""Reads people as the documents that the plain evaluator is asked about. Slow: for rules without SQL, and for tests."""

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from houselights.engine.sql.shape import TableShape
from houselights.engine.values.document import read_person
from houselights.model.schema import MapType, ObjectType, Type
from houselights.rules.values import EVENTS, IDENTITIES

_BATCH = 4096

_PEOPLE = """
select p.*, k.entries as "@entries"
from people as p left join known as k on k.person_id = p.person_id
order by p.person_id
"""
_EVENTS = 'select e.* from events as e order by e.person_id, e.time, e."@place"'


def documents(connection: duckdb.DuckDBPyConnection, shape: TableShape) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield people by ascending id with their documents: events in the order of time, ties as they were written."""
    events = _Events(connection, shape)
    schema = shape.schema
    for row in _rows(connection.cursor(), _PEOPLE):
        document = _fields(row, schema.person, shape.people)
        document[EVENTS] = events.of(row["person_id"])
        if row["@entries"]:
            document[IDENTITIES] = {entry["key"]: entry["value"] for entry in row["@entries"]}
        yield row["person_id"], read_person(document, schema)


class _Events:
    """Events by person, read beside the people: both are in the order of ids."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, shape: TableShape):
        self._rows = _rows(connection.cursor(), _EVENTS)
        self._next = next(self._rows, None)
        self._shape = shape

    def of(self, person: int) -> list[dict[str, Any]]:
        while self._next is not None and self._next["person_id"] < person:
            self._next = next(self._rows, None)  # of somebody who is no longer there
        found = []
        while (event := self._next) is not None and event["person_id"] == person:
            found.append(_fields(event, self._shape.schema.event, self._shape.events))
            self._next = next(self._rows, None)
        return found


def _rows(cursor: duckdb.DuckDBPyConnection, sql: str) -> Iterator[dict[str, Any]]:
    for batch in cursor.sql(sql).to_arrow_reader(_BATCH):
        yield from batch.to_pylist()


def _fields(row: dict[str, Any], kind: ObjectType, columns: Mapping[str, str]) -> dict[str, Any]:
    held = {name: row.get(columns.get(name, name)) for name in kind.fields}
    return {name: _opened(value, kind.fields[name]) for name, value in held.items() if value is not None}


def _opened(value: Any, kind: Type) -> Any:
    """Read what Arrow gives for a map, a list of pairs, as one; deeper down too."""
    match kind:
        case MapType(inner) if isinstance(value, list):
            return {key: _opened(each, inner) for key, each in value}
        case ObjectType(fields) if isinstance(value, dict):
            return {name: _opened(each, fields[name]) for name, each in value.items() if name in fields}
        case _:
            return value
