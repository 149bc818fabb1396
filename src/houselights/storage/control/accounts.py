"""Rows of accounts: the agencies and advertisers of one workspace. Never shows another workspace's."""

import builtins
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from houselights.base.errors import InvalidInput, NotFound
from houselights.model.workspace import Account
from houselights.storage.control.columns import fits
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import account
from houselights.storage.control.upsert import put


class Accounts:
    """Parties on whose behalf clients act."""

    def __init__(self, database: Engine):
        self._database = database

    def put(self, value: Account, *, conn: Connection | None = None) -> Account:
        """Store an account, replacing the one with the same id in its workspace.

        Raises InvalidInput when the workspace or the parent is not there.
        """
        row = {name: getattr(value, name) for name in account.c.keys()}  # noqa: SIM118 - columns are not a dict
        try:
            with writing(self._database, conn) as connection:
                put(connection, account, row, key=("workspace_id", "id"))
        except IntegrityError as error:
            raise InvalidInput(f"account {value.id} has no such workspace or parent", field="parent_id") from error
        return value

    def get(self, workspace_id: int, account_id: int, *, conn: Connection | None = None) -> Account:
        """Return one account of the workspace. Raises NotFound."""
        found = (
            self._select(conn, account.c.workspace_id == workspace_id, account.c.id == account_id)
            if fits(account_id)
            else []
        )
        if not found:
            raise NotFound(f"no account {account_id}")
        return found[0]

    def children(self, workspace_id: int, parent_id: int, *, conn: Connection | None = None) -> builtins.list[Account]:
        """Return the accounts directly below another, by id; empty when there are none, or no such parent."""
        return self._select(conn, account.c.workspace_id == workspace_id, account.c.parent_id == parent_id)

    def list(self, workspace_id: int, *, conn: Connection | None = None) -> builtins.list[Account]:
        """Return all accounts of the workspace, by id."""
        return self._select(conn, account.c.workspace_id == workspace_id)

    def _select(self, conn: Connection | None, *where: sa.ColumnElement[bool]) -> builtins.list[Account]:
        with reading(self._database, conn) as connection:
            rows = connection.execute(sa.select(account).where(*where).order_by(account.c.id)).all()
        return [account_of(row) for row in rows]


def account_of(row: Row[Any]) -> Account:
    """Make an Account of a row that has all its columns."""
    return Account(**{name: getattr(row, name) for name in account.c.keys()})  # noqa: SIM118 - as above
