"""The loop that works on uploads, soon after they were accepted: a thread of a server, or all that a process does.

It keeps nothing that cannot be lost: what waits is in the control database, and whoever works next goes on from there.
"""

from houselights.base.clock import Clock, SystemClock
from houselights.base.errors import HouselightsError, NotFound
from houselights.base.logs import logger
from houselights.engine.snapshot import Snapshots
from houselights.services.background import Background
from houselights.services.imports.parts import Parts
from houselights.services.intake.work import Working
from houselights.services.matching import Matching

log = logger("uploads")

GATHER_SECONDS = 0.05  # what is accepted within it is worked on together
LOOK_SECONDS = 0.5  # between two looks for what other processes accepted, or what could not be worked on before


class Worker(Background):
    """Works on the uploads of every workspace, until it is stopped."""

    name = "uploads"

    def __init__(self, parts: Parts, snapshots: Snapshots, matching: Matching, machine: Clock | None = None):
        super().__init__()
        self._parts = parts
        self._working = Working(parts, snapshots, matching, machine or SystemClock())

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
        self.repeat(self.work_all, log, "working on uploads failed", look=LOOK_SECONDS, gather=GATHER_SECONDS)
