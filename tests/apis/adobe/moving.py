"""Moves the twelve of `profiles.py` into a house: attributes, events and identities in the lake, nobody's traits."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from houselights.engine.index.from_lake import build_from_lake
from houselights.engine.values.document import read
from houselights.identity.namespaces import NAMESPACES, identities
from houselights.model.catalogue import Catalogue
from houselights.model.schema import AnyType, ListType, MapType, ObjectType, Scalar, Type
from houselights.model.workspace import Account, Generation, PrivacyPolicy, Workspace
from houselights.rules.values import EVENTS
from houselights.services.house import House
from houselights.storage.lake.tables import SHARD_BITS, TABLES
from tests import world
from tests.apis.adobe.profiles import EVENT, NOW, PERSON, document

OPEN = PrivacyPolicy(bands=(0, 5, 10), minimum_cell=1, minimum_audience=1)
# Names that differ in case only; a table of the lake has the first of each.
TWICE = frozenset({"birthdate", "birthday"})
# The stories say who opted out of being addressed; their profiles say so here.
CONSENT, OPTED_OUT = ObjectType({"optOut": Scalar.BOOLEAN}), "dara"
SCALARS = {
    Scalar.BOOLEAN: pa.bool_(), Scalar.INTEGER: pa.int64(), Scalar.NUMBER: pa.float64(), Scalar.STRING: pa.string(),
    Scalar.DATE: pa.date32(), Scalar.TIMESTAMP: pa.timestamp("us", tz="UTC"),
}  # fmt: skip


def known(fields: Mapping[str, Type]) -> dict[str, Type]:
    return {name: inner for name, inner in fields.items() if name not in TWICE}


def arrow(kind: Type) -> pa.DataType:
    match kind:
        case Scalar():
            return SCALARS[kind]
        case ListType(item):
            return pa.list_(arrow(item))
        case MapType(value):
            return pa.map_(pa.string(), arrow(value))
        case ObjectType(fields):
            return pa.struct([pa.field(name, arrow(inner)) for name, inner in known(fields).items()])
        case AnyType():
            raise AssertionError("the lake has no column for anything")


def plain(value: Any, kind: Type) -> Any:
    """What Arrow takes for a value that was read by its type."""
    match kind:
        case MapType(inner):
            return None if value is None else [(key, plain(each, inner)) for key, each in value.items()]
        case ListType(item):
            return None if value is None else [plain(each, item) for each in value]
        case ObjectType(fields):
            return (
                None
                if value is None
                else {name: plain(value.get(name), inner) for name, inner in known(fields).items()}
            )
        case Scalar.DATE:
            return value.date() if isinstance(value, datetime) else value
        case _:
            return value


def columns(made: Mapping[str, Any], kind: ObjectType, own: frozenset[str]) -> dict[str, Any]:
    return {name: plain(read(made.get(name), inner), inner) for name, inner in kind.fields.items() if name not in own}


def fields(kind: ObjectType, own: frozenset[str]) -> list[pa.Field]:
    return [pa.field(name, arrow(inner)) for name, inner in kind.fields.items() if name not in own]


PERSON_OWN, EVENT_OWN = frozenset({"_id"}), frozenset({"timestamp", "eventType", "type"})


def tables() -> dict[str, pa.Table]:
    people, events, named = [], [], []
    for person in world.plain_people():
        place = {"shard": person.id >> SHARD_BITS, "person_id": person.id}
        made = document(person.key)
        attributes = columns(made, PERSON, PERSON_OWN)
        people.append({**place, "key": person.key, **attributes, "optOut": person.key == OPTED_OUT or None})
        for event in made[EVENTS]:
            at = datetime.fromisoformat(event["timestamp"])
            events.append({**place, "time": at, "type": event["eventType"], **columns(event, EVENT, EVENT_OWN)})
        for namespace, values in next(one for one in world.PEOPLE if one.key == person.key).identities.items():
            stored = [each for raw in values for each in raw_or_stored(namespace, raw)]
            named += [{**place, "namespace": namespace, "value": value} for value in stored]
    schemas = {
        "people": pa.schema([*TABLES["people"].schema, *fields(PERSON, PERSON_OWN), *fields(CONSENT, frozenset())]),
        "events": pa.schema([*TABLES["events"].schema, *fields(EVENT, EVENT_OWN)]),
        "identities": TABLES["identities"].schema,
    }
    rows = {"people": people, "events": events, "identities": named}
    return {name: pa.Table.from_pylist(rows[name], schema=schema) for name, schema in schemas.items()}


def raw_or_stored(namespace: str, raw: str) -> tuple[str, ...]:
    return identities(namespace, raw) if namespace in NAMESPACES else (raw,)


def settle(house: House, name: str = "twelve", *, organization: str, sandbox: str) -> Workspace:
    """Move them in, publish, and give the workspace its organisation and sandbox."""
    workspace = house.control.workspaces.create(name, OPEN, created_at=datetime(2026, 10, 1, tzinfo=UTC))
    rows = {**tables(), "traits": TABLES["traits"].schema.empty_table()}
    for empty in ("facets", "trait_dictionary"):
        rows[empty] = TABLES[empty].schema.empty_table()
    generation = Generation(
        workspace_id=workspace.id,
        number=1,
        tables={table: house.lake.write(workspace.id, table, content) for table, content in rows.items()},
        index=f"{workspace.id}-1",
        as_of=NOW,
        built_at=NOW,
        people=len(world.PEOPLE),
        fingerprint="settled",
    )
    house.settings.index_folder.mkdir(parents=True, exist_ok=True)
    build_from_lake(house.lake, generation, Catalogue([], []), house.settings.index_folder / generation.index)
    with house.control.transaction() as conn:
        house.control.generations.publish(conn, generation)
    above = Account(
        id=900, workspace_id=workspace.id, kind="organization", name="The organisation", external_id=organization
    )
    house.control.accounts.put(above)
    below = Account(id=901, workspace_id=workspace.id, kind="sandbox", name=sandbox, parent_id=900, external_id=sandbox)
    house.control.accounts.put(below)
    return workspace
