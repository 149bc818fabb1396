"""How an audience can be evaluated, and why: in batch, as profiles stream in, at the edge. Rules as of May 2025.

- batch: everything;
- continuous (streaming): attributes only, or events of the last 24 hours, one or several; the whole may not be a
  negation of events, and events may not stand beside another audience;
- synchronous (edge): attributes only, or one event of the last 24 hours; other audiences when no events stand beside.

Both want a merge policy that is active on edge. Aggregates over events, and events without a window, are batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from houselights.rules.functions import AGGREGATES
from houselights.rules.values import (
    EVENTS,
    Call,
    Chain,
    Comparison,
    During,
    Field,
    Input,
    Lambda,
    Member,
    Node,
    Now,
    Occurs,
    Offset,
    Period,
    Side,
    Unit,
    Value,
    Variable,
    When,
    Which,
)
from houselights.rules.values_english import english
from houselights.rules.walk import every, inside

_HOURS = {Unit.MILLISECOND: 1 / 3_600_000, Unit.SECOND: 1 / 3600, Unit.MINUTE: 1 / 60, Unit.HOUR: 1, Unit.DAY: 24,
          Unit.WEEK: 168}  # fmt: skip
_OF_EVENTS = Field(Input(1), EVENTS)
_WITHIN = frozenset({Comparison.LESS, Comparison.AT_MOST, Comparison.EQUAL})
_OVER = frozenset({"filter", "exists"})


class Method(StrEnum):
    """A way to evaluate; the values are the API's flags."""

    BATCH = "batch"
    CONTINUOUS = "continuous"
    SYNCHRONOUS = "synchronous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """For each method the reasons against it, in words; no reasons means that it can be used."""

    against: dict[Method, tuple[str, ...]]

    def allows(self, method: Method) -> bool:
        return not self.against[method]

    @property
    def chosen(self) -> Method:
        """The method for an audience that asks for none: streaming when it can be, else batch."""
        return Method.CONTINUOUS if self.allows(Method.CONTINUOUS) else Method.BATCH

    def explain(self) -> str:
        """Say which method is chosen and why, in a sentence."""
        if self.chosen is Method.BATCH:
            return f"batch, because {', and '.join(self.against[Method.CONTINUOUS])}"
        edge = self.against[Method.SYNCHRONOUS]
        return f"continuous; not synchronous, because {', and '.join(edge)}" if edge else "continuous or synchronous"


@dataclass(frozen=True, slots=True)
class _Term:
    """One look at events. `fault` says why it is not one at the last 24 hours; `several` needs more than one event."""

    fault: str | None
    several: bool = False
    negated: bool = False


def eligibility(rule: Value, *, active_on_edge: bool = True, clock: str = "timestamp") -> Eligibility:
    """Decide by which methods a rule can be evaluated. `clock` is the event's field that says when it happened."""
    terms = list(_terms(rule, clock, negated=False))
    asks_members = any(isinstance(each, Member) for each in every(rule))
    shared = [] if active_on_edge else ["its merge policy is not active on edge"]
    shared += dict.fromkeys(term.fault for term in terms if term.fault is not None)
    if terms and asks_members:
        shared.append("it asks about events and about another audience at once")
    streaming = list(shared)
    if terms and all(term.negated for term in terms) and _is_negation(rule):
        streaming.append("as a whole it is a negation of events")
    edge = list(shared)
    if len(terms) > 1 or any(term.several for term in terms):
        edge.append("it needs more than one event")
    if any(term.negated for term in terms):
        edge.append("it asks for events that did not happen")
    return Eligibility(
        against={
            Method.BATCH: (),
            Method.CONTINUOUS: tuple(streaming),
            Method.SYNCHRONOUS: tuple(edge),
        }
    )


def _is_negation(rule: Value) -> bool:
    return isinstance(rule, Call) and rule.function == "not"


def _terms(node: Node, clock: str, *, negated: bool) -> Iterator[_Term]:
    """Yield every look at events below a node."""
    match node:
        case Call("not", (operand,)):
            yield from _terms(operand, clock, negated=not negated)
        case Chain(events, _, steps) if events == _OF_EVENTS:
            for step in steps:
                yield _Term(_fault(step.when), several=step.count > 1, negated=negated)
        case Call(function, (of, Lambda(names, body))) if function in _OVER and of == _OF_EVENTS:
            yield _Term(_fault(_window(body, names[0], clock)), negated=negated)
            yield from _terms(body, clock, negated=negated)
        case Call(function, arguments) if function in AGGREGATES and any(map(_looks_at_events, arguments)):
            yield _Term("it aggregates events", several=True, negated=negated)
        case Field(Input(1), name) if name == EVENTS:
            yield _Term("it looks at events of any age", negated=negated)
        case _:
            for each in inside(node):
                yield from _terms(each, clock, negated=negated)


def _looks_at_events(node: Node) -> bool:
    return any(each == _OF_EVENTS for each in every(node))


def _window(condition: Value, item: str, clock: str) -> When | None:
    """Return the window that a condition sets on its item's clock, when every item must lie in it."""
    match condition:
        case Occurs(Field(Variable(name), field), when) if name == item and field == clock:
            return when
        case Call("and", parts):
            found = (_window(each, item, clock) for each in parts if not isinstance(each, Lambda))
            return next((each for each in found if each is not None), None)
        case _:
            return None


def _fault(when: When | None) -> str | None:
    """Say why a window is not within the last 24 hours; None when it is."""
    match when:
        case None:
            return "it looks at events of any age"
        case During(Period(Which.THIS, unit)) if _HOURS.get(unit, 1e9) <= 24:
            return None
        case Offset(compare, amount, unit, Side.BEFORE, Now()) if compare in _WITHIN:
            if amount * _HOURS.get(unit, 1e9) <= 24:
                return None
            return f"the window is {amount} {unit}{'' if amount == 1 else 's'}"
        case During(anchor):
            return f"the window is {english(anchor)}"
        case _:
            return "the window is not the last 24 hours or today"
