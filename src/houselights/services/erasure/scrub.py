"""Takes out of the control database what names somebody who is being erased. Runs inside the caller's transaction.

Arrivals about them are deleted, or the next import would lay them over its people again. In uploads that wait, their
records are dropped; in what rooms keep, in outcomes, errors and the audit log, their names are overwritten. Rules of
audiences are left alone: they are somebody's work, and the scan tells where one names a person.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from houselights.services.erasure.held_back import KEY
from houselights.services.intake.payload import (
    Hashed,
    IdentityUpload,
    MemberRecord,
    MemberUpload,
    Payload,
    Unreadable,
    pack,
    unpack,
)
from houselights.storage.control.schema import (
    arrival,
    audit_entry,
    callback,
    callback_attempt,
    document,
    execution,
    import_run,
    upload,
    upload_payload,
)

Name = tuple[str, str]
ERASED = "(erased)"
LETTERS_LEAST = 6  # shorter names are overwritten only where they are the whole of a text
ROWS_AT_ONCE = 1_000

# What may hold a name in passing: key columns, and columns of text or JSON.
_PASSING: tuple[tuple[sa.Table, tuple[str, ...], tuple[str, ...]], ...] = (
    (document, ("workspace_id", "kind", "id"), ("body",)),
    (audit_entry, ("id",), ("subject", "details")),
    (upload, ("number",), ("invalid", "error")),
    (execution, ("number",), ("asked", "outcome", "error")),
    (import_run, ("id",), ("error",)),
    (callback, ("number",), ("url", "subject")),
    (callback_attempt, ("number",), ("error", "answer")),
)


PASSING = frozenset({"arrival", *(table.name for table, _, _ in _PASSING)})
"""Tables in which nothing that is somebody's name is left, however short it is."""


@dataclass(frozen=True, slots=True)
class Names:
    """What names somebody: (namespace, stored value) pairs, keys in namespace "key"; and the ids of the people."""

    names: frozenset[Name]
    people: frozenset[int] = frozenset()
    pattern: re.Pattern[str] | None = field(init=False)

    def __post_init__(self) -> None:
        long = sorted({value for _, value in self.names if len(value) >= LETTERS_LEAST}, key=len, reverse=True)
        inner = "|".join(map(re.escape, long))
        made = re.compile(rf"(?<![\w.@-])(?:{inner})(?![\w@-])") if long else None
        object.__setattr__(self, "pattern", made)

    @property
    def values(self) -> frozenset[str]:
        """The values alone."""
        return frozenset(value for _, value in self.names)

    def overwritten(self, given: Any) -> Any:
        """Return JSON with every text that is a name, or has a long one in it, overwritten."""
        match given:
            case str():
                if given in self.values:
                    return ERASED
                return self.pattern.sub(ERASED, given) if self.pattern is not None else given
            case list():
                return [self.overwritten(each) for each in given]
            case dict():
                return {self.overwritten(key): self.overwritten(value) for key, value in given.items()}
            case _:
                return given


def scrub(conn: Connection, workspace_id: int, names: Names) -> dict[str, int]:
    """Take names out of every table that may hold them; return how many rows were changed or deleted, by table."""
    changed = {"arrival": _arrivals(conn, workspace_id, names), "upload_payload": _payloads(conn, workspace_id, names)}
    for table, keys, columns in _PASSING:
        changed[table.name] = _passing(conn, table.c.workspace_id == workspace_id, names, table, keys, columns)
    return changed


def scrub_uploads(conn: Connection, workspace_id: int, client_id: int, until: datetime, names: Names) -> dict[str, int]:
    """Take a client's own ids out of what became of its uploads up to an instant. None of those waits any more, and
    what the client uploads later is as good as new.
    """
    mine = sa.and_(
        upload.c.workspace_id == workspace_id, upload.c.client_id == client_id, upload.c.received_at <= until
    )
    return {upload.name: _passing(conn, mine, names, upload, ("number",), ("invalid", "error"))}


def _arrivals(conn: Connection, workspace_id: int, names: Names) -> int:
    query = sa.select(arrival.c.id, arrival.c.body, arrival.c.outcome).where(arrival.c.workspace_id == workspace_id)
    people = {str(person) for person in names.people}

    def is_theirs(body: Mapping[str, Any], outcome: Mapping[str, Any] | None) -> bool:
        given = {(namespace, value) for namespace, value in body.get("identities", ())} | {(KEY, body.get("key"))}
        return not names.names.isdisjoint(given) or (outcome or {}).get("person") in people

    gone = [row.id for row in _rows(conn, query) if is_theirs(row.body, row.outcome)]
    for some in _chunks(gone):
        conn.execute(sa.delete(arrival).where(arrival.c.id.in_(some)))
    return len(gone)


def _payloads(conn: Connection, workspace_id: int, names: Names) -> int:
    query = (
        sa.select(upload_payload.c.upload_number, upload_payload.c.body)
        .join(upload, upload.c.number == upload_payload.c.upload_number)
        .where(upload.c.workspace_id == workspace_id)
    )
    changed = 0
    for row in _rows(conn, query):
        try:
            payload = unpack(bytes(row.body))
        except Unreadable:
            continue  # whoever works on it fails it, and drops it
        left = without(payload, names)
        if left is not payload:
            this = upload_payload.c.upload_number == row.upload_number
            conn.execute(sa.update(upload_payload).where(this).values(body=pack(left)))
            changed += 1
    return changed


def without(payload: Payload, names: Names) -> Payload:
    """Return a payload without the records that name somebody; the same object when there are none."""

    def is_theirs(external_id: str | None, hashed: Iterable[Hashed], token: Name | None = None) -> bool:
        return (
            (external_id is not None and (payload.namespace, external_id) in names.names)
            or (token is not None and token in names.names)
            or any((namespace, value) in names.names for person in hashed for namespace, value in person.items())
        )

    match payload:
        case MemberUpload(records=records):
            kept = tuple(each for each in records if not is_theirs(each.external_id, each.hashed, each.token))
            return payload if len(kept) == len(records) else _with_members(payload, kept)
        case IdentityUpload(records=found):
            left = tuple(each for each in found if not is_theirs(each.external_id, each.hashed))
            return payload if len(left) == len(found) else IdentityUpload(left, payload.namespace)


def _with_members(payload: MemberUpload, records: tuple[MemberRecord, ...]) -> MemberUpload:
    return MemberUpload(records, payload.namespace, payload.origin, payload.countries, payload.targets)


def _passing(
    conn: Connection,
    mine: sa.ColumnElement[bool],
    names: Names,
    table: sa.Table,
    keys: Collection[str],
    columns: Collection[str],
) -> int:
    query = sa.select(*(table.c[name] for name in (*keys, *columns))).where(mine)
    changed = 0
    for row in _rows(conn, query):
        old = {name: getattr(row, name) for name in columns}
        new = {name: names.overwritten(value) for name, value in old.items()}
        if new != old:
            where = [table.c[name] == getattr(row, name) for name in keys]
            conn.execute(sa.update(table).where(*where).values(**new))
            changed += 1
    return changed


def _rows(conn: Connection, query: sa.Select[Any]) -> list[Any]:
    return list(conn.execute(query.execution_options(yield_per=ROWS_AT_ONCE)))


def _chunks(ids: list[int]) -> Iterable[list[int]]:
    for start in range(0, len(ids), ROWS_AT_ONCE):
        yield ids[start : start + ROWS_AT_ONCE]
