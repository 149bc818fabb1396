"""Builds an index from the lake, one shard at a time. Reads only the versions a generation names."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.base.errors import NotFound
from houselights.engine.index.build import Progress, build_index
from houselights.engine.index.index import Index, shard_folder
from houselights.engine.index.shard import Pairs
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.model.workspace import Generation
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.superseded import Superseded

Array = np.ndarray[Any, Any]

# What a shard is made of: a shard whose files of all three are the same as before is the same as before.
SOURCES = ("people", "traits", "measures")


def build_from_lake(
    lake: Lake,
    generation: Generation,
    catalogue: Catalogue,
    folder: Path,
    previous: Index | None = None,
    progress: Progress | None = None,
) -> None:
    """Build the index of `generation` in `folder`, which must not exist.

    Shards whose lake files have not changed since `previous` was built are linked from it; what comes out is the same
    with and without. Raises NotFound when the lake lacks a version, FileExistsError and ValueError as `build_index`.
    """
    source = _Source(lake, generation)
    everyone = source.everyone()
    names = source.measure_names()
    build_index(
        folder,
        capacity=int(everyone[-1]) + 1 if everyone.size else 0,
        everyone=everyone,
        catalogue=catalogue,
        pairs=source.pairs,
        measures={name: source.measure(name) for name in names},
        as_of=generation.as_of,
        built_at=generation.built_at,
        generation=generation.number,
        tables=generation.tables,
        reuse=_unchanged(source, previous, names),
        progress=progress,
    )


def catalogue_from_lake(lake: Lake, generation: Generation) -> Catalogue:
    """Read the catalogue of a generation: all facets, and the traits that are not retired."""
    rows = {
        table: lake.dataset(generation.workspace_id, table, generation.tables[table]).to_table().to_pylist()
        for table in ("facets", "trait_dictionary")
    }
    facets = [Facet(**{**row, "description": row["description"] or ""}) for row in rows["facets"]]
    traits = sorted((row for row in rows["trait_dictionary"] if not row["retired"]), key=lambda row: int(row["id"]))
    return Catalogue(facets, [_trait(row) for row in traits])


def _trait(row: Mapping[str, Any]) -> Trait:
    return Trait(
        id=row["id"],
        facet=row["facet"],
        key=row["key"],
        name=row["name"],
        path=tuple(row["path"] or ()),
        parent=row["parent"],
        order=row["ord"],
        low=row["low"],
        high=row["high"],
        description=row["description"] or "",
        audience_id=row["audience_id"],
        attributes=json.loads(row["attributes"] or "{}"),
    )


class _Source:
    """The three tables of one generation, shard by shard."""

    def __init__(self, lake: Lake, generation: Generation):
        self.lake = lake
        self.generation = generation

    def files(self, table: str, tables: Mapping[str, int], shard: int) -> list[str]:
        if table not in tables:
            return []
        return self.lake.files(self.generation.workspace_id, table, tables[table], shard=shard)

    def batches(self, table: str, columns: list[str], where: pc.Expression | None) -> Iterator[pa.RecordBatch]:
        """Stream rows, so that a shard's 40 million pairs are never held as 64-bit columns."""
        if table in self.generation.tables:
            dataset = self.lake.dataset(self.generation.workspace_id, table, self.generation.tables[table])
            yield from dataset.to_batches(columns=columns, filter=where, batch_readahead=4, fragment_readahead=1)

    def everyone(self) -> Array:
        parts = [each["person_id"].to_numpy() for each in self.batches("people", ["person_id"], None)]
        return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)

    def measure_names(self) -> list[str]:
        found: set[str] = set()
        for batch in self.batches("measures", ["measure"], None):
            found.update(pc.unique(batch["measure"]).to_pylist())
        return sorted(found)

    def pairs(self, shard: int) -> Pairs:
        people, traits = [np.empty(0, np.uint32)], [np.empty(0, np.uint32)]
        for batch in self.batches("traits", ["person_id", "trait_id"], pc.field("shard") == shard):
            people.append(batch["person_id"].to_numpy().astype(np.uint32))
            traits.append(batch["trait_id"].to_numpy().astype(np.uint32))
        return np.concatenate(people), np.concatenate(traits)

    def measure(self, name: str) -> "_Measure":
        return _Measure(self, name)


class _Measure:
    """One measure, asked for by shard."""

    def __init__(self, source: _Source, name: str):
        self.source, self.name = source, name

    def __call__(self, shard: int) -> Pairs:
        people, values = [np.empty(0, np.int64)], [np.empty(0, np.float64)]
        where = (pc.field("shard") == shard) & (pc.field("measure") == self.name)
        for batch in self.source.batches("measures", ["person_id", "value"], where):
            people.append(batch["person_id"].to_numpy())
            values.append(batch["value"].to_numpy())
        # Batches may come in any order: sorted, so that the last of several values is the same one every time.
        ids, given = np.concatenate(people), np.concatenate(values)
        order = np.lexsort((given, ids))
        return ids[order], given[order]


def _unchanged(source: _Source, previous: Index | None, names: list[str]) -> dict[int, Path]:
    """Return the shards of the previous index that hold what the lake says now, by number."""
    if previous is None or list(previous.measure_names) != names:
        return {}
    now = source.generation.tables

    def is_same(table: str, shard: int) -> bool:
        try:
            return sorted(source.files(table, now, shard)) == sorted(source.files(table, previous.tables, shard))
        except (NotFound, Superseded):
            return False  # somebody was erased since, and the versions it was built from with them

    return {
        shard.number: shard_folder(previous.folder, shard.number)
        for shard in previous.shards
        if all(is_same(table, shard.number) for table in SOURCES)
    }
