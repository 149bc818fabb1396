"""What a row of the function table is: name, signature, meaning in plain Python, English. Evaluates nothing itself.

A signature reads `text, text… -> boolean`. Kinds of values: `text`, `integer`, `number`, `boolean`, `time` (a date, a
timestamp or a period), `order` (what can be sorted: number, text or time), `any`, `list X`, `map X`, `entry X`; single
capitals stand for one kind throughout a signature. `(T) => boolean` is a lambda. `?` marks an argument that may be left
out, `…` a last one that may be given several times.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeAlias


class Shape(StrEnum):
    """How a function meets lists and what is missing, where its signature asks for a single value.

    A predicate holds for a list when it holds for any item, and never for what is missing; a scalar function is
    applied to every item and gives null for null. The others see their arguments as they are.
    """

    PREDICATE = "predicate"
    SCALAR = "scalar"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value in a signature: a word, and what it is made of (`list X` has one part)."""

    word: str
    parts: tuple["Kind", ...] = ()

    @property
    def is_single(self) -> bool:
        return self.word not in {"list", "map", "entry"}


@dataclass(frozen=True, slots=True)
class Mapper:
    """A lambda in a signature: the kinds of its variables and of its result."""

    takes: tuple[Kind, ...]
    gives: Kind


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a signature."""

    kind: "Kind | Mapper"
    optional: bool = False
    repeated: bool = False


@dataclass(frozen=True)
class Signature:
    """A signature, read."""

    parameters: tuple[Parameter, ...]
    gives: Kind

    @property
    def fewest(self) -> int:
        return sum(not each.optional for each in self.parameters)

    @property
    def most(self) -> int | None:
        return None if any(each.repeated for each in self.parameters) else len(self.parameters)

    def parameter(self, position: int) -> Parameter:
        """Return the parameter for the argument at a position, from 0."""
        return self.parameters[min(position, len(self.parameters) - 1)]


Meaning: TypeAlias = Callable[..., Any]


@dataclass(frozen=True)
class Function:
    """A row of the table.

    `meaning` gets plain values in the order of the signature, a lambda as a callable. `english` has `{0}`, `{1}` for
    the arguments and `{… or}` for the repeated ones; a form for fewer arguments stands after a `|`.
    """

    name: str
    signature_text: str
    shape: Shape
    meaning: Meaning
    english: str

    @cached_property
    def signature(self) -> Signature:
        return read_signature(self.signature_text)


def predicate(name: str, signature: str, english: str, meaning: Meaning) -> Function:
    """Make a row for a function that answers true or false about single values."""
    return Function(name, signature, Shape.PREDICATE, meaning, english)


def scalar(name: str, signature: str, english: str, meaning: Meaning) -> Function:
    """Make a row for a function from single values to a single value."""
    return Function(name, signature, Shape.SCALAR, meaning, english)


def whole(name: str, signature: str, english: str, meaning: Meaning) -> Function:
    """Make a row for a function that sees its arguments as they are."""
    return Function(name, signature, Shape.WHOLE, meaning, english)


def table(*functions: Function) -> Mapping[str, Function]:
    """Return the rows by name."""
    return {function.name: function for function in functions}


_TOKEN = re.compile(r"\s*(=>|->|[(),?…]|[A-Za-z]+)")


def read_signature(text: str) -> Signature:
    """Read a signature. Raises ValueError when it is not one; the table is checked by a test."""
    tokens = [token for token in _TOKEN.split(text) if token.strip()]
    position = 0

    def peek() -> str:
        return tokens[position] if position < len(tokens) else ""

    def take(expected: str | None = None) -> str:
        nonlocal position
        token = peek()
        if not token or (expected is not None and token != expected):
            raise ValueError(f"{text!r}: expected {expected or 'more'}, found {token!r}")
        position += 1
        return token

    def kind() -> Kind:
        word = take()
        return Kind(word, (kind(),)) if word in {"list", "map", "entry"} else Kind(word)

    def parameter() -> Parameter:
        made: Kind | Mapper
        if peek() == "(":
            take("(")
            takes = [kind()]
            while peek() == ",":
                take(",")
                takes.append(kind())
            take(")")
            take("=>")
            made = Mapper(tuple(takes), kind())
        else:
            made = kind()
        mark = take() if peek() in {"?", "…"} else ""
        return Parameter(made, optional=mark == "?", repeated=mark == "…")

    parameters: list[Parameter] = []
    while peek() != "->":
        if parameters:
            take(",")
        parameters.append(parameter())
    take("->")
    return Signature(tuple(parameters), kind())
