"""Says what a value-level rule answers for one person, slowly and obviously. This is the definition of correct.

A faster evaluator must agree with it on every rule and every document. It reads one document at a time and knows no
index, no cache and no storage. The decisions it embodies are argued in docs/decisions/0010.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, assert_never

from houselights.base.errors import InvalidRule
from houselights.engine.values.chain import happened
from houselights.rules.calendar import (
    Moment,
    instant,
    lies_at_distance,
    lies_beside,
    lies_between,
    lies_during,
    period,
)
from houselights.rules.functions import FUNCTIONS
from houselights.rules.functions.comparing import is_number, is_time, is_true
from houselights.rules.functions.lists import as_list, flat
from houselights.rules.functions.table import Function, Kind, Shape
from houselights.rules.functions.texts import lowered
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
from houselights.rules.walk import every

Document: TypeAlias = Mapping[str, Any]
Bindings: TypeAlias = Mapping[str, Any]


def nowhere(audience: str) -> bool:  # noqa: ARG001  the signature of a membership question
    """Answer that the person is a member of no audience."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a rule is evaluated with: the inputs, what now is, and which audiences the person is in."""

    inputs: tuple[Document, ...]
    now: datetime
    is_member: Callable[[str], bool] = nowhere


def holds(rule: Value, person: Document, *, now: datetime, is_member: Callable[[str], bool] = nowhere) -> bool:
    """Say whether a person's document matches a rule.

    `person` is a nested document of plain values as `document.read` gives them, with the events under EVENTS. `now` is
    aware. Raises InvalidRule for a rule that no checker would let pass (an unknown function, a pattern that is none).
    """
    return is_true(evaluate(rule, Circumstances(inputs=(person,), now=now, is_member=is_member)))


def evaluate(rule: Value, circumstances: Circumstances, bound: Bindings | None = None) -> Any:
    """Return what a rule answers: a plain value, a list, a dict, or None where nothing is known."""
    return _Evaluation(circumstances).value(rule, bound or {})


@dataclass(frozen=True, slots=True)
class _Evaluation:
    at: Circumstances

    def value(self, node: Value, bound: Bindings) -> Any:
        match node:
            case Literal(value):
                return value
            case Listing(items):
                return flat([self.value(item, bound) for item in items])
            case Record(entries):
                return {name: self.value(value, bound) for name, value in entries}
            case Input(position):
                return self.at.inputs[position - 1] if position <= len(self.at.inputs) else None
            case Variable(name):
                return bound[name]
            case Field(of, name):
                return step(self.value(of, bound), name)
            case Call():
                return self.call(node, bound)
            case Let(name, value, body):
                return self.value(body, {**bound, name: self.value(value, bound)})
            case Now():
                return instant(self.at.now)
            case Period(which, unit):
                return period(self.at.now, which, unit)
            case Occurs(time, when):
                return any(self.lies(each, when, bound) for each in as_list(self.value(time, bound)))
            case Chain():
                return self.chain(node, bound)
            case Member(audience):
                return self.at.is_member(audience)
            case _:
                assert_never(node)

    def call(self, node: Call, bound: Bindings) -> Any:
        function = FUNCTIONS.get(node.function)
        if function is None:
            raise InvalidRule(f"there is no function {node.function!r}")
        arguments: list[Any] = []
        for position, argument in enumerate(node.arguments):
            kind = function.signature.parameter(position).kind
            if isinstance(argument, Lambda):
                arguments.append(self.function(argument, bound))
            else:
                assert isinstance(kind, Kind), "a checker lets no value stand where a lambda must"
                arguments.append(as_asked(self.value(argument, bound), kind))
        return apply(function, arguments, ignore_case=node.ignore_case)

    def function(self, node: Lambda, bound: Bindings) -> Callable[..., Any]:
        return lambda *values: self.value(node.body, {**bound, **dict(zip(node.names, values, strict=True))})

    def lies(self, time: Any, when: When, bound: Bindings) -> bool:
        """Say whether a time lies where `when` says; false when it, or an anchor, is not a time."""
        if not is_time(time):
            return False
        at = instant(time)
        match when:
            case Offset():
                anchor = self.moment(when.anchor, bound)
                return anchor is not None and lies_at_distance(
                    at, when.compare, when.amount, when.unit, when.side, instant(anchor)
                )
            case Beside(side, node):
                anchor = self.moment(node, bound)
                return anchor is not None and lies_beside(at, side, anchor)
            case During(node):
                anchor = self.moment(node, bound)
                return anchor is not None and lies_during(at, anchor)
            case Between(first, last):
                low, high = self.moment(first, bound), self.moment(last, bound)
                return low is not None and high is not None and lies_between(at, low, high)
            case _:
                assert_never(when)

    def moment(self, node: Value, bound: Bindings) -> Moment | None:
        """Return an anchor as a time; of a list the first, None when there is none."""
        value = next(iter(as_list(self.value(node, bound))), None)
        return value if is_time(value) else None

    def chain(self, node: Chain, bound: Bindings) -> bool:
        clock = self.function(node.time, bound)
        events = [event for event in as_list(self.value(node.events, bound)) if is_time(clock(event))]

        def matches(place: int, event: Any, times: Bindings) -> bool:
            link = node.steps[place]
            return (
                is_true(self.function(link.what, bound)(event))
                and (link.when is None or self.lies(clock(event), link.when, {**bound, **times}))
                and (link.where is None or is_true(self.function(link.where, bound)(event)))
            )

        referred = {each.name for each in every(node) if isinstance(each, Variable)}
        return happened(
            node.steps, events, time=lambda event: instant(clock(event)), matches=matches, referred=referred
        )


def step(value: Any, name: str) -> Any:
    """Take one step of a path: through a list for every item, flattened; null where there is no such field."""
    if isinstance(value, list):
        return flat([step(item, name) for item in value])
    return value.get(name) if isinstance(value, Mapping) else None


def apply(function: Function, arguments: list[Any], *, ignore_case: bool = False) -> Any:
    """Apply a function of the table to plain values, the way its shape meets lists and what is missing."""
    if function.shape is Shape.WHOLE:
        return function.meaning(*arguments)
    is_test = function.shape is Shape.PREDICATE
    parameters = function.signature.parameters
    fixed = len(parameters) - parameters[-1].repeated
    # The words of `equals("AL", "AK")` are one list of alternatives: those that are missing are left out.
    rest = flat(arguments[fixed:])
    lists = [place for place, value in enumerate(arguments[:fixed]) if isinstance(value, list)]
    if any(value is None for value in arguments[:fixed]) or (fixed < len(arguments) and not rest) or len(lists) > 1:
        return False if is_test else None
    if ignore_case:
        arguments = [_lowered(value) for value in arguments[:fixed]]
        rest = [_lowered(value) for value in rest]
    if not lists:
        return function.meaning(*arguments[:fixed], *rest)
    place = lists[0]
    results = [
        function.meaning(*arguments[:place], item, *arguments[place + 1 : fixed], *rest) for item in arguments[place]
    ]
    return any(results) if is_test else flat(results)


def as_asked(value: Any, kind: Kind) -> Any:
    """Return a value as the kind that a signature asks for, null when it is of another; single kinds see into lists."""
    if kind.word == "list":
        return as_list(value)
    if isinstance(value, list):
        return value if kind.word in _UNTYPED else [item for item in value if _fits(item, kind.word)]
    return value if _fits(value, kind.word) else None


def _fits(value: Any, word: str) -> bool:
    match word:
        case "text":
            return isinstance(value, str)
        case "integer":
            return is_number(value) and isinstance(value, int)
        case "number":
            return is_number(value)
        case "time":
            return is_time(value)
        case "map":
            return isinstance(value, dict)
        case _:
            return True


def _lowered(value: Any) -> Any:
    if isinstance(value, list):
        return [_lowered(item) for item in value]
    return lowered(value) if isinstance(value, str) else value


_UNTYPED = frozenset({"any", "boolean", "order", "entry", "T", "U"})
