"""The threads that carry out executions, and the one that looks after them: what waits, what lapsed, what is due.

They keep nothing that cannot be lost. What runs is a row with a lease; a process that dies stops renewing it, and
whoever looks next begins that execution again, or says that it was begun too often.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event, Lock
from time import monotonic
from uuid import uuid4

from houselights.base.clock import Clock, SystemClock
from houselights.base.errors import Conflict, HouselightsError
from houselights.base.logs import logger
from houselights.base.query_settings import QuerySettings
from houselights.model.workflow import Execution, ExecutionState
from houselights.services.background import Background
from houselights.services.workflows.audiences import QueryAudiences
from houselights.services.workflows.carry import Carrying
from houselights.services.workflows.results import Results
from houselights.storage.control.control import Control

log = logger("queries")

LOOK_SECONDS = 0.5
HOUSEKEEPING_SECONDS = 30.0


class Workers(Background):
    """Carries out what waits, until it is stopped. Leases go by the machine's time, everything else by the house's.

    Whoever adds or cancels an execution sets `news`.
    """

    name = "queries"

    def __init__(
        self, control: Control, clock: Clock, carrying: Carrying, audiences: QueryAudiences, results: Results,
        settings: QuerySettings, news: Event,
    ):  # fmt: skip
        super().__init__(news)
        self._control = control
        self._clock = clock
        self._carrying = carrying
        self._audiences = audiences
        self._results = results
        self._settings = settings
        self._name = str(uuid4())
        self._machine = SystemClock()
        self._lock = Lock()
        self._running: dict[str, tuple[Execution, Event]] = {}

    def tend(self) -> None:
        """Begin again what other processes left when they died, and stop here what was cancelled elsewhere."""
        self._control.executions.renew(self._name, self._lease())
        now = self._machine.now()
        for lapsed in self._control.executions.lapsed(now):
            if lapsed.attempts >= self._settings.attempts:
                why = f"it was begun {lapsed.attempts} times, and each time the server ended before it did"
                if self._control.executions.release(lapsed, now, state=ExecutionState.PENDING.value):
                    self._carrying.give_up(lapsed, None, why)
            elif self._control.executions.release(lapsed, now, state=ExecutionState.PENDING.value):
                log.info("begun again", execution=lapsed.id)
        for execution, cancel in self._mine():
            found = self._control.executions.get(execution.workspace_id, execution.id)
            if found.state is not ExecutionState.RUNNING:
                cancel.set()

    def keep_house(self) -> None:
        """Have audiences executed that are due, and delete files that are old."""
        if self._audiences.enqueue_due():
            self._news.set()
        for old in self._control.executions.old(self._clock.now() - timedelta(days=self._settings.keep_days)):
            self._results.delete(old)
            self._control.executions.forget_outcome(old.workspace_id, old.id)

    def run(self) -> None:
        kept = -HOUSEKEEPING_SECONDS
        with ThreadPoolExecutor(self._settings.threads, thread_name_prefix="query") as pool:
            while not self._over.is_set():
                try:
                    self.tend()
                    if monotonic() - kept > HOUSEKEEPING_SECONDS:
                        kept = monotonic()
                        self.keep_house()
                    self._fill(pool)
                except HouselightsError as error:
                    log.warning("not looked after", reason=error.message)
                except Exception:
                    log.exception("looking after executions failed")
                self._news.wait(LOOK_SECONDS)
                self._news.clear()
            for _, cancel in self._mine():
                cancel.set()

    def _fill(self, pool: ThreadPoolExecutor) -> None:
        """Give every thread that has nothing to do an execution that waits."""
        while len(self._mine()) < self._settings.threads and (execution := self._claim()) is not None:
            cancel = Event()
            with self._lock:
                self._running[execution.id] = execution, cancel
            done: Future[None] = pool.submit(self._carry, execution, cancel)
            done.add_done_callback(lambda _, name=execution.id: self._finished(name))  # type: ignore[misc]

    def _finished(self, name: str) -> None:
        with self._lock:
            del self._running[name]
        self._news.set()

    def _carry(self, execution: Execution, cancel: Event) -> None:
        self._carrying.carry_out(execution, self._name, cancel)
        if cancel.is_set() and self._over.is_set():
            self._put_back(execution)

    def _put_back(self, execution: Execution) -> None:
        """Let an execution wait again that was interrupted because this process ends; it does not count as a try."""
        try:
            self._control.executions.change(
                execution.workspace_id, execution.id, worker=self._name, state=ExecutionState.PENDING.value,
                attempts=execution.attempts - 1, lease_until=None,
            )  # fmt: skip
        except Conflict:
            return  # it ended, or was cancelled, in the same moment

    def _mine(self) -> list[tuple[Execution, Event]]:
        with self._lock:
            return list(self._running.values())

    def _claim(self) -> Execution | None:
        return self._control.executions.claim(
            self._name, lease_until=self._lease(), now=self._clock.now(), each=self._settings.parallel
        )

    def _lease(self) -> datetime:
        return self._machine.now() + timedelta(seconds=self._settings.lease_seconds)
