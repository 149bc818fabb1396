"""The thread that works on erasures, soon after they were asked for. It keeps nothing: what is to be done is in rows of
the control database, and another process, or the next start, goes on where this one stopped.
"""

from houselights.base.errors import Conflict, HouselightsError
from houselights.base.logs import logger
from houselights.services.background import Background
from houselights.services.erasure.job import Job, Postponed
from houselights.services.imports.parts import Parts

log = logger("erasure")

LOOK_SECONDS = 2.0  # between two looks for what other processes accepted, or what had to be put off


class Eraser(Background):
    """Finishes erasures of every workspace, until it is stopped."""

    name = "erasures"

    def __init__(self, parts: Parts, job: Job):
        super().__init__()
        self._parts = parts
        self._job = job

    def work_all(self) -> int:
        """Finish all that can be finished now, and return how many erasures that was."""
        done = 0
        for workspace_id in self._parts.control.erasures.workspaces_unfinished():
            try:
                done += self._job.work(workspace_id)
            except (Conflict, Postponed) as error:  # an import is running, or an upload is: the next look will do
                log.info("put off", workspace=workspace_id, reason=error.message)
            except HouselightsError as error:
                log.warning("not erased yet", workspace=workspace_id, reason=error.message)
        return done

    def run(self) -> None:
        self.repeat(self.work_all, log, "erasing failed", look=LOOK_SECONDS)
