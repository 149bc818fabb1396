"""What a room keeps for its clients beside audiences: jobs, previews, schedules. The engine never reads any of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """One document of a workspace: a JSON object under a kind and an id, both chosen by the room that keeps it."""

    workspace_id: int
    kind: str
    id: str
    body: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
