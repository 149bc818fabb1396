"""The reject file: one line for every bad cell or row, with file, line, column, value and reason. It decides nothing
about what is bad; it counts, and stops the import when there are too many.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO

from houselights.base.errors import InvalidInput

HEADER = ("file", "line", "column", "value", "reason")
VALUE_CHARACTERS_MAX = 80


class TooManyRejects(InvalidInput):
    """More rows were rejected than the caller allows; nothing was published."""


class Rejects:
    """Writes rejected rows to a CSV file, made when the first one comes. `count` counts rows, not cells."""

    def __init__(self, path: Path, limit: int | None = None):
        self.path = path
        self.limit = limit
        self.count = 0
        self._file: IO[str] | None = None

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, cells: Iterable[tuple[str, int, str, str, str]], rows: int) -> None:
        """Write (file, line, column, value, reason) for each bad cell of `rows` rows.

        Raises TooManyRejects when the rows so far are more than the limit.
        """
        if rows == 0:
            return
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(HEADER)
        csv.writer(self._file).writerows(
            (file, line, column, shortened(value), reason) for file, line, column, value, reason in cells
        )
        self.count += rows
        if self.limit is not None and self.count > self.limit:
            self._file.flush()
            raise TooManyRejects(
                f"{self.count:,} rows rejected, more than the {self.limit:,} allowed; nothing was published",
                field="max_rejects",
                hint=f"see {self.path}",
            )

    def row(self, file: str, line: int, column: str, value: str, reason: str) -> None:
        """Write one rejected row."""
        self.add([(file, line, column, value, reason)], 1)

    @property
    def file(self) -> str | None:
        """Where the rejects are, or None when there are none."""
        return str(self.path) if self.count else None


def shortened(value: str) -> str:
    """Return a value on one line and short enough for a table, with undecodable bytes made visible."""
    text = value.encode("utf-8", "backslashreplace").decode()
    text = text.replace("\r", "\\r").replace("\n", "\\n")
    return text if len(text) <= VALUE_CHARACTERS_MAX else text[: VALUE_CHARACTERS_MAX - 1] + "…"
