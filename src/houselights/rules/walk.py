"""Walks value-level trees: the nodes inside a node, and questions that need only that. Changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any, TypeVar, assert_never, cast

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
    Node,
    Now,
    Occurs,
    Offset,
    Period,
    Record,
    Step,
    Variable,
)

N = TypeVar("N", bound=Node)


def inside(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly inside this one, in the order in which they are written."""
    match node:
        case Literal() | Input() | Variable() | Now() | Period() | Member():
            return ()
        case Listing(items):
            return items
        case Record(entries):
            return tuple(value for _, value in entries)
        case Field(of, _):
            return (of,)
        case Lambda(_, body):
            return (body,)
        case Call(_, arguments):
            return arguments
        case Let(_, value, body):
            return (value, body)
        case Offset(anchor=anchor) | Beside(anchor=anchor) | During(anchor):
            return (anchor,)
        case Between(low, high):
            return (low, high)
        case Occurs(time, when):
            return (time, when)
        case Step():
            return tuple(part for part in (node.what, node.when, node.where) if part is not None)
        case Chain(events, time, steps):
            return (events, time, *steps)
        case _:
            assert_never(node)


def every(node: Node) -> Iterator[Node]:
    """Yield the node and all nodes below it, parents first."""
    waiting: list[Node] = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(inside(each)))


def depth(node: Node) -> int:
    """Return how many nodes the longest way down passes, itself counted; safe on trees of any depth."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        each, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((below, level + 1) for below in inside(each))
    return deepest


def audiences_named(node: Node) -> tuple[str, ...]:
    """Return the ids of the audiences the tree asks about, each once, in the order of first mention."""
    return tuple(dict.fromkeys(each.audience for each in every(node) if isinstance(each, Member)))


def renamed(node: N, name: Callable[[str], str]) -> N:
    """Return the tree with every audience it asks about called by another name."""
    made: Any
    match node:
        case Member(audience):
            made = Member(name(audience))
        case Literal() | Input() | Variable() | Now() | Period():
            made = node
        case Listing(items):
            made = Listing(tuple(renamed(each, name) for each in items))
        case Record(entries):
            made = Record(tuple((key, renamed(each, name)) for key, each in entries))
        case Call(_, arguments):
            made = replace(node, arguments=tuple(renamed(each, name) for each in arguments))
        case Chain():
            made = Chain(
                renamed(node.events, name), renamed(node.time, name), tuple(renamed(each, name) for each in node.steps)
            )
        case _:
            parts = {part.name: getattr(node, part.name) for part in fields(node)}
            made = replace(node, **{key: renamed(part, name) for key, part in parts.items() if _is_node(part)})
    return cast("N", made)


def _is_node(part: object) -> bool:
    return not isinstance(part, str | int | tuple | StrEnum) and part is not None


def path_of(node: Node) -> tuple[Node, tuple[str, ...]]:
    """Return where a path starts and its steps; a node that is no path starts itself, with no steps."""
    steps: list[str] = []
    while isinstance(node, Field):
        steps.append(node.name)
        node = node.of
    return node, tuple(reversed(steps))
