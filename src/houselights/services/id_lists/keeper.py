"""The thread that deletes lists of ids when they are old. It keeps nothing itself."""

from threading import Event, Thread

from houselights.base.logs import logger
from houselights.services.id_lists.id_lists import IdLists

log = logger("id lists")

LOOK_SECONDS = 600.0


class Keeper:
    """Deletes what is old, at the start and every few minutes, until it is stopped."""

    def __init__(self, lists: IdLists):
        self._lists = lists
        self._over = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin; starting twice changes nothing."""
        if self._thread is None:
            self._over.clear()
            self._thread = Thread(target=self._run, name="id lists", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            try:
                self._lists.clear_the_old()
            except Exception:
                log.exception("old lists were not deleted")
            if self._over.wait(LOOK_SECONDS):
                return
