"""Profiles in motion: what has arrived and awaits its place, and runs that work out who is in which audience."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class ArrivalKind(StrEnum):
    """What has arrived."""

    PROFILE = "profile"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Something accepted. `generation` is the first that holds it, None while it waits; `outcome` what came of it."""

    id: int = 0
    workspace_id: int
    kind: ArrivalKind
    body: Mapping[str, Any]
    received_at: datetime
    generation: int | None = None
    outcome: Mapping[str, Any] | None = None


class RunState(StrEnum):
    """Where a run is. It never goes back from a finished state."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # nothing was published; `error` says why
    CANCELLED = "cancelled"


FINISHED = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED})


class RunSource(StrEnum):
    """Who wanted a run."""

    REQUEST = "request"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipCounts:
    """One audience in one run: who came in, who was in before and still is, who went out.

    `namespaces` says how many of its people an identity of each namespace is known of.
    """

    realized: int
    existing: int
    exited: int
    namespaces: Mapping[str, int] = field(default_factory=dict)

    @property
    def members(self) -> int:
        """How many people the audience has after the run."""
        return self.realized + self.existing


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRun:
    """One evaluation of audiences over everybody. `audiences` empty means all in use that are not reference.

    `counts` are by audience id, of those done; `as_of` is what "now" meant. Of `total` audiences `done` were evaluated.
    """

    id: int = 0
    workspace_id: int
    source: RunSource
    audiences: tuple[int, ...] = ()
    state: RunState = RunState.QUEUED
    requested_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    as_of: datetime | None = None
    people: int = 0
    generation: int | None = None
    counts: Mapping[int, MembershipCounts] = field(default_factory=dict)
    error: str | None = None
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSchedule:
    """When all audiences of a workspace are evaluated: every day at a `minute` of the UTC day, next at `next_due`."""

    workspace_id: int
    minute: int
    enabled: bool
    next_due: datetime
