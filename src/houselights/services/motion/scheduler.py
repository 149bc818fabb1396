"""The thread that runs evaluations when they are asked for or due, and sweeps audiences that depend on the time.

Like the applier it keeps nothing: runs and schedules are rows, and whoever starts next goes on with them.
"""

import time
from threading import Event, Thread

from houselights.base.errors import Conflict, NotFound
from houselights.base.logs import logger
from houselights.model.motion import RunState
from houselights.services.evaluation import Evaluating
from houselights.services.imports.parts import Parts

log = logger("evaluation")

LOOK_SECONDS = 1.0
SWEEP_SECONDS = 60.0


class Scheduler:
    """Carries out what is queued and due, until it is stopped."""

    def __init__(self, parts: Parts, evaluating: Evaluating):
        self._parts = parts
        self._evaluating = evaluating
        self._news = Event()
        self._over = Event()
        self._thread: Thread | None = None
        self._swept = time.monotonic()

    def start(self) -> None:
        """Begin; starting twice changes nothing."""
        if self._thread is None:
            self._over.clear()
            self._thread = Thread(target=self._run, name="evaluations", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish the run under way and end."""
        self._over.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Say that a run was queued."""
        self._news.set()

    def work(self) -> int:
        """Do everything that is queued or due, and return how many runs that was."""
        self._evaluating.enqueue_due()
        queued = [run for run in self._parts.control.evaluations.unfinished() if run.state is RunState.QUEUED]
        for run in queued:
            self._evaluating.carry_out(run)
        return len(queued)

    def sweep(self) -> None:
        """Sweep every workspace; one that is busy is swept the next time."""
        for workspace in self._parts.control.workspaces.list():
            try:
                self._evaluating.sweep(workspace)
            except (Conflict, NotFound):
                continue

    def _run(self) -> None:
        self._evaluating.recover()
        while not self._over.is_set():
            self._news.wait(LOOK_SECONDS)
            self._news.clear()
            try:
                self.work()
                if time.monotonic() - self._swept > SWEEP_SECONDS:
                    self.sweep()
                    self._swept = time.monotonic()
            except Exception:
                log.exception("evaluations failed")
                self._over.wait(LOOK_SECONDS)
