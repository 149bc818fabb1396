"""One attempt to bring people in, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ImportState(StrEnum):
    """Where an import is. It never goes back from a finished state."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"  # a new generation is being served
    FAILED = "failed"  # nothing was published; `error` says why
    UNCHANGED = "unchanged"  # the input was what is already being served


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """One run over a population file. `id` is 0 until the run is recorded.

    `rows_read` counts data rows of all input files, `rows_rejected` those written to `reject_file`; `people` is how
    many the workspace has afterwards; `generation` the number published, None when none was.
    """

    id: int = 0
    workspace_id: int
    population: str
    state: ImportState = ImportState.RUNNING
    rows_read: int = 0
    rows_rejected: int = 0
    people: int = 0
    generation: int | None = None
    started_at: datetime
    finished_at: datetime | None = None
    error: str | None = None
    reject_file: str | None = None
