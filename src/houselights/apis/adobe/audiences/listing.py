"""Which audiences a list shows, and in which order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from houselights.apis.adobe.audiences.fields import INACTIVE
from houselights.apis.adobe.audiences.translate import kept_of
from houselights.apis.adobe.config.policies import PROFILE_CLASS
from houselights.apis.adobe.ids import uuid_of
from houselights.apis.adobe.pages import Page
from houselights.base.errors import InvalidInput
from houselights.model.audience import Audience

# What the room keeps, and is text.
_KEPT_TEXTS = (
    "audienceId", "type", "namespace", "originName", "lifecycleState", "createdBy", "lastModifiedBy", "mergePolicyId",
)  # fmt: skip
SORT_FIELDS = (
    "creationTime", "createEpoch", "updateTime", "updateEpoch", "name", "id", "internalId", "description", *_KEPT_TEXTS,
)  # fmt: skip
DEFAULT_SORT = "creationTime:desc"
# Asking for one of these means asking for a certain audience, inactive or not.
_CERTAIN = frozenset({"audienceId", "id", "lifecycleState"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The filters of a list. `properties` are `attribute==value`, exact; `name` and `description` are contained."""

    name: str = ""
    description: str = ""
    properties: Sequence[str] = ()
    entity_type: str | None = None


def chosen(
    audiences: Iterable[Audience], wanted: Wanted, told: Callable[[Audience], Mapping[str, Any]]
) -> list[Audience]:
    """Return the audiences that pass every filter; `told` is how one is written, since properties are those fields.

    Raises InvalidInput for a property that is none.
    """
    if wanted.entity_type not in {None, "", PROFILE_CLASS}:
        return []  # audiences of accounts, of which there are none
    pairs = [_pair(text) for text in wanted.properties]
    shows_inactive = any(name in _CERTAIN for name, _ in pairs)
    return [
        audience
        for audience in audiences
        if (shows_inactive or kept_of(audience).get("lifecycleState") != INACTIVE)
        and wanted.name.casefold() in audience.name.casefold()
        and wanted.description.casefold() in audience.description.casefold()
        and (not pairs or _has_all(told(audience), pairs))
    ]


def in_order(audiences: Iterable[Audience], page: Page) -> list[Audience]:
    """Return the audiences in the page's order; equal ones by id, so that pages never overlap."""
    ordered = sorted(audiences, key=lambda each: each.id)
    for field, direction in reversed([(page.sort_field, page.sort), *page.then]):
        ordered.sort(key=_BY.get(field) or partial(_kept_text, field), reverse=direction == "desc")
    return ordered


_BY: Mapping[str, Callable[[Audience], Any]] = {
    "name": lambda each: each.name.casefold(),
    "description": lambda each: each.description.casefold(),
    "creationTime": lambda each: each.created_at,
    "createEpoch": lambda each: each.created_at,
    "updateTime": lambda each: each.updated_at,
    "updateEpoch": lambda each: each.updated_at,
    "id": lambda each: uuid_of(each.id),
    "internalId": lambda each: each.id,
    "audienceId": lambda each: str(kept_of(each).get("audienceId") or uuid_of(each.id)),
}


def _kept_text(field: str, audience: Audience) -> str:
    return str(kept_of(audience).get(field, ""))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("==")
    if not equals or not name.strip():
        raise InvalidInput(f'expected attribute==value, found "{text}"', field="property")
    return name.strip(), value.strip().strip("\"'")


def _has_all(written: Mapping[str, Any], pairs: Iterable[tuple[str, str]]) -> bool:
    return all(_is(_look_up(written, name), value) for name, value in pairs)


def _look_up(written: Mapping[str, Any], path: str) -> object:
    found: Any = written
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _is(found: object, wanted: str) -> bool:
    """Say whether an attribute is a value, or has it among others. An attribute that is not there is no value."""
    if isinstance(found, list):
        return any(_is(each, wanted) for each in found)
    if isinstance(found, bool):
        return str(found).lower() == wanted.lower()
    return found is not None and str(found) == wanted
