"""Profile and event attributes: columns by nested path, read flat and built into records only when they are written.

A `nested` column (the items of an order) is a list of records: a list of structs in Parquet, JSON text elsewhere.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.base.errors import InvalidInput
from houselights.services.imports.cells import Typed, blanked, items, plain, typed
from houselights.services.imports.checks import RowCheck
from houselights.services.imports.population import Column
from houselights.services.imports.read_jsonl import Unfit, cell_text


def read_attributes(check: RowCheck, attributes: Mapping[str, Column]) -> dict[str, pa.Array]:
    """Return each attribute's column by its path; cells that do not fit mark their rows."""
    return {path: _attribute(check, column) for path, column in attributes.items()}


def _attribute(check: RowCheck, column: Column) -> pa.Array:
    if column.nested:
        return _records(check, column)
    if column.many:
        return _list(check, column)
    return check.typed(column)


def _list(check: RowCheck, column: Column) -> pa.Array:
    size = len(check.batch)
    cells = check.cells(column)
    values, rows = items(cells, column.separator, check.nulls)
    found = typed(values, column.type, zone=column.zone, form=column.format)
    _mark(check, column, values, rows, found)
    return _gathered(found.values, rows, size, np.asarray(pc.is_null(cells)))


def _gathered(values: pa.Array, rows: Any, size: int, absent: Any) -> pa.Array:
    """Return a list column of `size` rows from items and the (ascending) row of each."""
    counts = np.bincount(rows, minlength=size) if len(rows) else np.zeros(size, dtype=np.int64)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(absent))


def _records(check: RowCheck, column: Column) -> pa.Array:
    cells = plain(check.cells(column))
    if pa.types.is_string(cells.type):
        cells = _decoded(check, column, cells)
    rows = np.asarray(pc.list_parent_indices(cells), dtype=np.int64)
    flat = pc.list_flatten(cells)
    arrays = {name: _field(check, column, inner, flat, rows) for name, inner in column.nested.items()}
    records = pa.StructArray.from_arrays(list(arrays.values()), names=list(arrays))
    return _gathered(records, rows, len(check.batch), np.asarray(pc.is_null(cells)))


def _field(check: RowCheck, column: Column, inner: Column, flat: pa.StructArray, rows: Any) -> pa.Array:
    """Return one field of all records; a bad cell marks the row its record is in."""
    if inner.column is None:
        return pa.repeat(pa.scalar(inner.value), len(flat))
    if flat.type.get_field_index(inner.column) < 0:
        known = ", ".join(field.name for field in flat.type)
        raise InvalidInput(
            f'{inner.where}: the records in "{column.column}" have no field "{inner.column}"',
            field=inner.where, hint=f"Their fields: {known}",
        )  # fmt: skip
    cells = blanked(plain(pc.struct_field(flat, inner.column)), check.nulls)
    found = typed(cells, inner.type, zone=inner.zone, form=inner.format)
    _mark(check, column, cells, rows, found)
    return found.values


def _mark(check: RowCheck, column: Column, cells: pa.Array, rows: Any, found: Typed) -> None:
    if found.bad is not None:
        places = np.flatnonzero(found.bad)
        shown = [str(value) for value in cells.take(pa.array(places)).to_pylist()]
        check.mark_rows(column, rows[places].tolist(), shown, found.reason)


def _decoded(check: RowCheck, column: Column, cells: pa.Array) -> pa.Array:
    """Read JSON text as lists of records whose fields are text; a lone object is a list of one."""
    names = sorted({inner.column for inner in column.nested.values() if inner.column is not None})
    lists: list[list[dict[str, str | None]] | None] = []
    for row, cell in enumerate(cells.to_pylist()):
        try:
            lists.append(None if cell is None else _records_of(msgspec.json.decode(cell), names))
        except (msgspec.DecodeError, RecursionError, Unfit) as error:
            check.mark_rows(column, [row], [cell], f"not a list of records: {error}")
            lists.append(None)
    return pa.array(lists, pa.list_(pa.struct([pa.field(name, pa.string()) for name in names])))


def _records_of(found: Any, names: list[str]) -> list[dict[str, str | None]]:
    records = [found] if isinstance(found, dict) else found
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise Unfit("neither an object nor a list of objects")
    return [
        {name: None if record.get(name) is None else cell_text(record[name]) for name in names} for record in records
    ]


def nest(paths: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """Build records from flat columns: {"person.gender": …, "person.age": …} becomes {"person": struct}."""
    trees: dict[str, Any] = {}
    for path, array in paths.items():
        *above, last = path.split(".")
        place = trees
        for step in above:
            place = place.setdefault(step, {})
        place[last] = array
    return {name: _built(tree) for name, tree in trees.items()}


def _built(tree: Any) -> pa.Array:
    if not isinstance(tree, dict):
        return tree
    arrays = [_built(inner) for inner in tree.values()]
    return pa.StructArray.from_arrays(arrays, names=list(tree))


def nested_schema(types: Mapping[str, pa.DataType]) -> list[pa.Field]:
    """Return the fields that `nest` makes of columns of these types."""
    built = nest({path: pa.nulls(0, kind) for path, kind in types.items()})
    return [pa.field(name, array.type) for name, array in built.items()]
