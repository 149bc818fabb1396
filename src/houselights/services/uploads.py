"""Members of listed audiences: uploaded as identities, added or taken away, and gone again when an upload expires.

An upload becomes a few rows in the log of memberships and a new generation that serves them; the index stays the same.
Refuses audiences that are no lists. Identities that belong to nobody, or to several people, are counted and left out.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

import pyarrow.compute as pc

from houselights.engine.snapshot import Snapshots
from houselights.model.audience import Audience
from houselights.model.document import StoredDocument
from houselights.model.workspace import Workspace
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.imports.lock import waiting_for_import
from houselights.services.imports.parts import Parts
from houselights.services.intake.commit import Committing
from houselights.services.intake.resolve import CREATE, DELETE, Line, Resolved
from houselights.services.people import People
from houselights.services.rosters import list_of
from houselights.storage.lake.tables import MEMBERSHIPS

KIND = "upload"
WAIT_SECONDS = 30.0


class Mode(StrEnum):
    """What an upload does to the members there are."""

    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What came of an upload. `received` counts identities; `added` and `removed` count people."""

    upload_id: str
    received: int
    unmatched: int
    added: int
    removed: int
    members: int
    expires_at: datetime | None


class Uploads:
    """Uploads over one house. One at a time for each workspace, on this machine, and none during an import."""

    def __init__(self, parts: Parts, snapshots: Snapshots, audit: Audit, people: People):
        self._parts = parts
        self._snapshots = snapshots
        self._audit = audit
        self._people = people
        self._committing = Committing(parts, snapshots)

    def put(
        self,
        caller: Caller,
        audience: Audience,
        given: Sequence[tuple[str, str]],
        *,
        mode: Mode = Mode.ADD,
        days: int | None = None,
    ) -> Uploaded:
        """Change who is on a list by (namespace, value) identities; those added leave again after `days`.

        When this returns, the change is served. Raises InvalidInput for an audience that is no list, Unavailable while
        an import has the workspace for longer than anybody should wait.
        """
        caller.require("imports:write")
        workspace, list_id, now = caller.workspace, list_of(audience), self._parts.clock.now()
        upload_id = str(uuid4())
        with self._alone(workspace):
            self._expire(workspace)
            matched = self._people.matched(workspace, given)
            people = {each for each in matched if each is not None}
            before = set(self._last(workspace, list_id))
            added = set() if mode is Mode.REMOVE else people  # who is on it already is put on it again, for longer
            removed = before & people if mode is Mode.REMOVE else before - people if mode is Mode.REPLACE else set()
            self._write(workspace, list_id, upload_id, added, removed)
            expires_at = None if days is None or not added else now + timedelta(days=days)
            if expires_at is not None:
                body = {"list": str(list_id), "expires_at": expires_at.isoformat()}
                self._parts.control.documents.put(workspace.id, KIND, upload_id, body, now)
        after = (before - removed) | added
        self._audit.record(
            caller, "audience.upload", str(audience.id), upload=upload_id, added=len(added), removed=len(removed)
        )
        return Uploaded(
            upload_id=upload_id,
            received=len(given),
            unmatched=sum(each is None for each in matched),
            added=len(after - before),
            removed=len(before - after),
            members=len(after),
            expires_at=expires_at,
        )

    def expire(self, workspace: Workspace) -> int:
        """Take from their lists the people whose uploads have expired and were not renewed; return how many."""
        if not self._expired(workspace):
            return 0
        with self._alone(workspace):
            return self._expire(workspace)

    def _expire(self, workspace: Workspace) -> int:
        gone = 0
        for document in self._expired(workspace):
            list_id = int(document.body["list"])
            people = {person for person, upload in self._last(workspace, list_id).items() if upload == document.id}
            self._write(workspace, list_id, f"{document.id} expired", set(), people)
            self._parts.control.documents.delete(workspace.id, KIND, document.id)
            gone += len(people)
        return gone

    def _expired(self, workspace: Workspace) -> list[StoredDocument]:
        now = self._parts.clock.now()
        uploads = self._parts.control.documents.list(workspace.id, KIND)
        return [each for each in uploads if datetime.fromisoformat(each.body["expires_at"]) <= now]

    def _last(self, workspace: Workspace, list_id: int) -> dict[int, str]:
        """Return for everybody on a list the upload by which they were put on it last."""
        last: dict[int, tuple[datetime, str, str]] = {}
        for row in self._log(workspace, list_id):
            entry = (row["time"], row["action"], row["upload_id"])
            last[row["person_id"]] = max(last.get(row["person_id"], entry), entry)
        return {person: upload for person, (_, action, upload) in last.items() if action == "CREATE"}

    def _log(self, workspace: Workspace, list_id: int) -> list[dict[str, Any]]:
        version = self._snapshots.newest(workspace.id).generation.tables.get(MEMBERSHIPS.name)
        if version is None:
            return []
        dataset = self._parts.lake.dataset(workspace.id, MEMBERSHIPS.name, version)
        columns = ["person_id", "action", "time", "upload_id"]
        found = dataset.to_table(columns=columns, filter=pc.field("audience_id") == list_id)
        rows: list[dict[str, Any]] = found.to_pylist()
        return rows

    def _write(
        self, workspace: Workspace, list_id: int, upload_id: str, added: Iterable[int], removed: Iterable[int]
    ) -> None:
        """Append to the log and serve it."""
        lines: list[Line] = [
            *((list_id, person, DELETE, None, 0) for person in sorted(removed)),
            *((list_id, person, CREATE, None, 0) for person in sorted(added)),
        ]
        if lines:
            self._committing.put(self._snapshots.newest(workspace.id), Resolved(lines=lines), [upload_id])

    def _alone(self, workspace: Workspace) -> AbstractContextManager[None]:
        """Hold the workspace's lock, waiting a while for it. Raises Unavailable when somebody keeps it."""
        return waiting_for_import(self._parts.settings.data / "locks", workspace.id, WAIT_SECONDS)
