"""Reads JSON Lines: one object a line; numbers and booleans become text, as in CSV, so that a column's type is what the
population file says and not what its first line happened to hold. A line that is not an object is rejected.

A column name reaches into nested objects by dots when there is no key with the dots in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from houselights.services.imports.batches import BATCH_ROWS, Batch, Shape, shape_of, unknown_column
from houselights.services.imports.population import Column
from houselights.services.imports.rejects import Rejects
from houselights.services.imports.sources import InputFile

Record = dict[str, Any]
Wanted = dict[tuple[str, Shape], Column]
_MISSING: Any = object()


class Unfit(Exception):
    """A cell that is not of the shape its column is expected to have."""


def read_jsonl(file: InputFile, columns: Sequence[Column], rejects: Rejects) -> Iterator[Batch]:
    """Yield the rows of a file. Raises InvalidInput when a column is in none of them."""
    wanted: Wanted = {(column.column or "", shape_of(column)): column for column in columns}
    unseen: Wanted = dict(wanted)
    keys: dict[str, None] = {}
    with file.open() as raw, file.unpacked(raw) as lines:
        records = _records(lines, file, rejects)
        while taken := list(islice(records, BATCH_ROWS)):
            _look(taken, unseen, keys)
            yield _batch(file, taken, wanted, min(1.0, raw.tell() / max(1, file.size)), rejects)
    if unseen and keys:
        raise unknown_column(next(iter(unseen.values())), file, list(keys))


def _records(lines: Iterable[bytes], file: InputFile, rejects: Rejects) -> Iterator[tuple[int, Record]]:
    decode = msgspec.json.Decoder().decode
    for number, line in enumerate(lines, 1):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if text.isspace() or not text:
            continue
        try:
            record = decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            rejects.row(file.name, number, "", text.decode("utf-8", "replace").strip(), f"not JSON: {error}")
            continue
        if isinstance(record, dict):
            yield number, record
        else:
            rejects.row(file.name, number, "", text.decode().strip(), "not a JSON object")


def _look(taken: list[tuple[int, Record]], unseen: Wanted, keys: dict[str, None]) -> None:
    """Tick off the columns that are there. A column may be absent from a row, but not from a whole file."""
    for _, record in taken:
        if not unseen and keys:
            return
        keys.update(dict.fromkeys(record))
        for name in [name for name in unseen if _reach(record, name[0]) is not _MISSING]:
            del unseen[name]


def _reach(record: Record, name: str) -> Any:
    if name in record:
        return record[name]
    found: Any = record
    for part in name.split("."):
        if not isinstance(found, dict) or part not in found:
            return _MISSING
        found = found[part]
    return found


def _batch(file: InputFile, taken: list[tuple[int, Record]], wanted: Wanted, share: float, rejects: Rejects) -> Batch:
    columns: dict[tuple[str, Shape], list[Any]] = {name: [] for name in wanted}
    lines: list[int] = []
    for number, record in taken:
        row: list[Any] = []
        try:
            for (name, shape), column in wanted.items():
                cell = _reach(record, name)
                row.append(None if cell is _MISSING or cell is None else _cell(cell, shape, column))
        except Unfit as unfit:
            rejects.row(file.name, number, name, msgspec.json.encode(cell).decode(), str(unfit))
            continue
        lines.append(number)
        for cells, cell in zip(columns.values(), row, strict=True):
            cells.append(cell)
    arrays = {
        name: pa.array(cells, pa.list_(pa.string()) if name[1] is Shape.MANY else pa.string())
        for name, cells in columns.items()
    }
    return Batch(file, np.array(lines, dtype=np.int64), arrays, share)


def _cell(cell: Any, shape: Shape, column: Column) -> Any:
    match shape:
        case Shape.RECORDS:
            return cell if isinstance(cell, str) else msgspec.json.encode(cell).decode()
        case Shape.MANY:
            if isinstance(cell, list):
                return [None if item is None else cell_text(item) for item in cell]
            return cell_text(cell).split(column.separator)
        case Shape.ONE:
            return cell_text(cell)


def cell_text(cell: Any) -> str:
    """Write a JSON scalar as text. Raises Unfit for a list or an object."""
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case int() | float():
            return repr(cell)
        case _:
            raise Unfit("a list or an object where one value is expected")
