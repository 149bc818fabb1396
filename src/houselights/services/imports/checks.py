"""Checks the rows of one batch: converts its columns, remembers which cells were bad, and has those rows rejected. A
row with one bad cell is rejected whole, with a line in the reject file for each bad cell.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.services.imports.batches import Batch
from houselights.services.imports.cells import Mask, Typed, blanked, typed
from houselights.services.imports.population import Column
from houselights.services.imports.rejects import Rejects


class RowCheck:
    """One batch under inspection. `nulls` are the source's words for "not known"."""

    def __init__(self, batch: Batch, nulls: Sequence[str]):
        self.batch = batch
        self.nulls = nulls
        self.good: Mask = np.ones(len(batch), dtype=bool)
        self._bad: list[tuple[int, str, str, str]] = []

    def cells(self, column: Column) -> pa.Array:
        """Return a column's cells as they are, blanks made null."""
        return blanked(self.batch.array(column), self.nulls)

    def typed(self, column: Column, kind: str | None = None) -> pa.Array:
        """Return a column converted to its own type, or `kind`; cells that do not fit are marked."""
        cells = self.cells(column)
        found = typed(cells, kind or column.type, zone=column.zone, form=column.format)
        return self.checked(column, cells, found)

    def checked(self, column: Column, cells: pa.Array, found: Typed) -> pa.Array:
        """Mark the bad cells of a conversion and return its values."""
        if found.bad is not None:
            self.mark(column, cells, found.bad, found.reason)
        return found.values

    def words(self, column: Column, *, required: bool = False) -> pa.Array:
        """Return a column as trimmed text: keys, codes, names. When required, an empty cell is bad."""
        values = blanked(pc.utf8_trim_whitespace(self.typed(column, "string")), ())
        if required and values.null_count:
            self.mark(column, values, np.asarray(pc.is_null(values)), "empty")
        return values

    def instants(self, column: Column, *, required: bool = False) -> pa.Array:
        """Return a column as UTC instants. When required, an empty cell is bad."""
        cells = self.cells(column)
        values = self.checked(column, cells, typed(cells, "timestamp", zone=column.zone, form=column.format))
        if required and cells.null_count:
            self.mark(column, cells, np.asarray(pc.is_null(cells)), "empty")
        return values

    def mark(self, column: Column, cells: pa.Array, bad: Mask, reason: str) -> None:
        """Mark rows as bad because of one of their cells."""
        places = np.flatnonzero(bad)
        values = cells.take(pa.array(places)).to_pylist()
        self.mark_rows(column, places.tolist(), [_shown(value) for value in values], reason)

    def mark_rows(self, column: Column, rows: Sequence[int], values: Sequence[str], reason: str) -> None:
        """Mark rows as bad, with the value that was at fault in each."""
        name = column.column or ""
        self.good[np.asarray(rows, dtype=np.int64)] = False
        self._bad += [(row, name, value, reason) for row, value in zip(rows, values, strict=True)]

    def finish(self, rejects: Rejects) -> Mask:
        """Write the bad cells down and return which rows are good.

        Raises TooManyRejects when there are too many.
        """
        file, lines = self.batch.file.name, self.batch.lines
        cells = ((file, int(lines[row]), name, value, reason) for row, name, value, reason in sorted(self._bad))
        rejects.add(cells, int(len(self.good) - np.count_nonzero(self.good)))
        return self.good


def _shown(value: object) -> str:
    return "" if value is None else str(value)
