"""The thread that applies what arrives, soon after it arrived. It keeps nothing that cannot be lost: all that waits is
in the control database, and another process, or the next start, goes on where this one stopped.
"""

from houselights.base.errors import Conflict, HouselightsError, NotFound
from houselights.base.logs import logger
from houselights.services.background import Background
from houselights.services.imports.parts import Parts
from houselights.services.motion.apply import BATCH, Applying, workspace_of

log = logger("motion")

GATHER_SECONDS = 0.1  # what arrives within it is applied together
LOOK_SECONDS = 1.0  # between two looks for what other processes accepted, or what could not be applied before


class Applier(Background):
    """Applies what waits, of every workspace, until it is stopped."""

    name = "motion"

    def __init__(self, parts: Parts, applying: Applying):
        super().__init__()
        self._parts = parts
        self.applying = applying

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

    def run(self) -> None:
        self.repeat(self._apply, log, "applying failed", look=LOOK_SECONDS, gather=GATHER_SECONDS)

    def _apply(self) -> None:
        try:
            self.apply_all()
        except HouselightsError as error:
            log.warning("not applied", reason=error.message)
