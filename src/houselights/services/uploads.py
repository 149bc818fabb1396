"""Members of listed audiences: uploaded as identities, added or taken away, and gone again when an upload expires.

An upload becomes a few rows in the log of memberships and a new generation that serves them; the index stays the same.
Refuses audiences that are no lists. Identities that belong to nobody, or to several people, are counted and left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, InvalidInput, Unavailable
from houselights.engine.snapshot import Snapshots
from houselights.model.audience import Audience
from houselights.model.workspace import Workspace
from houselights.rules.json_form import from_json
from houselights.rules.tree import Listed
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.people import People
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import MEMBERSHIPS

KIND = "upload"
PUBLISH_TRIES = 5
INSTANT = timedelta(microseconds=1)  # the finest the lake tells apart


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
    """Uploads over one house."""

    def __init__(self, control: Control, lake: Lake, snapshots: Snapshots, clock: Clock, audit: Audit, people: People):
        self._control = control
        self._lake = lake
        self._snapshots = snapshots
        self._clock = clock
        self._audit = audit
        self._people = people

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

        Raises InvalidInput for an audience that is no list, Unavailable when data keeps moving underneath.
        """
        caller.require("imports:write")
        list_id = list_of(audience)
        self.expire(caller.workspace)
        matched = self._people.matched(caller.workspace, given)
        people = {each for each in matched if each is not None}
        before = self.members(caller.workspace, list_id)
        added = set() if mode is Mode.REMOVE else people  # those on it already are put on it again, for longer
        removed = before & people if mode is Mode.REMOVE else before - people if mode is Mode.REPLACE else set()
        upload_id, now = str(uuid4()), self._clock.now()
        expires_at = None if days is None or not added else now + timedelta(days=days)
        self._write(caller.workspace, list_id, upload_id, added, removed)
        if expires_at is not None:
            body = {"list": str(list_id), "expires_at": expires_at.isoformat()}
            self._control.documents.put(caller.workspace.id, KIND, upload_id, body, now)
        after = self.members(caller.workspace, list_id)
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
        now, gone = self._clock.now(), 0
        for document in self._control.documents.list(workspace.id, KIND):
            if datetime.fromisoformat(document.body["expires_at"]) > now:
                continue
            list_id = int(document.body["list"])
            people = {person for person, (_, upload) in self._last(workspace, list_id).items() if upload == document.id}
            self._write(workspace, list_id, f"{document.id} expired", set(), people)
            self._control.documents.delete(workspace.id, KIND, document.id)
            gone += len(people)
        return gone

    def members(self, workspace: Workspace, list_id: int) -> set[int]:
        """Return the people who are on a list now."""
        return set(self._last(workspace, list_id))

    def _last(self, workspace: Workspace, list_id: int) -> dict[int, tuple[datetime, str]]:
        """Return for everybody on a list when, and by which upload, they were put on it last."""
        last: dict[int, tuple[datetime, str, str]] = {}
        for row in self._log(workspace, list_id):
            entry = (row["time"], row["action"], row["upload_id"])
            last[row["person_id"]] = max(last.get(row["person_id"], entry), entry)
        return {person: (time, upload) for person, (time, action, upload) in last.items() if action == "CREATE"}

    def _log(self, workspace: Workspace, list_id: int) -> list[dict[str, Any]]:
        version = self._lake.version(workspace.id, MEMBERSHIPS.name)
        if version is None:
            return []
        dataset = self._lake.dataset(workspace.id, MEMBERSHIPS.name, version)
        columns = ["person_id", "action", "time", "upload_id"]
        found = dataset.to_table(columns=columns, filter=pc.field("audience_id") == list_id)
        rows: list[dict[str, Any]] = found.to_pylist()
        return rows

    def _write(
        self, workspace: Workspace, list_id: int, upload_id: str, added: Iterable[int], removed: Iterable[int]
    ) -> None:
        """Append to the log and serve it. A later word must have a later time, whatever the clock says."""
        lines = [*((person, "DELETE") for person in sorted(removed)), *((person, "CREATE") for person in sorted(added))]
        if not lines:
            return
        at = max([self._clock.now(), *(row["time"] + INSTANT for row in self._log(workspace, list_id))])
        rows = [
            {"audience_id": list_id, "person_id": person, "action": action, "time": at, "country": None,
             "upload_id": upload_id}
            for person, action in lines
        ]  # fmt: skip
        table = pa.Table.from_pylist(rows, schema=MEMBERSHIPS.schema)
        self._lake.write(workspace.id, MEMBERSHIPS.name, table, mode="append", note={"upload": upload_id})
        self._publish(workspace)

    def _publish(self, workspace: Workspace) -> None:
        """Make a generation that serves the newest log, upon whichever is the newest generation now."""
        for _ in range(PUBLISH_TRIES):
            newest = self._control.generations.current(workspace.id)
            version = self._lake.version(workspace.id, MEMBERSHIPS.name)
            if newest is None or version is None:
                return
            served = replace(newest, number=newest.number + 1, tables={**newest.tables, MEMBERSHIPS.name: version})
            try:
                with self._control.transaction() as conn:
                    self._control.generations.publish(conn, served)
                return
            except Conflict:
                continue  # somebody published meanwhile; theirs is the one to build upon
        raise Unavailable("the data is being changed too often to take an upload in; try again")


def list_of(audience: Audience) -> int:
    """Return the list that an audience is. Raises InvalidInput for one with another rule."""
    rule = from_json(audience.rule)
    if not isinstance(rule, Listed):
        raise InvalidInput(f'"{audience.name}" has a rule; members are uploaded to lists only')
    return rule.list_id
