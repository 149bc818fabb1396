"""Uploads: records a client sent in one request, accepted before they are worked on, and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class UploadKind(StrEnum):
    """What an upload brings."""

    MEMBERS = "members"  # people put on lists and taken off them
    IDENTITIES = "identities"  # a client's own ids of people, with hashes to find them by


class UploadState(StrEnum):
    """Where an upload is. It leaves WAITING once, and never goes back."""

    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"  # in its place at one of its targets at least, not at all of them
    FAILED = "failed"  # nothing of it is in any list; `error` or the records' errors say why


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidRecord:
    """A record that was left out, and why. Says nothing about whether anybody matches it.

    `external_id` is the sender's own id, or the token that the record named somebody by; `at` its place among the
    records of the upload, from 0.
    """

    audience_id: int | None
    external_id: str | None
    error: str
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOutcome:
    """One of the parties an upload was meant for; `error` is None when it has the upload."""

    name: str
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadStatus:
    """An upload as far as it is.

    `received` counts records; `processed` those that were found valid; `matched` those that meant somebody, but never
    more than the people they meant, and is for operators: of one record, sent once or a thousand times, it would tell
    an uploader who is known here. `audience_ids` are the
    lists it names. `generation` is the first that serves it.
    """

    id: str
    kind: UploadKind
    state: UploadState
    client_id: int | None
    received: int
    processed: int = 0
    matched: int = 0
    invalid: tuple[InvalidRecord, ...] = ()
    targets: tuple[TargetOutcome, ...] = ()
    audience_ids: tuple[int, ...] = ()
    received_at: datetime
    finished_at: datetime | None = None
    generation: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCounts:
    """What uploads ever brought for one list: records received, and those of them that meant somebody."""

    received: int = 0
    matched: int = 0
