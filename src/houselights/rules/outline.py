"""Draws a rule as an outline, one node a line, for somebody who wants to see how a text was understood."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum

from houselights.rules.tree import Rule
from houselights.rules.values import Call, Field, Input, Lambda, Literal, Node, Variable
from houselights.rules.walk import path_of

INDENT = "  "


def outline(rule: Rule) -> tuple[str, ...]:
    """Return the lines: each node under the one it is in, paths and literals written in one."""
    return tuple(_lines(rule, 0))


def _lines(node: object, depth: int) -> Iterator[str]:
    margin = INDENT * depth
    match node:
        case Literal(value):
            yield f"{margin}{value!r}"
        case Field() | Input() | Variable() if _starts_plainly(node):
            yield margin + _path(node)
        case Call(function, arguments, ignore_case):
            yield f"{margin}{function}{' (ignoring case)' if ignore_case else ''}"
            for argument in arguments:
                yield from _lines(argument, depth + 1)
        case Lambda(names, body):
            yield f"{margin}λ {', '.join(names)}"
            yield from _lines(body, depth + 1)
        case _ if is_dataclass(node):
            yield from _parts(node, depth)
        case tuple():
            for each in node:
                yield from _lines(each, depth)
        case _:
            yield f"{margin}{node.value if isinstance(node, Enum) else node}"


def _parts(node: object, depth: int) -> Iterator[str]:
    """Write any other node: simple parts behind its name, the others below it."""
    simple, inner = [], []
    for part in fields(node):  # type: ignore[arg-type]  # `is_dataclass` was asked
        value = getattr(node, part.name)
        if part.name in ("members", "span") or value is None:
            continue
        if isinstance(value, str | int | Enum):
            simple.append(f"{value.value if isinstance(value, Enum) else value}")
        elif isinstance(value, tuple) and all(isinstance(each, str) for each in value):
            simple.append(", ".join(value))
        else:
            inner.append(value)
    yield f"{INDENT * depth}{type(node).__name__}{''.join(f' {each}' for each in simple)}"
    for value in inner:
        yield from _lines(value, depth + 1)


def _starts_plainly(node: Node) -> bool:
    return isinstance(path_of(node)[0], Input | Variable)


def _path(node: Node) -> str:
    start, steps = path_of(node)
    first = start.name if isinstance(start, Variable) else "person"
    return ".".join((first, *steps))
