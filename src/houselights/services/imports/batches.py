"""A batch of rows as a reader delivers it: cells by column, and the physical line each row begins on."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean
from houselights.services.imports.population import Column
from houselights.services.imports.sources import InputFile

Lines = npt.NDArray[np.int64]
BATCH_ROWS = 1 << 16


class Shape(Enum):
    """What a cell is expected to hold: one value, a list of values, or a list of records."""

    ONE = "one"
    MANY = "many"
    RECORDS = "records"


def shape_of(column: Column) -> Shape:
    """Return the shape of a column's cells."""
    if column.nested:
        return Shape.RECORDS
    return Shape.MANY if column.many else Shape.ONE


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one file. `cells` holds an array for every (column name, shape) asked for, all of the length of `lines`.

    `share` is how much of the file lies behind its last row, 0 to 1.
    """

    file: InputFile
    lines: Lines
    cells: Mapping[tuple[str, Shape], pa.Array]
    share: float

    def __len__(self) -> int:
        return len(self.lines)

    def array(self, column: Column) -> pa.Array:
        """Return a column's cells; a constant is repeated."""
        if column.column is None:
            return pa.repeat(pa.scalar(column.value), len(self))
        return self.cells[column.column, shape_of(column)]


def unknown_column(column: Column, file: InputFile, known: list[str]) -> InvalidInput:
    """Return the error for a column that a file does not have, listing those it has."""
    shown = ", ".join(known[:40]) + (", …" if len(known) > 40 else "")
    hint = did_you_mean(column.column or "", known)
    return InvalidInput(
        f'{column.where}: {file.name} has no column "{column.column}"',
        field=column.where,
        hint=(f"{hint} " if hint else "") + f"Its columns: {shown}",
    )
