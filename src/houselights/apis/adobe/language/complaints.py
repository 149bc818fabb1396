"""The words of the checker: where a field is missing, what an operator needs, what was probably meant."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from houselights.apis.adobe.language.words import KEPT, KEPT_OF, WORD_OF
from houselights.base.errors import Span
from houselights.base.suggest import did_you_mean
from houselights.model.schema import ListType, MapType, ObjectType, Scalar, Schema, Type, describe, paths
from houselights.rules.kinds import NUMBERS, TIMES
from houselights.rules.values import Call, Field, Input, Variable
from houselights.rules.walk import path_of

KINDS: Mapping[str, str] = {
    "text": "text", "integer": "a whole number", "number": "a number", "boolean": "a condition", "time": "a time",
    "order": "a number, text or a time", "list": "a list", "map": "a map", "any": "a value", "T": "a value",
    "U": "a value", "entry": "mapEntry(key, value)",
}  # fmt: skip


def word_of(node: Call) -> str:
    """Return what a function is called in this language."""
    return "[…]" if node.function == "filter" else WORD_OF.get(node.function, node.function)


def where(node: Field, base: Type) -> str:
    """Say in which thing a field was looked for."""
    start, steps = path_of(node.of)
    if steps:
        return f"in {'.'.join(KEPT_OF.get(step, step) for step in steps)}"
    if start == Input(1):
        return "in the profile"
    return "in the item" if isinstance(base, ObjectType) else f"in {describe(base)}"


def path_hint(node: Field, base: Type, schema: Schema) -> str | None:
    """Return what was probably meant by a path that does not exist."""
    while isinstance(base, ListType):
        base = base.item
    if isinstance(base, MapType):
        return f'this is a map: write .get("{node.name}")'
    if not isinstance(base, ObjectType):
        return f"{describe(base)} has no fields"
    near = did_you_mean(node.name, base.fields)
    if near is not None:
        return near
    if node.of == Input(1):
        if node.name.lower() == "profile":
            return "paths begin below the profile: person.name"
        if node.name in schema.event.fields:
            return f"this is a field of events: xEvent[{node.name} …]"
    if isinstance(node.of, Variable):
        for what, owner in (("profile", schema.person), ("event", schema.event)):
            if owner is not base and node.name in owner.fields:
                return f"in here names are fields of the item; the {what}'s is ^{node.name}"
    ends = [path for path in paths(base) if path.rpartition(".")[2] == node.name]
    if ends:
        return f'did you mean "{min(ends, key=len)}"?'
    kept = [*KEPT] if node.of == Input(1) else []
    return _begun(node.name, base.fields) or did_you_mean(node.name, [*kept, *dict.fromkeys(_names_below(base))])


def _names_below(kind: Type) -> Iterator[str]:
    return (path.rpartition(".")[2] for path in paths(kind))


def _begun(name: str, fields: Iterable[str]) -> str | None:
    """Look for a longer field that begins, or ends, nearly as a name does: "emial" for emailAddress."""
    parts: dict[str, str] = {}
    for each in fields:
        if len(each) > len(name) > 2:
            parts |= {each[: len(name)].lower(): each, each[-len(name) :].lower(): each}
    near = get_close_matches(name.lower(), parts, n=1, cutoff=0.75)
    return f'did you mean "{parts[near[0]]}"?' if near else None


def operand_hint(node: Call, wanted: str, kind: Type) -> str | None:
    """Return what was probably meant by an operand of the wrong type."""
    if node.function == "not":
        return "not binds more tightly than = and in: write not (a = b)"
    if wanted == "text" and node.function in {"same_text", "other_text"}:
        return f"for {describe(kind)} write = or !="
    if wanted == "list" and isinstance(kind, Scalar):
        return "a list stands in brackets: [1, 2]" if node.function in {"in", "not_in"} else None
    if wanted == "boolean":
        return "compare it with something, as in … > 0"
    if wanted == "time":
        return time_hint(kind)
    return None


def mismatch_hint(node: Call, one: Type, other: Type) -> str | None:
    """Return what was probably meant by comparing two types that never compare."""
    kinds = {one, other} if isinstance(one, Scalar) and isinstance(other, Scalar) else set()
    if Scalar.STRING in kinds and kinds & TIMES:
        return "a date is written date(2020, 3, 14)"
    if Scalar.STRING in kinds and Scalar.BOOLEAN in kinds:
        return "true and false stand without quotes"
    if Scalar.STRING in kinds and kinds & NUMBERS:
        return "numbers stand without quotes"
    if Scalar.BOOLEAN in kinds and any(isinstance(each, Call) and each.function == "not" for each in node.arguments):
        return "not binds more tightly than = and in: write not (a = b)"
    return None


def time_hint(kind: Type) -> str | None:
    """Return how a time is written, for who wrote it as text."""
    return "a date is written date(2020, 3, 14)" if kind is Scalar.STRING else None


def last_name(span: Span, name: str) -> Span:
    """Narrow the span of a path to its last name, backquotes included."""
    width = len(name) + 2 * span.text[span.start : span.end].endswith("`")
    return Span(span.text, max(span.start, span.end - width), span.end)
