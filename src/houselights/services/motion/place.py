"""Puts arrivals in their place: rows of the lake, people of the index, one new generation. Publishes nothing.

Everything is built upon the versions that the generation being served names, so what a crash left half done is undone
by the next attempt and nothing is in its place twice.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.engine.index import Index, patch_index
from houselights.engine.index.build import Delta
from houselights.engine.snapshot import Snapshot
from houselights.model.motion import Arrival
from houselights.model.workspace import Generation
from houselights.rules.reads import Path
from houselights.services.imports.parts import Parts
from houselights.services.imports.publish import index_prefix
from houselights.services.motion.fit import fit_fields, laid_over
from houselights.services.motion.incoming import Incoming, NewEvent, NewProfile, incoming_of
from houselights.services.motion.people import Directory, attributes_of, schema_of
from houselights.storage.lake.tables import SHARD_BITS


@dataclass(slots=True, kw_only=True)
class Change:
    """What became different of one person. A new person differs from nobody in everything."""

    person_id: int
    is_new: bool = False
    paths: set[Path] = field(default_factory=set)
    event_types: set[str] = field(default_factory=set)
    identities: bool = False
    arrivals: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Arrivals in their place: the snapshot that holds them, not published yet, and what changed, by person."""

    snapshot: Snapshot
    changes: dict[int, Change]


def place(parts: Parts, before: Snapshot, arrivals: Sequence[Arrival], now: datetime) -> Placed:
    """Write arrivals into the lake and the index, upon the snapshot `before`."""
    given = [(each.id, incoming_of(each.kind, each.body)) for each in arrivals]
    work = _Work(parts, before, given)
    for arrival_id, incoming in given:
        work.take(arrival_id, incoming)
    tables = work.write({"arrivals": f"{arrivals[0].id}-{arrivals[-1].id}"} if arrivals else {})
    generation = successor(
        before.generation,
        as_of=now,
        built_at=parts.clock.now(),
        tables=tables,
        people=before.index.people + len(work.directory.added),
        capacity=work.directory.capacity,
    )
    index = before.index
    if work.directory.added:
        generation = replace(generation, index=f"{index_prefix(generation.workspace_id)}{generation.number}-live")
        index = _patched(parts, before.index, generation, sorted(work.directory.added))
    return Placed(snapshot=before.after(generation, index), changes=work.changes)


def next_log_time(generation: Generation, now: datetime) -> datetime:
    """Return when the next lines of the membership log happen: now, but later than all lines before.

    Of two lines at one instant the log cannot say which came last, and clocks stand still or are set back.
    """
    last = generation.details.get("logged_at")
    return now if last is None else max(now, datetime.fromisoformat(last) + timedelta(microseconds=1))


def logged(generation: Generation, version: int, at: datetime) -> Generation:
    """Return the generation with a version of the membership log whose last lines happened at `at`."""
    return replace(
        generation,
        tables={**generation.tables, "memberships": version},
        details={**generation.details, "logged_at": at.isoformat()},
    )


def successor(
    before: Generation,
    *,
    as_of: datetime,
    built_at: datetime,
    tables: dict[str, int] | None = None,
    people: int | None = None,
    capacity: int | None = None,
) -> Generation:
    """Return the generation after `before`, of live data: its now is when it was made, and never goes back."""
    details = {**before.details, "live": True}
    if capacity is not None:
        details["capacity"] = capacity
    return replace(
        before,
        number=before.number + 1,
        tables={**before.tables, **(tables or {})},
        as_of=max(as_of, before.as_of),
        built_at=built_at,
        people=before.people if people is None else people,
        details=details,
    )


def _patched(parts: Parts, old: Index, generation: Generation, added: list[int]) -> Index:
    folder = parts.settings.index_folder / generation.index
    shutil.rmtree(folder, ignore_errors=True)  # from an attempt that was never published
    patch_index(
        old,
        folder,
        Delta(added_people=np.array(added, np.uint32)),
        capacity=added[-1] + 1,
        catalogue=old.catalogue,
        as_of=generation.as_of,
        built_at=generation.built_at,
        generation=generation.number,
        tables=generation.tables,
    )
    return Index.open(folder)


class _Work:
    """Arrivals being turned into rows."""

    def __init__(self, parts: Parts, before: Snapshot, given: Sequence[tuple[int, Incoming]]):
        self.lake = parts.lake
        self.generation = before.generation
        self.directory = Directory(parts.lake, before, (incoming.who for _, incoming in given))
        self.changes: dict[int, Change] = {}
        self.schemas = {table: schema_of(parts.lake, before, table) for table in ("people", "events", "identities")}
        self.attributes = {table: attributes_of(self.schemas[table], table) for table in ("people", "events")}
        self.known = self._known([incoming.who for _, incoming in given if isinstance(incoming, NewProfile)])
        self.people: dict[int, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []

    def _known(self, whose: list[Any]) -> dict[int, dict[str, Any]]:
        """Return the rows of the people whose profiles arrive."""
        ids = {self.directory.keys[who.key] for who in whose if who.key in self.directory.keys}
        ids |= {self.directory.identities[each] for who in whose for each in who.identities
                if each in self.directory.identities}  # fmt: skip
        dataset = self.lake.dataset(self.generation.workspace_id, "people", self.generation.tables["people"])
        shards = pc.field("shard").isin(sorted({person_id >> SHARD_BITS for person_id in ids}))
        rows = dataset.to_table(filter=shards & pc.field("person_id").isin(sorted(ids)))
        return {row["person_id"]: row for row in rows.to_pylist()}

    def take(self, arrival_id: int, incoming: Incoming) -> None:
        links = len(self.directory.linked)
        person_id = self.directory.find(incoming.who)
        change = self.changes.setdefault(person_id, Change(person_id=person_id))
        change.arrivals.append(arrival_id)
        change.is_new |= person_id in self.directory.added
        change.identities |= len(self.directory.linked) > links
        if change.is_new and person_id not in self.people:
            self.people[person_id] = {**_place(person_id), "key": self.directory.added[person_id]}
        if isinstance(incoming, NewProfile):
            self.lay_over(person_id, incoming, change)
        else:
            self.happened(person_id, incoming, change)

    def lay_over(self, person_id: int, profile: NewProfile, change: Change) -> None:
        row = self.people.get(person_id) or self.known[person_id]
        merged = dict(row)
        for name, value in fit_fields(profile.attributes, self.attributes["people"], "attributes").items():
            merged[name] = laid_over(row.get(name), value, self.attributes["people"][name], (name,), change.paths)
        self.people[person_id] = merged

    def happened(self, person_id: int, event: NewEvent, change: Change) -> None:
        attributes = fit_fields(event.attributes, self.attributes["events"], "attributes")
        self.events.append({**_place(person_id), "time": event.time, "type": event.type, **attributes})
        change.event_types.add(event.type)

    def write(self, note: dict[str, str]) -> dict[str, int]:
        """Write all rows and return the new versions of the tables they went into."""
        identities = [
            {**_place(person_id), "namespace": namespace, "value": value}
            for person_id, namespace, value in self.directory.linked
        ]
        rows = {"people": list(self.people.values()), "events": self.events, "identities": identities}
        return {
            table: self.lake.add(
                self.generation.workspace_id,
                table,
                _as_table(found, self.schemas[table]),
                upon=self.generation.tables.get(table),
                instead_of=[one for one in self.people if one not in self.directory.added] if table == "people" else (),
                note=note,
            )
            for table, found in rows.items()
            if found
        }


def _place(person_id: int) -> dict[str, Any]:
    return {"shard": person_id >> SHARD_BITS, "person_id": person_id}


def _as_table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    whole = [{name: row.get(name) for name in schema.names} for row in rows]
    order = sorted(range(len(whole)), key=lambda place: int(rows[place]["person_id"]))
    return pa.Table.from_pylist([whole[place] for place in order], schema=schema)
