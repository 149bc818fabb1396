"""The thread that runs evaluations when they are asked for or due, and sweeps audiences that depend on the time.

Like the applier it keeps nothing: runs and schedules are rows, and whoever starts next goes on with them.
"""

import time

from houselights.base.errors import Conflict, NotFound
from houselights.base.logs import logger
from houselights.model.motion import RunState
from houselights.services.background import Background
from houselights.services.evaluation import Evaluating
from houselights.services.imports.parts import Parts
from houselights.services.imports.tidy import bury_the_dead

log = logger("evaluation")

LOOK_SECONDS = 1.0
SWEEP_SECONDS = 60.0


class Scheduler(Background):
    """Carries out what is queued and due, until it is stopped."""

    name = "evaluations"

    def __init__(self, parts: Parts, evaluating: Evaluating):
        super().__init__()
        self._parts = parts
        self._evaluating = evaluating
        self._swept = time.monotonic()

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
            bury_the_dead(self._parts, workspace.id)
            try:
                self._evaluating.sweep(workspace)
            except (Conflict, NotFound):
                continue

    def run(self) -> None:
        self._evaluating.recover()
        self.repeat(self._turn, log, "evaluations failed", look=LOOK_SECONDS)

    def _turn(self) -> None:
        self.work()
        if time.monotonic() - self._swept > SWEEP_SECONDS:
            self.sweep()
            self._swept = time.monotonic()
