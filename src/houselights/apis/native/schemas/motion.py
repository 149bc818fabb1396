"""Shapes of profiles and events as they arrive, and of what became of them."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from houselights.apis.native.schemas.common import Id, Shape
from houselights.apis.native.schemas.insights import Counted
from houselights.model.motion import ArrivalKind, RunSource, RunState


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


class Happening(Shape):
    """An event of the profile it stands in."""

    time: AwareDatetime
    type: str = Field(min_length=1, max_length=255)
    attributes: dict[str, Any] = Field(default_factory=dict)


class Arriving(Somebody):
    """A profile as it stands here; nothing of it is kept. Attributes the workspace does not have say nothing."""

    attributes: dict[str, Any] = Field(default_factory=dict)
    events: list[Happening] = Field(default_factory=list, max_length=5000)


class Evaluate(Shape):
    """Whom to evaluate: somebody we know, by key, or a profile as it stands here."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"profile": {"attributes": {"homeAddress": {"city": "Leeds"}}}}]},
    )

    person: str | None = Field(None, description="The company's own key. Needs the scope counts:exact.")
    profile: Arriving | None = None
    audiences: list[Id] | None = Field(
        None, max_length=1000, description="Which audiences; absent: all whose evaluation is synchronous."
    )


class Verdict(BaseModel):
    """Whether the person is in one audience."""

    audience: Id
    member: bool


class Evaluation(BaseModel):
    """Which audiences the person is in; `as_of` is what "now" meant."""

    results: list[Verdict]
    as_of: datetime


class NewRun(Shape):
    """Audiences to evaluate over everybody."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"audiences": []}]})

    audiences: list[Id] = Field(default_factory=list, max_length=1000, description="Empty: all that are active.")


class RunCounts(BaseModel):
    """One audience in a run: who came in, who was in and stayed, who went out."""

    audience: Id
    realized: Counted
    existing: Counted
    exited: Counted


class Run(BaseModel):
    """An evaluation over everybody."""

    id: Id
    source: RunSource
    state: RunState
    audiences: list[Id] = Field(description="Those asked for; empty: all that were active.")
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    as_of: datetime | None
    generation: int | None
    counts: list[RunCounts]
    error: str | None
    done: int = Field(description="Audiences evaluated so far.")
    total: int = Field(description="Audiences there are to evaluate; 0 before it runs.")


class Schedule(Shape):
    """Every day at this minute of the UTC day, all active audiences are evaluated."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"minute": 60, "enabled": True}]})

    minute: int = Field(ge=0, lt=1440)
    enabled: bool = True


class Scheduled(Schedule):
    """A schedule and when it is next due."""

    next_due: datetime
