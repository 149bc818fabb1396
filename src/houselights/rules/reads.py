"""Says what of a person an expression looks at, so that a change elsewhere need not be looked into. Evaluates nothing.

What it says may be more than is really read, never less: an expression can change its answer for a person only when
something in its `Reads` changed (or time went by, where it asks what now is).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from houselights.rules.values import (
    EVENTS,
    IDENTITIES,
    MEMBERSHIPS,
    Call,
    Chain,
    Field,
    Input,
    Lambda,
    Listing,
    Literal,
    Node,
    Now,
    Period,
    Value,
    Variable,
)
from houselights.rules.walk import audiences_named, every, inside, path_of

Path = tuple[str, ...]

_OF_EVENTS = Field(Input(1), EVENTS)
_OVER = frozenset({"filter", "exists"})
_SAME = frozenset({"equal", "same_text", "in"})


@dataclass(frozen=True, slots=True)
class Reads:
    """`paths` into the person's own attributes; the empty path is the whole person.

    `event_types` are the kinds of events that can matter, in lower case; None when any can, empty when none.
    """

    paths: frozenset[Path]
    event_types: frozenset[str] | None
    identities: bool
    memberships: bool
    audiences: frozenset[str]
    now: bool

    def concerns_path(self, changed: Path) -> bool:
        """Say whether a change at or below a path, or above what is read, can matter."""
        return any(path[: len(changed)] == changed[: len(path)] for path in self.paths)

    def concerns_event(self, event_type: str) -> bool:
        """Say whether an event of this kind can matter."""
        return self.event_types is None or event_type.casefold() in self.event_types


def reads(expression: Value, *, event_type: str) -> Reads:
    """Return what an expression looks at; `event_type` is the field that says of what kind an event is."""
    kinds: frozenset[str] | None = frozenset()
    for found in _kinds_of_events(expression, event_type):
        kinds = None if kinds is None or found is None else kinds | found
    paths = frozenset(_paths(expression))
    kept = {path[0] for path in paths if path} | ({IDENTITIES, MEMBERSHIPS} if () in paths else set())
    return Reads(
        paths=frozenset(path for path in paths if not path or not path[0].startswith("@")),
        event_types=None if () in paths else kinds,
        identities=IDENTITIES in kept,
        memberships=MEMBERSHIPS in kept,
        audiences=frozenset(audiences_named(expression)),
        now=any(isinstance(each, Now | Period) for each in every(expression)),
    )


def _paths(node: Node) -> Iterator[Path]:
    """Yield the paths that start at the person; a bare person is the empty path."""
    match node:
        case Field():
            start, steps = path_of(node)
            if isinstance(start, Input):
                yield steps
            else:
                yield from _paths(start)
        case Input():
            yield ()
        case _:
            for each in inside(node):
                yield from _paths(each)


def _kinds_of_events(node: Node, event_type: str) -> Iterator[frozenset[str] | None]:
    """Yield, for every look at the events, the kinds it can find; None for any kind."""
    match node:
        case Chain(events, _, links) if events == _OF_EVENTS:
            for step in links:
                yield _kinds(step.what.body, step.what.names[0], event_type)
            for each in inside(node)[1:]:
                yield from _kinds_of_events(each, event_type)
        case Call(function, (of, Lambda((name,), body))) if function in _OVER and of == _OF_EVENTS:
            yield _kinds(body, name, event_type)
            yield from _kinds_of_events(body, event_type)
        case Field():
            start, steps = path_of(node)
            if isinstance(start, Input):
                if steps[0] == EVENTS:
                    yield None
            else:
                yield from _kinds_of_events(start, event_type)
        case _:
            for each in inside(node):
                yield from _kinds_of_events(each, event_type)


def _kinds(condition: Node, item: str, event_type: str) -> frozenset[str] | None:
    """Return the kinds among which an event must be for a condition to hold; None when it may be of any."""
    match condition:
        case Call("and", parts):
            found = [kinds for each in parts if (kinds := _kinds(each, item, event_type)) is not None]
            return min(found, key=len) if found else None
        case Call("or", parts):
            either = [_kinds(each, item, event_type) for each in parts]
            return None if None in either else frozenset().union(*(each for each in either if each is not None))
        case Call(function, (Field(Variable(name), field), *words)) if function in _SAME:
            if name != item or field != event_type:
                return None
            return _words(words)
        case _:
            return None


def _words(nodes: Iterable[Node]) -> frozenset[str] | None:
    """Return the texts written out, in lower case; None when something else is among them."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case Literal(str() as word):
                found.add(word.casefold())
            case Listing(items):
                inner = _words(items)
                if inner is None:
                    return None
                found |= inner
            case _:
                return None
    return frozenset(found)
