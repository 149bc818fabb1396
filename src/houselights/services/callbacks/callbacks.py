"""Callbacks as rooms ask for them and as their clients and operators see them. Sends nothing itself.

A callback is a row, written in the transaction that ends what it tells of; so it is there exactly when that has
happened. What it says is written by the room when it is sent, in the words it would answer with then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.engine import Connection

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, NotFound
from houselights.model.callback import Attempt, Callback, CallbackState
from houselights.services.audit import Audit
from houselights.services.callbacks.addresses import host_of
from houselights.services.callbacks.signatures import key_of, shown
from houselights.services.caller import Caller
from houselights.storage.control.control import Control

# Writes the body of a callback, JSON, for the caller who asked for it. Raises NotFound when there is nothing to tell.
Body = Callable[[Caller, Callback], bytes]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A callback and every try to deliver it, oldest first."""

    callback: Callback
    attempts: Sequence[Attempt]


class Callbacks:
    """The use-cases of callbacks. `wake` is called once there is one to send; `machine` tells the time."""

    def __init__(self, control: Control, machine: Clock, audit: Audit, wake: Callable[[], None]):
        self._control = control
        self._machine = machine
        self._audit = audit
        self.wake = wake
        self.bodies: dict[str, Body] = {}

    def write_bodies(self, origin: str, body: Body) -> None:
        """Say who writes what a room's callbacks say. They wait until somebody has said so."""
        self.bodies[origin] = body

    def add(
        self, conn: Connection, *, workspace_id: int, client_id: int | None, origin: str, kind: str, subject: str,
        url: str,
    ) -> Callback:  # fmt: skip
        """Write down a callback in the caller's transaction; call `wake` when that is over.

        `url` was checked (`addresses.checked_url`) when it was given: what is none is refused when it is to be called,
        as nothing may go wrong here. `kind` and `subject` are the room's own.
        """
        now = self._machine.now()
        new = Callback(
            id=str(uuid4()), workspace_id=workspace_id, client_id=client_id, origin=origin, kind=kind, subject=subject,
            url=url, host=host_of(url), due_at=now, created_at=now,
        )  # fmt: skip
        self._control.callbacks.add(new, conn=conn)
        return new

    def list(
        self, caller: Caller, *, states: Sequence[CallbackState] = (), limit: int = 100, before: str | None = None
    ) -> Sequence[Callback]:
        """Return the callbacks of the caller's client, everybody's for an operator, newest first."""
        caller.require("audiences:read")
        client_id = None if caller.client is None or _sees_all(caller) else caller.client.id
        return self._control.callbacks.list(
            caller.workspace.id, client_id=client_id, states=states, limit=limit, before=before
        )

    def get(self, caller: Caller, callback_id: str) -> Delivery:
        """Return a callback with its attempts. Raises NotFound, also for another client's."""
        caller.require("audiences:read")
        found = self._control.callbacks.get(caller.workspace.id, callback_id)
        if not _sees_all(caller) and found.client_id != (caller.client and caller.client.id):
            raise NotFound(f"no callback {callback_id}")
        return Delivery(found, self._control.callbacks.attempts(caller.workspace.id, callback_id))

    def redeliver(self, caller: Caller, callback_id: str) -> Delivery:
        """Send a callback that is over once more, with all its tries. For operators. Raises NotFound, Conflict."""
        caller.require("operator")
        self._control.callbacks.get(caller.workspace.id, callback_id)
        if not self._control.callbacks.again(caller.workspace.id, callback_id, self._machine.now()):
            raise Conflict("this callback is not over yet: it is still being tried")
        self._audit.record(caller, "callback.redeliver", callback_id)
        self.wake()
        return self.get(caller, callback_id)

    def secret(self, caller: Caller, client_number: int | None = None) -> str:
        """Return what signs the callbacks of the caller's client, or for an operator of another one.

        Raises NotAllowed, NotFound.
        """
        own = None if caller.client is None else caller.client.id
        if client_number is not None and client_number != own:
            caller.require("operator")
            if self._control.clients.get(client_number).workspace_id != caller.workspace.id:
                raise NotFound(f"no client {client_number}")
            own = client_number
        return shown(key_of(self._control, caller.workspace.id, own))


def _sees_all(caller: Caller) -> bool:
    return caller.client is None or "operator" in caller.scopes
