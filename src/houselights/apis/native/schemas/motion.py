"""Shapes of profiles and events as they arrive, and of what became of them."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from houselights.apis.native.schemas.common import Id, Shape
from houselights.model.motion import ArrivalKind


class Somebody(Shape):
    """Who it is: the company's own key decides when it is given, else the first identity that somebody has."""

    key: str | None = Field(None, min_length=1, max_length=255, description="The company's own key.")
    identities: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Raw values or hashes by namespace (email, phone, maid, cookie, external:NAME …). Raw ones are "
        "normalised and hashed before anything is kept.",
    )


class Profile(Somebody):
    """What is now known of somebody. Attributes are laid over what was known; null takes one away."""

    attributes: dict[str, Any] = Field(default_factory=dict)


class Event(Somebody):
    """Something that somebody did."""

    time: AwareDatetime
    type: str = Field(min_length=1, max_length=255)
    attributes: dict[str, Any] = Field(default_factory=dict)


class Batch(Shape):
    """Several items, accepted all together or not at all; one alone may be sent without the list around it."""

    @model_validator(mode="before")
    @classmethod
    def alone(cls, given: Any) -> Any:
        """Put the list around an item that came without one."""
        return {"items": [given]} if isinstance(given, dict) and "items" not in given else given


class Profiles(Batch):
    """Profiles: a list of them, or one alone."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"items": [{"key": "reader-1", "identities": {"email": ["reader@example.com"]}}]}]
        },
    )

    items: list[Profile] = Field(min_length=1, max_length=1000)


class Events(Batch):
    """Events: a list of them, or one alone."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"items": [{"key": "reader-1", "time": "2026-10-31T09:30:00Z", "type": "page_view"}]}]
        },
    )

    items: list[Event] = Field(min_length=1, max_length=1000)


class Accepted(BaseModel):
    """What was accepted: kept for good, and in its place within a second or two."""

    arrivals: list[Id] = Field(description="One for each item, in the order sent.")


class Turn(BaseModel):
    """Somebody entered (CREATE) or left (DELETE) a continuous audience."""

    audience: Id
    action: str
    because: str = Field(description="What made the house ask that audience again.")


class Arrival(BaseModel):
    """What became of one item. `generation` is null while it waits."""

    id: Id
    kind: ArrivalKind
    received_at: datetime
    generation: int | None
    changes: list[Turn] = Field(description="Entries and exits of this person in the batch that took the item in.")
