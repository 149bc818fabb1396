"""The thread that works on erasures, soon after they were asked for. It keeps nothing: what is to be done is in rows of
the control database, and another process, or the next start, goes on where this one stopped.
"""

from threading import Event, Thread

from houselights.base.errors import Conflict, HouselightsError
from houselights.base.logs import logger
from houselights.services.erasure.job import Job, Postponed
from houselights.services.imports.parts import Parts

log = logger("erasure")

LOOK_SECONDS = 2.0  # between two looks for what other processes accepted, or what had to be put off


class Eraser:
    """Finishes erasures of every workspace, until it is stopped."""

    def __init__(self, parts: Parts, job: Job):
        self._parts = parts
        self._job = job
        self._news = Event()
        self._over = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin; starting twice changes nothing."""
        if self._thread is None:
            self._over.clear()
            self._thread = Thread(target=self._run, name="erasures", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish the erasure under way and end."""
        self._over.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Say that an erasure was asked for."""
        self._news.set()

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

    def _run(self) -> None:
        while not self._over.is_set():
            self._news.wait(LOOK_SECONDS)
            self._news.clear()
            try:
                self.work_all()
            except Exception:
                log.exception("erasing failed")
                self._over.wait(LOOK_SECONDS)
