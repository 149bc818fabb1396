"""Writes plain people's documents as the tables of the lake that they are read back from."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from houselights.engine.plain import Person
from houselights.engine.values.names import EVENT_TIME, EVENT_TYPE, KEY
from houselights.rules.values import EVENTS, IDENTITIES
from houselights.storage.lake.tables import SHARD_BITS, TABLES


def document_tables(people: Sequence[Person], places: Mapping[int, int] | None = None) -> dict[str, pa.Table]:
    """Return people, events and identities; a person's id in the lake is their place (their own id, without places).

    Types of attributes are those Arrow finds in the values. Tables without a row are left out, but for people.
    """
    rows: dict[str, list[dict[str, Any]]] = {"people": [], "events": [], "identities": []}
    for person in people:
        place = person.id if places is None else places[person.id]
        ids = {"shard": place >> SHARD_BITS, "person_id": place}
        own = {name: value for name, value in person.document.items() if name != KEY and not name.startswith("@")}
        rows["people"].append({**ids, "key": person.key, **own})
        for event in person.document.get(EVENTS, ()):
            deed = {name: value for name, value in event.items() if name not in (EVENT_TIME, EVENT_TYPE)}
            rows["events"].append({**ids, "time": event[EVENT_TIME], "type": event[EVENT_TYPE], **deed})
        for namespace, values in person.document.get(IDENTITIES, {}).items():
            rows["identities"] += [{**ids, "namespace": namespace, "value": value["id"]} for value in values]
    return {name: _table(name, found) for name, found in rows.items() if found or name == "people"}


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    fixed = TABLES[name].schema
    names = dict.fromkeys(key for row in rows for key in row if fixed.get_field_index(key) < 0)
    whole = [{key: row.get(key) for key in (*fixed.names, *names)} for row in rows]
    inferred = pa.Table.from_pylist([{key: row[key] for key in names} for row in whole]).schema if names else []
    return pa.Table.from_pylist(whole, schema=pa.schema([*fixed, *inferred]))
