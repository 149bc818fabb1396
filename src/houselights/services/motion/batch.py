"""Works out who is in audiences over everybody, and what that changes in the membership log. Publishes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa

from houselights.engine.inline import Resolve
from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot
from houselights.model.motion import MembershipCounts
from houselights.rules.tree import InAudience, Listed
from houselights.services.motion.concerns import Concern
from houselights.services.motion.entries import CREATE, DELETE
from houselights.services.motion.place import logged, next_log_time
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import MEMBERSHIPS

ROUNDS_MOST = 10  # audiences that look at what is recorded of one another are followed this far in one run


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """The snapshot whose membership log says what was found, and the people and counts by audience."""

    snapshot: Snapshot
    people: Mapping[int, PeopleSet]
    counts: dict[int, MembershipCounts]
    changed: bool


def evaluate_all(
    lake: Lake,
    snapshot: Snapshot,
    asked: Sequence[Concern],
    resolve: Resolve,
    *,
    at: datetime,
    upload_id: str,
    moved: Callable[[int], None] = lambda _: None,
) -> Evaluated:
    """Evaluate audiences on a snapshot and append entries and exits to the membership log upon its version.

    Of lists nothing is appended: who has been on one for too long is back when people may stay on it for longer.
    `moved` hears after each audience how many of the first round are done.
    """
    first = {
        each.audience_id: snapshot.evaluate(InAudience(each.audience_id), resolve)
        if each.is_own_record
        else snapshot.leaves.listed(Listed(each.audience_id))
        for each in asked
    }
    asked = [each for each in asked if not each.is_own_record]
    recorded, wanted = dict(first), [each.audience_id for each in asked]
    for turn in range(ROUNDS_MOST):
        found = {}
        for done, audience_id in enumerate(wanted, 1):
            found[audience_id] = snapshot.evaluate(InAudience(audience_id), resolve)
            if turn == 0:
                moved(len(first) - len(asked) + done)
        turned = [audience_id for audience_id, people in found.items() if people != recorded[audience_id]]
        if not turned:
            break
        # A later round happens later, so that its lines count.
        when = next_log_time(snapshot.generation, at)
        turns = {each: (recorded[each], found[each]) for each in turned}
        snapshot = _logged(lake, snapshot, turns, when, upload_id)
        recorded |= found
        wanted = [each.audience_id for each in asked if each.because_of_lists(turned) is not None]
    counts = {
        audience_id: MembershipCounts(
            realized=len(people - first[audience_id]),
            existing=len(people & first[audience_id]),
            exited=len(first[audience_id] - people),
        )
        for audience_id, people in recorded.items()
    }
    changed = any(recorded[each] != first[each] for each in first)
    return Evaluated(snapshot=snapshot, people=recorded, counts=counts, changed=changed)


def with_namespaces(lake: Lake, found: Evaluated) -> dict[int, MembershipCounts]:
    """Return the counts with how many of each audience's people have an identity of each namespace."""
    known = _by_namespace(lake, found.snapshot)
    return {
        audience_id: replace(counts, namespaces=_named(found.people[audience_id], known))
        for audience_id, counts in found.counts.items()
    }


def _named(people: PeopleSet, known: Mapping[str, PeopleSet]) -> dict[str, int]:
    counted = {namespace: len(people & each) for namespace, each in sorted(known.items())}
    return {namespace: number for namespace, number in counted.items() if number}


def _by_namespace(lake: Lake, snapshot: Snapshot) -> dict[str, PeopleSet]:
    """Return who has an identity of each namespace, read a batch at a time."""
    version = snapshot.generation.tables.get("identities")
    if version is None:
        return {}
    everyone = snapshot.index.everyone
    flags: dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]] = {}
    dataset = lake.dataset(snapshot.generation.workspace_id, "identities", version)
    for batch in dataset.to_batches(columns=["namespace", "person_id"]):
        names, ids = batch["namespace"].dictionary_encode(), batch["person_id"].to_numpy()
        numbers, inside = names.indices.to_numpy(), ids < everyone.capacity
        for number, name in enumerate(names.dictionary.to_pylist()):
            flag = flags.setdefault(name, np.zeros(everyone.capacity, dtype=np.bool_))
            flag[ids[inside & (numbers == number)]] = True
    return {
        name: PeopleSet.from_ids(np.flatnonzero(flag), everyone.capacity) & everyone for name, flag in flags.items()
    }


def _logged(
    lake: Lake, snapshot: Snapshot, turned: Mapping[int, tuple[PeopleSet, PeopleSet]], at: datetime, upload_id: str
) -> Snapshot:
    """Return the snapshot with the turns in its log; what is remembered of expressions stays remembered."""
    generation = snapshot.generation
    parts = [
        _lines(audience_id, people.ids(), action, at, upload_id)
        for audience_id, (before, after) in turned.items()
        for action, people in ((CREATE, after - before), (DELETE, before - after))
    ]
    version = lake.add(
        generation.workspace_id, "memberships", pa.concat_tables(parts), upon=generation.tables.get("memberships")
    )
    return snapshot.after(logged(generation, version, at))


def _lines(
    audience_id: int, people: "np.ndarray[tuple[int], np.dtype[np.uint32]]", action: str, at: datetime, upload_id: str
) -> pa.Table:
    columns = {
        "audience_id": pa.repeat(pa.scalar(audience_id, pa.int64()), len(people)),
        "person_id": pa.array(people.astype(np.int64)),
        "action": pa.repeat(pa.scalar(action), len(people)),
        "time": pa.repeat(pa.scalar(at, MEMBERSHIPS.schema.field("time").type), len(people)),
        "country": pa.nulls(len(people), pa.string()),
        "upload_id": pa.repeat(pa.scalar(upload_id), len(people)),
    }
    return pa.table([columns[name] for name in MEMBERSHIPS.schema.names], schema=MEMBERSHIPS.schema)
