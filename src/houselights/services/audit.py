"""The record of who learned what about people, and who changed what. Refuses nothing and forgets nothing.

An entry is written in the same request, before its reply leaves: an answer that is not in the log was not given. One
entry is one insert into the control database (`bench/` has its cost).
"""

from collections.abc import Sequence
from typing import Any

from houselights.base.clock import Clock, SystemClock
from houselights.model.audit import AuditEntry
from houselights.services.caller import Caller
from houselights.storage.control.control import Control


class Audit:
    """Writes and reads the audit log of a workspace.

    Entries carry the machine's own time even where the workspace's clock is held still: the log says when something
    happened, not what date the data pretends to be.
    """

    def __init__(self, control: Control, clock: Clock | None = None):
        self._log = control.audit
        self._clock = clock or SystemClock()

    def record(self, caller: Caller, action: str, subject: str = "", **details: Any) -> None:
        """Write one entry: `action` is `noun.verb` ("insights.traits"), `subject` what it was about.

        `details` must be fit for JSON; the request id and the account acted for are added.
        """
        if caller.request_id:
            details["request_id"] = caller.request_id
        if caller.account is not None:
            details["account_id"] = str(caller.account.id)
        self._log.write(
            caller.workspace.id,
            None if caller.client is None else caller.client.id,
            action,
            subject,
            details,
            self._clock.now(),
        )

    def entries(self, caller: Caller, *, limit: int = 100, before: int | None = None) -> Sequence[AuditEntry]:
        """Return entries, newest first, older than entry `before` when that is given. Needs the scope "operator"."""
        caller.require("operator")
        return self._log.list(caller.workspace.id, limit, before)
