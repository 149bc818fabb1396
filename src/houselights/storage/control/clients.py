"""Rows of clients and of the accounts granted to them. Holds hashes of secrets; checks none."""

import builtins
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from houselights.base.errors import Conflict, NotFound
from houselights.model.workspace import Account, Client
from houselights.storage.control.accounts import account_of
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import account, client, client_account
from houselights.storage.control.upsert import put_if_absent


class Clients:
    """Software with credentials."""

    def __init__(self, database: Engine):
        self._database = database

    def create(
        self,
        *,
        workspace_id: int,
        client_id: str,
        name: str,
        secret_hash: str,
        scopes: Collection[str],
        redirect_uris: Sequence[str] = (),
        created_at: datetime,
        conn: Connection | None = None,
    ) -> Client:
        """Make a client. Raises Conflict when `client_id` is taken, in whatever workspace."""
        insert = (
            sa.insert(client)
            .values(
                workspace_id=workspace_id,
                client_id=client_id,
                name=name,
                secret_hash=secret_hash,
                scopes=sorted(scopes),
                redirect_uris=list(redirect_uris),
                created_at=created_at,
                disabled=False,
            )
            .returning(client)
        )
        try:
            with writing(self._database, conn) as connection:
                return client_of(connection.execute(insert).one())
        except IntegrityError as error:
            raise Conflict(f"the client id {client_id} is taken", field="client_id") from error

    def by_client_id(self, client_id: str, *, conn: Connection | None = None) -> tuple[Client, str] | None:
        """Return the client with this public id and the hash of its secret, or None. Disabled clients included."""
        with reading(self._database, conn) as connection:
            row = connection.execute(sa.select(client).where(client.c.client_id == client_id)).one_or_none()
        return None if row is None else (client_of(row), row.secret_hash)

    def get(self, number: int, *, conn: Connection | None = None) -> Client:
        """Return the client with this number. Raises NotFound."""
        with reading(self._database, conn) as connection:
            row = connection.execute(sa.select(client).where(client.c.id == number)).one_or_none()
        if row is None:
            raise NotFound(f"no client {number}")
        return client_of(row)

    def list(self, workspace_id: int, *, conn: Connection | None = None) -> builtins.list[Client]:
        """Return the clients of a workspace, oldest first."""
        query = sa.select(client).where(client.c.workspace_id == workspace_id).order_by(client.c.id)
        with reading(self._database, conn) as connection:
            return [client_of(row) for row in connection.execute(query)]

    def disable(self, workspace_id: int, number: int, *, conn: Connection | None = None) -> None:
        """Turn a client of the workspace away from now on. Raises NotFound."""
        update = (
            sa.update(client).where(client.c.workspace_id == workspace_id, client.c.id == number).values(disabled=True)
        )
        with writing(self._database, conn) as connection:
            if connection.execute(update).rowcount == 0:
                raise NotFound(f"no client {number}")

    def set_secret(self, number: int, secret_hash: str, *, conn: Connection | None = None) -> None:
        """Give a client another secret. Raises NotFound."""
        self._set(number, conn, secret_hash=secret_hash)

    def set_scopes(self, number: int, scopes: Collection[str], *, conn: Connection | None = None) -> None:
        """Let a client do other things from now on; tokens it has keep theirs. Raises NotFound."""
        self._set(number, conn, scopes=sorted(scopes))

    def _set(self, number: int, conn: Connection | None, **values: Any) -> None:
        with writing(self._database, conn) as connection:
            if connection.execute(sa.update(client).where(client.c.id == number).values(**values)).rowcount == 0:
                raise NotFound(f"no client {number}")

    def grant(self, number: int, account_id: int, *, conn: Connection | None = None) -> None:
        """Let a client act for an account of its own workspace; granting twice changes nothing.

        Raises NotFound when there is no such client, or no such account in its workspace.
        """
        pair = (
            sa.select(client.c.workspace_id)
            .join(account, account.c.workspace_id == client.c.workspace_id)
            .where(client.c.id == number, account.c.id == account_id)
        )
        with writing(self._database, conn) as connection:
            workspace_id = connection.execute(pair).scalar_one_or_none()
            if workspace_id is None:
                raise NotFound(f"no account {account_id} for client {number}")
            values = {"workspace_id": workspace_id, "client_id": number, "account_id": account_id}
            put_if_absent(connection, client_account, values)

    def accounts_of(self, owner: Client, *, conn: Connection | None = None) -> builtins.list[Account]:
        """Return the accounts granted to a client, by id."""
        query = (
            sa.select(account)
            .join(
                client_account,
                sa.and_(
                    client_account.c.workspace_id == account.c.workspace_id,
                    client_account.c.account_id == account.c.id,
                ),
            )
            .where(client_account.c.workspace_id == owner.workspace_id, client_account.c.client_id == owner.id)
            .order_by(account.c.id)
        )
        with reading(self._database, conn) as connection:
            return [account_of(row) for row in connection.execute(query)]


def client_of(row: Row[Any]) -> Client:
    """Make a Client of a row that has all its columns."""
    return Client(
        id=row.id,
        workspace_id=row.workspace_id,
        client_id=row.client_id,
        name=row.name,
        scopes=frozenset(row.scopes),
        redirect_uris=tuple(row.redirect_uris),
        created_at=row.created_at,
        disabled=row.disabled,
    )
