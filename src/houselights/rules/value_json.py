"""Writes a value-level tree as JSON and reads it back. Refuses whatever it does not understand, by its path.

The form is documented in docs/value-json.md. It stands inside rules (`{"where": …}`), whose version covers it, and
alone as `{"version": 1, "value": …}`. One node is an object with one key. Numbers that JSON would change on the way
(integers beyond 2⁵³, infinities) are written as text; 1 and 1.0 stay different things because each is named.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, assert_never

from houselights.base.errors import InvalidRule
from houselights.rules.json_values import members, shown
from houselights.rules.value_json_read import Reader
from houselights.rules.values import (
    Beside,
    Between,
    Call,
    Chain,
    During,
    Field,
    Input,
    Lambda,
    Let,
    Listing,
    Literal,
    Member,
    Now,
    Occurs,
    Offset,
    Period,
    Plain,
    Record,
    Step,
    Value,
    Variable,
    When,
)
from houselights.rules.walk import path_of

VERSION = 1
EXACT_IN_JSON = 2**53  # beyond it, clients that read numbers into doubles change the last digits


def to_json(value: Value) -> dict[str, Any]:
    """Return the JSON form with its version: `{"version": 1, "value": …}`. `from_json` gives back an equal tree."""
    return {"version": VERSION, "value": value_to_json(value)}


def from_json(document: object) -> Value:
    """Read `{"version": 1, "value": …}`, parsed JSON. Raises InvalidRule whose `field` is the path of the fault."""
    if not isinstance(document, Mapping):
        raise InvalidRule(f"an expression is an object, not {shown(document)}", field="value")
    version = members(document, "", required=("version", "value"))["version"]
    if type(version) is not int or version != VERSION:
        raise InvalidRule(f"version {shown(version)} is not one we read; this is version {VERSION}", field="version")
    return value_from_json(document["value"], "value")


def value_from_json(node: object, path: str) -> Value:
    """Read one node that stands at `path` of a larger document; errors as for `from_json`."""
    return Reader().value(node, path)


def value_to_json(value: Value) -> dict[str, Any]:
    """Return the JSON form of one node, without the version."""
    match value:
        case Literal(plain):
            return _literal(plain)
        case Listing(items):
            return {"list": [value_to_json(each) for each in items]}
        case Record(entries):
            return {"record": [[name, value_to_json(each)] for name, each in entries]}
        case Input(position):
            return {"input": position}
        case Variable(name):
            return {"variable": name}
        case Field():
            return {"path": _path(value)}
        case Call(function, arguments, ignore_case):
            written: dict[str, Any] = {"function": function, "arguments": [_argument(each) for each in arguments]}
            return {"call": {**written, "ignore_case": True} if ignore_case else written}
        case Let(name, bound, body):
            return {"let": {"name": name, "value": value_to_json(bound), "in": value_to_json(body)}}
        case Now():
            return {"now": True}
        case Period(which, unit):
            return {"period": {"which": which.value, "unit": unit.value}}
        case Occurs(time, when):
            return {"occurs": {"time": value_to_json(time), "when": _when(when)}}
        case Chain(events, time, steps):
            made = {"events": value_to_json(events), "time": _lambda(time), "steps": [_step(each) for each in steps]}
            return {"chain": made}
        case Member(audience):
            return {"member": audience}
        case _:
            assert_never(value)


def _literal(plain: Plain) -> dict[str, Any]:
    match plain:
        case None:
            return {"null": True}
        case bool():
            return {"boolean": plain}
        case int():
            return {"integer": _whole(plain)}
        case float():
            return {"number": plain if plain - plain == 0 else str(plain)}  # inf - inf is not a number
        case str():
            return {"text": plain}
        case datetime():
            # An instant is a point in time: its zone says nothing more, and two zones of one instant are equal.
            return {"instant": plain.astimezone(UTC).isoformat()} if plain.tzinfo else {"instant": plain.isoformat()}
        case date():
            return {"date": plain.isoformat()}
        case _:
            assert_never(plain)


def _whole(number: int) -> int | str:
    return number if abs(number) <= EXACT_IN_JSON else hex(number)


def _path(field: Field) -> dict[str, Any]:
    """Write a whole path at once; one that starts at the person does not say so."""
    start, steps = path_of(field)
    made: dict[str, Any] = {"steps": list(steps)}
    if start != Input(1):
        assert not isinstance(start, Lambda | Step | Offset | Beside | During | Between), "a path starts at a value"
        made = {"from": value_to_json(start), **made}
    return made


def _argument(argument: Value | Lambda) -> dict[str, Any]:
    return {"lambda": _lambda(argument)} if isinstance(argument, Lambda) else value_to_json(argument)


def _lambda(function: Lambda) -> dict[str, Any]:
    return {"names": list(function.names), "body": value_to_json(function.body)}


def _when(when: When) -> dict[str, Any]:
    match when:
        case Offset(compare, amount, unit, side, anchor):
            words = {"compare": compare.value, "amount": _whole(amount), "unit": unit.value, "side": side.value}
            return {"offset": {**words, "anchor": value_to_json(anchor)}}
        case Beside(side, anchor):
            return {"beside": {"side": side.value, "anchor": value_to_json(anchor)}}
        case During(anchor):
            return {"during": value_to_json(anchor)}
        case Between(low, high):
            return {"between": {"low": value_to_json(low), "high": value_to_json(high)}}
        case _:
            assert_never(when)


def _step(step: Step) -> dict[str, Any]:
    made: dict[str, Any] = {"label": step.label, "what": _lambda(step.what)}
    if step.when is not None:
        made["when"] = _when(step.when)
    if step.count != 1:
        made["count"] = _whole(step.count)
    if step.where is not None:
        made["where"] = _lambda(step.where)
    return made
