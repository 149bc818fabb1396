"""Imports for a server: the parts are bound once, the workspace is the caller's own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from houselights.base.clock import Clock
from houselights.base.settings import Settings
from houselights.model.imports import ImportRun
from houselights.model.workspace import Workspace
from houselights.services.imports.parts import Parts
from houselights.services.imports.run import run_import
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake


@dataclass(frozen=True, slots=True)
class Importer:
    """Runs imports into the workspace given, whatever the population file calls it."""

    parts: Parts

    def __call__(
        self, population: Path, workspace: Workspace, *, max_rejects: int, started: Callable[[int], None]
    ) -> ImportRun:
        """Import and return what became of it; raises as `run_import`."""
        return run_import(self.parts, population, workspace=workspace.name, max_rejects=max_rejects, started=started)


def importer(control: Control, lake: Lake, settings: Settings, clock: Clock) -> Importer:
    """Return an importer over the parts of a house."""
    return Importer(Parts(settings=settings, control=control, lake=lake, clock=clock))
