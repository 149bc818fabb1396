"""Rows of workspaces. Refuses two of one name."""

import builtins
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from houselights.base.errors import Conflict, NotFound
from houselights.model.workspace import PrivacyPolicy, Workspace
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema import workspace


class Workspaces:
    """One company each."""

    def __init__(self, database: Engine):
        self._database = database

    def create(
        self, name: str, privacy: PrivacyPolicy | None = None, *, created_at: datetime, conn: Connection | None = None
    ) -> Workspace:
        """Make a workspace; without a policy it gets the default one. Raises Conflict when the name is taken."""
        policy = privacy or PrivacyPolicy()
        insert = (
            sa.insert(workspace)
            .values(name=name, privacy=_policy_json(policy), created_at=created_at)
            .returning(workspace)
        )
        try:
            with writing(self._database, conn) as connection:
                return _workspace(connection.execute(insert).one())
        except IntegrityError as error:
            raise Conflict(f'there is a workspace "{name}" already', field="name") from error

    def get(self, workspace_id: int, *, conn: Connection | None = None) -> Workspace:
        """Return a workspace. Raises NotFound."""
        with reading(self._database, conn) as connection:
            row = connection.execute(sa.select(workspace).where(workspace.c.id == workspace_id)).one_or_none()
        if row is None:
            raise NotFound(f"no workspace {workspace_id}")
        return _workspace(row)

    def by_name(self, name: str, *, conn: Connection | None = None) -> Workspace | None:
        """Return the workspace of this name, or None."""
        with reading(self._database, conn) as connection:
            row = connection.execute(sa.select(workspace).where(workspace.c.name == name)).one_or_none()
        return None if row is None else _workspace(row)

    def list(self, *, conn: Connection | None = None) -> builtins.list[Workspace]:
        """Return all workspaces, oldest first."""
        with reading(self._database, conn) as connection:
            return [_workspace(row) for row in connection.execute(sa.select(workspace).order_by(workspace.c.id))]

    def lock(self, workspace_id: int, *, conn: Connection) -> None:
        """Wait until no other transaction that asked for this lock is open, and hold it to the end of this one.

        SQLite has one writer at a time anyway; there this only makes the select.
        """
        conn.execute(sa.select(workspace.c.id).where(workspace.c.id == workspace_id).with_for_update())

    def set_privacy(self, workspace_id: int, policy: PrivacyPolicy, *, conn: Connection | None = None) -> Workspace:
        """Replace what may leave the workspace, and return it. Raises NotFound."""
        update = (
            sa.update(workspace)
            .where(workspace.c.id == workspace_id)
            .values(privacy=_policy_json(policy))
            .returning(workspace)
        )
        with writing(self._database, conn) as connection:
            row = connection.execute(update).one_or_none()
        if row is None:
            raise NotFound(f"no workspace {workspace_id}")
        return _workspace(row)


def _policy_json(policy: PrivacyPolicy) -> dict[str, Any]:
    return {
        "bands": list(policy.bands),
        "minimum_cell": policy.minimum_cell,
        "minimum_audience": policy.minimum_audience,
        "minimum_list": policy.minimum_list,
    }


def _workspace(row: Row[Any]) -> Workspace:
    policy = {**row.privacy, "bands": tuple(row.privacy["bands"])}
    return Workspace(id=row.id, name=row.name, privacy=PrivacyPolicy(**policy), created_at=row.created_at)
