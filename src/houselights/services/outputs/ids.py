"""Reads by which ids some people are known: an identity of theirs, or their e-mail address as it is written.

Reads the lake a shard at a time, so that memory holds one shard's ids however many people there are. The same id of one
person stands once; one that several of the people have stands once for each of them.
"""

from collections.abc import Collection, Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot
from houselights.model.rights import OUTPUTS
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import IDENTITIES, PEOPLE, SHARD_BITS

RAW_EMAIL = "email_raw"
_SHARD_WORDS = (1 << SHARD_BITS) >> 6


class PeopleIds:
    """Ids of people in one lake. `raw_email` is the path of the attribute that holds addresses."""

    def __init__(self, lake: Lake, raw_email: str):
        self._lake = lake
        self._raw_email = raw_email

    def held(self, snapshot: Snapshot) -> frozenset[str]:
        """Return the outputs that the company can have: e-mail addresses only where people have the attribute."""
        return frozenset(OUTPUTS) - (frozenset() if self._raw_column(snapshot) else {RAW_EMAIL})

    def counts(self, snapshot: Snapshot, people: PeopleSet, outputs: Collection[str]) -> Mapping[str, int]:
        """Return how many ids there are of each kind."""
        found = dict.fromkeys(outputs, 0)
        identities = [each for each in outputs if each != RAW_EMAIL]
        for rows in self._identities(snapshot, people, identities):
            for each in pc.value_counts(rows["namespace"].combine_chunks()).to_pylist():
                found[each["values"]] += each["counts"]
        if RAW_EMAIL in found:
            found[RAW_EMAIL] = sum(len(each) for each in self._addresses(snapshot, people))
        return found

    def read(self, snapshot: Snapshot, people: PeopleSet, output: str) -> Iterator[pa.Array]:
        """Yield the ids of one kind, as texts without line breaks, in the order of the people within each shard."""
        if output == RAW_EMAIL:
            yield from self._addresses(snapshot, people)
        else:
            for rows in self._identities(snapshot, people, [output]):
                yield rows["value"].combine_chunks()

    def _identities(self, snapshot: Snapshot, people: PeopleSet, namespaces: Collection[str]) -> Iterator[pa.Table]:
        """Yield shards of (namespace, person_id, value), each row once."""
        if not namespaces:
            return
        columns = ["namespace", "person_id", "value"]
        of_these = pc.field("namespace").isin(sorted(namespaces))
        for rows in self._shards(snapshot, people, IDENTITIES.name, columns, of_these):
            one_line = rows.filter(_fits_a_line(rows["value"]))
            once = one_line.group_by(columns, use_threads=False).aggregate([])
            yield once.sort_by("person_id")

    def _addresses(self, snapshot: Snapshot, people: PeopleSet) -> Iterator[pa.Array]:
        path = self._raw_column(snapshot)
        if path is None:
            return
        first, *rest = path.split(".")
        for rows in self._shards(snapshot, people, PEOPLE.name, ["person_id", first], None):
            column = pc.struct_field(rows[first], rest) if rest else rows[first]
            texts = column.cast(pa.string()).combine_chunks()
            yield texts.filter(_fits_a_line(texts))

    def _shards(
        self, snapshot: Snapshot, people: PeopleSet, table: str, columns: list[str], where: pc.Expression | None
    ) -> Iterator[pa.Table]:
        """Yield, shard by shard, the rows of these people."""
        generation = snapshot.generation
        version = generation.tables.get(table)
        if version is None:
            return
        for shard in self._lake.shards(generation.workspace_id, table, version):
            if not people.words[shard * _SHARD_WORDS : (shard + 1) * _SHARD_WORDS].any():
                continue
            here = pc.field("shard") == shard
            dataset = self._lake.dataset(generation.workspace_id, table, version)
            parts = []
            for batch in dataset.to_batches(columns=columns, filter=here if where is None else here & where):
                ids = batch["person_id"].to_numpy()
                inside = people.words[ids >> 6] >> (ids & 63).astype(np.uint64) & np.uint64(1)
                parts.append(batch.filter(pa.array(inside.astype(np.bool_))))
            rows = pa.Table.from_batches(parts) if parts else None
            if rows is not None and rows.num_rows:
                yield rows

    def _raw_column(self, snapshot: Snapshot) -> str | None:
        """Return the path of the column with addresses, None when there is none, or one that holds no text."""
        version = snapshot.generation.tables.get(PEOPLE.name)
        if version is None:
            return None
        first, *rest = self._raw_email.split(".")
        schema = self._lake.schema(snapshot.generation.workspace_id, PEOPLE.name, version)
        place = schema.get_field_index(first)
        kind = None if place < 0 else schema.field(place).type
        for step in rest:
            if kind is None or not pa.types.is_struct(kind) or kind.get_field_index(step) < 0:
                return None
            kind = kind.field(step).type
        is_text = kind is not None and (
            pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
        )
        return self._raw_email if is_text else None


def _fits_a_line(texts: "pa.Array | pa.ChunkedArray") -> "pa.Array | pa.ChunkedArray":
    """Say which texts are there and hold no line break, which would be read as two ids."""
    return pc.fill_null(pc.invert(pc.match_substring_regex(texts.cast(pa.string()), r"^$|[\r\n]")), False)
