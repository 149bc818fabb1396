"""Writes into an import's row what it is doing, for whoever looks at it from elsewhere, and passes it on.

A row is written when a stage begins and then at most twice a second. That it cannot be written stops no import: what
is told is for looking at, and the import itself finds out what is wrong with the database when it publishes.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from houselights.base.errors import HouselightsError
from houselights.model.imports import ImportStage
from houselights.services.imports.context import Context
from houselights.services.imports.parts import Parts
from houselights.services.imports.population import Population
from houselights.services.imports.progress import Progress

SECONDS = 0.5  # between two writes of one stage
# Looking for changes, reading the traits, seven tables, the index, the texts: what every import does beside reading.
ALWAYS = 11


def stages_of(population: Population) -> int:
    """Return how many stages an import of this file has."""
    accounts = sum(source.accounts is not None for source in population.follows)
    read = len(population.people) + len(population.events) + len(population.follows) + len(population.texts)
    return ALWAYS + accounts + read


class Told:
    """The progress of one import, told to `also` as well."""

    def __init__(
        self,
        parts: Parts,
        workspace_id: int,
        run_id: int,
        *,
        stages: int,
        also: Progress,
        now: Callable[[], float] = time.monotonic,
    ):
        self._rows = parts.control.imports
        self._run = (workspace_id, run_id)
        self._also = also
        self._now = now
        self._wrote = 0.0
        self._stage = ImportStage(name="", number=0, of=stages)
        self.context: Context | None = None  # knows the rows that were read and rejected

    def begin(self, stage: str) -> None:
        """A stage starts."""
        self._also.begin(stage)
        self._stage = replace(self._stage, name=stage, number=self._stage.number + 1, rows=0, share=0.0)
        self._write()

    def move(self, rows: int, share: float) -> None:
        """`rows` more rows are done; `share` of the stage lies behind us."""
        self._also.move(rows, share)
        self._stage = replace(self._stage, rows=self._stage.rows + rows, share=min(1.0, share))
        if self._now() - self._wrote >= SECONDS:
            self._write()

    def end(self) -> None:
        """The stage is complete; the next one, or the end of the import, says so in the row."""
        self._also.end()
        self._stage = replace(self._stage, share=1.0)

    def _write(self) -> None:
        read, rejected = (self.context.rows_read, self.context.rejects.count) if self.context else (0, 0)
        with suppress(SQLAlchemyError, HouselightsError):
            self._rows.progress(*self._run, rows_read=read, rows_rejected=rejected, stage=self._stage)
        self._wrote = self._now()
