"""Imports as a caller sees them: started in the background, listed, read. Refuses files outside the import folders.

A population file names further files and URLs, so whoever may choose the file may choose what the server reads. Over
HTTP only files that an operator has put into `Settings.import_folders` can be chosen, and only into the caller's own
workspace.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Queue
from threading import Lock, Thread
from typing import Protocol

from houselights.base.errors import Conflict, HouselightsError, NotFound, Unavailable
from houselights.base.logs import logger
from houselights.base.settings import Settings
from houselights.model.imports import ImportRun
from houselights.model.workspace import Workspace
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.storage.control.control import Control

log = logger("imports")


class Runner(Protocol):
    """Runs one import to its end; calls `started` with its id as soon as it has one. `services.imports` has it."""

    def __call__(
        self, population: Path, workspace: Workspace, *, max_rejects: int, started: Callable[[int], None]
    ) -> ImportRun: ...


class Imports:
    """The imports of workspaces. Of each workspace one runs at a time in this process."""

    def __init__(self, settings: Settings, control: Control, audit: Audit, run: Runner):
        self._folders = tuple(folder.resolve() for folder in settings.import_folders)
        self._control = control
        self._audit = audit
        self._run = run
        self._lock = Lock()
        self._running: dict[int, Thread] = {}

    def list(self, caller: Caller, *, limit: int = 100, before: int | None = None) -> Sequence[ImportRun]:
        """Return runs, newest first, older than run `before` when that is given. Needs "imports:write"."""
        caller.require("imports:write")
        return self._control.imports.list(caller.workspace.id, limit=limit, before=before)

    def get(self, caller: Caller, run_id: int) -> ImportRun:
        """Return one run. Needs "imports:write"; raises NotFound."""
        caller.require("imports:write")
        return self._control.imports.get(caller.workspace.id, run_id)

    def start(self, caller: Caller, population: str, *, max_rejects: int = 1000) -> ImportRun:
        """Start an import and return it as it stands. Needs "imports:write".

        Raises NotFound for a file that is not in the import folders, Conflict while another import of the workspace
        runs, and what the importer raises before it has read a row (a mapping that makes no sense).
        """
        caller.require("imports:write")
        path = self._find(population)
        news: Queue[int | HouselightsError] = Queue()
        with self._lock:
            busy = self._running.get(caller.workspace.id)
            if busy is not None and busy.is_alive():
                raise Conflict("an import of this workspace is running already")
            thread = Thread(
                target=self._work, args=(path, caller.workspace, max_rejects, news), name="import", daemon=True
            )
            self._running[caller.workspace.id] = thread
            thread.start()
        first = news.get()
        if isinstance(first, HouselightsError):
            raise first
        self._audit.record(caller, "import.start", str(first), population=population)
        return self._control.imports.get(caller.workspace.id, first)

    def wait(self, workspace_id: int, seconds: float | None = None) -> None:
        """Wait until the import of a workspace that was started here has ended."""
        thread = self._running.get(workspace_id)
        if thread is not None:
            thread.join(seconds)

    def _find(self, population: str) -> Path:
        """Return the file below one of the folders; links and `..` that lead out of it lead nowhere."""
        for folder in self._folders:
            # What no file can be called (a NUL, too many letters) is refused by the system, not merely not found.
            with suppress(OSError, ValueError):
                path = (folder / population).resolve()
                if path.is_relative_to(folder) and path.is_file():
                    return path
        raise NotFound(
            f'no population file "{population}" in the import folders',
            field="population",
            hint="put it there, or run `houselights import` on the server",
        )

    def _work(self, path: Path, workspace: Workspace, max_rejects: int, news: "Queue[int | HouselightsError]") -> None:
        try:
            self._run(path, workspace, max_rejects=max_rejects, started=news.put)
        except HouselightsError as error:
            # Before it had an id, the one who asked is told; after, the run's own row says how it ended.
            news.put(error)
        except Exception:
            log.exception("an import failed", population=str(path), workspace=workspace.name)
            news.put(Unavailable("the import failed; the fault is in the log"))
