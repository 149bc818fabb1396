"""The loop that works on uploads, soon after they were accepted: a thread of a server, or all that a process does.

It keeps nothing that cannot be lost: what waits is in the control database, and whoever works next goes on from there.
"""

from threading import Event, Thread

from houselights.base.clock import Clock, SystemClock
from houselights.base.errors import HouselightsError, NotFound
from houselights.base.logs import logger
from houselights.engine.snapshot import Snapshots
from houselights.services.imports.parts import Parts
from houselights.services.intake.work import Working
from houselights.services.matching import Matching

log = logger("uploads")

GATHER_SECONDS = 0.05  # what is accepted within it is worked on together
LOOK_SECONDS = 0.5  # between two looks for what other processes accepted, or what could not be worked on before


class Worker:
    """Works on the uploads of every workspace, until it is stopped."""

    def __init__(self, parts: Parts, snapshots: Snapshots, matching: Matching, machine: Clock | None = None):
        self._parts = parts
        self._working = Working(parts, snapshots, matching, machine or SystemClock())
        self._news = Event()
        self._over = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin; starting twice changes nothing."""
        if self._thread is None:
            self._over.clear()
            self._thread = Thread(target=self.run, name="uploads", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish the batch under way and end."""
        self._over.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Say that something was accepted."""
        self._news.set()

    def work_all(self) -> int:
        """Work on all that waits and can be worked on, and return how many uploads that was."""
        done = 0
        for workspace_id in self._parts.control.uploads.workspaces_waiting():
            try:
                done += self._working.work(workspace_id, self._over.is_set)
            except NotFound:  # there is nobody yet whom the records could mean
                continue
            except HouselightsError as error:
                log.warning("uploads wait", workspace=workspace_id, reason=error.message)
        return done

    def run(self) -> None:
        """Work until `stop` is called, from another thread or a signal's handler."""
        while not self._over.is_set():
            self._news.wait(LOOK_SECONDS)
            self._over.wait(GATHER_SECONDS)
            self._news.clear()
            try:
                self.work_all()
            except Exception:
                log.exception("working on uploads failed")
                self._over.wait(LOOK_SECONDS)
