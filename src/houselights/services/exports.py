"""Writes members and chosen fields of them to Parquet, a shard at a time. Refuses fields that nobody has.

A field is a path through the profile; each becomes a column of that name. `_id` is the company's own key.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean
from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot
from houselights.model.schema import paths
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import TABLES

MEMBER_OF = "segments"


def checked_fields(snapshot: Snapshot, fields: Sequence[str], *, table: str = "people") -> None:
    """Raise InvalidInput for a field that profiles (or events) of this generation do not have."""
    shape = snapshot.documents.shape
    known = set(paths(shape.schema.person if table == "people" else shape.schema.event))
    for field in fields:
        if field not in known:
            raise InvalidInput(f'there is no field "{field}"', field="fields", hint=did_you_mean(field, known))


def write_members(
    lake: Lake,
    snapshot: Snapshot,
    audiences: Mapping[str, PeopleSet],
    fields: Sequence[str],
    file: Path,
    *,
    table: str = "people",
) -> int:
    """Write one row for each member of any of the audiences (or for each of their events); return how many.

    The last column lists the audiences, by the names given, that the person is in.
    """
    shape = snapshot.documents.shape
    columns = shape.people if table == "people" else shape.events
    everyone = snapshot.index.everyone
    members = PeopleSet.empty(everyone.capacity)
    for people in audiences.values():
        members = members | people
    file.parent.mkdir(parents=True, exist_ok=True)
    schema, version = _schema(lake, snapshot, table), snapshot.generation.tables.get(table)
    kinds = [pa.field(field, _kind(schema, _column(field, columns))) for field in fields]
    target = pa.schema([*kinds, pa.field(MEMBER_OF, pa.list_(pa.string()))])
    rows = 0
    with pq.ParquetWriter(file, target, compression="zstd") as writer:
        if version is None:
            return 0
        workspace_id = snapshot.generation.workspace_id
        for shard in lake.shards(workspace_id, table, version):
            wanted = sorted({"person_id", *(_column(field, columns).split(".")[0] for field in fields)})
            dataset = lake.dataset(workspace_id, table, version)
            found = dataset.to_table(columns=wanted, filter=pc.field("shard") == shard)
            found = found.filter(pa.array(_inside(members, found["person_id"].to_numpy())))
            if not found.num_rows:
                continue
            people = found["person_id"].to_numpy()
            arrays = [_at(found, _column(field, columns)) for field in fields]
            writer.write_table(pa.table([*arrays, _names(audiences, people)], schema=target))
            rows += found.num_rows
    return rows


def _schema(lake: Lake, snapshot: Snapshot, table: str) -> pa.Schema:
    version = snapshot.generation.tables.get(table)
    if version is None:
        return TABLES[table].schema
    return lake.schema(snapshot.generation.workspace_id, table, version)


def _column(field: str, columns: Mapping[str, str]) -> str:
    return columns.get(field, field)


def _kind(schema: pa.Schema, path: str) -> pa.DataType:
    first, *rest = path.split(".")
    kind = schema.field(first).type
    for step in rest:
        kind = kind.field(step).type
    return kind


def _at(found: pa.Table, path: str) -> pa.ChunkedArray:
    first, *rest = path.split(".")
    return pc.struct_field(found[first], rest) if rest else found[first]


def _inside(
    people: PeopleSet, ids: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    words = people.words[ids >> 6]
    inside: np.ndarray[tuple[int], np.dtype[np.bool_]] = (words >> (ids & 63).astype(np.uint64)) & np.uint64(1) == 1
    return inside


def _names(audiences: Mapping[str, PeopleSet], ids: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.Array:
    flags = {name: _inside(people, ids) for name, people in audiences.items()}
    lists = [[name for name in flags if flags[name][row]] for row in range(len(ids))]
    return pa.array(lists, pa.list_(pa.string()))
