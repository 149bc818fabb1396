"""What a person's document may hold: paths and their types. Says nothing about where the values are kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, assert_never


class Scalar(StrEnum):
    """A single value. `NUMBER` is a double; every integer is a number too, every date a time."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    STRING = "string"
    DATE = "date"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True)
class AnyType:
    """Not known, or anything: nothing is refused about it."""


@dataclass(frozen=True, slots=True)
class ListType:
    """Any number of items of one type. Lists hold no nulls."""

    item: "Type"


@dataclass(frozen=True, slots=True)
class MapType:
    """Values of one type under keys that the data chooses."""

    value: "Type"


@dataclass(frozen=True)
class ObjectType:
    """Named fields, each with its own type."""

    fields: Mapping[str, "Type"] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(frozenset(self.fields))


Type: TypeAlias = Scalar | AnyType | ListType | MapType | ObjectType


@dataclass(frozen=True, kw_only=True)
class Schema:
    """The documents of one workspace.

    `person` is the profile without its events; `event` is one event. `event_time` and `event_type` are the fields of
    `event` that say when it happened and of what kind it is. `identities` and `memberships` type what the platform
    itself keeps about a person.
    """

    person: ObjectType
    event: ObjectType = field(default_factory=ObjectType)
    event_time: str = "time"
    event_type: str = "type"
    identities: Type = field(default_factory=AnyType)
    memberships: Type = field(default_factory=AnyType)


def describe(kind: Type) -> str:
    """Return a type in words fit for an error: `a list of text`, `a number`, `an object`."""
    match kind:
        case Scalar():
            return _SCALAR_WORDS[kind]
        case AnyType():
            return "anything"
        case ListType(item):
            return f"a list ({describe(item)} each)"
        case MapType(value):
            return f"a map ({describe(value)} under each key)"
        case ObjectType():
            return "an object"
        case _:
            assert_never(kind)


_SCALAR_WORDS: Mapping[Scalar, str] = {
    Scalar.BOOLEAN: "true or false",
    Scalar.INTEGER: "a whole number",
    Scalar.NUMBER: "a number",
    Scalar.STRING: "text",
    Scalar.DATE: "a date",
    Scalar.TIMESTAMP: "a time",
}


def paths(kind: Type, *, below: str = "") -> Iterator[str]:
    """Yield every path below a type, dotted, through lists as if they were one item; maps end a path."""
    while isinstance(kind, ListType):
        kind = kind.item
    if not isinstance(kind, ObjectType):
        return
    for name, inner in kind.fields.items():
        path = f"{below}.{name}" if below else name
        yield path
        yield from paths(inner, below=path)
