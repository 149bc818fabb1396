"""Rows of secrets the deployment draws for itself, such as the key that signs page tokens. Drawn once, by whoever
comes first."""

from collections.abc import Callable
from secrets import token_bytes

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import secret
from houselights.storage.control.upsert import put_if_absent

SECRET_BYTES = 32


class Secrets:
    """Named random bytes, shared by every process on this database."""

    def __init__(self, database: Engine):
        self._database = database

    def get(self, name: str, draw: Callable[[int], bytes] = token_bytes) -> bytes:
        """Return the secret of this name, drawing it first when there is none. Processes that race get the same."""
        query = sa.select(secret.c.value).where(secret.c.name == name)
        with reading(self._database, None) as connection:
            found = connection.execute(query).scalar_one_or_none()
        if found is None:
            with writing(self._database) as connection:
                put_if_absent(connection, secret, {"name": name, "value": draw(SECRET_BYTES)})
                found = connection.execute(query).scalar_one()
        return bytes(found)
