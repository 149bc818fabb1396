"""Reads Parquet: columns keep their own types, a row's line is its number in the file, from 1. Reads only what is asked
for. A dot in a column's name reaches into a struct.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from houselights.base.errors import InvalidInput
from houselights.services.imports.batches import BATCH_ROWS, Batch, Shape, shape_of, unknown_column
from houselights.services.imports.population import Column
from houselights.services.imports.sources import InputFile


def read_parquet(file: InputFile, columns: Sequence[Column]) -> Iterator[Batch]:
    """Yield the rows of a file. Raises InvalidInput when it is packed once more, or a column is missing."""
    if file.packing:
        raise InvalidInput(f"{file.name}: Parquet packs its own pages; unpack the file around it", field="files")
    opened = pa.OSFile(file.path) if file.local else pa.PythonFile(file.open(), mode="r")
    with opened, pq.ParquetFile(opened) as parquet:
        schema = parquet.schema_arrow
        places = {(column.column or "", shape_of(column)): _place(column, schema, file) for column in columns}
        names = sorted({place[0] for place in places.values()}) or schema.names[:1]
        rows, begun = max(1, parquet.metadata.num_rows), 0
        for batch in parquet.iter_batches(BATCH_ROWS, columns=names):
            lines = np.arange(begun + 1, begun + len(batch) + 1, dtype=np.int64)
            begun += len(batch)
            yield Batch(file, lines, {name: _cells(batch, place) for name, place in places.items()}, begun / rows)


def _place(column: Column, schema: pa.Schema, file: InputFile) -> tuple[str, ...]:
    """Return the steps from the top-level column down to the wanted one."""
    name = column.column or ""
    if name in schema.names:
        steps: tuple[str, ...] = (name,)
        kind = schema.field(name).type
    else:
        steps = tuple(name.split("."))
        kind = pa.struct(list(schema))
        for step in steps:
            if not pa.types.is_struct(kind) or kind.get_field_index(step) < 0:
                raise unknown_column(column, file, list(schema.names))
            kind = kind.field(step).type
    _check_shape(column, kind, file)
    return steps


def _check_shape(column: Column, kind: pa.DataType, file: InputFile) -> None:
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    problem = None
    if pa.types.is_struct(kind):
        problem = "holds records: name one of their fields with a dot"
    elif listed and shape_of(column) is Shape.ONE:
        problem = "holds lists: say many: true, or nested:"
    elif not listed and shape_of(column) is not Shape.ONE and not _is_text(kind):
        problem = f"holds {kind}, not lists"
    if problem is not None:
        raise InvalidInput(f'{column.where}: column "{column.column}" of {file.name} {problem}', field=column.where)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _cells(batch: pa.RecordBatch, place: tuple[str, ...]) -> pa.Array:
    array = batch.column(place[0])
    for step in place[1:]:
        array = pc.struct_field(array, step)
    return array
