"""Brings the reference audiences of a workspace in line with its catalogue, touching only what changed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from houselights.base.errors import Conflict, InvalidInput
from houselights.model.audience import Audience, AudienceKind, AudienceStatus
from houselights.storage.control.audience_rows import audience_of, row_of, version_row
from houselights.storage.control.schema import audience, audience_version

_KEY = ("workspace_id", "id")


def put_reference(
    conn: Connection, workspace_id: int, audiences: Iterable[Audience], *, at: datetime | None = None
) -> None:
    """Make `audiences` the reference audiences of the workspace, inside the caller's transaction.

    New ones are added. Changed ones get their next version and keep their `created_at`. Unchanged ones stay as they
    are. Those no longer named are archived, at `at` or else the latest `updated_at` given. 20,000 take less than a
    second. Raises InvalidInput for audiences of another kind or workspace, Conflict when an id belongs to an
    audience that is no reference audience.
    """
    wanted = {value.id: value for value in audiences}
    for value in wanted.values():
        if value.workspace_id != workspace_id or value.kind is not AudienceKind.REFERENCE:
            raise InvalidInput(f"{value.id} is not a reference audience of workspace {workspace_id}")
    stored = _stored(conn, workspace_id)
    new = [replace(value, version=1) for key, value in wanted.items() if key not in stored]
    changed = [
        replace(value, version=stored[key].version + 1, created_at=stored[key].created_at)
        for key, value in wanted.items()
        if key in stored and _differ(stored[key], value)
    ]
    gone = [key for key, value in stored.items() if key not in wanted and value.status is AudienceStatus.ACTIVE]
    _refuse_taken(conn, workspace_id, [value.id for value in new])
    if new:
        conn.execute(sa.insert(audience), [row_of(value) for value in new])
    if changed:
        _update(conn, changed)
    if new or changed:
        conn.execute(sa.insert(audience_version), [version_row(value, value.updated_at) for value in new + changed])
    if gone:
        _archive(conn, workspace_id, gone, at or max((value.updated_at for value in wanted.values()), default=None))


def _stored(conn: Connection, workspace_id: int) -> dict[int, Audience]:
    query = sa.select(audience).where(
        audience.c.workspace_id == workspace_id, audience.c.kind == AudienceKind.REFERENCE.value
    )
    return {row.id: audience_of(row) for row in conn.execute(query)}


def _differ(old: Audience, new: Audience) -> bool:
    return replace(new, version=old.version, created_at=old.created_at, updated_at=old.updated_at) != old


def _refuse_taken(conn: Connection, workspace_id: int, ids: list[int]) -> None:
    # The few audiences of other kinds are looked at, not the thousands of new ids.
    others = conn.execute(
        sa.select(audience.c.id).where(
            audience.c.workspace_id == workspace_id, audience.c.kind != AudienceKind.REFERENCE.value
        )
    )
    taken = set(ids).intersection(others.scalars())
    if taken:
        raise Conflict(f"audience {min(taken)} exists and is not a reference audience")


def _update(conn: Connection, changed: list[Audience]) -> None:
    rows: list[dict[str, Any]] = [
        {**row_of(value), "its_workspace": value.workspace_id, "its_id": value.id} for value in changed
    ]
    update = (
        sa.update(audience)
        .where(audience.c.workspace_id == sa.bindparam("its_workspace"), audience.c.id == sa.bindparam("its_id"))
        .values({name: sa.bindparam(name) for name in row_of(changed[0]) if name not in _KEY})
    )
    conn.execute(update, rows)


def _archive(conn: Connection, workspace_id: int, ids: list[int], at: datetime | None) -> None:
    values: dict[str, Any] = {"status": AudienceStatus.ARCHIVED.value}
    if at is not None:
        values["updated_at"] = at
    update = sa.update(audience).where(audience.c.workspace_id == workspace_id, audience.c.id == sa.bindparam("its_id"))
    conn.execute(update.values(**values), [{"its_id": key} for key in ids])
