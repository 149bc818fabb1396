"""How an import tells what it is doing. A protocol only; the terminal's bar lives in the command line's room."""

from typing import Protocol


class Progress(Protocol):
    """Hears of stages, one after the other: `begin`, any number of `move`s, `end`."""

    def begin(self, stage: str) -> None:
        """A stage starts; `stage` is fit to show ("reading people-1.csv")."""
        ...

    def move(self, rows: int, share: float) -> None:
        """`rows` more rows are done; `share` (0 to 1) is how much of the whole stage lies behind us."""
        ...

    def end(self) -> None:
        """The stage is complete."""
        ...


class Silence:
    """Progress that nobody looks at."""

    def begin(self, stage: str) -> None:
        """Say nothing."""

    def move(self, rows: int, share: float) -> None:
        """Say nothing."""

    def end(self) -> None:
        """Say nothing."""


SILENT: Progress = Silence()
