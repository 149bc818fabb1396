"""Questions in SQL: saved, asked with parameters over a window of time, and what became of each asking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class ExecutionState(StrEnum):
    """Where an execution is. It never goes back from a finished state."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # nothing was given out; `error` says why
    CANCELLED = "cancelled"


OVER = frozenset({ExecutionState.SUCCEEDED, ExecutionState.FAILED, ExecutionState.CANCELLED})


class Purpose(StrEnum):
    """What the rows of an execution are for."""

    REPORT = "report"  # a file for the one who asked
    AUDIENCE = "audience"  # the members of an audience


class WindowKind(StrEnum):
    """How a window of time was named."""

    EXPLICIT = "explicit"
    MOST_RECENT_DAY = "most_recent_day"
    MOST_RECENT_WEEK = "most_recent_week"
    CURRENT_MONTH = "current_month"
    PREVIOUS_MONTH = "previous_month"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """From `start`, inclusive, to `end`, exclusive: instants. `zone` (IANA) is where days and months begin."""

    kind: WindowKind
    start: datetime
    end: datetime
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputParameter:
    """A parameter of a saved query. `type` is a word of the SQL dialect; `default` None means it must be given."""

    name: str
    type: str = "STRING"
    default: str | None = None
    description: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)  # what the caller's dialect wants back verbatim


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuery:
    """A query under a name of its owner's choosing. `account_id` is the clean room it is asked in.

    `whole_rows`: a row that would say too much is left out whole; False: only the values that say it; None: as the
    clean room does by itself. With a `discriminator`, that column says which rows lost values; `reason_column` which.
    `attributes` carries what the caller's dialect wants back verbatim.
    """

    id: str
    workspace_id: int
    account_id: int
    client_id: int | None
    sql: str
    parameters: tuple[InputParameter, ...] = ()
    whole_rows: bool | None = None
    discriminator: str | None = None
    reason_column: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One asking of a query. `query_id` is the saved query's, None for one that came with its SQL.

    `subject` is the audience an execution is for, empty for a report. `asked` is the whole question, JSON
    (`services.workflows.question`); `outcome` what came of it. `attempts` counts the times it was begun: a process
    that dies leaves its execution to be begun again.
    """

    id: str
    workspace_id: int
    account_id: int
    client_id: int | None
    purpose: Purpose = Purpose.REPORT
    subject: str = ""
    query_id: str | None = None
    asked: Mapping[str, Any]
    state: ExecutionState = ExecutionState.PENDING
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempts: int = 0
    error: str | None = None
    outcome: Mapping[str, Any] = field(default_factory=dict)


class QueryAudienceState(StrEnum):
    """Where an audience made by a query is."""

    PENDING = "pending"  # its first execution waits
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # `reason` says why; whoever was a member before still is
    DEACTIVATED = "deactivated"  # out of use


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAudience:
    """An audience whose members a query chooses, again and again.

    `account_id` is the clean room, `owner_id` the account the audience belongs to. With `moves` the window goes along
    with the time that has passed since `created_at`. `refresh_days` 0 is never again. `audience_id` is the house's,
    None until the query has chosen enough people for the first time; `title` and `path` are what it is called and
    where it stands there. `tried_at` is when the query was last asked for. `attributes` carries what the caller's
    dialect wants back verbatim.
    """

    id: str
    workspace_id: int
    account_id: int
    client_id: int | None
    owner_id: int
    name: str
    title: str
    description: str | None = None
    path: tuple[str, ...] = ()
    sql: str
    query_id: str | None = None
    parameters: tuple[InputParameter, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    window: TimeWindow
    moves: bool = False
    refresh_days: int
    state: QueryAudienceState = QueryAudienceState.PENDING
    reason: str | None = None
    wrong_tables: bool = False  # the reason: the query reads tables from which no audience is chosen
    audience_id: int | None = None
    members: int = 0
    created_at: datetime
    tried_at: datetime | None = None
    refreshed_at: datetime | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
