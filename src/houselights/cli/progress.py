"""Shows how an import gets on: a bar with rows a second and time left on a terminal, plain lines otherwise."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

PLAIN_SECONDS = 5.0  # how often a stage that takes long says a line in a log


class RateColumn(ProgressColumn):
    """Rows a second since the stage began."""

    def render(self, task: Task) -> Text:
        """Return the rate, or nothing for a stage without rows."""
        rows, seconds = task.fields["rows"], task.finished_time or task.elapsed
        return Text(f"{rows / seconds:,.0f} rows/s" if rows and seconds else "")


class BarProgress:
    """A rich progress bar for each stage; use it as a context manager, so that the terminal is left tidy."""

    def __init__(self, console: Console):
        self._bars = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]:>12,} rows"),
            RateColumn(), TimeRemainingColumn(), console=console,
        )  # fmt: skip
        self._task: TaskID | None = None

    def __enter__(self) -> "BarProgress":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, stage: str) -> None:
        """Start a bar."""
        self._task = self._bars.add_task(stage, total=1.0, rows=0)

    def move(self, rows: int, share: float) -> None:
        """Move the bar."""
        if self._task is not None:
            before = self._bars.tasks[self._task].fields["rows"]
            self._bars.update(self._task, completed=share, rows=before + rows)

    def end(self) -> None:
        """Fill the bar."""
        if self._task is not None:
            self._bars.update(self._task, completed=1.0)
        self._task = None


class LineProgress:
    """One line when a stage is done, and one every few seconds before, for logs and pipes."""

    def __init__(self, out: TextIO, now: Callable[[], float] = time.monotonic):
        self._out = out
        self._now = now
        self._stage = ""
        self._rows = 0
        self._began = self._spoke = 0.0

    def __enter__(self) -> "LineProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._out.flush()

    def begin(self, stage: str) -> None:
        """Remember when the stage began."""
        self._stage, self._rows = stage, 0
        self._began = self._spoke = self._now()

    def move(self, rows: int, share: float) -> None:
        """Say how far the stage is, when the last line is long ago."""
        self._rows += rows
        now = self._now()
        if now - self._spoke >= PLAIN_SECONDS:
            self._spoke = now
            passed = now - self._began
            left = f", {passed / share - passed:,.0f} s left" if share > 0 else ""
            self._say(f"{self._stage}: {share:.0%}, {self._rows:,} rows, {self._rows / passed:,.0f} rows/s{left}")

    def end(self) -> None:
        """Say that the stage is done."""
        seconds = self._now() - self._began
        rows = f", {self._rows:,} rows" if self._rows else ""
        self._say(f"{self._stage}: done{rows} in {seconds:.1f} s")

    def _say(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()


def progress_for(console: Console) -> BarProgress | LineProgress:
    """Return the progress that suits where `console` writes."""
    return BarProgress(console) if console.is_terminal else LineProgress(console.file)  # type: ignore[arg-type]  # rich types it as IO[str]
