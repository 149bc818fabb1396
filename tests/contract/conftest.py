"""One control database for each kind we support. A test that takes `control` runs once on each.

PostgreSQL is looked for at HOUSELIGHTS_TEST_POSTGRES, by default the local server's `test` database; every session
makes a database of its own there and drops it. Without a server its tests are skipped, with the reason.
"""

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from houselights.base.ids import random_id
from houselights.model.audience import Audience, AudienceKind
from houselights.model.workspace import Account, Client, Workspace
from houselights.storage.control.control import Control

POSTGRES = os.environ.get("HOUSELIGHTS_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of an empty database that lives as long as the session."""
    try:
        server = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL answers at {POSTGRES}: {str(error).strip().splitlines()[0]}")
    name = f"houselights_{uuid.uuid4().hex}"
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield sa.make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    server.close()


DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.server)]


@pytest.fixture(params=DATABASES)
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'control.db'}"
        return
    url = request.getfixturevalue("postgres_url")
    empty(url)
    yield url
    empty(url)


def empty(url: str) -> None:
    """Drop every table of a PostgreSQL database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


@pytest.fixture
def control(fresh_url: str) -> Iterator[Control]:
    opened = Control.open(fresh_url)
    yield opened
    opened.close()


@dataclass
class Tenant:
    """One workspace with an account and a client, and audiences made short."""

    control: Control
    workspace: Workspace
    account: Account
    client: Client
    made: list[Audience] = field(default_factory=list)

    def audience(self, **changes: Any) -> Audience:
        """Return an audience of this workspace that is not stored yet."""
        given = {
            "id": random_id(),
            "workspace_id": self.workspace.id,
            "kind": AudienceKind.CUSTOM,
            "name": "Runners",
            "description": "People who run",
            "rule": {"version": 1, "rule": {"everyone": True}},
            "category": "Custom-built",
            "created_at": NOON,
            "updated_at": NOON,
        }
        return Audience(**{**given, **changes})

    def create(self, *depends_on: int, **changes: Any) -> Audience:
        """Store an audience of this workspace."""
        return self.control.audiences.create(self.audience(**changes), depends_on)


def tenant(control: Control, name: str, account_id: int = 500) -> Tenant:
    workspace = control.workspaces.create(name, created_at=NOON)
    account = control.accounts.put(Account(id=account_id, workspace_id=workspace.id, kind="advertiser", name=name))
    client = control.clients.create(
        workspace_id=workspace.id,
        client_id=f"{name}-client",
        name=name,
        secret_hash="-",
        scopes=["audiences:read"],
        created_at=NOON,
    )
    return Tenant(control, workspace, account, client)


@pytest.fixture
def acme(control: Control) -> Tenant:
    return tenant(control, "acme")


@pytest.fixture
def neighbour(control: Control) -> Tenant:
    """Another company on the same database; its account has the same id as acme's, which must not matter."""
    return tenant(control, "neighbour")
