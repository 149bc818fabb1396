"""What the lake's tables hold, as documents: fields, their types, and the columns they are in. Reads no data.

A column whose type SQL and documents would not agree on to the last bit (a 32-bit number, a decimal, names that differ
in case only, which DuckDB does not tell apart) has a type that is not known, and a rule about it is evaluated plainly.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from houselights.model.schema import AnyType, ListType, MapType, ObjectType, Scalar, Schema, Type

# What is known of a person besides the two tables: namespace → identities, and namespace → audience → membership.
IDENTITIES_TYPE = MapType(ListType(ObjectType({"id": Scalar.STRING})))
MEMBERSHIPS_TYPE = MapType(MapType(ObjectType({"status": Scalar.STRING, "lastQualificationTime": Scalar.TIMESTAMP})))
_PERSON_OWN = ("shard", "person_id", "key")
_EVENT_OWN = ("shard", "person_id")
_INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, kw_only=True)
class TableShape:
    """The documents of a workspace, and the columns whose names are not those of their fields.

    `people` and `events` map top-level fields to columns; a field that they do not name is in the column of its name.
    """

    schema: Schema
    people: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)


def shape_of(
    people: pa.Schema,
    events: pa.Schema | None = None,
    *,
    key: str | None = None,
    event_time: str = "time",
    event_type: str = "type",
) -> TableShape:
    """Return the shape of two tables of the lake; a company's own key is in the documents as `key`, if that is given.

    `event_time` and `event_type` are what documents call an event's instant and kind.
    """
    person = _fields(people, _PERSON_OWN)
    if key is not None:
        person[key] = Scalar.STRING
    event = _fields(events, (*_EVENT_OWN, "time", "type")) if events is not None else {}
    event |= {event_time: Scalar.TIMESTAMP, event_type: Scalar.STRING}
    return TableShape(
        schema=Schema(
            person=ObjectType(person),
            event=ObjectType(event),
            event_time=event_time,
            event_type=event_type,
            identities=IDENTITIES_TYPE,
            memberships=MEMBERSHIPS_TYPE,
        ),
        people={} if key is None else {key: "key"},
        events={event_time: "time", event_type: "type"},
    )


def _fields(schema: pa.Schema, own: tuple[str, ...]) -> dict[str, Type]:
    return _of_names({each.name: each.type for each in schema if each.name not in own}, own)


def _of_names(given: Mapping[str, pa.DataType], own: tuple[str, ...] = ()) -> dict[str, Type]:
    names = (*given, *own)
    return {name: type_of(kind) if is_told_apart(name, names) else AnyType() for name, kind in given.items()}


def is_told_apart(name: str, names: Iterable[str]) -> bool:
    """Say whether no other of the names differs from this one in case only."""
    return sum(each.casefold() == name.casefold() for each in names) == 1


def type_of(kind: pa.DataType) -> Type:
    """Return the type of the values of an Arrow type; `AnyType` for one whose values the two sides might read apart."""
    match kind:
        case pa.StructType():
            return ObjectType(_of_names({each.name: each.type for each in kind}))
        case pa.ListType() | pa.LargeListType():
            item = type_of(kind.value_type)
            return ListType(item) if not isinstance(item, ListType | AnyType) else AnyType()
        case pa.MapType():
            value = type_of(kind.item_type)
            is_known = _is_text(kind.key_type) and not isinstance(value, AnyType)
            return MapType(value) if is_known else AnyType()
        case _:
            return _scalar(kind)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _scalar(kind: pa.DataType) -> Type:
    if _is_text(kind):
        return Scalar.STRING
    known: Mapping[pa.DataType, Scalar] = {
        pa.bool_(): Scalar.BOOLEAN,
        pa.int64(): Scalar.INTEGER,
        pa.float64(): Scalar.NUMBER,
        pa.date32(): Scalar.DATE,
        _INSTANT: Scalar.TIMESTAMP,
    }
    return known.get(kind, AnyType())
