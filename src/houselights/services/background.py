"""Threads that work beside the requests of a server: begun, woken and ended alike. Knows nothing of what they do.

They keep nothing that cannot be lost: what is to be done is in rows of the control database, and another process, or
the next start, goes on where this one stopped.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from threading import Event, Thread

from structlog.stdlib import BoundLogger


class Background(ABC):
    """Runs until it is stopped, in a thread of its own, called `name`. Whoever has something for it sets `news`."""

    name: str

    def __init__(self, news: Event | None = None):
        self._news = news or Event()
        self._over = Event()
        self._threads: list[Thread] = []

    @abstractmethod
    def run(self) -> None:
        """Work until `stop` is called, from another thread or a signal's handler."""

    def loops(self) -> Mapping[str, Callable[[], None]]:
        """Return what runs, each in a thread of its own, by the thread's name."""
        return {self.name: self.run}

    def start(self) -> None:
        """Begin; starting twice changes nothing."""
        if not self._threads:
            self._over.clear()
            self._threads = [Thread(target=loop, name=name, daemon=True) for name, loop in self.loops().items()]
            for thread in self._threads:
                thread.start()

    def stop(self) -> None:
        """Finish, or interrupt, what is under way, and end."""
        self._over.set()
        self.wake()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def wake(self) -> None:
        """Say that there is something to do."""
        self._news.set()

    def repeat(
        self, work: Callable[[], object], log: BoundLogger, failed: str, *, look: float, gather: float = 0.0
    ) -> None:
        """Call `work` when woken, and every `look` seconds, until stopped; what comes within `gather` seconds goes
        together. Anything it raises is logged as `failed` with its traceback, and it is called again after a while.
        """
        while not self._over.is_set():
            self._news.wait(look)
            self._over.wait(gather)
            self._news.clear()
            try:
                work()
            except Exception:
                log.exception(failed)
                self._over.wait(look)
