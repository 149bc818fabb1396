"""Saved queries: SQL under a name, with parameters. Nothing is executed here, and nothing is compiled.

A query belongs to one client in one clean room; others do not see it, and may use its name for another. Refuses names
that are taken, and parameters that are declared twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.engine import Connection

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, InvalidInput, NotFound
from houselights.model.document import StoredDocument
from houselights.model.workflow import InputParameter, SavedQuery
from houselights.model.workspace import Account
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.storage.control.columns import storable
from houselights.storage.control.control import Control

KIND = "saved_query"
NAME_CHARACTERS = 256
SQL_CHARACTERS = 512 << 10
MOST = 10_000  # of one client in one clean room


class SavedQueries:
    """The use-cases of saved queries."""

    def __init__(self, control: Control, clock: Clock, audit: Audit):
        self._control = control
        self._clock = clock
        self._audit = audit

    def create(self, caller: Caller, room: Account, query: SavedQuery) -> SavedQuery:
        """Store a query under the name it carries; owner and times are filled in here.

        Raises Conflict when the name is taken, InvalidInput for a name or parameters that cannot be.
        """
        caller.require("audiences:write")
        mine = self._checked(caller, room, query)
        with self._control.transaction() as conn:
            self._control.workspaces.lock(caller.workspace.id, conn=conn)
            known = self._list(caller, room, conn)
            if any(each.id == mine.id for each in known):
                raise Conflict(f'there is a query "{mine.id}" already', field="id", hint="change that one instead")
            if len(known) >= MOST:
                raise Conflict(f"at most {MOST:,} queries are kept; take some away first")
            self._put(mine, conn)
        self._audit.record(caller, "query.create", mine.id)
        return mine

    def change(self, caller: Caller, room: Account, query_id: str, query: SavedQuery) -> SavedQuery:
        """Put another query in the place of one. Raises NotFound, InvalidInput."""
        caller.require("audiences:write")
        with self._control.transaction() as conn:
            self._control.workspaces.lock(caller.workspace.id, conn=conn)
            old = self._get(caller, room, query_id, conn)
            new = replace(self._checked(caller, room, replace(query, id=query_id)), created_at=old.created_at)
            self._put(new, conn)
        self._audit.record(caller, "query.change", query_id)
        return new

    def get(self, caller: Caller, room: Account, query_id: str) -> SavedQuery:
        """Return one query. Raises NotFound."""
        caller.require("insights:read")
        return self._get(caller, room, query_id)

    def list(self, caller: Caller, room: Account) -> Sequence[SavedQuery]:
        """Return the client's queries in a clean room, newest first."""
        caller.require("insights:read")
        return self._list(caller, room)

    def remove(self, caller: Caller, room: Account, query_id: str) -> None:
        """Forget a query; what was executed of it stays. Raises NotFound."""
        caller.require("audiences:write")
        self._get(caller, room, query_id)
        self._control.documents.delete(caller.workspace.id, KIND, _key(caller, room, query_id))
        self._audit.record(caller, "query.remove", query_id)

    def _checked(self, caller: Caller, room: Account, query: SavedQuery) -> SavedQuery:
        if not 0 < len(query.id) <= NAME_CHARACTERS or not storable(query.id):
            raise InvalidInput(f"the name of a query has 1 to {NAME_CHARACTERS} characters", field="id")
        if not query.sql.strip() or len(query.sql) > SQL_CHARACTERS or not storable(query.sql):
            raise InvalidInput(f"a query has 1 to {SQL_CHARACTERS:,} characters of SQL", field="sql")
        names = [parameter.name for parameter in query.parameters]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InvalidInput(f'the parameter "{twice}" is declared twice', field="parameters")
        now = self._clock.now()
        return replace(
            query, workspace_id=caller.workspace.id, account_id=room.id, client_id=_client_id(caller),
            created_at=now, updated_at=now,
        )  # fmt: skip

    def _get(self, caller: Caller, room: Account, query_id: str, conn: Connection | None = None) -> SavedQuery:
        try:
            stored = self._control.documents.get(caller.workspace.id, KIND, _key(caller, room, query_id), conn=conn)
        except NotFound:
            raise NotFound(f'there is no query "{query_id}"') from None
        return _query(stored)

    def _list(self, caller: Caller, room: Account, conn: Connection | None = None) -> Sequence[SavedQuery]:
        prefix = _key(caller, room, "")
        stored = self._control.documents.list(caller.workspace.id, KIND, conn=conn)
        return [_query(each) for each in stored if each.id.startswith(prefix)]

    def _put(self, query: SavedQuery, conn: Connection) -> None:
        body: dict[str, Any] = {
            "id": query.id,
            "account": str(query.account_id),
            "client": query.client_id,
            "sql": query.sql,
            "parameters": [_parameter_json(each) for each in query.parameters],
            "whole_rows": query.whole_rows,
            "discriminator": query.discriminator,
            "reason_column": query.reason_column,
            "attributes": dict(query.attributes),
        }
        key = f"{query.account_id}/{query.client_id or 0}/{query.id}"
        self._control.documents.put(query.workspace_id, KIND, key, body, query.updated_at, conn=conn)


def _client_id(caller: Caller) -> int | None:
    return None if caller.client is None else caller.client.id


def _key(caller: Caller, room: Account, query_id: str) -> str:
    return f"{room.id}/{_client_id(caller) or 0}/{query_id}"


def _parameter_json(parameter: InputParameter) -> Mapping[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.type,
        "default": parameter.default,
        "description": parameter.description,
        "attributes": dict(parameter.attributes),
    }


def _query(stored: StoredDocument) -> SavedQuery:
    body = stored.body
    return SavedQuery(
        id=body["id"],
        workspace_id=stored.workspace_id,
        account_id=int(body["account"]),
        client_id=body["client"],
        sql=body["sql"],
        parameters=tuple(InputParameter(**each) for each in body["parameters"]),
        whole_rows=body["whole_rows"],
        discriminator=body["discriminator"],
        reason_column=body["reason_column"],
        attributes=body["attributes"],
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )
