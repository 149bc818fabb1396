"""Rows of audiences, their versions, what they stand on, and the requests that made them.

The workspace is part of every statement. Refuses stale updates; knows nothing of rules, cycles or who may see what.
"""

import builtins
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from houselights.base.errors import Conflict, NotFound
from houselights.model.audience import Audience, AudienceFilter, AudienceStatus, AudienceVersion
from houselights.storage.control.audience_filters import condition
from houselights.storage.control.audience_rows import audience_of, row_of, version_of, version_row
from houselights.storage.control.database import reading, writing
from houselights.storage.control.places import child
from houselights.storage.control.reference import put_reference
from houselights.storage.control.schema import audience, audience_dependency, audience_request, audience_version


class Audiences:
    """Audiences of workspaces. `conn` runs a method inside the caller's transaction; without it, in its own."""

    def __init__(self, database: Engine):
        self._database = database

    # ── one ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def create(self, value: Audience, depends_on: Collection[int] = (), *, conn: Connection | None = None) -> Audience:
        """Store a new audience as its version 1, and return it.

        Raises Conflict when the id is taken, or when what it depends on, or its account, is not in the workspace.
        """
        first = replace(value, version=1)
        try:
            with writing(self._database, conn) as connection:
                connection.execute(sa.insert(audience).values(**row_of(first)))
                self._remember_form(connection, first, depends_on)
        except IntegrityError as error:
            raise Conflict(f"audience {value.id} exists, or what it refers to does not") from error
        return first

    def update(
        self,
        value: Audience,
        depends_on: Collection[int] = (),
        *,
        expected_version: int | None = None,
        conn: Connection | None = None,
    ) -> Audience:
        """Store a changed audience as its next version, and return it. Kind and `created_at` stay as they were.

        `expected_version` is the version the change was made upon, by default the one the audience carries. Raises
        NotFound, or Conflict when another change came first or what it depends on is not in the workspace.
        """
        upon = value.version if expected_version is None else expected_version
        after = replace(value, version=upon + 1)
        kept = ("workspace_id", "id", "kind", "created_at")
        change = (
            sa.update(audience)
            .where(
                audience.c.workspace_id == value.workspace_id,
                audience.c.id == value.id,
                audience.c.version == upon,
            )
            .values({name: item for name, item in row_of(after).items() if name not in kept})
        )
        try:
            with writing(self._database, conn) as connection:
                if connection.execute(change).rowcount == 0:
                    now = self.get(value.workspace_id, value.id, conn=connection)
                    raise Conflict(f"audience {value.id} is at version {now.version}, not {upon}", field="version")
                self._remember_form(connection, after, depends_on)
                return self.get(value.workspace_id, value.id, conn=connection)
        except IntegrityError as error:
            raise Conflict(f"what audience {value.id} refers to does not exist") from error

    def get(self, workspace_id: int, audience_id: int, *, conn: Connection | None = None) -> Audience:
        """Return one audience of the workspace, archived or not. Raises NotFound."""
        found = self.find(workspace_id, [audience_id], conn=conn)
        if not found:
            raise NotFound(f"no audience {audience_id}")
        return found[audience_id]

    def state(self, workspace_id: int, *, conn: Connection | None = None) -> tuple[int, int]:
        """Return two numbers that change with every change of an audience: how many there are, and all versions added.

        Both only grow, so a state does not come back.
        """
        query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(audience.c.version), 0)).where(
            audience.c.workspace_id == workspace_id
        )
        with reading(self._database, conn) as connection:
            count, versions = connection.execute(query).one()
        return int(count), int(versions)

    def find(
        self, workspace_id: int, audience_ids: Iterable[int], *, conn: Connection | None = None
    ) -> dict[int, Audience]:
        """Return those of the ids that are audiences of the workspace, archived or not; the others are not there."""
        wanted = AudienceFilter(ids=frozenset(audience_ids))
        if not wanted.ids:
            return {}
        query = sa.select(audience).where(audience.c.workspace_id == workspace_id, condition(wanted))
        with reading(self._database, conn) as connection:
            return {row.id: audience_of(row) for row in connection.execute(query)}

    def versions(
        self, workspace_id: int, audience_id: int, *, conn: Connection | None = None
    ) -> builtins.list[AudienceVersion]:
        """Return every form an audience has had, oldest first; empty when there is no such audience."""
        query = (
            sa.select(audience_version)
            .where(audience_version.c.workspace_id == workspace_id, audience_version.c.audience_id == audience_id)
            .order_by(audience_version.c.version)
        )
        with reading(self._database, conn) as connection:
            return [version_of(row) for row in connection.execute(query)]

    # ── many ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def list(
        self,
        workspace_id: int,
        where: AudienceFilter | None = None,
        offset: int = 0,
        limit: int = 100,
        *,
        newest_first: bool = False,
        conn: Connection | None = None,
    ) -> tuple[builtins.list[Audience], int]:
        """Return `limit` audiences from `offset` on, earliest first and then by id, and how many there are in all.

        Raises InvalidInput for name words that no database should be asked.
        """
        matching = sa.and_(audience.c.workspace_id == workspace_id, condition(where or AudienceFilter()))
        keys = (audience.c.created_at, audience.c.id)
        order = [key.desc() for key in keys] if newest_first else [key.asc() for key in keys]
        # The page is found in an index first, so that skipping to it does not read the wide rows in between.
        page = sa.select(audience.c.id).where(matching).order_by(*order).offset(offset).limit(limit).subquery()
        rows = (
            sa.select(audience)
            .join(page, page.c.id == audience.c.id)
            .where(audience.c.workspace_id == workspace_id)
            .order_by(*order)
        )
        with reading(self._database, conn) as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(audience).where(matching)).scalar_one()
            return [audience_of(row) for row in connection.execute(rows)], int(total)

    def ids(
        self, workspace_id: int, where: AudienceFilter | None = None, *, conn: Connection | None = None
    ) -> builtins.list[int]:
        """Return the ids of all matching audiences, ascending. Raises InvalidInput as `list`."""
        query = sa.select(audience.c.id).where(
            audience.c.workspace_id == workspace_id, condition(where or AudienceFilter())
        )
        with reading(self._database, conn) as connection:
            return sorted(connection.execute(query).scalars())

    def taxonomy(
        self,
        workspace_id: int,
        where: AudienceFilter | None = None,
        path: tuple[str, ...] = (),
        *,
        conn: Connection | None = None,
    ) -> builtins.list[tuple[str, int]]:
        """Return each node directly below `path` with the number of active audiences at it or below it, by name.

        `path` begins with a category; empty, the nodes are the categories. Audiences that stand at `path` itself are
        below none of its nodes.
        """
        asked = where or AudienceFilter()
        query = (
            sa.select(audience.c.place, sa.func.count().label("audiences"))
            .where(
                audience.c.workspace_id == workspace_id,
                audience.c.status == AudienceStatus.ACTIVE.value,
                condition(asked),
                condition(AudienceFilter(under=path)),
            )
            .group_by(audience.c.place)
        )
        counts: dict[str, int] = {}
        with reading(self._database, conn) as connection:
            for place, number in connection.execute(query):
                node = child(place, len(path))
                if node is not None:
                    counts[node] = counts.get(node, 0) + number
        return sorted(counts.items())

    def put_reference(
        self, conn: Connection, workspace_id: int, audiences: Iterable[Audience], *, at: datetime | None = None
    ) -> None:
        """Make these the reference audiences of the workspace (`houselights.storage.control.reference`)."""
        put_reference(conn, workspace_id, audiences, at=at)

    # ── what stands on what ─────────────────────────────────────────────────────────────────────────────────────────

    def dependencies(self, workspace_id: int, audience_id: int, *, conn: Connection | None = None) -> set[int]:
        """Return the audiences that this one's rule names."""
        edge = audience_dependency.c
        query = sa.select(edge.depends_on).where(edge.workspace_id == workspace_id, edge.audience_id == audience_id)
        with reading(self._database, conn) as connection:
            return set(connection.execute(query).scalars())

    def dependents(self, workspace_id: int, audience_id: int, *, conn: Connection | None = None) -> set[int]:
        """Return the audiences whose rules name this one."""
        edge = audience_dependency.c
        query = sa.select(edge.audience_id).where(edge.workspace_id == workspace_id, edge.depends_on == audience_id)
        with reading(self._database, conn) as connection:
            return set(connection.execute(query).scalars())

    def _remember_form(self, conn: Connection, value: Audience, depends_on: Collection[int]) -> None:
        conn.execute(sa.insert(audience_version).values(**version_row(value, value.updated_at)))
        edge = audience_dependency.c
        conn.execute(
            sa.delete(audience_dependency).where(edge.workspace_id == value.workspace_id, edge.audience_id == value.id)
        )
        edges = [
            {"workspace_id": value.workspace_id, "audience_id": value.id, "depends_on": other}
            for other in sorted(set(depends_on))
        ]
        if edges:
            conn.execute(sa.insert(audience_dependency), edges)

    # ── requests that may be repeated ───────────────────────────────────────────────────────────────────────────────

    def remember(
        self,
        workspace_id: int,
        account_id: int | None,
        key: str,
        request_hash: str,
        audience_id: int,
        *,
        conn: Connection | None = None,
    ) -> None:
        """Note that the request with this idempotency key made this audience.

        Give the `conn` in which the audience was created: then of two requests with one key, one makes it and the
        other raises Conflict and makes nothing.
        """
        values = {
            "workspace_id": workspace_id,
            "account_id": account_id or 0,
            "key": key,
            "request_hash": request_hash,
            "audience_id": audience_id,
        }
        try:
            with writing(self._database, conn) as connection:
                connection.execute(sa.insert(audience_request).values(**values))
        except IntegrityError as error:
            raise Conflict("a request with this idempotency key is known already", field="idempotency_key") from error

    def recall(
        self, workspace_id: int, account_id: int | None, key: str, *, conn: Connection | None = None
    ) -> tuple[str, int] | None:
        """Return the request's hash and the audience it made, or None for a key never seen."""
        columns = audience_request.c
        query = sa.select(columns.request_hash, columns.audience_id).where(
            columns.workspace_id == workspace_id, columns.account_id == (account_id or 0), columns.key == key
        )
        with reading(self._database, conn) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (row.request_hash, row.audience_id)
