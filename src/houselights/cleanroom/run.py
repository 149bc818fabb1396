"""Runs compiled queries in a DuckDB in memory that can read the query's own rows, nothing else, and write nothing.

The answer is computed whole and in order before anything is given out: a query that fails half-way gives nothing.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from threading import Event
from typing import IO, Any

import duckdb
import numpy as np
import structlog
from numpy.typing import NDArray

from houselights.base.errors import InvalidInput, Unavailable
from houselights.cleanroom.compile import PERSON, Compiled, OutputColumn
from houselights.cleanroom.people import NOBODY_BEHIND
from houselights.cleanroom.question import Purpose
from houselights.cleanroom.refusal import FIELD
from houselights.cleanroom.tables import LakeRows
from houselights.cleanroom.thresholds import COUNT, FILTERED, PASSES
from houselights.storage.duck import deadline

ROWS_AT_ONCE = 4096

_LOG = structlog.get_logger(__name__)


class Cancelled(Exception):
    """The query was cancelled while it ran; there is no result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one query may use. Beyond the memory DuckDB writes to `spill`, if given, and otherwise gives up."""

    seconds: float = 900.0
    memory: str = "2GB"
    threads: int = 2
    spill: str | None = None


@dataclass(slots=True)
class Result:
    """The answer of a query, in an order that is always the same. Close it, or use it in a `with` block.

    `columns` are those of `rows()`. `dropped` counts rows withheld whole, `filtered` rows given without some of their
    values, `users` is the least number of users behind any row given, None where no user is behind any. Of a query for
    an audience `people` has the person ids, ascending, and there are no columns and no rows.
    """

    columns: tuple[OutputColumn, ...]
    dropped: int
    filtered: int
    users: int | None
    people: NDArray[np.int64]
    _connection: duckdb.DuckDBPyConnection

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows, as tuples of Python values. May be asked for again."""
        if not self.columns:
            return
        cursor = self._connection.execute("SELECT * FROM answer")
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows

    def write_csv(self, target: IO[str], *, separator: str = ",", quote: str = '"', escape: str | None = None) -> int:
        """Write a header and the rows as CSV (RFC 4180, unless other characters are given); return how many rows there
        were. Without `escape` a quote inside a cell is doubled.

        NULL is an empty cell, an instant ISO 8601 in UTC, an array or a row JSON.
        """
        writer = csv.writer(target, delimiter=separator, quotechar=quote, escapechar=escape, doublequote=escape is None)
        writer.writerow([column.name for column in self.columns])
        count = 0
        for row in self.rows():
            writer.writerow([_cell(value) for value in row])
            count += 1
        return count

    def close(self) -> None:
        """Forget the rows."""
        self._connection.close()

    def __enter__(self) -> "Result":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def run(compiled: Compiled, limits: Limits | None = None, cancel: Event | None = None) -> Result:
    """Run a compiled query to its end.

    Raises Unavailable when a limit does not suffice, Cancelled when `cancel` was set while it ran, InvalidInput when
    the rows cannot be computed (never saying which value was at fault).
    """
    limits = limits or Limits()
    connection = _opened(compiled, limits)
    try:
        with deadline(connection, limits.seconds, cancel):
            if cancel is not None and cancel.is_set():
                raise Cancelled
            return _answered(compiled, connection)
    except duckdb.InterruptException:
        connection.close()
        if cancel is not None and cancel.is_set():
            raise Cancelled from None
        raise Unavailable(f"the query was not answered within {limits.seconds:g} seconds") from None
    except duckdb.OutOfMemoryException:
        connection.close()
        raise Unavailable(f"the query needs more than {limits.memory} of memory") from None
    except duckdb.Error as error:
        connection.close()
        # The message would name a value, and the query decides which.
        _LOG.warning("query_failed", kind=type(error).__name__)
        raise InvalidInput("the query fails on some of its rows", field=FIELD, hint="Look at its arithmetic.") from None
    except BaseException:
        connection.close()
        raise


def _opened(compiled: Compiled, limits: Limits) -> duckdb.DuckDBPyConnection:
    """Return a database with the query's tables, which may read their files and change none of its settings."""
    connection = duckdb.connect(
        config={
            "memory_limit": limits.memory,
            "threads": limits.threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
    )
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set temp_directory = $1", [limits.spill or ""])
        files = [each for table in compiled.tables if isinstance(table.rows, LakeRows) for each in table.rows.files]
        connection.execute("set allowed_paths = $1", [files])
        if limits.spill:
            connection.execute("set allowed_directories = $1", [[limits.spill]])
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        for number, table in enumerate(compiled.tables):
            if isinstance(table.rows, LakeRows):
                connection.execute(f"CREATE TEMP VIEW t{number} AS {table.rows.sql}")
            else:
                connection.register(f"t{number}", table.rows)
    except duckdb.Error as error:
        connection.close()
        _LOG.error("tables_unreadable", error=str(error))
        raise Unavailable("the rows of the tables cannot be read") from None
    except BaseException:
        connection.close()
        raise
    return connection


def _answered(compiled: Compiled, connection: duckdb.DuckDBPyConnection) -> Result:
    if compiled.purpose is Purpose.AUDIENCE:
        found = connection.execute(f"SELECT {PERSON} FROM ({compiled.sql}) ORDER BY 1").fetchnumpy()
        return Result((), 0, 0, None, np.asarray(found[PERSON], dtype=np.int64), connection)
    connection.execute(f"CREATE TEMP TABLE judged AS {compiled.sql}")
    columns = ", ".join(column.column for column in compiled.columns)
    connection.execute(f"CREATE TEMP TABLE answer AS SELECT {columns} FROM judged WHERE {PASSES} ORDER BY ALL")
    counts = connection.execute(
        f"SELECT count(*) FILTER (NOT {PASSES}), count(*) FILTER ({PASSES} AND {FILTERED}), "
        f"min({COUNT}) FILTER ({PASSES} AND {COUNT} < {NOBODY_BEHIND}) FROM judged"
    ).fetchone()
    connection.execute("DROP TABLE judged")
    dropped, filtered, users = counts or (0, 0, None)
    return Result(compiled.columns, dropped, filtered, users, np.empty(0, np.int64), connection)


def _cell(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(timespec="milliseconds") + "Z"
        case date():
            return value.isoformat()
        case list() | dict():
            return json.dumps(value, default=str, ensure_ascii=False)
        case _:
            return value
