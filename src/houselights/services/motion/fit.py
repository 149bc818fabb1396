"""Fits JSON into the columns of the lake: every field must be there, every value of its type. Refuses the rest.

The schema of a workspace's people and events is what its population file says; what arrives may not widen it, because
a misspelt attribute would become a column that no audience reads.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean

_INT_BITS = {pa.int8(): 7, pa.int16(): 15, pa.int32(): 31, pa.int64(): 63}


def fit_fields(given: Mapping[str, Any], fields: Mapping[str, pa.DataType], path: str) -> dict[str, Any]:
    """Return an object's values as Arrow takes them. Raises InvalidInput whose field is the path of the fault."""
    for name in given:
        if name not in fields:
            raise InvalidInput(
                f'there is no attribute "{name[:60]}"', field=f"{path}.{name[:60]}",
                hint=did_you_mean(name, list(fields)) or "the population file says which attributes people have",
            )  # fmt: skip
    return {name: fit(value, fields[name], f"{path}.{name}") for name, value in given.items()}


def fit(value: Any, kind: pa.DataType, path: str) -> Any:
    """Return one value as Arrow takes it; null fits everything."""
    if value is None:
        return None
    if isinstance(kind, pa.StructType):
        if not isinstance(value, Mapping):
            raise _wrong(value, "an object", path)
        return fit_fields(value, {each.name: each.type for each in kind}, path)
    if isinstance(kind, pa.MapType):
        if not isinstance(value, Mapping):
            raise _wrong(value, "an object", path)
        return [(str(key), fit(each, kind.item_type, f"{path}.{key}")) for key, each in value.items()]
    if isinstance(kind, pa.ListType | pa.LargeListType):
        if not isinstance(value, list | tuple):
            raise _wrong(value, "a list", path)
        return [fit(each, kind.value_type, f"{path}[{place}]") for place, each in enumerate(value)]
    return _scalar(value, kind, path)


def _scalar(value: Any, kind: pa.DataType, path: str) -> Any:
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _expect(value, isinstance(value, str), "a text", path)
    if pa.types.is_boolean(kind):
        return _expect(value, isinstance(value, bool), "true or false", path)
    if kind in _INT_BITS:
        whole = not isinstance(value, bool) and isinstance(value, int | float) and float(value).is_integer()
        is_small = whole and abs(int(value)) < 1 << _INT_BITS[kind]
        return int(_expect(value, is_small, "a whole number", path))
    if pa.types.is_floating(kind):
        return float(_expect(value, not isinstance(value, bool) and isinstance(value, int | float), "a number", path))
    if pa.types.is_date(kind):
        return _moment(value, path).date()
    if pa.types.is_timestamp(kind):
        return _moment(value, path)
    raise InvalidInput(f"values of type {kind} cannot be given here", field=path)


def _moment(value: Any, path: str) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise _wrong(value, "a date or an instant in ISO 8601", path) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _expect(value: Any, fits: bool, what: str, path: str) -> Any:
    if not fits:
        raise _wrong(value, what, path)
    return value


def _wrong(value: Any, what: str, path: str) -> InvalidInput:
    return InvalidInput(f"expected {what}, not {str(value)[:40]!r}", field=path)


def laid_over(old: Any, new: Any, kind: pa.DataType, path: tuple[str, ...], changed: set[tuple[str, ...]]) -> Any:
    """Return a value with another laid over it; what became different is added to `changed`, by its path.

    Objects and maps are merged, anything else is replaced, null takes away.
    """
    if old is not None and new is not None and isinstance(kind, pa.StructType):
        merged = dict(old)
        for each in kind:
            if each.name in new:
                merged[each.name] = laid_over(
                    old.get(each.name), new[each.name], each.type, (*path, each.name), changed
                )
        return merged
    if old is not None and new is not None and isinstance(kind, pa.MapType):
        both = {**dict(old), **dict(new)}
        new = [(key, value) for key, value in both.items() if value is not None]
    if old != new:
        changed.add(path)
    return new
