"""Reads people as the documents that the plain evaluator is asked about. Slow: for rules without SQL, and for tests."""

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from houselights.engine.sql.shape import IDENTITIES_TYPE, MEMBERSHIPS_TYPE, TableShape
from houselights.engine.sql.terms import IDENTITY_TABLE, MEMBERSHIP_TABLE
from houselights.engine.values.document import read_person
from houselights.model.schema import MapType, ObjectType, Type
from houselights.rules.values import EVENTS, IDENTITIES, MEMBERSHIPS

_BATCH = 4096

_PEOPLE = f"""
select p.*, i.entries as "{IDENTITIES}", m.entries as "{MEMBERSHIPS}", e.events as "{EVENTS}"
from people as p
left join {IDENTITY_TABLE} as i on i.person_id = p.person_id
left join {MEMBERSHIP_TABLE} as m on m.person_id = p.person_id
left join (
    select one.person_id, list(one order by one.time, one."@place") as events from events as one group by one.person_id
) as e on e.person_id = p.person_id
order by p.person_id
"""


def documents(connection: duckdb.DuckDBPyConnection, shape: TableShape) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield people by ascending id with their documents: events in the order of time, ties as they were written.

    All events of those people are held in memory, so the tables are to be views of not too many at a time.
    """
    schema = shape.schema
    for batch in connection.sql(_PEOPLE).to_arrow_reader(_BATCH):
        for row in batch.to_pylist():
            document = _fields(row, schema.person, shape.people)
            document[EVENTS] = [_fields(event, schema.event, shape.events) for event in row[EVENTS] or ()]
            for name, kind in ((IDENTITIES, IDENTITIES_TYPE), (MEMBERSHIPS, MEMBERSHIPS_TYPE)):
                if row[name] is not None:
                    document[name] = _opened(row[name], kind)
            yield row["person_id"], read_person(document, schema)


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
