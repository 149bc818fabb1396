"""Callbacks: messages to an address that a client named, delivered until it has them or for as long as is worth it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CallbackState(StrEnum):
    """Where a callback is in its life."""

    WAITING = "waiting"  # for its first try, or for another
    SENDING = "sending"
    DELIVERED = "delivered"  # the receiver said 2xx
    GONE = "gone"  # the receiver said 410: it wants no more of these
    REFUSED = "refused"  # the address is none that may be called
    FAILED = "failed"  # tried as often as is worth it, or there is nothing to tell any more


OVER = frozenset({CallbackState.DELIVERED, CallbackState.GONE, CallbackState.REFUSED, CallbackState.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver a callback.

    `address` is the one called, `status` the receiver's, `answer` the beginning of what it said; `error` is what else
    went wrong.
    """

    at: datetime
    milliseconds: int
    address: str | None = None
    status: int | None = None
    error: str | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One message to deliver. `id` is the receiver's to tell repeats by, the same at every attempt.

    `origin` is the room that writes the body when it is sent, `kind` and `subject` say what about. `attempts` counts
    the tries since it was last begun; the next one is at `due_at`. Times are the machine's, whatever the house's clock.
    """

    id: str
    workspace_id: int
    client_id: int | None
    origin: str
    kind: str
    subject: str
    url: str
    host: str
    state: CallbackState = CallbackState.WAITING
    attempts: int = 0
    due_at: datetime
    created_at: datetime
    ended_at: datetime | None = None
