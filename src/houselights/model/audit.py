"""A line of the audit log: who did what to what, when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry. `client_id` is the client's number, None for the operator at the command line."""

    id: int
    workspace_id: int
    client_id: int | None
    action: str
    subject: str
    details: Mapping[str, Any] = field(default_factory=dict)
    at: datetime
