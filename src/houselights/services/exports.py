"""Writes members and chosen fields of them to Parquet, a shard at a time. Refuses fields that nobody has.

A field is a path through the profile; each becomes a column under the name it was asked for. `_id` is the company's own
key; `IDENTITIES` are the stored identities, a map of namespace to a list of `{id}`, as in the profile.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean
from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot
from houselights.model.schema import paths
from houselights.rules.values import IDENTITIES
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import TABLES

MEMBER_OF = "segments"
_IDENTITY = pa.struct([pa.field("id", pa.string())])
_IDENTITY_MAP = pa.map_(pa.string(), pa.list_(_IDENTITY))
Ids: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.int64]]"


def checked_fields(snapshot: Snapshot, fields: Sequence[str], *, table: str = "people") -> None:
    """Raise InvalidInput for a field that profiles (or events) of this generation do not have."""
    shape = snapshot.documents.shape
    known = {*paths(shape.schema.person), IDENTITIES} if table == "people" else set(paths(shape.schema.event))
    for field in fields:
        if field not in known:
            raise InvalidInput(f'there is no field "{field}"', field="fields", hint=did_you_mean(field, known))


def write_members(
    lake: Lake,
    snapshot: Snapshot,
    audiences: Mapping[str, PeopleSet],
    fields: Mapping[str, str],
    file: Path,
    *,
    table: str = "people",
) -> int:
    """Write one row for each member of any of the audiences (or for each of their events); return how many.

    `fields` are paths by the names of their columns. The last column lists the audiences, by the names given, that the
    person is in.
    """
    shape = snapshot.documents.shape
    columns = shape.people if table == "people" else shape.events
    everyone = snapshot.index.everyone
    members = PeopleSet.empty(everyone.capacity)
    for people in audiences.values():
        members = members | people
    file.parent.mkdir(parents=True, exist_ok=True)
    schema, version = _schema(lake, snapshot, table), snapshot.generation.tables.get(table)
    kinds = [
        pa.field(name, _IDENTITY_MAP if field == IDENTITIES else _kind(schema, _column(field, columns)))
        for name, field in fields.items()
    ]
    target = pa.schema([*kinds, pa.field(MEMBER_OF, pa.list_(pa.string()))])
    rows = 0
    with pq.ParquetWriter(file, target, compression="zstd") as writer:
        if version is None:
            return 0
        workspace_id = snapshot.generation.workspace_id
        for shard in lake.shards(workspace_id, table, version):
            own = [_column(field, columns) for field in fields.values() if field != IDENTITIES]
            wanted = sorted({"person_id", *(column.split(".")[0] for column in own)})
            dataset = lake.dataset(workspace_id, table, version)
            found = dataset.to_table(columns=wanted, filter=pc.field("shard") == shard)
            found = found.filter(pa.array(_inside(members, found["person_id"].to_numpy())))
            if not found.num_rows:
                continue
            people = found["person_id"].to_numpy()
            arrays = [
                _identities(lake, snapshot, shard, people)
                if field == IDENTITIES
                else _at(found, _column(field, columns))
                for field in fields.values()
            ]
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


def _identities(lake: Lake, snapshot: Snapshot, shard: int, people: Ids) -> pa.Array:
    """Return the identities of some people of a shard, a map for each, in the order of `people`."""
    version = snapshot.generation.tables.get("identities")
    if version is None:
        return pa.array([[]] * len(people), _IDENTITY_MAP)
    stored = lake.dataset(snapshot.generation.workspace_id, "identities", version)
    found = stored.to_table(columns=["person_id", "namespace", "value"], filter=pc.field("shard") == shard)
    grouped = found.group_by(["person_id", "namespace"]).aggregate([("value", "list")])
    grouped = grouped.sort_by([("person_id", "ascending"), ("namespace", "ascending")])
    owners = grouped["person_id"].to_numpy()
    first, after = np.searchsorted(owners, people), np.searchsorted(owners, people, side="right")
    ends = np.cumsum(after - first)
    offsets = np.concatenate([[0], ends])
    rows = np.arange(offsets[-1]) + np.repeat(first - offsets[:-1], after - first)
    chosen = grouped.take(pa.array(rows)).combine_chunks()
    values = chosen["value_list"].combine_chunks()
    lists = pa.ListArray.from_arrays(values.offsets, pa.StructArray.from_arrays([values.values], fields=[*_IDENTITY]))
    return pa.MapArray.from_arrays(pa.array(offsets, pa.int32()), chosen["namespace"].combine_chunks(), lists)


def _inside(people: PeopleSet, ids: Ids) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    words = people.words[ids >> 6]
    inside: np.ndarray[tuple[int], np.dtype[np.bool_]] = (words >> (ids & 63).astype(np.uint64)) & np.uint64(1) == 1
    return inside


def _names(audiences: Mapping[str, PeopleSet], ids: Ids) -> pa.Array:
    flags = {name: _inside(people, ids) for name, people in audiences.items()}
    lists = [[name for name in flags if flags[name][row]] for row in range(len(ids))]
    return pa.array(lists, pa.list_(pa.string()))
