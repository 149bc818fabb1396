"""Opens the control database and brings its schema up to date. Knows two databases; refuses others.

SQLite runs in WAL mode with foreign keys on. A transaction that will write says so at its start (`BEGIN IMMEDIATE`):
were it to begin as a reader, two of them could each wait for the other to finish, and SQLite would fail one at once
instead of letting it wait its turn.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import OperationalError

from houselights.base.errors import InvalidInput, Unavailable
from houselights.storage.control.columns import plain

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 10.0
WRITES = "houselights_writes"  # execution option of connections whose transactions write
MIGRATION_LOCK = 0x486F7573  # "Hous": the PostgreSQL advisory lock that migrating processes queue on

_dumps = partial(json.dumps, separators=(",", ":"), default=plain)
_alembic = threading.Lock()  # Alembic's context is one per process


def open_database(url: str) -> Engine:
    """Open `sqlite:///PATH` or `postgresql://…` without touching the schema; the folder of a new SQLite file is made.

    Raises InvalidInput for another database, and for SQLite in memory, which threads cannot share.
    """
    parsed = make_url(url)
    kind = parsed.get_backend_name()
    if kind in {"postgres", "postgresql"}:
        return sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"), json_serializer=_dumps, pool_pre_ping=True, pool_size=10
        )
    if kind != "sqlite":
        raise InvalidInput(f"the control database is SQLite or PostgreSQL, not {kind}", field="database_url")
    if parsed.database in {None, "", ":memory:"}:
        raise InvalidInput("SQLite needs a file, as in sqlite:////var/lib/houselights/control.db", field="database_url")
    Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, json_serializer=_dumps, connect_args={"timeout": BUSY_SECONDS}, pool_size=10)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy begins them, not where sqlite3 guesses
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            # Entering WAL mode needs the file alone and does not wait by itself; once entered this changes nothing.
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    # What was acknowledged must be on the disk: some builds of SQLite would sync the log at checkpoints only.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -16384")  # KiB


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(database: Engine, connection: Connection | None) -> Iterator[Connection]:
    """Give the caller's connection, or one of our own for the length of a read.

    Raises Unavailable when the database does not answer.
    """
    if connection is not None:
        yield connection
        return
    with _answering(), database.connect() as own:
        yield own


@contextmanager
def writing(database: Engine, connection: Connection | None = None) -> Iterator[Connection]:
    """Give the caller's connection inside its transaction, or one of our own that commits at the end.

    Raises Unavailable when the database does not answer or stays locked; nothing was written then.
    """
    if connection is not None:
        yield connection
        return
    with _answering(), database.connect() as own:
        writer = own.execution_options(**{WRITES: True})
        with writer.begin():
            yield writer


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise Unavailable("the control database does not answer") from error


def compact(database: Engine) -> None:
    """Write the database's files anew, so that nothing of deleted or overwritten rows is left in them.

    Waits for others as long as any statement does. Raises Unavailable when they do not let it. PostgreSQL only marks
    the room of such rows for use: its files, write-ahead log and backups are its operator's.
    """
    with _answering(), database.connect() as connection:
        raw = connection.connection.driver_connection
        if isinstance(raw, sqlite3.Connection):
            raw.execute("VACUUM")
            is_busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if is_busy:  # somebody reads: what they read stays in the log until they have
                raise Unavailable("the control database is being read")
        else:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("VACUUM"))


def migrate(database: Engine) -> None:
    """Bring the schema to the newest revision. Several processes may call this at once: one works, the others wait.

    Raises Unavailable when the database does not answer.
    """
    scripts = ScriptDirectory(str(MIGRATIONS))
    with reading(database, None) as connection:
        if MigrationContext.configure(connection).get_current_heads() == tuple(scripts.get_heads()):
            return
    with _alembic, writing(database) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        command.upgrade(alembic_config(connection=connection), "head")


def alembic_config(**attributes: Any) -> Config:
    """Return the Alembic configuration of our migrations; `connection` is the one they run on."""
    config = Config(attributes=attributes)
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
