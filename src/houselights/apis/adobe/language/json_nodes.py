"""What stands in a node of pql/json: words, whole numbers, names, literals. Refuses each by its path in the JSON."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Never, TypeVar

from houselights.apis.adobe.language.literals import unit_word
from houselights.apis.adobe.language.quoting import is_name
from houselights.apis.adobe.language.words import RESERVED
from houselights.base.errors import InvalidRule
from houselights.rules.values import Unit

Word = TypeVar("Word", bound=StrEnum)


def plain(value: Any, kind: str) -> bool | int | float | str | date | datetime | None:
    """Return a literal's value. Raises ValueError when it is not of its type."""
    match value:
        case None if kind in {"", "null"}:
            return None
        case bool() if kind in {"", "boolean"}:
            return value
        case int() | float() if kind in {"double", "float", "number"} and not isinstance(value, bool):
            made = float(value)
            if made - made != 0:  # infinite, or not a number
                raise ValueError
            return made
        case int() if kind in {"", "integer", "long", "int", "short"} and not isinstance(value, bool):
            if not -(2**63) <= value < 2**63:
                raise ValueError
            return value
        case float() if kind == "":
            return plain(value, "double")
        case str() if kind in {"", "string"}:
            value.encode()  # half of a surrogate pair is not text
            return value
        case str() if kind == "date":
            return date.fromisoformat(value)
        case str() if kind == "timestamp":
            made_time = datetime.fromisoformat(value)
            return made_time.replace(tzinfo=UTC) if made_time.tzinfo is None else made_time.astimezone(UTC)
        case _:
            raise ValueError


def fail(path: str, message: str, hint: str | None = None) -> Never:
    """Refuse what stands at a path."""
    raise InvalidRule(message, field=path, hint=hint)


def list_in(node: Any, key: str, path: str) -> list[Any]:
    """Return a list of a node; none is an empty one."""
    value = node.get(key, []) if isinstance(node, Mapping) else None
    if not isinstance(value, list):
        fail(f"{path}.{key}", f"{key} is a list")
    return value


def whole_in(node: Mapping[str, Any], key: str, path: str, least: int, most: int) -> int:
    """Return a whole number of a node, from `least` to `most`."""
    value = node.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        fail(f"{path}.{key}", f"{key} is a whole number from {least} on")
    return value


def word_in(node: Any, key: str, path: str, among: type[Word]) -> Word:
    """Return a word of a node as one of an enumeration, whatever its case; units of time may be many."""
    value = node.get(key) if isinstance(node, Mapping) else None
    try:
        return among(unit_word(str(value)) if among is Unit else str(value).lower())
    except ValueError:
        fail(f"{path}.{key}", f"{value!r} is not one of {', '.join(among)}")


def check_count(params: Sequence[Any], least: int, most: int | None, path: str) -> None:
    """Refuse a number of params that a function does not take; `most` is None where there is no end."""
    if len(params) < least or (most is not None and len(params) > most):
        wanted = f"{least}" if least == most else f"at least {least}"
        fail(f"{path}.params", f"there are {len(params)} params; this function takes {wanted}")


def names_of(node: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """Return the names of a lambda's variables; a single one may be that of an unnamed item, `@1`."""
    names = list_in(node, "varNames", path)
    for place, name in enumerate(names):
        if not (isinstance(name, str) and name[:1] == "@" and name[1:].isdigit() and len(names) == 1):
            check_name(name, f"{path}.varNames[{place}]")
    if not names or len(set(names)) < len(names):
        fail(f"{path}.varNames", "a lambda names its variables, each once")
    return tuple(names)


def check_name(name: Any, path: str) -> None:
    """Refuse what cannot name a variable."""
    if not isinstance(name, str) or not is_name(name) or name.lower() in RESERVED or name == "xEvent":
        fail(path, f"{name!r} cannot name a variable")


def flag_of(node: Any) -> bool | None:
    """Return the value of a node that is true or false written out, None for any other."""
    value = node.get("value") if isinstance(node, Mapping) and node.get("nodeType") == "literal" else None
    return value if isinstance(value, bool) else None


def is_index(node: Any) -> bool:
    """Say whether a node is a place in a list, written out."""
    value = node.get("value") if isinstance(node, Mapping) and node.get("nodeType") == "literal" else None
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
