"""One micro-batch: what waits is put in its place, audiences it matters to are asked again, all published at once.

A line a step: arrivals → lake and index → people who changed → continuous audiences that could change → the membership
log → a new generation. The last step is one transaction with the marks on the arrivals, so each is in its place once.
"""

import time
from dataclasses import dataclass, replace
from datetime import datetime

from houselights.base.errors import NotFound
from houselights.base.logs import logger
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.model.audience import AudienceFilter, AudienceStatus, Evaluation
from houselights.model.workspace import Workspace
from houselights.services.imports.lock import only_import
from houselights.services.imports.parts import Parts
from houselights.services.imports.tidy import clear_the_old
from houselights.services.motion.concerns import concerns
from houselights.services.motion.entries import Entry, Looked, log_of, look
from houselights.services.motion.place import Placed, logged, next_log_time, place
from houselights.services.resolver import Resolver

log = logger("motion")

BATCH = 2_000  # arrivals at a time: about as many as are in their place within a second
AUDIENCES_MOST = 100_000
TIDY_EVERY = 50  # generations
ADDED_TO = ("people", "events", "identities", "memberships")


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a micro-batch did. `asked` counts the (person, audience) pairs that were evaluated."""

    arrivals: int
    generation: int | None = None
    entries: tuple[Entry, ...] = ()
    asked: int = 0
    seconds: float = 0.0


class Applying:
    """Applies what has arrived. One at a time for each workspace, on this machine and against imports."""

    def __init__(self, parts: Parts, snapshots: Snapshots):
        self._parts = parts
        self._snapshots = snapshots

    def apply(self, workspace: Workspace, limit: int = BATCH) -> Applied:
        """Put the oldest that wait in their place. Raises Conflict while an import or another run has the workspace,
        NotFound before the first import; what waits goes on waiting then.
        """
        started = time.monotonic()
        parts = self._parts
        with only_import(parts.settings.data / "locks", workspace.id):
            before = self._snapshots.newest(workspace.id)
            arrivals = parts.control.arrivals.waiting(workspace.id, limit)
            if not arrivals:
                return Applied(arrivals=0)
            now = max(parts.clock.now(), before.generation.as_of)
            placed = place(parts, before, arrivals, now)
            at = next_log_time(before.generation, now)
            looked = self._look(workspace, placed, now, at)
            snapshot = self._logged(placed.snapshot, looked, at)
            is_time_to_tidy = snapshot.generation.number % TIDY_EVERY == 0
            if is_time_to_tidy:
                snapshot = self._compacted(snapshot)
            self._publish(workspace, snapshot, placed, looked)
            if is_time_to_tidy:
                clear_the_old(parts, workspace.id)
        seconds = time.monotonic() - started
        number = snapshot.generation.number
        log.info(
            "applied", workspace=workspace.name, generation=number, arrivals=len(arrivals), asked=looked.asked,
            entries=len(looked.entries), milliseconds=round(seconds * 1000, 1),
        )  # fmt: skip
        return Applied(
            arrivals=len(arrivals), generation=number, entries=looked.entries, asked=looked.asked, seconds=seconds
        )

    def _look(self, workspace: Workspace, placed: Placed, now: datetime, at: datetime) -> Looked:
        where = AudienceFilter(
            statuses=frozenset({AudienceStatus.ACTIVE}), evaluations=frozenset({Evaluation.CONTINUOUS})
        )
        audiences, _ = self._parts.control.audiences.list(workspace.id, where, 0, AUDIENCES_MOST)
        ids = [audience.id for audience in audiences]
        resolve = Resolver(self._parts.control, workspace, placed.snapshot.catalogue, named=ids)
        asked = [each for each in concerns(ids, resolve) if not each.is_own_record]
        touched = sorted(
            person_id
            for person_id, change in placed.changes.items()
            if any(each.because(change) is not None for each in asked)
            and person_id in placed.snapshot.index.everyone  # who is being erased is there no more
        )
        people = placed.snapshot.documents.people(touched) if touched else []
        return look(people, placed.changes, asked, resolve, now, at, self._parts.clock.now())

    def _logged(self, snapshot: Snapshot, looked: Looked, at: datetime) -> Snapshot:
        """Return the snapshot with entries and exits in its membership log."""
        if not looked.entries:
            return snapshot
        generation = snapshot.generation
        version = self._parts.lake.add(
            generation.workspace_id,
            "memberships",
            log_of(looked.entries, at, f"stream:{generation.number}"),
            upon=generation.tables.get("memberships"),
        )
        return snapshot.after(logged(generation, version, at))

    def _compacted(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot over fewer files: every batch adds a small one to each table it touches."""
        generation = snapshot.generation
        versions = {
            table: self._parts.lake.compact(generation.workspace_id, table, generation.tables[table])
            for table in ADDED_TO
            if table in generation.tables
        }
        tables = {**generation.tables, **versions}
        return snapshot.after(replace(generation, tables=tables))

    def _publish(self, workspace: Workspace, snapshot: Snapshot, placed: Placed, looked: Looked) -> None:
        control = self._parts.control
        number = snapshot.generation.number
        turns: dict[int, list[dict[str, str]]] = {}
        for entry in looked.entries:
            turn = {"audience": str(entry.audience_id), "action": entry.action, "because": entry.because}
            turns.setdefault(entry.person_id, []).append(turn)
        outcomes = {
            arrival_id: {"person": str(person_id), "changes": turns.get(person_id, [])}
            for person_id, change in placed.changes.items()
            for arrival_id in change.arrivals
        }
        with control.transaction() as conn:
            control.workspaces.lock(workspace.id, conn=conn)
            control.generations.publish(conn, snapshot.generation)
            control.arrivals.placed(conn, workspace.id, number, outcomes)
        self._snapshots.adopt(snapshot)


def workspace_of(parts: Parts, workspace_id: int) -> Workspace | None:
    """Return a workspace by its number, None when it is gone."""
    try:
        return parts.control.workspaces.get(workspace_id)
    except NotFound:
        return None
