"""Rows of tokens, by the hash of the token. Never sees a token itself, and leaves it to others what has expired."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from houselights.base.errors import Conflict
from houselights.model.token import StoredToken, TokenKind
from houselights.model.workspace import Client
from houselights.storage.control.clients import client_of
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import client, token

BEARER = (TokenKind.ACCESS.value, TokenKind.STATIC.value)


class Tokens:
    """Access, refresh and static tokens, and authorization codes."""

    def __init__(self, database: Engine):
        self._database = database

    def put(
        self,
        token_hash: str,
        *,
        client_id: int,
        kind: TokenKind | str,
        scopes: Collection[str],
        created_at: datetime,
        expires_at: datetime | None,
        origin: str | None = None,
        details: Mapping[str, Any] | None = None,
        conn: Connection | None = None,
    ) -> None:
        """Store a token of a client. Raises Conflict when the hash is there already or the client is not."""
        insert = sa.insert(token).values(
            hash=token_hash,
            client_id=client_id,
            kind=TokenKind(kind).value,
            scopes=sorted(scopes),
            created_at=created_at,
            expires_at=expires_at,
            origin=origin,
            details=dict(details or {}),
        )
        try:
            with writing(self._database, conn) as connection:
                connection.execute(insert)
        except IntegrityError as error:
            raise Conflict("this token exists already, or its client does not") from error

    def find(self, token_hash: str, kind: TokenKind | str, *, conn: Connection | None = None) -> StoredToken | None:
        """Return the token of this kind, expired or not, or None."""
        query = sa.select(token).where(token.c.hash == token_hash, token.c.kind == TokenKind(kind).value)
        with reading(self._database, conn) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _token(row)

    def find_bearer(self, token_hash: str, *, conn: Connection | None = None) -> tuple[StoredToken, Client] | None:
        """Return the access or static token with its client, expired or disabled or not, or None."""
        with reading(self._database, conn) as connection:
            row = connection.execute(
                sa.select(token).where(token.c.hash == token_hash, token.c.kind.in_(BEARER))
            ).one_or_none()
            if row is None:
                return None
            owner = connection.execute(sa.select(client).where(client.c.id == row.client_id)).one()
        return _token(row), client_of(owner)

    def take(self, token_hash: str, kind: TokenKind | str, *, conn: Connection | None = None) -> StoredToken | None:
        """Remove a token and return it, or None. Of several callers at once exactly one gets it."""
        delete = (
            sa.delete(token)
            .where(token.c.hash == token_hash, token.c.kind == TokenKind(kind).value)
            .returning(*token.c)
        )
        with writing(self._database, conn) as connection:
            row = connection.execute(delete).one_or_none()
        return None if row is None else _token(row)

    def revoke(self, token_hash: str, *, conn: Connection | None = None) -> bool:
        """Remove a token of any kind; return whether there was one."""
        with writing(self._database, conn) as connection:
            return connection.execute(sa.delete(token).where(token.c.hash == token_hash)).rowcount > 0

    def revoke_from(self, origin: str, *, conn: Connection | None = None) -> int:
        """Remove the tokens that came from an authorization code; return how many there were."""
        with writing(self._database, conn) as connection:
            return connection.execute(sa.delete(token).where(token.c.origin == origin)).rowcount

    def revoke_all(self, client_id: int, *, conn: Connection | None = None) -> int:
        """Remove every token of a client; return how many there were."""
        with writing(self._database, conn) as connection:
            return connection.execute(sa.delete(token).where(token.c.client_id == client_id)).rowcount

    def purge_expired(self, now: datetime, *, conn: Connection | None = None) -> int:
        """Remove the tokens that have expired; return how many there were."""
        with writing(self._database, conn) as connection:
            return connection.execute(sa.delete(token).where(token.c.expires_at <= now)).rowcount


def _token(row: Row[Any]) -> StoredToken:
    return StoredToken(
        hash=row.hash,
        client_id=row.client_id,
        kind=TokenKind(row.kind),
        scopes=frozenset(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        origin=row.origin,
        details=row.details,
    )
