"""Works out what a condition is for a person in whose events nothing was found. Knows three answers and "it depends".

A rule that is false for such a person, whatever else is known, need not look at people who have no such events; that
is worth more than anything else a query can do.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from operator import eq, ge, gt, le, lt, ne
from typing import Any, TypeAlias

from sqlglot import exp

from houselights.engine.sql.terms import FOUND


class _Depends(Enum):
    ON_MORE = "on what else is known"


_MORE = _Depends.ON_MORE
Found: TypeAlias = bool | int | float | str | _Depends | None  # None is NULL

# Functions that answer something for NULL; all others that are called by their own names are NULL for it.
_PAST_NULL = frozenset({"list_value", "list_concat", "least", "greatest", "struct_pack"})
_COMPARES: Mapping[type[exp.Expr], Callable[[Any, Any], Any]] = {
    exp.EQ: eq, exp.NEQ: ne, exp.GT: gt, exp.GTE: ge, exp.LT: lt, exp.LTE: le,
}  # fmt: skip


def is_false_without_events(wanted: exp.Expr) -> bool:
    """Say whether a condition is false, or NULL, wherever nothing was found in the events."""
    match wanted:
        case exp.Paren():
            return is_false_without_events(wanted.this)
        case exp.And():
            return any(is_false_without_events(each) for each in wanted.flatten())
        case exp.Or():
            return all(is_false_without_events(each) for each in wanted.flatten())
    found = _value(wanted)
    return found is None or found is False


def _value(node: exp.Expr) -> Found:
    match node:
        case exp.Null():
            return None
        case exp.Boolean():
            return bool(node.this)
        case exp.Literal():
            return str(node.this) if node.is_string else float(node.this)
        case exp.Column():
            return None if node.table == FOUND else _MORE
        case exp.Paren():
            return _value(node.this)
        case exp.Not():
            inner = _value(node.this)
            return not inner if isinstance(inner, bool) else None if inner is None else _MORE
        case exp.And():
            return _joined([_value(each) for each in node.flatten()], decisive=False)
        case exp.Or():
            return _joined([_value(each) for each in node.flatten()], decisive=True)
        case exp.Is():
            return _is(_value(node.this), _value(node.expression))
        case exp.Coalesce():
            return next((found for each in (node.this, *node.expressions) if (found := _value(each)) is not None), None)
        case exp.Case():
            return _case(node)
        case _:
            return _of_parts(node)


def _joined(parts: list[Found], *, decisive: bool) -> Found:
    if decisive in [part for part in parts if isinstance(part, bool)]:
        return decisive
    if _MORE in parts:
        return _MORE
    return None if None in parts else not decisive


def _is(one: Found, other: Found) -> Found:
    if isinstance(one, _Depends) or isinstance(other, _Depends):
        return _MORE
    return one is other


def _case(node: exp.Case) -> Found:
    for branch in node.args["ifs"]:
        test = _value(branch.this)
        if isinstance(test, _Depends):
            return _MORE
        if test is True:
            return _value(branch.args["true"])
    default = node.args.get("default")
    return None if default is None else _value(default)


def _of_parts(node: exp.Expr) -> Found:
    """Return NULL for what is NULL when any part of it is, and the outcome of comparing constants."""
    is_strict = isinstance(node, exp.Binary | exp.Cast | exp.In | exp.Anonymous) and node.name.lower() not in _PAST_NULL
    parts = [_value(each) for each in node.iter_expressions() if not isinstance(each, exp.Lambda | exp.DataType)]
    if is_strict and None in (parts[:1] if isinstance(node, exp.In) else parts):
        return None
    compare = _COMPARES.get(type(node))
    if compare is None or _MORE in parts or type(parts[0]) is not type(parts[1]):
        return _MORE
    return bool(compare(parts[0], parts[1]))
