"""Single people: found by an identity or by the company's own key, and shown whole. Every look is in the audit log.

Refuses callers without the scope "profiles:read": who may count people may not see them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.identity.namespaces import NAMESPACES, identities
from houselights.model.workspace import Workspace
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.matching import Matching
from houselights.storage.lake.lake import Lake

KEYS_AT_ONCE = 20_000  # people in one filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One person: the company's key, the document that rules are asked of, and stored identities by namespace."""

    id: int
    key: str
    document: Mapping[str, Any]
    identities: Mapping[str, Sequence[str]]


class People:
    """People of the current generation of each workspace."""

    def __init__(self, snapshots: Snapshots, lake: Lake, audit: Audit, matching: Matching):
        self._snapshots = snapshots
        self._lake = lake
        self._audit = audit
        self._matching = matching

    def shown(self, caller: Caller, person_ids: Sequence[int]) -> list[Profile]:
        """Return some people, in the order asked for; those who are not there any more are left out."""
        caller.require("profiles:read")
        snapshot = self._snapshots.current(caller.workspace.id)
        documents = snapshot.documents.documents(person_ids)
        known = self.identities(snapshot, person_ids)
        found = [
            Profile(id=each, key=snapshot.key(each), document=documents[each], identities=known.get(each, {}))
            for each in person_ids
            if each in documents
        ]
        self._audit.record(caller, "profiles.read", people=[each.id for each in found])
        return found

    def by_key(self, caller: Caller, key: str) -> int | None:
        """Return the person with the company's own key, None for nobody."""
        caller.require("profiles:read")
        rows = self._rows(self._snapshots.current(caller.workspace.id), "people", pc.field("key") == key)
        return int(rows[0]["person_id"]) if rows else None

    def by_identity(self, caller: Caller, namespace: str, value: str) -> int | None:
        """Return the person with a raw or hashed identity; None for nobody, or when it is several people's."""
        caller.require("profiles:read")
        return self.matched(caller.workspace, [(namespace, value)])[0]

    def matched(self, workspace: Workspace, given: Sequence[tuple[str, str]]) -> list[int | None]:
        """Return for each (namespace, raw or hashed value) the person it belongs to; None for nobody's or several's.

        For services: it says nothing about the people, and asks for no scope.
        """
        forms = [stored_forms(namespace, value) for namespace, value in given]
        owners = iter(
            self._matching.owners(self._snapshots.current(workspace.id), [one for each in forms for one in each])
        )
        people = [{person for _ in each for person in next(owners)} for each in forms]
        return [each.pop() if len(each) == 1 else None for each in people]

    def identities(self, snapshot: Snapshot, person_ids: Sequence[int]) -> dict[int, dict[str, list[str]]]:
        """Return the stored identities of some people, by person and namespace."""
        found: dict[int, dict[str, list[str]]] = {}
        for chunk in _chunks(list(person_ids)):
            for row in self._rows(snapshot, "identities", pc.field("person_id").isin(chunk)):
                found.setdefault(int(row["person_id"]), {}).setdefault(row["namespace"], []).append(row["value"])
        return found

    def _rows(self, snapshot: Snapshot, table: str, where: pc.Expression) -> list[dict[str, Any]]:
        version = snapshot.generation.tables.get(table)
        if version is None:
            return []
        columns = ["person_id", "namespace", "value"] if table == "identities" else ["person_id", "key"]
        dataset = self._lake.dataset(snapshot.generation.workspace_id, table, version)
        if snapshot.withheld.people:
            where &= ~pc.field("person_id").isin(sorted(snapshot.withheld.people))
        rows: list[dict[str, Any]] = dataset.to_table(columns=columns, filter=where).to_pylist()
        return rows


def stored_forms(namespace: str, value: str) -> list[tuple[str, str]]:
    """Return the (namespace, value) under which an identity may be stored; namespaces are told apart without case."""
    lower = namespace.lower()
    if lower in NAMESPACES:
        return [(lower, stored) for stored in identities(lower, value)]
    text = value.strip()
    names = dict.fromkeys((namespace, lower, f"external:{namespace}"))
    return [(name, text) for name in names] if text else []


def _chunks(values: Sequence[Any]) -> Iterable[list[Any]]:
    for start in range(0, len(values), KEYS_AT_ONCE):
        yield list(values[start : start + KEYS_AT_ONCE])
