"""Types of value-level trees: what each function of the table takes and gives over documents of a schema.

Speaks of types only; who asks words the refusal. A type that is not known (`AnyType`) is never refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from houselights.model.schema import AnyType, ListType, MapType, ObjectType, Scalar, Type
from houselights.rules.functions.table import Function, Kind, Shape

ANY = AnyType()
NUMBERS = frozenset({Scalar.INTEGER, Scalar.NUMBER})
TIMES = frozenset({Scalar.DATE, Scalar.TIMESTAMP})
_SINGLES = {"text": {Scalar.STRING}, "integer": {Scalar.INTEGER}, "number": NUMBERS, "time": TIMES,
            "order": NUMBERS | TIMES | {Scalar.STRING}}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """The type of one key of a map with its value, which is no value of its own."""

    value: Type


def item_of(kind: Type) -> Type:
    """Return what a list function meets as the items of a value: a single thing is a list of itself."""
    match kind:
        case ListType(item):
            return item
        case MapType(value):
            return value
        case _:
            return kind


def is_alike(one: Type, other: Type) -> bool:
    """Say whether values of two types can be the same: numbers with numbers, times with times, the rest its own."""
    match one, other:
        case (AnyType(), _) | (_, AnyType()):
            return True
        case Scalar(), Scalar():
            return one is other or {one, other} <= NUMBERS or {one, other} <= TIMES
        case (ListType(first), ListType(second)) | (MapType(first), MapType(second)):
            return is_alike(first, second)
        case ObjectType(), ObjectType():
            return True
        case _:
            return False


def is_condition(kind: Type) -> bool:
    """Say whether a type can be read as true or false: a boolean, or a list (is there anything in it?)."""
    return kind is Scalar.BOOLEAN or isinstance(kind, AnyType | ListType)


def united(one: Type, other: Type) -> Type:
    """Return the type of a value that is of one or of the other of two alike types."""
    if isinstance(one, AnyType):
        return other
    if {one, other} == NUMBERS if isinstance(one, Scalar) and isinstance(other, Scalar) else False:
        return Scalar.NUMBER
    if isinstance(one, ListType) and isinstance(other, ListType):
        return ListType(united(one.item, other.item))
    return one


def step(kind: Type, name: str) -> Type | None:
    """Return the type one step further: through a list the list of what its items have; None when there is none."""
    match kind:
        case AnyType():
            return ANY
        case ObjectType(fields):
            return fields.get(name)
        case ListType(item):
            inner = step(item, name)
            return None if inner is None else ListType(item_of(inner) if isinstance(inner, ListType) else inner)
        case _:
            return None


def fits(kind: Kind, given: Type) -> bool:
    """Say whether a value of a type can be given where a signature asks for a kind (letters are bound elsewhere)."""
    match kind.word:
        case "boolean":
            return is_condition(given)
        case "map":
            return isinstance(given, AnyType | MapType)
        case "text" | "integer" | "number" | "time" | "order":
            return isinstance(given, AnyType) or given in _SINGLES[kind.word]
        case _:
            return True


def lifts(function: Function, kind: Kind, given: Type) -> bool:
    """Say whether a list given for a single argument makes the function apply to each of its items."""
    if not isinstance(given, ListType) or kind.word in {"list", "any", "entry", "boolean"}:
        return False
    return function.shape is not Shape.WHOLE or kind.word == "order" or len(kind.word) == 1


def result(gives: Kind, letters: dict[str, Type], arguments: Sequence[Type]) -> Type | Entry:
    """Return the type that a signature's result stands for, once its letters are bound."""
    match gives.word:
        case "boolean":
            return Scalar.BOOLEAN
        case "text":
            return Scalar.STRING
        case "integer":
            return Scalar.INTEGER
        case "number":
            whole = bool(arguments) and all(item_of(each) is Scalar.INTEGER for each in arguments)
            return Scalar.INTEGER if whole else Scalar.NUMBER
        case "time":
            return Scalar.TIMESTAMP
        case "list":
            inner = result(gives.parts[0], letters, arguments)
            return ListType(
                ANY if isinstance(inner, Entry) else item_of(inner) if isinstance(inner, ListType) else inner
            )
        case "map":
            inner = result(gives.parts[0], letters, arguments)
            return MapType(inner.value if isinstance(inner, Entry) else inner)
        case "entry":
            inner = result(gives.parts[0], letters, arguments)
            return Entry(ANY if isinstance(inner, Entry) else inner)
        case "order":  # the kind that was ordered by: what the lambda gave, else the items themselves
            return letters.get("order", letters.get("T", ANY))
        case letter:
            return letters.get(letter, ANY)
