"""The migrations make exactly the schema that the code believes in, on each database, however many run them at once."""

import multiprocessing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from tests.contract.threads import together

from houselights.base.errors import InvalidInput, Unavailable
from houselights.storage.control.control import Control
from houselights.storage.control.database import migrate, open_database
from houselights.storage.control.schema import metadata


def test_the_migrated_schema_is_the_one_in_the_code(control: Control) -> None:
    with control.database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": metadata})
        assert compare_metadata(context, metadata) == []


def test_constraints_have_the_names_in_the_code(control: Control) -> None:
    inspector = sa.inspect(control.database)
    for table in metadata.tables.values():
        wanted = {constraint.name for constraint in table.constraints}
        found = {
            inspector.get_pk_constraint(table.name)["name"],
            *(key["name"] for key in inspector.get_foreign_keys(table.name)),
            *(key["name"] for key in inspector.get_unique_constraints(table.name)),
            *(check["name"] for check in inspector.get_check_constraints(table.name)),
        }
        assert found == wanted, table.name


def test_migrating_again_changes_nothing(control: Control) -> None:
    migrate(control.database)
    migrate(control.database)
    assert control.workspaces.list() == []


def _open(url: str, gate: "multiprocessing.synchronize.Barrier", failures: "multiprocessing.Queue[str]") -> None:
    try:
        gate.wait()
        Control.open(url).close()
    except Exception as error:
        failures.put(repr(error))


def test_several_processes_may_start_at_once_on_an_empty_database(fresh_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    gate, failures = spawn.Barrier(3), spawn.Queue()
    processes = [spawn.Process(target=_open, args=(fresh_url, gate, failures)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert failures.empty()
    control = Control.open(fresh_url)
    assert control.workspaces.list() == []
    control.close()


def test_an_open_database_without_tables_is_migrated_by_threads_too(fresh_url: str) -> None:
    database = open_database(fresh_url)
    assert together(4, lambda _number: migrate(database)) == [None] * 4
    database.dispose()


def test_sqlite_waits_its_turn_and_keeps_its_references(tmp_path: Path) -> None:
    control = Control.open(f"sqlite:///{tmp_path / 'a folder' / 'control.db'}")
    with control.database.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    assert settings == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000, "synchronous": 2}
    control.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        open_database(url)


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////proc/nothing/here.db"])
def test_a_database_that_does_not_answer_is_unavailable(url: str) -> None:
    with pytest.raises((Unavailable, OSError)):
        Control.open(url)
