"""Profiles as this API writes them: their ids, their attributes under the names of the schema, their identities.

A profile's id (`xid`) is the company's own key in an alphabet that URLs carry; a client may send it back, or any
identity together with its namespace.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from houselights.apis.adobe.admission import Guest
from houselights.rules.functions.lists import Keyed
from houselights.rules.values import EVENTS, IDENTITIES, MEMBERSHIPS
from houselights.services.house import House
from houselights.services.people import Profile

OWN = frozenset({EVENTS, IDENTITIES, MEMBERSHIPS})


def xid_of(key: str) -> str:
    """Return the id of the profile with a key."""
    return "A" + base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_of(xid: str) -> str | None:
    """Return the key in a profile's id, None for text that is no such id."""
    try:
        encoded = xid.removeprefix("A")
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode() if xid[:1] == "A" else None
    except (binascii.Error, ValueError):
        return None


def person_of(house: House, guest: Guest, entity_id: str, namespace: str) -> int | None:
    """Return the person that a request means, by an identity or, without a namespace, by the profile's id.

    Raises NotAllowed before anything is looked up.
    """
    guest.caller.require("profiles:read")
    if namespace:
        return house.people.by_identity(guest.caller, namespace, entity_id)
    key = key_of(entity_id)
    return None if key is None else house.people.by_key(guest.caller, key)


def attributes_of(profile: Profile) -> dict[str, Any]:
    """Return a profile's attributes, as JSON, with its identities beside them."""
    named = {name: [{"id": value} for value in values] for name, values in profile.identities.items()}
    return {name: written(value) for name, value in profile.document.items() if name not in OWN} | {
        "identityMap": named
    }


def events_of(profile: Profile) -> list[dict[str, Any]]:
    """Return a profile's events, as JSON, oldest first."""
    events = sorted(profile.document.get(EVENTS, ()), key=lambda event: event["timestamp"])
    return [written(event) for event in events]


def chosen_fields(entity: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """Return only the paths asked for; everything when none is."""
    if not fields:
        return dict(entity)
    made: dict[str, Any] = {}
    for path in fields:
        found: Any = entity
        steps = path.split(".")
        for step in steps:
            found = found.get(step) if isinstance(found, Mapping) else None
        if found is not None:
            place = made
            for step in steps[:-1]:
                place = place.setdefault(step, {})
            place[steps[-1]] = found
    return made


def written(value: Any) -> Any:
    """Return a document's value as JSON has it; instants end in Z."""
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Keyed() | Mapping():
            return {str(name): written(each) for name, each in value.items()}
        case list() | tuple():
            return [written(each) for each in value]
        case _:
            return value
