"""Rows of the credit ledger. Appends and adds up; who may spend what is decided by `services.credits`."""

import builtins
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from houselights.base.errors import Conflict, NotFound
from houselights.model.credit import CreditEntry, CreditEvent
from houselights.storage.control.columns import fits
from houselights.storage.control.database import reading, writing
from houselights.storage.control.schema_builds import credit

_C = credit.c


class Credits:
    """The ledgers of workspaces. `conn` runs a method inside the caller's transaction."""

    def __init__(self, database: Engine):
        self._database = database

    def add(self, value: CreditEntry, *, conn: Connection | None = None) -> CreditEntry:
        """Append an entry and return it with its number. Raises Conflict for a second refund of one entry."""
        values = asdict(value) | {"event": value.event.value}
        del values["number"]
        try:
            with writing(self._database, conn) as connection:
                number = connection.execute(sa.insert(credit).values(**values).returning(_C.number)).scalar_one()
        except IntegrityError as error:
            raise Conflict(f"entry {value.refunds} was given back before") from error
        return replace(value, number=int(number))

    def get(self, workspace_id: int, number: int, *, conn: Connection | None = None) -> CreditEntry:
        """Return one entry. Raises NotFound."""
        row = None
        if fits(number):
            with reading(self._database, conn) as connection:
                row = connection.execute(
                    sa.select(credit).where(_C.workspace_id == workspace_id, _C.number == number)
                ).one_or_none()
        if row is None:
            raise NotFound(f"no credit entry {number}")
        return _entry(row)

    def refunded(self, number: int, *, conn: Connection | None = None) -> bool:
        """Tell whether an entry was given back."""
        with reading(self._database, conn) as connection:
            return connection.execute(sa.select(_C.number).where(_C.refunds == number)).first() is not None

    def list(
        self, workspace_id: int, *, limit: int = 100, before: int | None = None, conn: Connection | None = None
    ) -> builtins.list[CreditEntry]:
        """Return entries of a workspace, newest first."""
        query = sa.select(credit).where(_C.workspace_id == workspace_id)
        if before is not None:
            query = query.where(_C.number < before)
        with reading(self._database, conn) as connection:
            return [_entry(row) for row in connection.execute(query.order_by(_C.number.desc()).limit(limit))]

    def allowance(
        self, workspace_id: int, holder_id: int | None, kind: str, *, conn: Connection | None = None
    ) -> CreditEntry | None:
        """Return the newest word of an operator on how many of a kind a holder has, None when there is none."""
        query = sa.select(credit).where(*_of(workspace_id, holder_id, kind), _C.event == CreditEvent.ALLOW.value)
        with reading(self._database, conn) as connection:
            row = connection.execute(query.order_by(_C.number.desc()).limit(1)).one_or_none()
        return None if row is None else _entry(row)

    def spent(
        self, workspace_id: int, holder_id: int | None, kind: str, after: int, *, conn: Connection | None = None
    ) -> int:
        """Return how many a holder has spent since an entry, less those given back."""
        back = sa.select(_C.refunds).where(_C.workspace_id == workspace_id, _C.refunds.is_not(None))
        query = (
            sa.select(sa.func.count())
            .select_from(credit)
            .where(
                *_of(workspace_id, holder_id, kind),
                _C.event == CreditEvent.SPEND.value,
                _C.number > after,
                _C.number.not_in(back),
            )
        )
        with reading(self._database, conn) as connection:
            return int(connection.execute(query).scalar_one())


def _of(workspace_id: int, holder_id: int | None, kind: str) -> tuple[sa.ColumnElement[bool], ...]:
    holder = _C.holder_id.is_(None) if holder_id is None else _C.holder_id == holder_id
    return _C.workspace_id == workspace_id, holder, _C.kind == kind


def _entry(row: Row[Any]) -> CreditEntry:
    values = {name: getattr(row, name) for name in CreditEntry.__slots__}
    return CreditEntry(**values | {"event": CreditEvent(row.event)})
