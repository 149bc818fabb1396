"""Reads a JSON document by a schema into the plain values that rules are evaluated on. Keeps what the schema knows.

Text where the schema has a date or timestamp is read as ISO 8601 (an instant without a zone is UTC), whole doubles
where it has integers become integers, maps become `Keyed`. A value of another type than its field's is dropped, as are
nulls inside lists and fields that the schema does not have: a rule that names them was refused.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, assert_never

from houselights.model.schema import AnyType, ListType, MapType, ObjectType, Scalar, Schema, Type
from houselights.rules.functions.lists import Keyed
from houselights.rules.values import EVENTS, IDENTITIES, MEMBERSHIPS


def read_person(document: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Read a person: attributes by the person's schema, and what stands under EVENTS, IDENTITIES and MEMBERSHIPS."""
    kept: dict[str, Any] = _object(document, schema.person)
    kept[EVENTS] = [_object(event, schema.event) for event in document.get(EVENTS, ())]
    for name, kind in ((IDENTITIES, schema.identities), (MEMBERSHIPS, schema.memberships)):
        if name in document:
            kept[name] = read(document[name], kind)
    return kept


def read(value: Any, kind: Type) -> Any:
    """Read one JSON value by its type; None when it is not of that type."""
    match kind:
        case AnyType():
            return value
        case ListType(item):
            if not isinstance(value, list | tuple):
                return None
            return [made for each in value if (made := read(each, item)) is not None]
        case MapType(inner):
            if not isinstance(value, Mapping):
                return None
            return Keyed({str(key): made for key, each in value.items() if (made := read(each, inner)) is not None})
        case ObjectType():
            return _object(value, kind) if isinstance(value, Mapping) else None
        case Scalar():
            return _scalar(value, kind)
        case _:
            assert_never(kind)


def _object(document: Mapping[str, Any], kind: ObjectType) -> dict[str, Any]:
    return {
        name: made
        for name, inner in kind.fields.items()
        if name in document and (made := read(document[name], inner)) is not None
    }


def _scalar(value: Any, kind: Scalar) -> Any:
    match kind:
        case Scalar.BOOLEAN:
            return value if isinstance(value, bool) else None
        case Scalar.STRING:
            return value if isinstance(value, str) else None
        case Scalar.INTEGER | Scalar.NUMBER:
            return _number(value, kind)
        case Scalar.DATE:
            moment = _time(value)
            return moment.date() if moment is not None else None
        case Scalar.TIMESTAMP:
            return _time(value)
        case _:
            assert_never(kind)


def _number(value: Any, kind: Scalar) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if kind is Scalar.NUMBER:
        return float(value)
    return int(value) if float(value).is_integer() else None


def _time(value: Any) -> datetime | None:
    """Read a date or instant, as text or already made, as an instant in UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None
