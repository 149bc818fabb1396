"""Functions of lists and maps. A missing list has no items; a single thing is a list of itself; a map, of its values.

A test of a list (`in`, `includes`, `subset_of` …) never holds where one side is missing or empty, its negative form
neither: nothing there is no evidence. `forall` over nothing holds, as everywhere in logic.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any, TypeAlias

from houselights.rules.functions.comparing import compare, is_missing, is_number, is_same, is_true
from houselights.rules.functions.table import Function, scalar, table, whole

Of: TypeAlias = Callable[[Any], Any]


class Keyed(dict[Any, Any]):
    """A map, as opposed to an object, which is a plain dict: its keys are data."""


class Entry(tuple[Any, Any]):
    """One key of a map with its value."""

    __slots__ = ()


def as_list(value: object) -> list[Any]:
    """Return the items that a list function sees in a value."""
    if value is None:
        return []
    if isinstance(value, Keyed):
        return list(value.values())
    return value if isinstance(value, list) else [value]


def flat(values: Sequence[Any]) -> list[Any]:
    """Return what several items gave as one list: nulls dropped, lists opened by one level."""
    opened: list[Any] = []
    for value in values:
        if isinstance(value, list):
            opened.extend(value)
        elif value is not None:
            opened.append(value)
    return opened


def _has(items: Sequence[Any], wanted: Any) -> bool:
    return any(is_same(item, wanted) for item in items)


def _is_in(value: Any, items: Sequence[Any]) -> bool:
    return any(_has(items, each) for each in as_list(value))


def _is_not_in(value: Any, items: Sequence[Any]) -> bool:
    return bool(items) and any(not _has(items, each) for each in as_list(value))


def _is_subset(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return bool(one) and bool(other) and all(_has(other, item) for item in one)


def _distinct(items: Sequence[Any]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        if not _has(kept, item):
            kept.append(item)
    return kept


def _values(items: Sequence[Any], of: Of | None) -> list[Any]:
    """Return what an aggregate works on: the items, or what the lambda gives for each; nulls are dropped."""
    return flat(items if of is None else [of(item) for item in items])


def _numbers(items: Sequence[Any], of: Of | None) -> list[Any]:
    return [value for value in _values(items, of) if is_number(value)]


def _average(items: Sequence[Any], of: Of | None = None) -> float | None:
    numbers = _numbers(items, of)
    return sum(numbers) / len(numbers) if numbers else None


def _extreme(sign: int) -> Callable[..., Any]:
    def of_items(items: Sequence[Any], of: Of | None = None) -> Any:
        best = None
        for value in _values(items, of):
            order = None if best is None else compare(value, best)
            if best is None or (order is not None and order * sign > 0):
                best = value
        return best

    return of_items


def _ranked(sign: int) -> Callable[[Sequence[Any], Of, Any], list[Any]]:
    """Make `top` (sign −1) or `bottom`: items without a key are left out, equal keys keep the order of the list.

    A number of items that is not known takes none, as 0 does.
    """

    def of_items(items: Sequence[Any], key: Of, count: Any) -> list[Any]:
        if not isinstance(count, int):
            return []
        keyed: list[tuple[Any, Any]] = [(value, item) for item in items if not is_missing(value := key(item))]
        order = cmp_to_key(lambda one, other: sign * (compare(one, other) or 0))
        return [item for _, item in sorted(keyed, key=lambda pair: order(pair[0]))[: max(0, count)]]

    return of_items


def _item(items: Sequence[Any], place: Any) -> Any:
    return items[place] if isinstance(place, int) and 0 <= place < len(items) else None


def _group(items: Sequence[Any], key: Of) -> Keyed:
    groups = Keyed()
    for item in items:
        for value in flat([key(item)]):
            if not isinstance(value, dict):
                groups.setdefault(value, []).append(item)
    return groups


def _map_entries(groups: Mapping[Any, Any] | None, of: Callable[[Any, Any], Any]) -> Keyed:
    entries = [of(key, value) for key, value in (groups or {}).items()]
    return Keyed(entry for entry in entries if isinstance(entry, Entry))


LISTS: Mapping[str, Function] = table(
    whole("in", "T, list T -> boolean", "{0} is one of {1}", _is_in),
    whole("not_in", "T, list T -> boolean", "{0} is known and none of {1}", _is_not_in),
    whole("includes", "list T, T -> boolean", "{0} include {1}", lambda items, value: _is_in(value, items)),
    whole("intersects", "list T, list T -> boolean", "{0} and {1} have something in common",
          lambda one, other: any(_has(other, item) for item in one)),
    whole("intersection", "list T, list T -> list T", "what {0} and {1} have in common",
          lambda one, other: _distinct([item for item in one if _has(other, item)])),
    whole("subset_of", "list T, list T -> boolean", "all of {0} are among {1}", _is_subset),
    whole("superset_of", "list T, list T -> boolean", "{0} hold all of {1}",
          lambda one, other: _is_subset(other, one)),
    whole("distinct", "list T -> list T", "the different {0}", _distinct),
    whole("filter", "list T, (T) => boolean -> list T", "{0} where {1}",
          lambda items, of: [item for item in items if is_true(of(item))]),
    whole("exists", "list T, (T) => boolean -> boolean", "there is one of {0} where {1}",
          lambda items, of: any(is_true(of(item)) for item in items)),
    whole("forall", "list T, (T) => boolean -> boolean", "for every one of {0}, {1}",
          lambda items, of: all(is_true(of(item)) for item in items)),
    whole("map", "list T, (T) => U -> list U", "{1} of each of {0}",
          lambda items, of: flat([of(item) for item in items])),
    whole("group_by", "list T, (T) => any -> map list T", "{0} grouped by {1}", _group),
    whole("map_entries", "map T, (any, T) => entry U -> map U", "{0}, each made into {1}", _map_entries),
    whole("top", "list T, (T) => order, integer -> list T", "the {2} of {0} with the highest {1}", _ranked(-1)),
    whole("bottom", "list T, (T) => order, integer -> list T", "the {2} of {0} with the lowest {1}", _ranked(1)),
    whole("first", "list T -> T", "the first of {0}", lambda items: items[0] if items else None),
    whole("item", "list T, integer -> T", "item {1} (from 0) of {0}", _item),
    whole("count", "list T, (T) => any ? -> integer", "the number of {1} over {0}|the number of {0}",
          lambda items, of=None: len(items if of is None else _values(items, of))),
    whole("sum", "list T, (T) => number ? -> number", "the sum of {1} over {0}|the sum of {0}",
          lambda items, of=None: sum(_numbers(items, of))),
    whole("average", "list T, (T) => number ? -> number", "the average of {1} over {0}|the average of {0}", _average),
    whole("min", "list T, (T) => order ? -> order", "the smallest {1} over {0}|the smallest of {0}", _extreme(-1)),
    whole("max", "list T, (T) => order ? -> order", "the largest {1} over {0}|the largest of {0}", _extreme(1)),
    scalar("get", "map T, text -> T", "{0} under {1}", lambda keyed, key: keyed.get(key)),
    scalar("keys", "map any -> list text", "the keys of {0}", list),
    scalar("values", "map T -> list T", "the values of {0}", lambda keyed: flat(list(keyed.values()))),
    whole("entry", "any, T -> entry T", "{1} under {0}", lambda key, value: Entry((key, value))),
)  # fmt: skip
