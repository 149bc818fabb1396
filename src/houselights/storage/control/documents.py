"""Rows of documents that rooms keep for their clients. Knows no kind of them, and reads nothing inside."""

import builtins
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from houselights.base.errors import NotFound
from houselights.model.document import StoredDocument
from houselights.storage.control.columns import storable
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import document
from houselights.storage.control.upsert import put


class Documents:
    """Documents of workspaces. `conn` runs a method inside the caller's transaction; without it, in its own."""

    def __init__(self, database: Engine):
        self._database = database

    def put(
        self,
        workspace_id: int,
        kind: str,
        document_id: str,
        body: Mapping[str, Any],
        at: datetime,
        *,
        conn: Connection | None = None,
    ) -> StoredDocument:
        """Store a document, or replace the body of the one that is there; `created_at` stays that of the first."""
        with writing(self._database, conn) as connection:
            known = connection.execute(_one(workspace_id, kind, document_id)).one_or_none()
            stored = StoredDocument(
                workspace_id=workspace_id,
                kind=kind,
                id=document_id,
                body=dict(body),
                created_at=at if known is None else known.created_at,
                updated_at=at,
            )
            put(connection, document, asdict(stored), key=("workspace_id", "kind", "id"))
        return stored

    def get(self, workspace_id: int, kind: str, document_id: str, *, conn: Connection | None = None) -> StoredDocument:
        """Return one document. Raises NotFound."""
        found = None
        if storable(document_id):
            with reading(self._database, conn) as connection:
                found = connection.execute(_one(workspace_id, kind, document_id)).one_or_none()
        if found is None:
            raise NotFound(f"no {kind} {document_id}")
        return document_of(found)

    def list(self, workspace_id: int, kind: str, *, conn: Connection | None = None) -> builtins.list[StoredDocument]:
        """Return all documents of a kind, newest first and then by id."""
        columns = document.c
        query = (
            sa.select(document)
            .where(columns.workspace_id == workspace_id, columns.kind == kind)
            .order_by(columns.created_at.desc(), columns.id)
        )
        with reading(self._database, conn) as connection:
            return [document_of(row) for row in connection.execute(query)]

    def delete(self, workspace_id: int, kind: str, document_id: str, *, conn: Connection | None = None) -> None:
        """Remove one document. Raises NotFound."""
        columns = document.c
        delete = sa.delete(document).where(
            columns.workspace_id == workspace_id, columns.kind == kind, columns.id == document_id
        )
        gone = 0
        if storable(document_id):
            with writing(self._database, conn) as connection:
                gone = connection.execute(delete).rowcount
        if not gone:
            raise NotFound(f"no {kind} {document_id}")


def _one(workspace_id: int, kind: str, document_id: str) -> sa.Select[Any]:
    columns = document.c
    return sa.select(document).where(
        columns.workspace_id == workspace_id, columns.kind == kind, columns.id == document_id
    )


def document_of(row: Row[Any]) -> StoredDocument:
    """Make a StoredDocument of a row that has all its columns."""
    return StoredDocument(
        workspace_id=row.workspace_id,
        kind=row.kind,
        id=row.id,
        body=row.body,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
