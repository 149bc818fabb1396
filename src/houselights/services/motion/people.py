"""Finds whom arrivals are about, and gives new people their ids. Reads the lake of one generation; writes nothing."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from houselights.engine.index.shard import SHARD_PEOPLE
from houselights.engine.snapshot import Snapshot
from houselights.services.motion.incoming import Who
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import TABLES

# A shard that new people join is built anew with every batch that brings some; beyond this many (person, trait) pairs
# that takes too long, and people who arrive begin a shard of their own.
PAIRS_MOST = 2_000_000


class Directory:
    """Who is known under which key and identity, as far as some arrivals need it; new people are added as they come."""

    def __init__(self, lake: Lake, snapshot: Snapshot, everybody: Iterable[Who]):
        self._lake = lake
        self._generation = snapshot.generation
        wanted = list(everybody)
        self.keys = self._keys(sorted({who.key for who in wanted if who.key is not None}))
        self.identities = self._identities({each for who in wanted for each in who.identities})
        self.added: dict[int, str] = {}
        self.linked: list[tuple[int, str, str]] = []
        self._next = _first_free(snapshot)

    @property
    def capacity(self) -> int:
        """How many person ids were ever given."""
        return self._next

    def find(self, who: Who) -> int:
        """Return the person somebody is, a new one when nobody is known under any of the names given."""
        person_id = self.keys.get(who.key) if who.key is not None else None
        if person_id is None and who.key is None:
            person_id = next((self.identities[each] for each in who.identities if each in self.identities), None)
        if person_id is None:
            person_id = self._add(who)
        for identity in who.identities:
            if identity not in self.identities:
                self.identities[identity] = person_id
                self.linked.append((person_id, *identity))
        return person_id

    def _add(self, who: Who) -> int:
        # Known by an identity alone: named after it, so that the same identity cannot make two people.
        key = who.key if who.key is not None else ":".join(who.identities[0])
        person_id = self.keys.get(key)
        if person_id is None:
            person_id, self._next = self._next, self._next + 1
            self.keys[key] = person_id
            self.added[person_id] = key
        return person_id

    def _keys(self, keys: Sequence[str]) -> dict[str, int]:
        rows = self._rows("people", ["key", "person_id"], "key", keys)
        return {row["key"]: row["person_id"] for row in rows}

    def _identities(self, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
        values = sorted({value for _, value in wanted})
        found: dict[tuple[str, str], int] = {}
        for row in self._rows("identities", ["namespace", "value", "person_id"], "value", values):
            name = (row["namespace"], row["value"])
            if name in wanted:  # two people may share one, as a household shares a tablet: the first is meant
                found[name] = min(row["person_id"], found.get(name, row["person_id"]))
        return found

    def _rows(self, table: str, columns: list[str], column: str, among: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield the rows whose text in `column` is one of `among`.

        Looked through batch by batch and not by a filter of the dataset: delta-rs rewrites files with another kind of
        Arrow text than ours, whose statistics Arrow cannot compare with a filter.
        """
        version = self._generation.tables.get(table)
        if version is None or not among:
            return
        wanted = pa.array(among, pa.string())
        for batch in self._lake.dataset(self._generation.workspace_id, table, version).to_batches(columns=columns):
            yield from batch.filter(pc.is_in(batch[column], wanted)).to_pylist()


def _first_free(snapshot: Snapshot) -> int:
    """Return the first id for a new person: the next one, or the first of a new shard when the last one is full."""
    after = max(int(snapshot.generation.details.get("capacity", 0)), snapshot.index.capacity)
    last = next((shard for shard in snapshot.index.shards if shard.number == after // SHARD_PEOPLE), None)
    if last is None or last.pairs <= PAIRS_MOST:
        return after
    return -(-after // SHARD_PEOPLE) * SHARD_PEOPLE


def schema_of(lake: Lake, snapshot: Snapshot, table: str) -> pa.Schema:
    """Return the columns of a table as this generation has it."""
    version = snapshot.generation.tables.get(table)
    return TABLES[table].schema if version is None else lake.schema(snapshot.generation.workspace_id, table, version)


def attributes_of(schema: pa.Schema, table: str) -> dict[str, pa.DataType]:
    """Return the company's own columns among those of a table."""
    own = set(TABLES[table].schema.names)
    return {each.name: each.type for each in schema if each.name not in own}
