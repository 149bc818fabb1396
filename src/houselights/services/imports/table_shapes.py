"""What every lake table needs: the shard of a person, one set of columns over all sources, rows in that form."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from houselights.base.errors import InvalidInput
from houselights.services.imports.staging import Stage
from houselights.storage.lake.tables import SHARD_BITS

Types = dict[str, pa.DataType]


def shards_of(people: np.ndarray[Any, Any]) -> pa.Array:
    """Return the shard of each person id."""
    return pa.array((people >> SHARD_BITS).astype(np.int32))


def types_of(stages: Iterable[Stage], stream: str, *, without: Sequence[str] = ("row",)) -> Types:
    """Return the columns of a stream over all its sources, in the order in which they are first met.

    Raises InvalidInput when two sources give a column different types.
    """
    found: Types = {}
    for stage in stages:
        for column in stage.schema(stream) or ():
            if column.name in without:
                continue
            before = found.setdefault(column.name, column.type)
            if before != column.type:
                raise InvalidInput(
                    f'{stage.where}: "{column.name}" is {column.type} here and {before} in an earlier source',
                    field=stage.where, hint="say its type:",
                )  # fmt: skip
    return found


def united(tables: Sequence[pa.Table], types: Types) -> pa.Table:
    """Return the rows of several tables under one set of columns, null where a table lacks one, sorted by person."""
    schema = pa.schema([pa.field("person_id", pa.uint32()), *(pa.field(name, kind) for name, kind in types.items())])
    parts = [
        pa.table(
            [table[f.name] if f.name in table.column_names else pa.nulls(len(table), f.type) for f in schema],
            schema=schema,
        )
        for table in tables
    ]
    if len(parts) == 1:
        return parts[0]
    whole = pa.concat_tables(parts).combine_chunks()
    return whole.take(pa.array(np.argsort(whole["person_id"].to_numpy(), kind="stable")))
