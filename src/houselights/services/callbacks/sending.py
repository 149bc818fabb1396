"""One try to deliver one callback, and what follows from its outcome.

2xx: it is delivered. 410: the receiver wants no more. An address that may not be called ends it too, as trying again
would only help somebody who changes what a name means. Anything else is tried again, later each time, a few times.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version

from houselights.base.callback_settings import CallbackSettings
from houselights.base.clock import Clock
from houselights.base.errors import HouselightsError, NotFound
from houselights.base.logs import logger
from houselights.model.callback import Attempt, Callback, CallbackState
from houselights.services.callbacks.addresses import Addresses, NotCalled, Unresolved
from houselights.services.callbacks.callbacks import Callbacks
from houselights.services.callbacks.post import Answer, NoAnswer, Poster
from houselights.services.callbacks.signatures import key_of, signed
from houselights.services.caller import Caller
from houselights.storage.control.control import Control

log = logger("callbacks")

GROWTH = 4
JITTER = 0.25  # a part of every pause, so that what failed together is not tried again together
AGENT = f"houselights/{version('houselights')}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try. `after_seconds` is for how long the receiver asked to be left alone."""

    state: CallbackState
    address: str | None = None
    status: int | None = None
    error: str | None = None
    answer: str = ""
    after_seconds: float = 0.0


class Sending:
    """Tries callbacks. Any number of threads may, each another one."""

    def __init__(
        self, control: Control, callbacks: Callbacks, machine: Clock, addresses: Addresses, poster: Poster,
        settings: CallbackSettings, draw: Callable[[], float] = random.random,
    ):  # fmt: skip
        self._control = control
        self._callbacks = callbacks
        self._machine = machine
        self._addresses = addresses
        self._poster = poster
        self._settings = settings
        self._draw = draw

    def send(self, callback: Callback, worker: str) -> None:
        """Try a callback that `worker` has claimed, and write down what came of it."""
        at, started = self._machine.now(), time.monotonic()
        try:
            outcome = self._tried(callback)
        except Exception:
            log.exception("callback could not be sent", callback=callback.id)
            outcome = Outcome(CallbackState.WAITING, error="internal error; the fault is in the log under this id")
        self.end(callback, worker, outcome, at, round((time.monotonic() - started) * 1000))

    def end(self, callback: Callback, worker: str, outcome: Outcome, at: datetime, milliseconds: int = 0) -> None:
        """Write down a try, and when the next one is, if there is one."""
        state, now = outcome.state, self._machine.now()
        if state is CallbackState.WAITING and callback.attempts >= self._settings.attempts:
            state = CallbackState.FAILED
        pause = max(self.pause(callback.attempts), min(outcome.after_seconds, self._settings.longest_seconds))
        attempt = Attempt(
            at=at, milliseconds=milliseconds, address=outcome.address, status=outcome.status, error=outcome.error,
            answer=outcome.answer,
        )  # fmt: skip
        mine = self._control.callbacks.tried(callback, worker, attempt, state, now, now + timedelta(seconds=pause))
        log.info(
            "callback", callback=callback.id, attempt=callback.attempts, state=state.value, status=outcome.status,
            error=outcome.error, is_late=not mine,
        )  # fmt: skip

    def pause(self, attempts: int) -> float:
        """Return how many seconds to wait after so many tries."""
        settings = self._settings
        whole = min(settings.first_seconds * float(GROWTH) ** (attempts - 1), settings.longest_seconds)
        return whole * (1 - JITTER + 2 * JITTER * self._draw())

    def _tried(self, callback: Callback) -> Outcome:
        try:
            caller = self._caller(callback)
            body = self._callbacks.bodies[callback.origin](caller, callback)
        except NotFound as error:
            return Outcome(CallbackState.FAILED, error=f"there is nothing to tell any more: {error.message}")
        except HouselightsError as error:
            return Outcome(CallbackState.WAITING, error=error.message)
        try:
            place = self._addresses.place(callback.url)
        except NotCalled as error:
            return Outcome(CallbackState.REFUSED, error=str(error))
        except Unresolved as error:
            return Outcome(CallbackState.WAITING, error=str(error))
        now = self._machine.now()
        key = key_of(self._control, callback.workspace_id, callback.client_id)
        headers = {"Content-Type": "application/json", "User-Agent": AGENT, "Accept": "*/*"}
        headers |= signed(callback, key, body, int(now.timestamp()))
        try:
            return _outcome(self._poster.post(place, body, headers), now)
        except NoAnswer as error:
            return Outcome(CallbackState.WAITING, error=str(error), address=error.address)

    def _caller(self, callback: Callback) -> Caller:
        """Return who asked for the callback. Raises NotFound when nobody may be told any more."""
        workspace = self._control.workspaces.get(callback.workspace_id)
        if callback.client_id is None:
            return Caller.local(workspace, request_id=callback.id)
        client = self._control.clients.get(callback.client_id)
        if client.disabled:
            raise NotFound("the client was turned away")
        return Caller(client=client, workspace=workspace, scopes=client.scopes, request_id=callback.id)


def _outcome(answer: Answer, now: datetime) -> Outcome:
    said = {"address": answer.address, "status": answer.status, "answer": answer.text}
    match answer.status:
        case status if 200 <= status < 300:
            return Outcome(CallbackState.DELIVERED, **said)  # type: ignore[arg-type]
        case 410:
            return Outcome(CallbackState.GONE, **said)  # type: ignore[arg-type]
        case status if 300 <= status < 400:
            error = "redirects are not followed; name the address it leads to"
            return Outcome(CallbackState.WAITING, error=error, **said)  # type: ignore[arg-type]
        case _:
            after = _seconds(answer.retry_after, now)
            return Outcome(CallbackState.WAITING, after_seconds=after, **said)  # type: ignore[arg-type]


def _seconds(header: str | None, now: datetime) -> float:
    """Return how long `Retry-After` asks to wait: seconds, or until a date."""
    if header is None:
        return 0.0
    text = header.strip()
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())
