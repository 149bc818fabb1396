"""Erasures: somebody asked to be forgotten, and what was done about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class ErasureScope(StrEnum):
    """How much of a person goes."""

    CLIENT = "client"  # what the asking client brought: its ids of them, and their places on its lists
    ACCOUNT = "account"  # their places on the lists that the client made for one account
    EVERYTHING = "everything"  # the person


class ErasureState(StrEnum):
    """How far an erasure is. In every one of them no reader finds in an audience whom it is about."""

    WAITING = "waiting"  # withheld from every reader; the files still have them
    REWRITTEN = "rewritten"  # what is served does not have them; older files and the control database may
    DONE = "done"  # the report says what was found by looking into everything


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One erasure as it is kept. What names anybody (`identities`, `needles`) is there until it is done, and no longer.

    `people` are those whom the identities meant when it was asked for; `lists` the lists they are taken off, of lines
    up to `until` and of the uploads that waited then; `namespace` is that of the client's own ids.
    """

    id: str
    workspace_id: int
    client_id: int | None
    account_id: int | None
    scope: ErasureScope
    state: ErasureState
    requested_at: datetime
    until: datetime
    identities: tuple[tuple[str, str], ...] = ()
    people: tuple[int, ...] = ()
    lists: tuple[int, ...] = ()
    uploads: tuple[str, ...] = ()
    namespace: str | None = None
    needles: tuple[tuple[str, str], ...] = ()
    generation: int | None = None
    finished_at: datetime | None = None
    error: str | None = None
    report: Mapping[str, Any] = field(default_factory=dict)
