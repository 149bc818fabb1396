"""Recorded memberships as this vendor's expressions write them: `segmentMembership.get("ups").get("<audience id>")`.

Inside, the namespace and the ids are ours. Only these two written-out words are translated; an id that is computed
finds nobody.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Protocol, cast

from houselights.apis.adobe.ids import uuid_of
from houselights.engine.standings import NAMESPACE
from houselights.rules.json_values import is_identifier
from houselights.rules.values import MEMBERSHIPS, Call, Field, Input, Literal, Value

THEIRS = "ups"
_ALL = Field(Input(1), MEMBERSHIPS)


def standings_in(memberships: Mapping[str, Any] | None) -> Mapping[str, Mapping[str, Any]]:
    """Return somebody's standings by our ids, out of the memberships of a document."""
    found: Mapping[str, Mapping[str, Any]] = (memberships or {}).get(NAMESPACE, {})
    return found


def standings_told(standings: Mapping[str, Mapping[str, Any]], names: Mapping[str, str]) -> dict[str, Any]:
    """Write standings under the vendor's ids; those of audiences without one here are left out."""
    return {THEIRS: {names[number]: dict(each) for number, each in standings.items() if number in names}}


class Numbers(Protocol):
    """Knows our ids of audiences by the ids that expressions write."""

    def __call__(self, name: str, /) -> int | None: ...


def inward(tree: Value, number_of: Numbers) -> Value:
    """Return the tree with our words; nobody stands in an audience that there is not, which stays as written."""

    def word(name: str) -> str:
        number = number_of(name)
        return name if number is None else str(number)

    return cast("Value", _translated(tree, THEIRS, NAMESPACE, word))


def outward(tree: Value) -> Value:
    """Return the tree with the vendor's words."""
    return cast(
        "Value", _translated(tree, NAMESPACE, THEIRS, lambda name: uuid_of(int(name)) if is_identifier(name) else name)
    )


def _translated(part: Any, space: str, other: str, word: Any) -> Any:
    match part:
        case Call("get", (Call("get", (of, Literal(str() as found))), Literal(str() as name))) if (
            of == _ALL and found == space
        ):
            return Call("get", (Call("get", (_ALL, Literal(other))), Literal(word(name))))
        case Call("get", (of, Literal(str() as found))) if of == _ALL and found == space:
            return Call("get", (_ALL, Literal(other)))
        case tuple():
            return tuple(_translated(each, space, other, word) for each in part)
        case _ if is_dataclass(part) and not isinstance(part, type):
            given = [each.name for each in fields(part) if each.init]
            return replace(part, **{name: _translated(getattr(part, name), space, other, word) for name in given})
        case _:
            return part
