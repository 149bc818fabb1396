"""Rows of the audit log. Only ever added to: there is no way here to change or remove one."""

import builtins
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from houselights.model.audit import AuditEntry
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import audit_entry


class AuditLog:
    """Who did what."""

    def __init__(self, database: Engine):
        self._database = database

    def write(
        self,
        workspace_id: int,
        client_id: int | None,
        action: str,
        subject: str,
        details: Mapping[str, Any],
        at: datetime,
        *,
        conn: Connection | None = None,
    ) -> None:
        """Add an entry; `client_id` is the client's number, None for the operator at the command line."""
        values = {
            "workspace_id": workspace_id,
            "client_id": client_id,
            "action": action,
            "subject": subject,
            "details": dict(details),
            "at": at,
        }
        with writing(self._database, conn) as connection:
            connection.execute(sa.insert(audit_entry).values(**values))

    def write_all(self, entries: Iterable[AuditEntry], *, conn: Connection | None = None) -> None:
        """Add entries in one transaction, in the order given; the ids they carry are not looked at."""
        rows = [{name: value for name, value in asdict(entry).items() if name != "id"} for entry in entries]
        with writing(self._database, conn) as connection:
            connection.execute(sa.insert(audit_entry), rows)

    def list(
        self,
        workspace_id: int,
        limit: int = 100,
        before: int | None = None,
        *,
        client_id: int | None = None,
        action: str = "",
        conn: Connection | None = None,
    ) -> builtins.list[AuditEntry]:
        """Return entries of a workspace, newest first, those with an id below `before` when that is given.

        Of one client only when it is given, and only of actions that begin with `action`.
        """
        query = sa.select(audit_entry).where(audit_entry.c.workspace_id == workspace_id)
        if before is not None:
            query = query.where(audit_entry.c.id < before)
        if client_id is not None:
            query = query.where(audit_entry.c.client_id == client_id)
        if action:
            query = query.where(audit_entry.c.action.startswith(action, autoescape=True))
        with reading(self._database, conn) as connection:
            rows = connection.execute(query.order_by(audit_entry.c.id.desc()).limit(limit)).mappings()
            return [AuditEntry(**row) for row in rows]
