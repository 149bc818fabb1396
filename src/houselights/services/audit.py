"""The record of who learned what about people, and who changed what. Refuses nothing and forgets nothing.

An entry is on the disk before the reply it belongs to leaves: an answer that is not in the log was not given. A commit
to the disk takes milliseconds whether it holds one entry or fifty, so requests that are answered at the same time
share one (group commit): the first to arrive writes for all who are waiting.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from threading import Lock
from typing import Any

from houselights.base.clock import Clock, SystemClock
from houselights.model.audit import AuditEntry
from houselights.services.caller import Caller
from houselights.storage.control.audit import AuditLog
from houselights.storage.control.control import Control


class Audit:
    """Writes and reads the audit log of a workspace. Thread-safe.

    Entries carry the machine's own time even where the workspace's clock is held still: the log says when something
    happened, not what date the data pretends to be.
    """

    def __init__(self, control: Control, clock: Clock | None = None):
        self._log = control.audit
        self._clock = clock or SystemClock()
        self._commits = GroupCommit(control.audit)

    def record(self, caller: Caller, action: str, subject: str = "", **details: Any) -> None:
        """Write one entry: `action` is `noun.verb` ("insights.traits"), `subject` what it was about.

        `details` must be fit for JSON; the request id and the account acted for are added. Raises Unavailable when
        the entry cannot be written; then the answer must not be given either.
        """
        self._commits.write(entry_of(caller, action, subject, self._clock.now(), **details))

    def entries(
        self,
        caller: Caller,
        *,
        limit: int = 100,
        before: int | None = None,
        client_id: int | None = None,
        action: str = "",
    ) -> Sequence[AuditEntry]:
        """Return entries, newest first, older than entry `before` when that is given. Needs the scope "operator".

        Of one client only when it is given, and only of actions that begin with `action`.
        """
        caller.require("operator")
        return self._log.list(caller.workspace.id, limit, before, client_id=client_id, action=action)


def entry_of(caller: Caller, action: str, subject: str, at: datetime, **details: Any) -> AuditEntry:
    """Return the entry of `Audit.record`, for who writes it in a transaction of their own."""
    if caller.request_id:
        details["request_id"] = caller.request_id
    if caller.account is not None:
        details["account_id"] = str(caller.account.id)
    return AuditEntry(
        id=0,
        workspace_id=caller.workspace.id,
        client_id=None if caller.client is None else caller.client.id,
        action=action,
        subject=subject,
        details=details,
        at=at,
    )


class GroupCommit:
    """Writes the entries of many threads in as few transactions as possible.

    There is no thread behind it: whoever gets the pen writes all that is waiting, and those who get it next find that
    theirs is written. A batch that fails fails for everybody in it.
    """

    def __init__(self, log: AuditLog):
        self._log = log
        self._list = Lock()
        self._pen = Lock()
        self._waiting: list[tuple[AuditEntry, Future[None]]] = []

    def write(self, entry: AuditEntry) -> None:
        """Return when the entry is written. Raises what writing its batch raised."""
        written: Future[None] = Future()
        with self._list:
            self._waiting.append((entry, written))
        with self._pen:
            with self._list:
                batch, self._waiting = self._waiting, []
            if batch:
                self._commit(batch)
        # Ours was in the list before we had the pen: we have written it, or somebody has who had the pen before us.
        written.result()

    def _commit(self, batch: Sequence[tuple[AuditEntry, "Future[None]"]]) -> None:
        try:
            self._log.write_all(entry for entry, _ in batch)
        except Exception as error:
            for _, written in batch:
                written.set_exception(error)
        else:
            for _, written in batch:
                written.set_result(None)
