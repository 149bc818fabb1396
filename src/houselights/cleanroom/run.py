"""Runs compiled queries in a DuckDB in memory that can read the query's own rows, nothing else, and write nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event
from typing import IO, Any

from houselights.cleanroom.compile import Compiled, OutputColumn


class Cancelled(Exception):
    """The query was cancelled while it ran; there is no result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one query may use. Beyond the memory DuckDB writes to `spill`, if given, and otherwise gives up."""

    seconds: float = 900.0
    memory: str = "2GB"
    threads: int = 2
    spill: str | None = None


class Result:
    """The answer of a query, in an order that is always the same.

    `columns` are those of `rows()`, tuples of Python values. `dropped` counts rows withheld whole, `filtered` rows
    that lost values (and were put together), `users` is the least number of users behind any row given, None where
    no user is behind any. Of a query for an audience `people` has the person ids, ascending, and there are no rows.
    """

    columns: tuple[OutputColumn, ...]
    dropped: int
    filtered: int
    users: int | None
    people: Any  # an int64 numpy array

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows."""
        raise NotImplementedError

    def write_csv(self, target: IO[str]) -> int:
        """Write a header and the rows as CSV (RFC 4180); return how many rows there were."""
        raise NotImplementedError


def run(compiled: Compiled, limits: Limits | None = None, cancel: Event | None = None) -> Result:
    """Run a compiled query to its end.

    Raises Unavailable when a limit does not suffice, Cancelled when `cancel` was set while it ran, InvalidInput when
    the rows cannot be computed (never saying which value was at fault).
    """
    raise NotImplementedError
