"""The thread that applies what arrives, soon after it arrived. It keeps nothing that cannot be lost: all that waits is
in the control database, and another process, or the next start, goes on where this one stopped.
"""

from threading import Event, Thread

from houselights.base.errors import Conflict, HouselightsError, NotFound
from houselights.base.logs import logger
from houselights.services.imports.parts import Parts
from houselights.services.motion.apply import BATCH, Applying, workspace_of

log = logger("motion")

GATHER_SECONDS = 0.1  # what arrives within it is applied together
LOOK_SECONDS = 1.0  # between two looks for what other processes accepted, or what could not be applied before


class Applier:
    """Applies what waits, of every workspace, until it is stopped."""

    def __init__(self, parts: Parts, applying: Applying):
        self._parts = parts
        self.applying = applying
        self._news = Event()
        self._over = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin; starting twice changes nothing."""
        if self._thread is None:
            self._over.clear()
            self._thread = Thread(target=self._run, name="motion", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish the batch under way and end."""
        self._over.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Say that something has arrived."""
        self._news.set()

    def apply_all(self) -> int:
        """Apply everything that waits and can be applied, and return how many arrivals that was."""
        done = 0
        for workspace_id in self._parts.control.arrivals.workspaces_waiting():
            workspace = workspace_of(self._parts, workspace_id)
            while workspace is not None:
                try:
                    applied = self.applying.apply(workspace)
                except (Conflict, NotFound):  # an import is running, or there is no data yet: the next look will do
                    break
                done += applied.arrivals
                if applied.arrivals < BATCH:
                    break
        return done

    def _run(self) -> None:
        while not self._over.is_set():
            self._news.wait(LOOK_SECONDS)
            self._over.wait(GATHER_SECONDS)
            self._news.clear()
            try:
                self.apply_all()
            except HouselightsError as error:
                log.warning("not applied", reason=error.message)
            except Exception:
                log.exception("applying failed")
                self._over.wait(LOOK_SECONDS)
