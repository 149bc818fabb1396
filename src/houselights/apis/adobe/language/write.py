"""Tree to text, in one canonical spelling: what it writes is read back as the same tree, and written the same again.

Spelling: `x[…]` for an unnamed filter and `select X from …` for a named one, `^` to reach outside, brackets only where
the grammar needs them, double quotes, `not (…)`, keywords of chains in capitals, `today` for this day.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import IntEnum
from typing import assert_never

from houselights.apis.adobe.language.quoting import name_of, quoted
from houselights.apis.adobe.language.scope import Scope
from houselights.apis.adobe.language.words import (
    CALL_OF,
    DAY_OF,
    EVENT_ARRAY,
    INFIX_OF,
    KEPT_OF,
    OF_NOW_OF,
    RESERVED,
    WORD_OF,
    case_flag,
)
from houselights.rules.functions import AGGREGATES
from houselights.rules.values import (
    EVENTS,
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
    Record,
    Step,
    Unit,
    Value,
    Variable,
    When,
)


class Level(IntEnum):
    """How tightly a form binds; a form stands in brackets where a tighter one is needed."""

    OPEN = 0  # reaches as far right as it can
    OR = 1
    AND = 2
    COMPARISON = 3
    SUM = 4
    PRODUCT = 5
    UNARY = 6
    POSTFIX = 7


_INFIX_LEVEL = {"or": Level.OR, "and": Level.AND, "add": Level.SUM, "subtract": Level.SUM, "multiply": Level.PRODUCT,
                "divide": Level.PRODUCT, "remainder": Level.PRODUCT}  # fmt: skip
_PLURALS = {Unit.CENTURY: "centuries", Unit.MILLENNIUM: "millennia"}
# What a comprehension's value may begin with, so that its first word is told from a field called `sum`.
_HEAD_STARTS = "_$^(`"


def write(tree: Value) -> str:
    """Write a tree as text. Raises nothing for a tree that `parse` or `json_form.read` made."""
    return _at(tree, Level.OPEN, Scope())


def _at(node: Value, least: Level, scope: Scope) -> str:
    """Write a node where at least a level of binding is needed."""
    text, level = _written(node, scope)
    return text if level >= least else f"({text})"


def _written(node: Value, scope: Scope) -> tuple[str, Level]:
    match node:
        case Literal():
            return _literal(node)
        case Listing(items):
            return f"[{', '.join(_at(item, Level.OPEN, scope) for item in items)}]", Level.POSTFIX
        case Record(entries):
            inside = ", ".join(f"{quoted(name)}: {_at(value, Level.OPEN, scope)}" for name, value in entries)
            return f"{{{inside}}}", Level.POSTFIX
        case Input(position):
            return f"${position}", Level.POSTFIX
        case Variable(name):
            return name, Level.POSTFIX
        case Field(of, name):
            return _path(of, name, scope), Level.POSTFIX
        case Call():
            return _call(node, scope)
        case Let(name, value, body):
            inner = scope.with_names([name])
            return f"let {name} = {_at(value, Level.SUM, scope)} in ({_at(body, Level.OPEN, inner)})", Level.OPEN
        case Now():
            return "now", Level.POSTFIX
        case Period(which, unit):
            return (DAY_OF[which] if unit is Unit.DAY else f"{which} {unit}"), Level.POSTFIX
        case Occurs(time, when):
            return f"{_at(time, Level.SUM, scope)} occurs {write_when(when, scope)}", Level.COMPARISON
        case Chain(events, time, steps):
            return _chain(events, time, steps, scope), Level.POSTFIX
        case Member(audience):
            return f"inSegment({quoted(audience)})", Level.POSTFIX
        case _:
            assert_never(node)


def _literal(node: Literal) -> tuple[str, Level]:
    match node.value:
        case None:
            return "null", Level.POSTFIX
        case bool(value):
            return str(value).lower(), Level.POSTFIX
        case int(value) | float(value):
            text = repr(value)
            return text, Level.UNARY if text.startswith("-") else Level.POSTFIX
        case str(value):
            return quoted(value), Level.POSTFIX
        case datetime() as at:
            return f"timestamp({quoted(at.isoformat().replace('+00:00', 'Z'))})", Level.POSTFIX
        case date() as day:
            return f"date({day.year}, {day.month}, {day.day})", Level.POSTFIX


def _path(of: Value, name: str, scope: Scope) -> str:
    depth = len(scope.unnamed)
    match of:
        case Input(1):
            if name == EVENTS and EVENT_ARRAY not in scope.named:
                return EVENT_ARRAY
            return _from_above(depth, KEPT_OF.get(name, name), scope)
        case Variable(variable) if variable in scope.unnamed:
            return _from_above(depth - 1 - scope.unnamed.index(variable), name, scope)
        case _:
            return f"{_at(of, Level.POSTFIX, scope)}.{name_of(name)}"


def _from_above(levels: int, name: str, scope: Scope) -> str:
    if levels:
        return f"{'^' * levels}{'.' if levels > 1 else ''}{name_of(name)}"
    clashes = name.lower() in RESERVED or name in scope.named or (name == EVENT_ARRAY and bool(scope.unnamed))
    return f"`{name}`" if clashes else name_of(name)


def _call(node: Call, scope: Scope) -> tuple[str, Level]:
    function, arguments = node.function, node.arguments
    named = next((each for each in arguments if isinstance(each, Lambda) and not each.names[0].startswith("@")), None)
    if function in INFIX_OF:
        return _infix(function, [each for each in arguments if not isinstance(each, Lambda)], scope)
    if function == "not":
        return f"not ({_argument(arguments[0], scope)})", Level.UNARY
    if function in {"exists", "forall", "filter"} and named is not None:
        word = "select" if function == "filter" else function
        return f"{word} {_generator(arguments[0], named, named.body, scope)}", Level.OPEN
    if function in AGGREGATES and named is not None:
        return _comprehension(function, arguments[0], named, scope), Level.OPEN
    if function in OF_NOW_OF and arguments[-1] == Now():
        inside = ", ".join(_argument(each, scope) for each in arguments[:-1])
        return f"{OF_NOW_OF[function]}({inside})", Level.POSTFIX
    if function == "filter":
        return f"{_receiver(arguments[0], scope)}[{_argument(arguments[1], scope)}]", Level.POSTFIX
    words, flag = [_argument(each, scope) for each in arguments], case_flag(node)
    if function in CALL_OF or function == "date_of":
        return f"{WORD_OF[function]}({', '.join(words)})", Level.POSTFIX
    if flag is not None:
        words.append(str(flag).lower())
    return f"{_receiver(arguments[0], scope)}.{WORD_OF[function]}({', '.join(words[1:])})", Level.POSTFIX


def _infix(function: str, operands: Sequence[Value], scope: Scope) -> tuple[str, Level]:
    level = _INFIX_LEVEL.get(function, Level.COMPARISON)
    tighter = Level(level + 1)
    if level in {Level.OR, Level.AND, Level.COMPARISON}:
        return f" {INFIX_OF[function]} ".join(_at(each, tighter, scope) for each in operands), level
    left, right = operands
    return f"{_at(left, level, scope)} {INFIX_OF[function]} {_at(right, tighter, scope)}", level


def _receiver(node: "Value | Lambda", scope: Scope) -> str:
    assert not isinstance(node, Lambda), "the first argument of a method is a value"
    return _at(node, Level.POSTFIX, scope)


def _argument(node: "Value | Lambda", scope: Scope) -> str:
    """Write an argument; the body of an unnamed function is written inside the scope of its item."""
    if not isinstance(node, Lambda):
        return _at(node, Level.OPEN, scope)
    if node.names[0].startswith("@"):
        return _at(node.body, Level.OPEN, scope.of_item()[0])
    return f"({', '.join(node.names)}) => {_at(node.body, Level.OPEN, scope.with_names(node.names))}"


def _generator(source: "Value | Lambda", named: Lambda, condition: Value, scope: Scope) -> str:
    text = f"{named.names[0]} from {_receiver(source, scope)}"
    if condition == Literal(True):
        return text
    return f"{text} where {_at(condition, Level.OR, scope.with_names(named.names))}"


def _comprehension(function: str, source: "Value | Lambda", named: Lambda, scope: Scope) -> str:
    head = _at(named.body, Level.SUM, scope.with_names(named.names))
    if not (head[0].isalnum() or head[0] in _HEAD_STARTS) or head.split(None, 1)[0] in INFIX_OF:
        head = f"({head})"
    condition: Value = Literal(True)
    match source:
        case Call("filter", (inner, Lambda(names, body))) if names == named.names and body != Literal(True):
            source, condition = inner, body
    return f"{function} {head} over {_generator(source, named, condition, scope)}"


def _chain(events: Value, time: Lambda, steps: Sequence[Step], scope: Scope) -> str:
    earlier: list[str] = []
    written: list[str] = []
    for each in steps:
        parts = [f"WHAT({_argument(each.what, scope)})"]
        if each.when is not None:
            parts.append(f"WHEN({write_when(each.when, scope.with_names(earlier))})")
        if each.count != 1:
            parts.append(f"COUNT({each.count})")
        if each.where is not None:
            parts.append(f"WHERE({_argument(each.where, scope)})")
        written.append(f"{each.label}: {' '.join(parts)}")
        earlier.append(each.label)
    return f"CHAIN({_at(events, Level.OPEN, scope)}, {_argument(time, scope)}, [{', '.join(written)}])"


def write_when(when: When, scope: Scope) -> str:
    """Write what stands after `occurs`, or inside WHEN(…)."""
    match when:
        case Offset(compare, amount, unit, side, anchor):
            units = unit if amount == 1 else _PLURALS.get(unit, f"{unit}s")
            return f"{INFIX_OF[compare]} {amount} {units} {side} {_at(anchor, Level.SUM, scope)}"
        case Beside(side, anchor):
            return f"{side} {_at(anchor, Level.SUM, scope)}"
        case During(anchor):
            return f"{'' if isinstance(anchor, Period) else 'on '}{_at(anchor, Level.SUM, scope)}"
        case Between(low, high):
            return f"between {_at(low, Level.SUM, scope)} and {_at(high, Level.SUM, scope)}"
        case _:
            assert_never(when)
