"""The threads that send callbacks, soon after they are due. They keep nothing: what is to be sent is in rows, and
another process, or the next start, goes on where this one stopped.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event, Lock
from time import monotonic
from uuid import uuid4

from houselights.base.callback_settings import CallbackSettings
from houselights.base.clock import Clock
from houselights.base.errors import HouselightsError
from houselights.base.logs import logger
from houselights.model.callback import Callback, CallbackState
from houselights.services.background import Background
from houselights.services.callbacks.callbacks import Callbacks
from houselights.services.callbacks.sending import Outcome, Sending
from houselights.storage.control.control import Control

log = logger("callbacks")

LOOK_SECONDS = 0.5
RENEW_SECONDS = 5.0
HOUSEKEEPING_SECONDS = 3600.0
DIED = "the server ended before an answer came; the receiver may have it"


class Sender(Background):
    """Sends what is due of every workspace, until it is stopped."""

    name = "callbacks"

    def __init__(
        self, control: Control, callbacks: Callbacks, sending: Sending, machine: Clock, settings: CallbackSettings,
        news: Event,
    ):  # fmt: skip
        super().__init__(news)
        self._control = control
        self._callbacks = callbacks
        self._sending = sending
        self._machine = machine
        self._settings = settings
        self._name = str(uuid4())
        self._lock = Lock()
        self._busy = 0

    def send_all(self) -> int:
        """Try everything that is due, here and now, one after another; return how many tries that was."""
        self.tend()
        done = 0
        while (callback := self._claim()) is not None:
            self._sending.send(callback, self._name)
            done += 1
        return done

    def tend(self) -> None:
        """Put off the end of our leases, and let wait again what other processes left when they died."""
        now = self._machine.now()
        if self._busy:
            self._control.callbacks.renew(self._name, self._lease())
        for lapsed, worker in self._control.callbacks.lapsed(now):
            self._sending.end(lapsed, worker, Outcome(CallbackState.WAITING, error=DIED), now)

    def run(self) -> None:
        tended, kept = -RENEW_SECONDS, -HOUSEKEEPING_SECONDS
        with ThreadPoolExecutor(self._settings.parallel, thread_name_prefix="callback") as pool:
            while not self._over.is_set():
                try:
                    if monotonic() - tended > RENEW_SECONDS:
                        tended = monotonic()
                        self.tend()
                    if monotonic() - kept > HOUSEKEEPING_SECONDS:
                        kept = monotonic()
                        self._control.callbacks.forget(self._machine.now() - timedelta(days=self._settings.keep_days))
                    self._fill(pool)
                except HouselightsError as error:
                    log.warning("not looked after", reason=error.message)
                except Exception:
                    log.exception("looking after callbacks failed")
                self._news.wait(LOOK_SECONDS)
                self._news.clear()

    def _fill(self, pool: ThreadPoolExecutor) -> None:
        """Give every thread that has nothing to do a callback that is due."""
        while self._busy < self._settings.parallel and not self._over.is_set():
            callback = self._claim()
            if callback is None:
                return
            with self._lock:
                self._busy += 1
            pool.submit(self._send, callback)

    def _send(self, callback: Callback) -> None:
        try:
            self._sending.send(callback, self._name)
        except Exception:  # the row says that it is being sent until its lease ends; then it is tried again
            log.exception("what came of a callback was not written down", callback=callback.id)
        finally:
            with self._lock:
                self._busy -= 1
            self._news.set()

    def _claim(self) -> Callback | None:
        return self._control.callbacks.claim(
            self._name, self._callbacks.bodies, now=self._machine.now(), lease_until=self._lease(),
            each=self._settings.each_host,
        )  # fmt: skip

    def _lease(self) -> datetime:
        return self._machine.now() + timedelta(seconds=self._settings.lease_seconds)
