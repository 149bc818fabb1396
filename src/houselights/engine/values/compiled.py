"""Makes a Python function of a value-level rule, for whoever asks it of many documents one after another.

It says what `evaluate.py` says, on every rule and document: a property test holds it to that. What it saves is to look
at the tree again for every document: kinds of nodes, signatures and names of functions are settled once.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, assert_never

from houselights.base.errors import InvalidRule
from houselights.engine.values.chain import happened
from houselights.engine.values.evaluate import Bindings, Circumstances, apply, as_asked, step
from houselights.rules.calendar import instant, lies_at_distance, lies_beside, lies_between, lies_during, period
from houselights.rules.functions import FUNCTIONS
from houselights.rules.functions.comparing import is_time, is_true
from houselights.rules.functions.lists import as_list, flat
from houselights.rules.functions.table import Function, Kind, Shape
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
    Record,
    Value,
    Variable,
    When,
)
from houselights.rules.walk import every, path_of

Run: TypeAlias = Callable[[Circumstances, Bindings], Any]
Lies: TypeAlias = Callable[[Any, Circumstances, Bindings], bool]


def compiled(rule: Value) -> Callable[[Circumstances], bool]:
    """Return the function that says whether a rule holds; keep it, making it costs more than asking it.

    Raises InvalidRule for an unknown function.
    """
    run = _value(rule)
    return lambda at: is_true(run(at, {}))


def _value(node: Value) -> Run:
    match node:
        case Literal(value):
            return lambda _at, _bound: value
        case Listing(items):
            made = [_value(item) for item in items]
            return lambda at, bound: flat([run(at, bound) for run in made])
        case Record(entries):
            named = [(name, _value(value)) for name, value in entries]
            return lambda at, bound: {name: run(at, bound) for name, run in named}
        case Input(position):
            return lambda at, _bound: at.inputs[position - 1] if position <= len(at.inputs) else None
        case Variable(name):
            return lambda _at, bound: bound[name]
        case Field():
            return _path(node)
        case Call():
            return _call(node)
        case Let(name, value, body):
            first, then = _value(value), _value(body)
            return lambda at, bound: then(at, {**bound, name: first(at, bound)})
        case Now():
            return lambda at, _bound: instant(at.now)
        case Period(which, unit):
            return lambda at, _bound: period(at.now, which, unit)
        case Occurs(time, when):
            clock, lies = _value(time), _when(when)
            return lambda at, bound: any(lies(each, at, bound) for each in as_list(clock(at, bound)))
        case Chain():
            return _chain(node)
        case Member(audience):
            return lambda at, _bound: at.is_member(audience)
        case _:
            assert_never(node)


def _path(node: Field) -> Run:
    """Take all steps of a path in one loop."""
    start, steps = path_of(node)
    first = _value(start)  # type: ignore[arg-type]  # what a path starts at is a value: `Field.of` is one

    def run(at: Circumstances, bound: Bindings) -> Any:
        value = first(at, bound)
        for name in steps:
            value = value.get(name) if type(value) is dict else step(value, name)
            if value is None:
                return None
        return value

    return run


def _call(node: Call) -> Run:
    function = FUNCTIONS.get(node.function)
    if function is None:
        raise InvalidRule(f"there is no function {node.function!r}")
    if node.function in {"and", "or", "not"}:
        return _logic(node)
    parts = [_argument(argument, function, place) for place, argument in enumerate(node.arguments)]
    meaning, ignore_case = function.meaning, node.ignore_case
    if function.shape is Shape.WHOLE:
        if len(parts) == 2:
            one, two = parts
            return lambda at, bound: meaning(one(at, bound), two(at, bound))
        return lambda at, bound: meaning(*[part(at, bound) for part in parts])
    return lambda at, bound: apply(function, [part(at, bound) for part in parts], ignore_case=ignore_case)


def _logic(node: Call) -> Run:
    """Stop at the first part that decides: what a part answers depends on nothing but the document."""
    parts = [_value(part) for part in node.arguments if not isinstance(part, Lambda)]
    match node.function:
        case "and":
            return lambda at, bound: all(is_true(part(at, bound)) for part in parts)
        case "or":
            return lambda at, bound: any(is_true(part(at, bound)) for part in parts)
        case _:
            (only,) = parts
            return lambda at, bound: not is_true(only(at, bound))


def _argument(argument: "Value | Lambda", function: Function, place: int) -> Run:
    if isinstance(argument, Lambda):
        return _lambda(argument)
    kind = function.signature.parameter(place).kind
    assert isinstance(kind, Kind), "a checker lets no value stand where a lambda must"
    run = _value(argument)
    if kind.word == "any" or len(kind.word) == 1:  # letters and anything take a value as it is
        return run
    return lambda at, bound: as_asked(run(at, bound), kind)


def _lambda(node: Lambda) -> Run:
    names, body = node.names, _value(node.body)
    if len(names) == 1:
        (name,) = names
        return lambda at, bound: lambda item: body(at, {**bound, name: item})
    return lambda at, bound: lambda *values: body(at, {**bound, **dict(zip(names, values, strict=True))})


def _when(when: When) -> Lies:
    """Return what says whether a time lies where `when` says; false when it, or an anchor, is no time."""
    match when:
        case Offset(compare, amount, unit, side, node):
            anchor = _moment(node)

            def at_distance(time: Any, at: Circumstances, bound: Bindings) -> bool:
                if not is_time(time) or (moment := anchor(at, bound)) is None:
                    return False
                return lies_at_distance(instant(time), compare, amount, unit, side, instant(moment))

            return at_distance
        case Beside(side, node):
            anchor = _moment(node)
            return lambda time, at, bound: (
                is_time(time) and (moment := anchor(at, bound)) is not None and lies_beside(instant(time), side, moment)
            )
        case During(node):
            anchor = _moment(node)
            return lambda time, at, bound: (
                is_time(time) and (moment := anchor(at, bound)) is not None and lies_during(instant(time), moment)
            )
        case Between(first, last):
            low, high = _moment(first), _moment(last)
            return lambda time, at, bound: (
                is_time(time)
                and (start := low(at, bound)) is not None
                and (end := high(at, bound)) is not None
                and lies_between(instant(time), start, end)
            )
        case _:
            assert_never(when)


def _moment(node: Value) -> Run:
    """Return an anchor as a time; of a list the first, None when there is none."""
    run = _value(node)

    def first(at: Circumstances, bound: Bindings) -> Any:
        value = next(iter(as_list(run(at, bound))), None)
        return value if is_time(value) else None

    return first


def _chain(node: Chain) -> Run:
    source, time = _value(node.events), _lambda(node.time)
    links = [
        (_lambda(link.what), None if link.when is None else _when(link.when),
         None if link.where is None else _lambda(link.where))
        for link in node.steps
    ]  # fmt: skip
    referred = {each.name for each in every(node) if isinstance(each, Variable)}

    def run(at: Circumstances, bound: Bindings) -> bool:
        clock = time(at, bound)
        events: Sequence[Any] = [event for event in as_list(source(at, bound)) if is_time(clock(event))]

        def matches(place: int, event: Any, times: Bindings) -> bool:
            what, when, where = links[place]
            return (
                is_true(what(at, bound)(event))
                and (when is None or when(clock(event), at, {**bound, **times}))
                and (where is None or is_true(where(at, bound)(event)))
            )

        return happened(
            node.steps, events, time=lambda event: instant(clock(event)), matches=matches, referred=referred
        )

    return run
