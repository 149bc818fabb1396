"""What can arrive, in our own words: a profile or an event of somebody. Writes it as it is kept, and reads it back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from houselights.model.motion import ArrivalKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Somebody, by the company's own `key`, or by `identities` as they are stored: (namespace, value).

    The key decides when there is one; else the first identity that somebody has.
    """

    key: str | None = None
    identities: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProfile:
    """What is now known of somebody. `attributes` are laid over what was known: null takes one away."""

    who: Who
    attributes: Mapping[str, Any] = field(default_factory=dict)

    kind = ArrivalKind.PROFILE


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """Something that somebody did. Events are never changed: one that arrives twice happened twice."""

    who: Who
    time: datetime
    type: str
    attributes: Mapping[str, Any] = field(default_factory=dict)

    kind = ArrivalKind.EVENT


Incoming = NewProfile | NewEvent


def body_of(incoming: Incoming) -> dict[str, Any]:
    """Return what is kept of an arrival: JSON, identities as they are stored, never raw."""
    body: dict[str, Any] = {"key": incoming.who.key, "identities": [list(each) for each in incoming.who.identities]}
    if isinstance(incoming, NewEvent):
        body |= {"time": incoming.time.isoformat(), "type": incoming.type}
    return {**body, "attributes": dict(incoming.attributes)}


def incoming_of(kind: ArrivalKind, body: Mapping[str, Any]) -> Incoming:
    """Return the arrival that was kept as this body."""
    who = Who(key=body["key"], identities=tuple((name, value) for name, value in body["identities"]))
    if kind is ArrivalKind.PROFILE:
        return NewProfile(who=who, attributes=body["attributes"])
    time = datetime.fromisoformat(body["time"])
    return NewEvent(who=who, time=time, type=body["type"], attributes=body["attributes"])
