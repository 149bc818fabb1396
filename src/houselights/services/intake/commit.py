"""Puts what a batch of uploads brings in its place: the lake first, then one transaction of the control database.

The lake is written upon the versions that the generation being served names, so what a crash left there is undone by
the next attempt; the transaction publishes the new versions and says that the uploads are done, or does neither.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from houselights.base.errors import Conflict
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.model.workspace import Generation
from houselights.services.imports.parts import Parts
from houselights.services.intake.resolve import Resolved
from houselights.services.motion.place import logged, next_log_time
from houselights.storage.lake.tables import IDENTITIES, MEMBERSHIPS, SHARD_BITS

INSTANT = timedelta(microseconds=1)  # the finest the lake tells apart
NOTE = "uploads"


class Committing:
    """Commits batches. The caller holds the workspace's lock (`imports.lock`) and the lease on its uploads."""

    def __init__(self, parts: Parts, snapshots: Snapshots):
        self._parts = parts
        self._snapshots = snapshots

    def put(self, before: Snapshot, found: Resolved, upload_ids: Sequence[str]) -> Snapshot:
        """Put in its place what no upload waits with, and return what is served now. Raises Conflict."""
        return self._served(before, self._written(before.generation, found, upload_ids, self._parts.clock.now()))

    def commit(self, before: Snapshot, found: Resolved, upload_ids: Sequence[str], owner: str) -> Snapshot:
        """Put a batch in its place upon the snapshot `before`, and return what is served now. `upload_ids` are those of
        the uploads that its lines count.

        Raises Conflict when somebody else published or took the lease in the meantime; nothing is in its place then.
        """
        now = self._parts.clock.now()
        generation = self._written(before.generation, found, upload_ids, now)
        control, workspace_id = self._parts.control, generation.workspace_id
        with control.transaction() as conn:
            control.workspaces.lock(workspace_id, conn=conn)
            if generation is not before.generation:
                control.generations.publish(conn, generation)
            control.uploads.finish(
                conn, workspace_id, owner, found.outcomes, found.counts, generation=generation.number, at=now
            )
        return before if generation is before.generation else self._adopted(before, generation)

    def compact(self, before: Snapshot) -> Snapshot:
        """Put the small files of many batches together, publish that, and return what is served now."""
        lake, generation = self._parts.lake, before.generation
        tables = {
            name: lake.compact(generation.workspace_id, name, generation.tables[name])
            for name in (MEMBERSHIPS.name, IDENTITIES.name)
            if name in generation.tables
        }
        successor = minor_successor(generation, self._parts.clock.now())
        return self._served(before, replace(successor, tables={**generation.tables, **tables}))

    def _served(self, before: Snapshot, generation: Generation) -> Snapshot:
        """Publish a generation and serve it."""
        control = self._parts.control
        with control.transaction() as conn:
            control.workspaces.lock(generation.workspace_id, conn=conn)
            control.generations.publish(conn, generation)
        return self._adopted(before, generation)

    def _adopted(self, before: Snapshot, generation: Generation) -> Snapshot:
        after = before.after(generation)
        self._snapshots.adopt(after)
        return after

    def _written(self, before: Generation, found: Resolved, upload_ids: Sequence[str], now: datetime) -> Generation:
        """Write the lake, and return the generation that serves it: `before` itself when there is nothing to write."""
        if not found.lines and not found.identities:
            return before
        generation = minor_successor(before, self._parts.clock.now())
        if found.identities:
            version = self._add(before, IDENTITIES.name, _identities(found), upload_ids)
            generation = replace(generation, tables={**generation.tables, IDENTITIES.name: version})
        if found.lines:
            # Each upload has an instant of its own, in order: of two lines at one instant nobody knows the later.
            at = next_log_time(before, now)
            version = self._add(before, MEMBERSHIPS.name, _lines(found, at, upload_ids), upload_ids)
            generation = logged(generation, version, at + INSTANT * len(upload_ids))
        return generation

    def _add(self, before: Generation, table: str, rows: pa.Table, upload_ids: Sequence[str]) -> int:
        """Append rows upon the version being served, and make sure that nobody on another machine wrote in between:
        what they have not published must not be published by us.
        """
        lake, workspace_id, upon = self._parts.lake, before.workspace_id, before.tables.get(table)
        note = {NOTE: ",".join(upload_ids)}
        latest = lake.version(workspace_id, table)
        # To undo what was never published takes a commit of its own.
        undone = latest is not None and upon is not None and lake.is_ahead(workspace_id, table, upon)
        version = lake.add(workspace_id, table, rows, upon=upon, note=note)
        last = lake.commits(workspace_id, table, limit=1)[0]
        expected = 0 if latest is None else latest + 1 + undone
        if (version, last.version, last.note) != (expected, expected, note):
            raise Conflict(f"somebody else writes the table {table}")
        return version


def minor_successor(before: Generation, built_at: datetime) -> Generation:
    """Return the generation after `before`, of the same people at the same now; only lists and external ids differ.

    There may be one a second, so it is forgotten as those of live data are (`imports.tidy`).
    """
    details = {**before.details, "minor": True}
    return replace(before, number=before.number + 1, built_at=built_at, details=details)


def _lines(found: Resolved, at: datetime, upload_ids: Sequence[str]) -> pa.Table:
    lists, people, actions, countries, ordinals = zip(*found.lines, strict=True)
    ordinal = np.array(ordinals, np.int64)
    instant = MEMBERSHIPS.schema.field("time").type
    start = pa.scalar(at, instant).value
    columns: dict[str, Any] = {
        "audience_id": pa.array(np.array(lists, np.int64)),
        "person_id": pa.array(np.array(people, np.int64)),
        "action": pa.array(actions, pa.string()),
        "time": pa.array(start + ordinal).cast(instant),
        "country": pa.array(countries, pa.string()),
        "upload_id": pa.array(upload_ids, pa.string()).take(pa.array(ordinal)),
    }
    return pa.table([columns[name] for name in MEMBERSHIPS.schema.names], schema=MEMBERSHIPS.schema)


def _identities(found: Resolved) -> pa.Table:
    namespaces, values, people = zip(*found.identities, strict=True)
    person_ids = np.array(people, np.int64)
    order = np.argsort(person_ids, kind="stable")
    columns: dict[str, Any] = {
        "shard": pa.array((person_ids >> SHARD_BITS).astype(np.int32)[order]),
        "person_id": pa.array(person_ids[order]),
        "namespace": pa.array(namespaces, pa.string()).take(pa.array(order)),
        "value": pa.array(values, pa.string()).take(pa.array(order)),
    }
    return pa.table([columns[name] for name in IDENTITIES.schema.names], schema=IDENTITIES.schema)
