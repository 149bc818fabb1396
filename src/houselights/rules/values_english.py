"""A value-level rule in plain English, for people who did not write it. Not read back; nothing may depend on it.

Paths are named by their words: `workAddress.country` is "work address country". Inside "where" names are those of the
items spoken of; what belongs to the person is "the person's", what belongs to an outer item "the outer …".
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import assert_never

from houselights.rules.functions import FUNCTIONS
from houselights.rules.functions.table import Mapper
from houselights.rules.values import (
    EVENTS,
    IDENTITIES,
    MEMBERSHIPS,
    Beside,
    Between,
    Call,
    Chain,
    Comparison,
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
    Record,
    Side,
    Step,
    Unit,
    Value,
    Variable,
    When,
    Which,
)
from houselights.rules.walk import path_of, renamed

_KEPT = {EVENTS: "events", IDENTITIES: "identities", MEMBERSHIPS: "memberships"}
_DAYS = {Which.LAST: "yesterday", Which.THIS: "today", Which.NEXT: "tomorrow"}
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FORMS = re.compile(r"\{(\d|… \w+)\}")
_PLURALS = {Unit.CENTURY: "centuries", Unit.MILLENNIUM: "millennia"}
_OFFSETS = {
    Comparison.LESS: "less than {} {}",
    Comparison.AT_MOST: "at most {} {}",
    Comparison.GREATER: "more than {} {}",
    Comparison.AT_LEAST: "at least {} {}",
    Comparison.EQUAL: "{} {}",
    Comparison.NOT_EQUAL: "not {} {}",
}
# Functions whose words would run into those around them.
_JOINED = frozenset({"and", "or"})

Items = tuple[str, ...]  # the variables around us, innermost last


def english(rule: Value, audience_name: Callable[[str], str] | None = None, *, is_condition: bool = True) -> str:
    """Return a rule as one English phrase, without a full stop; not a condition: what it answers.

    `audience_name` gives the name of an audience by its id; without it audiences are called by their ids.
    """
    if audience_name is not None:
        rule = renamed(rule, audience_name)
    return (_condition if is_condition else _value)(rule, ())


def _condition(node: Value, items: Items) -> str:
    """Write a value where a condition stands: a list there asks whether it holds anything."""
    match node:
        case Call("filter", (of, Lambda() as test)) if not isinstance(of, Lambda):
            what = f"there are {_value(of, items)}"
            return what if test.body == Literal(True) else f"{what} where {_lambda(test, items, is_condition=True)}"
        case Literal(True):
            return "always"
        case Literal(False):
            return "never"
        case Field():
            return f"{_value(node, items)} holds"
        case _:
            return _value(node, items)


def _value(node: Value, items: Items) -> str:
    match node:
        case Literal(value):
            return _literal(value)
        case Listing(inside):
            return f"[{', '.join(_value(each, items) for each in inside)}]"
        case Record(entries):
            return "{" + ", ".join(f"{name}: {_value(value, items)}" for name, value in entries) + "}"
        case Input(position):
            return "the person" if position == 1 else f"input {position}"
        case Variable(name):
            return name if not name.startswith("@") else "the item"
        case Field():
            return _path(node, items)
        case Call():
            return _call(node, items)
        case Let(name, value, body):
            return f"with {name} as {_value(value, items)}: {_condition(body, items)}"
        case Now():
            return "now"
        case Period(which, unit):
            return _DAYS[which] if unit is Unit.DAY else f"{which} {unit}"
        case Occurs(time, when):
            return f"{_value(time, items)} was {_when(when, items)}"
        case Chain():
            return _chain(node, items)
        case Member(audience):
            return f'the person is in audience "{audience}"'
        case _:
            assert_never(node)


def _literal(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case datetime():
            return value.isoformat(sep=" ", timespec="auto").replace("+00:00", " UTC")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _path(node: Field, items: Items) -> str:
    start, steps = path_of(node)
    words = " ".join(_words(step) for step in steps)
    match start:
        case Input(1):
            return words if not items or steps[0] in _KEPT else f"the person's {words}"
        case Variable(name) if name in items:
            if name == items[-1]:
                return words
            return f"the outer {words}" if name.startswith("@") else f"{name}'s {words}"
        case Lambda() | Step() | Offset() | Beside() | During() | Between():
            raise AssertionError("a path starts at a value")
        case _:
            return f"{words} of {_value(start, items)}"


def _words(name: str) -> str:
    if name in _KEPT:
        return _KEPT[name]
    return " ".join(part if part.isupper() else part.lower() for part in _CAPITAL.sub(" ", name.strip("_")).split())


def _call(node: Call, items: Items) -> str:
    function = FUNCTIONS[node.function]
    forms = function.english.split("|")
    form = next((each for each in forms if _fits(each, node)), forms[-1])
    fixed = len(function.signature.parameters) - 1

    def part(match: re.Match[str]) -> str:
        name = match.group(1)
        if name.startswith("…"):
            joiner = f" {name.split()[1]} "
            rest = node.arguments if node.function in _JOINED else node.arguments[fixed:]
            return joiner.join(_part(node, each, items) for each in rest)
        return _part(node, node.arguments[int(name)], items)

    written = _FORMS.sub(part, form).removesuffix(" where always")
    return f"{written} (whatever the case)" if node.ignore_case else written


def _fits(form: str, node: Call) -> bool:
    numbers = [int(each) for each in re.findall(r"\{(\d)\}", form)]
    return max(numbers, default=-1) < len(node.arguments)


def _part(node: Call, argument: "Value | Lambda", items: Items) -> str:
    if isinstance(argument, Lambda):
        place = node.arguments.index(argument)
        kind = FUNCTIONS[node.function].signature.parameter(place).kind
        return _lambda(argument, items, is_condition=isinstance(kind, Mapper) and kind.gives.word == "boolean")
    if node.function in _JOINED:
        text = _condition(argument, items)
        return f"({text})" if _runs_on(argument) else text
    if node.function == "not" or (node.function == "if" and argument is node.arguments[0]):
        return _condition(argument, items)
    return _value(argument, items)


def _runs_on(node: Value) -> bool:
    """Say whether the English of a condition has no clear end, so that it stands in brackets among others."""
    match node:
        case Call(function, arguments):
            return function in _JOINED or any(isinstance(each, Lambda) for each in arguments)
        case Let() | Chain():
            return True
        case _:
            return False


def _lambda(node: Lambda, items: Items, *, is_condition: bool) -> str:
    return (_condition if is_condition else _value)(node.body, (*items, *node.names))


def _when(when: When, items: Items) -> str:
    match when:
        case Offset(compare, amount, unit, side, anchor):
            units = unit if amount == 1 else _PLURALS.get(unit, f"{unit}s")
            distance = _OFFSETS[compare].format(amount, units)
            return f"{distance} {'away from' if side is Side.FROM else side} {_value(anchor, items)}"
        case Beside(Side.FROM, anchor):
            return f"from {_value(anchor, items)} on"
        case Beside(side, anchor):
            return f"{side} {_value(anchor, items)}"
        case During(Period() as anchor):
            return f"{'' if anchor.unit is Unit.DAY else 'in '}{_value(anchor, items)}"
        case During(anchor):
            return f"on the day of {_value(anchor, items)}"
        case Between(low, high):
            return f"between {_value(low, items)} and {_value(high, items)}"
        case _:
            assert_never(when)


def _chain(node: Chain, items: Items) -> str:
    links = [_step(each, items) for each in node.steps]
    if len(links) == 1:
        return f"there {'were' if node.steps[0].count > 1 else 'was'} {links[0]}"
    return f"there were, one after another: {'; then '.join(links)}"


def _step(step: Step, items: Items) -> str:
    several = step.count > 1
    what = _lambda(step.what, items, is_condition=True)
    where = "" if step.where is None else f" and {_lambda(step.where, items, is_condition=True)}"
    when = "" if step.when is None else f", {'each ' if several else ''}{_when(step.when, items)}"
    return f"{f'at least {step.count} events' if several else 'an event'} where {what}{where}{when}"
