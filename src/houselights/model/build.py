"""Builds: audiences worked out once, off the request, whose members then stay as they were found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class BuildState(StrEnum):
    """Where a build is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REMOVED = "removed"  # taken away by its owner, finished or not


OVER = frozenset({BuildState.SUCCEEDED, BuildState.FAILED, BuildState.REMOVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One audience to be worked out, and what came of it.

    `number` is what its owner knows it by: small, never used again. `origin` is the room that asked for it ("": none)
    and `asked` what that room wants to read back. `source` says whom to look for: `{"kind": …}` names the maker, the
    rest is the maker's own; of `{"kind": "rule", "rule": …}` it is the JSON form of a rule. `audience_id` is the
    house's audience, there once the build has succeeded: a list of that id, with the `members` found in `generation`.
    `outcome` is what its maker told beside the members, `reason` why it failed, `credit` the entry of the ledger that
    pays for it.
    """

    number: int = 0
    workspace_id: int
    client_id: int | None
    origin: str
    audience_id: int
    name: str
    description: str
    source: Mapping[str, Any]
    asked: Mapping[str, Any] = field(default_factory=dict)
    state: BuildState = BuildState.WAITING
    reason: str | None = None
    members: int | None = None
    generation: int | None = None
    outcome: Mapping[str, Any] = field(default_factory=dict)
    credit: int | None = None
    attempts: int = 0
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
