"""Connections of a client to the places its lists are sent to: made, listed, taken away, one of them the default.

A client with connections always has exactly one default: the first it makes, then whichever it says, and when the
default is taken away the newest of the rest. Refuses places the client may not reach, and more than MOST connections.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy.engine import Connection as Transaction

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, InvalidInput, NotAllowed, NotFound
from houselights.model.connection import Connection
from houselights.model.document import StoredDocument
from houselights.model.workspace import Client
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.callers import Callers
from houselights.storage.control.control import Control

KIND = "connection"
MOST = 100
ID_CHARACTERS = 128


class Connections:
    """The use-cases of connections. Every method sees only those of the caller's own client."""

    def __init__(self, control: Control, callers: Callers, clock: Clock, audit: Audit):
        self._control = control
        self._callers = callers
        self._clock = clock
        self._audit = audit

    def create(
        self,
        caller: Caller,
        *,
        cleanroom_id: int | None = None,
        advertiser_id: int | None = None,
        is_default: bool = False,
        connection_id: str | None = None,
    ) -> Connection:
        """Make a connection and return it; with `is_default`, whichever was the default no longer is.

        Raises InvalidInput without any place, NotAllowed for a place the client may not act for, Conflict for an id
        in use and for one connection too many.
        """
        caller.require("audiences:write")
        client = client_of(caller)
        if cleanroom_id is None and advertiser_id is None:
            raise InvalidInput("a connection needs a clean room or an advertiser")
        if connection_id is not None and not 0 < len(connection_id) <= ID_CHARACTERS:
            raise InvalidInput(f"an id has 1 to {ID_CHARACTERS} characters", field="connection_id")
        may = {account.id for account in self._callers.reach(caller)}
        for field, place in (("cleanroom_id", cleanroom_id), ("advertiser_id", advertiser_id)):
            if place is not None and place not in may:
                raise NotAllowed("not authorized to act for this account", field=field)
        now = self._clock.now()
        with self._control.transaction() as conn:
            self._control.workspaces.lock(caller.workspace.id, conn=conn)
            others = self._list(caller, client, conn)
            if len(others) >= MOST:
                raise Conflict(f"a client has at most {MOST} connections; take one away first")
            made = Connection(
                id=connection_id or str(uuid4()),
                client_number=client.id,
                cleanroom_id=cleanroom_id,
                advertiser_id=advertiser_id,
                is_default=is_default or not others,
                created_at=now,
                updated_at=now,
            )
            if any(other.id == made.id for other in others):
                raise Conflict(f"there is a connection {made.id} already", field="connection_id")
            for other in others:
                if made.is_default and other.is_default:
                    self._put(caller, replace(other, is_default=False), now, conn)
            self._put(caller, made, now, conn)
        self._audit.record(caller, "connection.create", made.id)
        return made

    def list(self, caller: Caller) -> Sequence[Connection]:
        """Return the client's connections, newest first."""
        caller.require("audiences:read")
        return self._list(caller, client_of(caller))

    def everybodys(self, caller: Caller) -> Sequence[Connection]:
        """Return the connections of all clients for an operator, of the caller's own for others, newest first."""
        caller.require("audiences:read")
        stored = map(_connection, self._control.documents.list(caller.workspace.id, KIND))
        if "operator" in caller.scopes:
            return list(stored)
        return [one for one in stored if caller.client is not None and one.client_number == caller.client.id]

    def get(self, caller: Caller, connection_id: str) -> Connection:
        """Return one connection. Raises NotFound."""
        caller.require("audiences:read")
        client = client_of(caller)
        try:
            return _connection(self._control.documents.get(caller.workspace.id, KIND, _key(client, connection_id)))
        except NotFound as error:  # which names the client, too
            raise NotFound(f"no connection {connection_id}") from error

    def default(self, caller: Caller) -> Connection:
        """Return the connection that is meant when none is named. Raises NotFound when there is none at all."""
        for connection in self.list(caller):
            if connection.is_default:
                return connection
        raise NotFound("this client has no connection")

    def remove(self, caller: Caller, connection_id: str | None = None) -> int:
        """Take away one connection, or all of them when none is named; return how many. Raises NotFound for one."""
        caller.require("audiences:write")
        client = client_of(caller)
        with self._control.transaction() as conn:
            self._control.workspaces.lock(caller.workspace.id, conn=conn)
            known = self._list(caller, client, conn)
            gone = [one for one in known if connection_id in (None, one.id)]
            if not gone and connection_id is not None:
                raise NotFound(f"no connection {connection_id}")
            for one in gone:
                self._control.documents.delete(caller.workspace.id, KIND, _key(client, one.id), conn=conn)
            rest = [one for one in known if one not in gone]
            if rest and not any(one.is_default for one in rest):
                self._put(caller, replace(rest[0], is_default=True), self._clock.now(), conn)
        for one in gone:
            self._audit.record(caller, "connection.remove", one.id)
        return len(gone)

    def _list(self, caller: Caller, client: Client, conn: Transaction | None = None) -> Sequence[Connection]:
        stored = self._control.documents.list(caller.workspace.id, KIND, conn=conn)
        return [one for one in map(_connection, stored) if one.client_number == client.id]

    def _put(self, caller: Caller, connection: Connection, now: datetime, conn: Transaction) -> None:
        body = {
            "connection": connection.id,
            "client": connection.client_number,
            "cleanroom": None if connection.cleanroom_id is None else str(connection.cleanroom_id),
            "advertiser": None if connection.advertiser_id is None else str(connection.advertiser_id),
            "default": connection.is_default,
        }
        key = f"{connection.client_number}/{connection.id}"
        self._control.documents.put(caller.workspace.id, KIND, key, body, now, conn=conn)


def client_of(caller: Caller) -> Client:
    """Return the caller's client. Raises NotAllowed at the command line, which has none."""
    if caller.client is None:
        raise NotAllowed("this belongs to a client, and there is none at the command line")
    return caller.client


def _key(client: Client, connection_id: str) -> str:
    return f"{client.id}/{connection_id}"


def _connection(stored: StoredDocument) -> Connection:
    body = stored.body
    return Connection(
        id=body["connection"],
        client_number=body["client"],
        cleanroom_id=None if body["cleanroom"] is None else int(body["cleanroom"]),
        advertiser_id=None if body["advertiser"] is None else int(body["advertiser"]),
        is_default=body["default"],
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )
