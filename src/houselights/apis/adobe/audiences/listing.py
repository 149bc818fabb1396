"""Which audiences a list shows, and in which order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from houselights.apis.adobe.audiences.fields import INACTIVE
from houselights.apis.adobe.audiences.translate import kept_of
from houselights.apis.adobe.config.policies import PROFILE_CLASS
from houselights.apis.adobe.ids import uuid_of
from houselights.apis.adobe.pages import Page
from houselights.base.errors import InvalidInput
from houselights.model.audience import Audience

SORT_FIELDS = ("creationTime", "createEpoch", "updateTime", "updateEpoch", "name", "id", "internalId", "description")
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


def chosen(audiences: Iterable[Audience], wanted: Wanted) -> list[Audience]:
    """Return the audiences that pass every filter. Raises InvalidInput for a property that is none."""
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
        and all(_said(_look_up(audience, name)) == value for name, value in pairs)
    ]


def in_order(audiences: Iterable[Audience], page: Page) -> list[Audience]:
    """Return the audiences in the page's order; equal ones by id, so that pages never overlap."""
    fields = {
        "name": lambda each: each.name.casefold(),
        "description": lambda each: each.description.casefold(),
        "updateTime": lambda each: each.updated_at,
        "updateEpoch": lambda each: each.updated_at,
        "id": lambda each: uuid_of(each.id),
        "internalId": lambda each: each.id,
    }
    by = fields.get(page.sort_field, lambda each: each.created_at)
    ordered = sorted(audiences, key=lambda each: each.id)
    return sorted(ordered, key=by, reverse=page.sort == "desc")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("==")
    if not equals or not name.strip():
        raise InvalidInput(f'expected attribute==value, found "{text}"', field="property")
    return name.strip(), value.strip().strip("\"'")


def _look_up(audience: Audience, path: str) -> object:
    kept = kept_of(audience)
    own = {
        "id": uuid_of(audience.id),
        "audienceId": kept.get("audienceId") or uuid_of(audience.id),
        "name": audience.name,
        "description": audience.description,
    }
    found: Any = {**kept, **own}
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
