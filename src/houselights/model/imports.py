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
class ImportStage:
    """What an import is doing: stage `number` of `of`, called `name`, which is fit to show ("reading people.csv").

    `rows` of this stage are done, and `share` (0 to 1) of all there is to do in it, by bytes where rows are not known.
    """

    name: str
    number: int
    of: int
    rows: int = 0
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """One run over a population file. `id` is 0 until the run is recorded.

    `rows_read` counts data rows of all input files, `rows_rejected` those written to `reject_file`; `people` is how
    many the workspace has afterwards; `generation` the number published, None when none was. `stage` is where a running
    one is, and where a failed one was.
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
    stage: ImportStage | None = None
