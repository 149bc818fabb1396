"""Makes documents of rows of the lake: a person's attributes, events and identities put together. Reads no lake."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from houselights.engine.sql.shape import TableShape
from houselights.engine.values.document import read_person
from houselights.engine.values.evaluate import Document
from houselights.rules.values import EVENTS, IDENTITIES, MEMBERSHIPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of the same people, in any order; None for a table that there is not. `standings` are as SQL has them."""

    people: pa.Table | None
    events: pa.Table | None = None
    identities: pa.Table | None = None
    standings: pa.Table | None = None


def documents_of(rows: Rows, shape: TableShape) -> dict[int, Document]:
    """Return the document of everybody who has a row among the people, by id."""
    events: dict[int, list[dict[str, Any]]] = {}
    for row in _listed(rows.events):
        events.setdefault(row["person_id"], []).append(_renamed(row, shape.events))
    identities: dict[int, dict[str, list[dict[str, str]]]] = {}
    for row in _listed(rows.identities):
        own = identities.setdefault(row["person_id"], {})
        own.setdefault(row["namespace"], []).append({"id": row["value"]})
    memberships: dict[int, dict[str, dict[str, Any]]] = {}
    for row in _listed(rows.standings):
        spaces = memberships.setdefault(row["person_id"], {})
        known = {"status": row["status"], "lastQualificationTime": row["since"]}
        spaces.setdefault(row["namespace"], {})[row["audience"]] = known
    made: dict[int, Document] = {}
    for row in _listed(rows.people):
        person_id = row["person_id"]
        document = _renamed(row, shape.people)
        document[EVENTS] = in_order(events.get(person_id, []), shape.schema.event_time)
        document[IDENTITIES] = identities.get(person_id, {})
        if person_id in memberships:
            document[MEMBERSHIPS] = memberships[person_id]
        made[person_id] = read_person(document, shape.schema)
    return made


def in_order(events: list[dict[str, Any]], clock: str) -> list[dict[str, Any]]:
    """Return events as documents have them: in the order of time, those without a time last."""
    return sorted(events, key=lambda event: (event.get(clock) is None, event.get(clock)))


def _listed(table: pa.Table | None) -> Iterable[dict[str, Any]]:
    if table is None:
        return
    for batch in table.to_batches():
        yield from batch.to_pylist(maps_as_pydicts="strict")


def _renamed(row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Return a row with the fields whose columns have other names, which are the lake's own."""
    made = {name: value for name, value in row.items() if name not in columns.values() and name != "shard"}
    del made["person_id"]
    made |= {field: row[column] for field, column in columns.items() if column in row}
    return made
