"""Takes requests to be forgotten. When one is accepted no reader finds the person in an audience any more; files and
what the control database keeps are a job's work (`job.py`), which begins at once and survives whatever happens.

Refuses, without saying whether anybody is meant, callers who may not ask for so much.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc

from houselights.base.errors import InvalidInput, NotFound
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.identity.namespaces import NAMESPACES, identities
from houselights.model.audience import AudienceFilter, AudienceKind
from houselights.model.erasure import Erasure, ErasureScope, ErasureState
from houselights.model.upload import UploadState, UploadStatus
from houselights.rules.json_form import from_json
from houselights.rules.tree import Listed
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.callers import within_reach
from houselights.services.erasure.held_back import KEY, hash_of, salt
from houselights.services.imports.parts import Parts
from houselights.services.matching import EXTERNAL, Matching
from houselights.services.rosters import MADE_BY
from houselights.storage.control.columns import storable
from houselights.storage.lake.superseded import Superseded, undeleted

IDENTITIES_MOST = 10_000  # in one request
LISTS_MOST = 100_000
UPLOADS_MOST = 100_000
READ_ATTEMPTS = 3  # of versions that the erasure before this one is deleting
CLIENTS, OPERATORS = "audiences:write", "operator"  # scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureReport:
    """An erasure as far as it is. How many `people` it is about, and the `proof`, are for operators only: to whoever
    sent an identity they would say whether it is known here.
    """

    id: str
    scope: ErasureScope
    state: ErasureState
    requested_at: datetime
    finished_at: datetime | None
    error: str | None
    people: int | None
    proof: dict[str, Any] | None


class Erasing:
    """Erasures of one house. `wake` is called once there is one to work on."""

    def __init__(self, parts: Parts, snapshots: Snapshots, matching: Matching, audit: Audit, wake: Callable[[], None]):
        self._parts = parts
        self._snapshots = snapshots
        self._matching = matching
        self._audit = audit
        self._wake = wake

    def request(
        self,
        caller: Caller,
        given: Sequence[tuple[str, str]],
        *,
        scope: ErasureScope,
        account_id: int | None = None,
        collected_until: datetime | None = None,
    ) -> str:
        """Forget whom (namespace, raw or stored value) mean, and return the id of the erasure, a uuid4.

        CLIENT takes what the caller's client brought: its own ids of them, and their places on the lists it made;
        ACCOUNT, with `account_id`, only the places on lists of that account; EVERYTHING the person, and needs the scope
        "operator". There, namespace "key" is the company's own key, and an identity that several people share means
        nobody; a client's own id may mean several. `collected_until` leaves places on lists that were taken later.

        Raises NotAllowed, InvalidInput whose field is `identities[n]`, NotFound for an account out of reach and before
        the first import.
        """
        self._must_be_allowed(caller, scope, account_id)
        stored = _stored(given)
        # In this order: an upload that waits no more is in the snapshot, with lines no later than now.
        uploads = self._parts.control.uploads
        waiting = uploads.list(caller.workspace.id, states=[UploadState.WAITING], limit=UPLOADS_MOST)
        control = self._parts.control
        for attempts_left in reversed(range(READ_ATTEMPTS)):
            snapshot = self._snapshots.newest(caller.workspace.id)
            now = self._parts.clock.now()
            try:
                with undeleted():
                    new = self._erasure(caller, scope, account_id, snapshot, stored, now, collected_until, waiting)
                    alone = self._of_one_at_most(snapshot, stored) if scope is ErasureScope.EVERYTHING else ()
                break
            except Superseded:  # by the job of an erasure before this one
                if not attempts_left:
                    raise
        drawn = salt(control) if alone else ""
        hashes = [hash_of(drawn, *name) for name in alone]
        with control.transaction() as conn:
            control.workspaces.lock(caller.workspace.id, conn=conn)
            control.erasures.add(conn, new)
            control.erasures.hold_back(conn, caller.workspace.id, hashes, now)
        self._snapshots.newest(caller.workspace.id)
        self._audit.record(caller, "erasure.request", new.id, scope=scope.value, identities=len(given))
        self._wake()
        return new.id

    def report(self, caller: Caller, erasure_id: str) -> ErasureReport:
        """Return how far an erasure is. Raises NotFound for one that another client asked for."""
        found = self._parts.control.erasures.get(caller.workspace.id, erasure_id)
        if not _is_operator(caller) and found.client_id != (caller.client and caller.client.id):
            raise NotFound(f"no erasure {erasure_id}")
        return _told(caller, found)

    def list(self, caller: Caller, limit: int = 100) -> Sequence[ErasureReport]:
        """Return the newest erasures, those last asked for first; all of them for an operator."""
        client_id = None if _is_operator(caller) or caller.client is None else caller.client.id
        found = self._parts.control.erasures.list(caller.workspace.id, client_id=client_id, limit=limit)
        return [_told(caller, each) for each in reversed(found)]

    def let_go(self, caller: Caller, given: Sequence[tuple[str, str]]) -> int:
        """Let imports bring again whom identities or keys name, and return how many of these were held back."""
        caller.require(OPERATORS)
        drawn = salt(self._parts.control)
        hashes = {hash_of(drawn, *name) for name in _stored(given)}
        gone = self._parts.control.erasures.let_go(caller.workspace.id, hashes)
        self._audit.record(caller, "erasure.let_go", identities=len(given), held_back=gone)
        return gone

    def _of_one_at_most(self, snapshot: Snapshot, stored: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        """Return the names that are nobody's or one person's: holding back others would hold back others' people."""
        names = [name for name in stored if name[0] != KEY]
        owners = self._matching.owners(snapshot, names)
        several = {name for name, each in zip(names, owners, strict=True) if len(each) > 1}
        return [name for name in stored if name not in several]

    def _must_be_allowed(self, caller: Caller, scope: ErasureScope, account_id: int | None) -> None:
        if scope is ErasureScope.EVERYTHING:
            caller.require(OPERATORS)
        else:
            caller.require(CLIENTS)
        if scope is ErasureScope.CLIENT and caller.client is None:
            raise InvalidInput("no client is asking: erase everything, or ask as the client", field="scope")
        if scope is ErasureScope.ACCOUNT:
            if account_id is None:
                raise InvalidInput("say of which account", field="account")
            if account_id not in {account.id for account in within_reach(self._parts.control, caller)}:
                raise NotFound(f"no account {account_id}", field="account")

    def _erasure(
        self,
        caller: Caller,
        scope: ErasureScope,
        account_id: int | None,
        snapshot: Snapshot,
        stored: Sequence[tuple[str, str]],
        now: datetime,
        collected_until: datetime | None,
        waiting: Sequence[UploadStatus],
    ) -> Erasure:
        everything = scope is ErasureScope.EVERYTHING
        lists = () if everything else self._lists(caller, account_id)
        # Lines are written with times of their own, each later than all before, whatever the clock says.
        logs = [log for each in lists if len(log := snapshot.list_log(each))]
        until = max([now, *(log.last for log in logs)]) if collected_until is None else min(collected_until, now)
        client_id = None if caller.client is None else caller.client.id
        return Erasure(
            id=str(uuid4()),
            workspace_id=caller.workspace.id,
            client_id=client_id,
            account_id=account_id,
            scope=scope,
            state=ErasureState.WAITING,
            requested_at=now,
            until=until,
            identities=tuple(stored),
            people=meant(self._parts, self._matching, snapshot, stored, alone=everything),
            lists=lists,
            uploads=() if everything else tuple(each.id for each in waiting if each.received_at <= until),
            namespace=None if caller.client is None else f"{EXTERNAL}{caller.client.client_id}",
        )

    def _lists(self, caller: Caller, account_id: int | None) -> tuple[int, ...]:
        """Return the lists that the caller's client made (anybody's without a client), those of one account or all."""
        where = AudienceFilter(kinds=frozenset({AudienceKind.ADVERTISER}))
        audiences, _ = self._parts.control.audiences.list(caller.workspace.id, where, 0, LISTS_MOST)
        mine = (
            from_json(each.rule)
            for each in audiences
            if (account_id is None or each.account_id == account_id)
            and (caller.client is None or each.attributes.get(MADE_BY) == caller.client.id)
        )
        return tuple(sorted({rule.list_id for rule in mine if isinstance(rule, Listed)}))


def meant(
    parts: Parts, matching: Matching, snapshot: Snapshot, stored: Sequence[tuple[str, str]], *, alone: bool
) -> tuple[int, ...]:
    """Return the people whom stored identities and keys mean; with `alone`, only of identities of one person."""
    found: set[int] = set()
    names = [name for name in stored if name[0] != KEY]
    for (namespace, _), owners in zip(names, matching.owners(snapshot, names), strict=True):
        if len(owners) == 1 or (namespace.startswith(EXTERNAL) and not alone):
            found.update(owners)
    found.update(_with_keys(parts, snapshot, [value for namespace, value in stored if namespace == KEY]))
    return tuple(sorted(found))


def _stored(given: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return names in the forms in which they are stored."""
    if not 1 <= len(given) <= IDENTITIES_MOST:
        raise InvalidInput(f"an erasure names from 1 to {IDENTITIES_MOST} identities", field="identities")
    stored: dict[tuple[str, str], None] = {}
    for place, (namespace, value) in enumerate(given):
        field = f"identities[{place}]"
        if not storable(value) or not storable(namespace):
            raise InvalidInput("the value holds a character that cannot be stored", field=field)
        if namespace == KEY:
            forms: tuple[str, ...] = (value,) if value else ()
        else:
            try:
                forms = identities(namespace, value)
            except KeyError:
                known = ", ".join((KEY, *NAMESPACES, f"{EXTERNAL}NAME"))
                raise InvalidInput(
                    f'there is no namespace "{namespace[:60]}"', field=field, hint=f"known: {known}"
                ) from None
        if not forms:
            raise InvalidInput("this value identifies nobody", field=field)
        stored.update(dict.fromkeys((namespace, form) for form in forms))
    return list(stored)


def _with_keys(parts: Parts, snapshot: Snapshot, keys: Sequence[str]) -> list[int]:
    """Return the people with the company's own keys. Read batch by batch, for the reason `motion.people` gives."""
    found: list[int] = []
    version = snapshot.generation.tables.get("people")
    if keys and version is not None:
        people = parts.lake.dataset(snapshot.generation.workspace_id, "people", version)
        for batch in people.to_batches(columns=["key", "person_id"]):
            found += batch["person_id"].filter(pc.is_in(batch["key"], pa.array(keys, pa.string()))).to_pylist()
    return found


def _is_operator(caller: Caller) -> bool:
    return OPERATORS in caller.scopes


def _told(caller: Caller, found: Erasure) -> ErasureReport:
    named = _is_operator(caller)
    return ErasureReport(
        id=found.id,
        scope=found.scope,
        state=found.state,
        requested_at=found.requested_at.astimezone(UTC),
        finished_at=found.finished_at,
        error=found.error if named else None,
        people=int(found.report.get("people", len(found.people))) if named else None,
        proof=dict(found.report) if named and found.report else None,
    )
