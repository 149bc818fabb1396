"""Comparing, deciding and reckoning: the operators of the table, and what "the same" and "less" mean for two values.

Integers and doubles compare as numbers, dates as the instant they begin. Values of different kinds are neither the same
nor different: every comparison between them, `not_equal` too, is false. So is every comparison with what is missing.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from houselights.rules.calendar import Stretch, instant
from houselights.rules.functions.table import Function, scalar, table, whole

_INT64 = range(-(2**63), 2**63)


def is_number(value: object) -> bool:
    """Say whether a value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_time(value: object) -> bool:
    """Say whether a value is a date, an instant or a period."""
    return isinstance(value, date | Stretch)  # a datetime is a date


def is_missing(value: object) -> bool:
    """Say whether there is nothing there: null, or a list or map with nothing in it."""
    return value is None or (isinstance(value, list | dict) and not value)


def is_true(value: object) -> bool:
    """Read a value as a condition: true is true, and so is a list with something in it. Nothing else is."""
    return value is True or (isinstance(value, list) and bool(value))


def compare(one: Any, other: Any) -> int | None:
    """Return −1, 0 or 1 as one value is less than, the same as or greater than another; None when they do not compare.

    Text compares by code point. True and false, objects and maps are the same or (as 1) not; they have no order, which
    `is_less` respects.
    """
    if is_number(one) and is_number(other):
        if isinstance(one, float) or isinstance(other, float):
            return _order(float(one), float(other))  # as a double does it, also beyond 2⁵³
        return _order(one, other)
    if is_time(one) and is_time(other):
        return _order(instant(one), instant(other))
    if isinstance(one, str) and isinstance(other, str):
        return _order(one, other)
    if type(one) is type(other) and isinstance(one, bool | dict):
        return int(not _alike(one, other))
    return None


def _order(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)


def is_same(one: Any, other: Any) -> bool:
    """Say whether two single values are the same."""
    return compare(one, other) == 0


def _alike(one: Any, other: Any) -> bool:
    """Compare whatever may stand inside an object, lists in order."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, bool) or one is None:
        return one is other
    return is_same(one, other)


def _same_items(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Say whether two lists hold the same items the same number of times, in any order."""
    left = list(other)
    for item in one:
        match = next((place for place, each in enumerate(left) if is_same(item, each)), None)
        if match is None:
            return False
        del left[match]
    return not left


def _comparison(holds: Callable[[int], bool], *, orders: bool = True) -> Callable[[Any, Any], bool]:
    """Make a comparison of two arguments from one of two values: any item of a list will do, lists have no order."""

    def of_values(one: Any, other: Any) -> bool:
        if orders and isinstance(one, bool | dict):
            return False
        order = compare(one, other)
        return order is not None and holds(order)

    def of_arguments(one: Any, other: Any) -> bool:
        if is_missing(one) or is_missing(other):
            return False
        if isinstance(one, list) and isinstance(other, list):
            return not orders and holds(0 if _same_items(one, other) else 1)
        if isinstance(one, list):
            return any(of_values(item, other) for item in one)
        if isinstance(other, list):
            return any(of_values(one, item) for item in other)
        return of_values(one, other)

    return of_arguments


def _reckoned(value: float) -> int | float | None:
    """Return a result, or null where 64-bit arithmetic has none."""
    if isinstance(value, int):
        return value if value in _INT64 else None
    return value if math.isfinite(value) else None


def _safely(reckon: Callable[[Any, Any], float]) -> Callable[[Any, Any], int | float | None]:
    def run(one: Any, other: Any) -> int | float | None:
        try:
            return _reckoned(reckon(one, other))
        except (ZeroDivisionError, OverflowError, ValueError):
            return None

    return run


def _remainder(one: float, other: float) -> float:
    """The remainder has the sign of the dividend: −7 % 3 is −1."""
    if isinstance(one, int) and isinstance(other, int):
        rest = abs(one) % abs(other)  # exact, where fmod would pass through doubles
        return -rest if one < 0 else rest
    return math.fmod(one, other)


def _if(test: Any, then: Any, otherwise: Any) -> Any:
    return then if is_true(test) else otherwise


COMPARING: Mapping[str, Function] = table(
    whole("and", "boolean… -> boolean", "{… and}", lambda *tests: all(map(is_true, tests))),
    whole("or", "boolean… -> boolean", "{… or}", lambda *tests: any(map(is_true, tests))),
    whole("not", "boolean -> boolean", "not ({0})", lambda test: not is_true(test)),
    whole("if", "boolean, T, T -> T", "({1} if {0}, else {2})", _if),
    whole("equal", "T, T -> boolean", "{0} is {1}", _comparison(lambda order: order == 0, orders=False)),
    whole("not_equal", "T, T -> boolean", "{0} is known and not {1}",
          _comparison(lambda order: order != 0, orders=False)),
    whole("less", "order, order -> boolean", "{0} is less than {1}", _comparison(lambda order: order < 0)),
    whole("at_most", "order, order -> boolean", "{0} is at most {1}", _comparison(lambda order: order <= 0)),
    whole("greater", "order, order -> boolean", "{0} is more than {1}", _comparison(lambda order: order > 0)),
    whole("at_least", "order, order -> boolean", "{0} is at least {1}", _comparison(lambda order: order >= 0)),
    whole("is_missing", "any -> boolean", "{0} is not known", is_missing),
    whole("is_present", "any -> boolean", "{0} is known", lambda value: not is_missing(value)),
    scalar("add", "number, number -> number", "({0} plus {1})", _safely(lambda one, other: one + other)),
    scalar("subtract", "number, number -> number", "({0} minus {1})", _safely(lambda one, other: one - other)),
    scalar("multiply", "number, number -> number", "({0} times {1})", _safely(lambda one, other: one * other)),
    scalar("divide", "number, number -> number", "({0} divided by {1})", _safely(lambda one, other: one / other)),
    scalar("remainder", "number, number -> number", "(the remainder of {0} by {1})", _safely(_remainder)),
)  # fmt: skip
