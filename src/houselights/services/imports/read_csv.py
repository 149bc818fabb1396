"""Reads CSV and TSV: every cell as text, with the physical line each record begins on, also after quoted line breaks
and blank lines. Rows with too few or too many cells, broken quotes or bytes that are not UTF-8 are rejected one by one.

Python's own parser is used because it is the one that knows physical lines; at some 2 million cells a second it is not
what an import waits for.
"""

import _csv
import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import itemgetter

import numpy as np
import pyarrow as pa

from houselights.base.errors import InvalidInput
from houselights.services.imports.batches import BATCH_ROWS, Batch, Lines, shape_of, unknown_column
from houselights.services.imports.population import Column
from houselights.services.imports.rejects import Rejects
from houselights.services.imports.sources import InputFile

CELL_CHARACTERS_MAX = 1 << 24
_BREAK = re.compile(r"\r\n|\r|\n")
Row = list[str]


def read_csv(file: InputFile, columns: Sequence[Column], rejects: Rejects, delimiter: str) -> Iterator[Batch]:
    """Yield the rows of a file. Raises InvalidInput when there is no header or a column is missing."""
    csv.field_size_limit(CELL_CHARACTERS_MAX)
    with file.open() as raw, file.unpacked(raw) as unpacked:
        text = io.TextIOWrapper(unpacked, encoding="utf-8-sig", errors="surrogateescape", newline="")
        # TSV as databases write it has no quoting; CSV has RFC 4180's.
        plain = delimiter == "\t"
        reader = csv.reader(
            text, delimiter=delimiter, strict=True, quoting=csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL
        )
        header = _header(reader, file)
        places = {column.column: _place(column, header, file) for column in columns}
        while True:
            rows, lines, over = _take(reader, file, rejects)
            rows, lines = _of_width(rows, lines, header, file, rejects)
            if rows:
                share = min(1.0, raw.tell() / file.size) if file.size else 1.0
                yield _batch(file, rows, lines, columns, places, share, rejects)
            if over:
                return


def _header(reader: _csv.Reader, file: InputFile) -> Row:
    try:
        header = next((row for row in reader if row), None)
    except csv.Error as error:
        raise InvalidInput(f"{file.name}, line {reader.line_num}: {error}", field="files") from error
    if header is None:
        raise InvalidInput(f"{file.name} is empty: a header line is expected", field="files")
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(f'{file.name}: two columns are called "{twice}"', field="files")
    return header


def _place(column: Column, header: Row, file: InputFile) -> int:
    if column.column not in header:
        raise unknown_column(column, file, header)
    return header.index(column.column)


def _take(reader: _csv.Reader, file: InputFile, rejects: Rejects) -> tuple[list[Row], Lines, bool]:
    """Read up to BATCH_ROWS rows; one with broken quotes is rejected and ends the batch early."""
    begun = reader.line_num
    rows: list[Row] = []
    try:
        rows.extend(islice(reader, BATCH_ROWS))
        lines, _ = _lines(rows, begun, reader.line_num)
        return rows, lines, len(rows) < BATCH_ROWS
    except csv.Error as error:
        lines, following = _lines(rows, begun, None)
        rejects.row(file.name, following, "", "", f"broken quotes: {error}")
        return rows, lines, False


def _lines(rows: list[Row], begun: int, ended: int | None) -> tuple[Lines, int]:
    """Return the line each row begins on and the line after the last; `begun` lines lie before the first row."""
    if ended is not None and ended - begun == len(rows):  # one line each, as nearly always
        return np.arange(begun + 1, ended + 1, dtype=np.int64), ended + 1
    heights = [1 + sum(len(_BREAK.findall(cell)) for cell in row if "\n" in cell or "\r" in cell) for row in rows]
    ends = np.cumsum([begun + 1, *heights], dtype=np.int64)
    return ends[:-1], int(ends[-1])


def _of_width(rows: list[Row], lines: Lines, header: Row, file: InputFile, rejects: Rejects) -> tuple[list[Row], Lines]:
    """Drop blank lines, and reject rows that do not have the header's number of cells."""
    width = len(header)
    if set(map(len, rows)) <= {width}:
        return rows, lines
    good = [len(row) == width for row in rows]
    bad = [(row, int(line)) for row, line, fits in zip(rows, lines, good, strict=True) if not fits and row]
    rejects.add(
        ((file.name, line, "", row[0], f"{len(row)} cells where the header has {width}") for row, line in bad), len(bad)
    )
    return [row for row, fits in zip(rows, good, strict=True) if fits], lines[np.array(good, dtype=bool)]


def _batch(
    file: InputFile, rows: list[Row], lines: Lines, columns: Sequence[Column], places: dict[str | None, int],
    share: float, rejects: Rejects,
) -> Batch:  # fmt: skip
    try:
        arrays = {
            name: pa.array(map(itemgetter(place), rows), pa.string(), size=len(rows)) for name, place in places.items()
        }
    except UnicodeEncodeError:
        undecoded = [_undecoded(row, places) for row in rows]
        bad = [
            (file.name, line, *cell, "not UTF-8") for line, cell in zip(lines.tolist(), undecoded, strict=True) if cell
        ]
        rejects.add(bad, len(bad))
        good = [cell is None for cell in undecoded]
        kept = [row for row, fits in zip(rows, good, strict=True) if fits]
        return _batch(file, kept, lines[np.array(good, dtype=bool)], columns, places, share, rejects)
    return Batch(
        file, lines, {(column.column or "", shape_of(column)): arrays[column.column] for column in columns}, share
    )


def _undecoded(row: Row, places: dict[str | None, int]) -> tuple[str, str] | None:
    """Return the first wanted cell (column, value) whose bytes were not UTF-8, or None."""
    for name, place in places.items():
        if not row[place].isascii() and any("\udc80" <= letter <= "\udcff" for letter in row[place]):
            return name or "", row[place]
    return None
