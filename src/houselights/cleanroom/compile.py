"""From the text of a query to SQL that DuckDB runs and that gives nothing away: text → tree → checked → rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from houselights.cleanroom.question import Parameters, Privacy, Purpose, Window
from houselights.cleanroom.tables import Class, Table


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """One column of the answer: its name as the query gives it, DuckDB's type, and the class of what it is made of."""

    name: str
    type: str
    klass: Class


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query ready to run: `sql` is DuckDB's, over `tables`, which are those it reads. `notes` are for the reader."""

    sql: str
    columns: tuple[OutputColumn, ...]
    notes: tuple[str, ...]
    tables: tuple[Table, ...]
    purpose: Purpose


def compile_query(
    sql: str,
    tables: Sequence[Table],
    *,
    window: Window,
    now: datetime,
    parameters: Parameters | None = None,
    privacy: Privacy | None = None,
    purpose: Purpose = Purpose.REPORT,
) -> Compiled:
    """Check a query and rewrite it.

    `now` is what CURRENT_TIMESTAMP and 'today' mean. Raises InvalidInput with line, column and caret for whatever is
    not understood or not allowed. Reads no rows.
    """
    raise NotImplementedError
