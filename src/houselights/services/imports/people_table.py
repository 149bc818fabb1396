"""The lake's `people`: everyone's key and profile, the sources' columns side by side. Where two sources give the same
attribute, the later one that knows it wins; where a person has several rows, the one of higher precedence does.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.services.imports.attributes import nest, nested_schema
from houselights.services.imports.buckets import Buckets
from houselights.services.imports.precedence import PRECEDENCE, rounds
from houselights.services.imports.table_shapes import Types, shards_of
from houselights.storage.lake.tables import PEOPLE


def people_schema(types: Types) -> pa.Schema:
    """Return the table's columns for attributes of these types."""
    return pa.schema([*PEOPLE.schema, *nested_schema(types)])


def people_tables(keys: Buckets, attributes: Sequence[Buckets], types: Types) -> Iterator[pa.Table]:
    """Yield the table, bucket after bucket. `attributes` holds each source's columns, in the sources' order.

    A source has one row a person, unless its rows have a PRECEDENCE.
    """
    schema = people_schema(types)
    for bucket in range(keys.count):
        base = keys.sorted_rows(bucket)
        if base is None:
            continue
        people = base["person_id"].to_numpy().astype(np.int64)
        columns = {path: pa.nulls(len(base), kind) for path, kind in types.items()}
        for rows in _in_order([rows for each in attributes if (rows := each.sorted_rows(bucket)) is not None]):
            _lay_over(columns, people, rows)
        parts = {"shard": shards_of(people), "person_id": pa.array(people), "key": base["key"], **nest(columns)}
        yield pa.table([parts[name] for name in schema.names], schema=schema)


def _in_order(sources: Sequence[pa.Table]) -> Iterator[pa.Table]:
    """Yield the rows of all sources, one a person at a time, those that win last."""
    if any(PRECEDENCE in rows.column_names for rows in sources):
        yield from (rows for turn in rounds(sources) for rows in turn)
    else:
        yield from sources


def _lay_over(columns: dict[str, pa.Array], people: np.ndarray[tuple[int], np.dtype[np.int64]], rows: pa.Table) -> None:
    owners = rows["person_id"].to_numpy()
    if len(owners) == len(people):  # everyone is in this source, as nearly always
        places = None
    else:
        found = np.searchsorted(owners, people)
        there = owners[np.minimum(found, len(owners) - 1)] == people
        places = pa.array(found, mask=~there)
    for path in rows.column_names:
        if path in ("person_id", PRECEDENCE):
            continue
        values = rows[path].combine_chunks()
        values = values if places is None else values.take(places)
        before = columns[path]
        columns[path] = values if before.null_count == len(before) else pc.if_else(pc.is_valid(values), values, before)
