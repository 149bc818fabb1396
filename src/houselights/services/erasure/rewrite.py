"""Rewrites the lake and the index without whom, or what, some erasures are about. Publishes nothing.

Everything is built upon the versions that the generation being served names, so what a crash left half done is undone
by the next attempt.
"""

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.engine.index import patch_index
from houselights.engine.index.build import Delta
from houselights.engine.snapshot import Snapshot
from houselights.model.erasure import ErasureScope
from houselights.model.workspace import Generation
from houselights.services.erasure.group import Group
from houselights.services.erasure.held_back import KEY
from houselights.services.erasure.scrub import Name
from houselights.services.imports.parts import Parts
from houselights.services.imports.publish import index_prefix
from houselights.storage.lake.tables import IDENTITIES, PEOPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A generation without them, not published yet. `names` are the (namespace, value) that were theirs alone, `shared`
    how many others have as well, `rows` how many went from each table.
    """

    generation: Generation
    names: frozenset[Name]
    shared: int
    rows: dict[str, int]


def rewrite(parts: Parts, before: Snapshot, group: Group) -> Rewritten:
    """Write new versions of the tables, and of the index where people are gone, upon the generation being served."""
    generation, people = before.generation, group.people
    names = names_of(parts, generation, people)
    if group.everything:
        names |= group.identities
    else:
        is_told = group.first.scope is ErasureScope.CLIENT
        names = {name for name in names if is_told and name[0] == group.first.namespace}
    shared = names & _names_of_others(parts, generation, people, names)
    tables, rows = dict(generation.tables), {}
    for table, where in group.rows.items():
        if table in tables and people:
            version = generation.tables[table]
            tables[table], rows[table] = parts.lake.remove(generation.workspace_id, table, where, upon=version)
    after = replace(generation, number=generation.number + 1, tables=tables, built_at=parts.clock.now())
    if group.everything and people:
        left = before.index.without(np.array(people, np.uint32)).people
        name = f"{index_prefix(after.workspace_id)}{after.number}-{group.first.id[:8]}"
        after = replace(after, index=name, people=left)
        _patch(parts, before, after, people)
    return Rewritten(generation=after, names=frozenset(names - shared), shared=len(shared), rows=rows)


def names_of(parts: Parts, generation: Generation, people: Collection[int]) -> set[Name]:
    """Return all that names some people: their keys, under the namespace "key", and stored identities."""
    found: set[Name] = set()
    for table, columns in ((PEOPLE.name, ["key"]), (IDENTITIES.name, ["namespace", "value"])):
        if table in generation.tables and people:
            dataset = parts.lake.dataset(generation.workspace_id, table, generation.tables[table])
            of_them = pc.field("person_id").isin(sorted(people))
            rows = dataset.to_table(columns=columns, filter=of_them).to_pylist()
            found.update((row.get("namespace", KEY), row["value" if "value" in row else "key"]) for row in rows)
    return found


def _names_of_others(parts: Parts, generation: Generation, people: Collection[int], names: set[Name]) -> set[Name]:
    """Return those of the names that somebody else has too, as a household shares a device."""
    found: set[Name] = set()
    if IDENTITIES.name not in generation.tables or not names:
        return found
    values, them = pa.array(sorted({value for _, value in names}), pa.string()), pa.array(sorted(people), pa.int64())
    dataset = parts.lake.dataset(generation.workspace_id, IDENTITIES.name, generation.tables[IDENTITIES.name])
    for batch in dataset.to_batches(columns=["namespace", "value", "person_id"]):
        of_others = pc.and_(pc.is_in(batch["value"], values), pc.invert(pc.is_in(batch["person_id"], them)))
        found.update((row["namespace"], row["value"]) for row in batch.filter(of_others).to_pylist())
    return found & names


def _patch(parts: Parts, before: Snapshot, after: Generation, gone: Sequence[int]) -> None:
    folder = parts.settings.index_folder / after.index
    shutil.rmtree(folder, ignore_errors=True)  # from an attempt that was never published
    patch_index(
        before.index,
        folder,
        Delta(removed_people=np.array(gone, np.uint32)),
        capacity=before.index.capacity,
        catalogue=before.index.catalogue,
        as_of=after.as_of,
        built_at=after.built_at,
        generation=after.number,
        tables=after.tables,
    )
