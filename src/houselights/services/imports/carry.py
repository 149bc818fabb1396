"""Carries over what uploads have taught, which no file of an import has: the external ids that clients gave to people.

Refuses ids of people who are gone, and those in namespaces that the population file itself declares: there the file
says all.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.model.workspace import Generation
from houselights.services.imports.buckets import Buckets
from houselights.services.imports.keys import NOBODY, People
from houselights.services.imports.population import Population
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import IDENTITIES

EXTERNAL = "external:"


def carry_external_ids(
    lake: Lake, before: Generation | None, population: Population, people: People, buckets: Buckets
) -> Iterator[Buckets]:
    """Deal the external ids of the generation before into buckets and yield them; nothing when there is none."""
    version = None if before is None else before.tables.get(IDENTITIES.name)
    if before is None or version is None:
        return
    is_there = np.zeros(people.capacity, np.bool_)
    for batch in people.everyone():
        is_there[batch["person_id"].to_numpy()] = True
    declared = sorted({namespace for source in population.people for namespace in source.identities})
    namespace = pc.field("namespace")
    where = pc.starts_with(namespace, EXTERNAL) & ~namespace.isin(pa.array(declared, pa.string()))
    columns = ["person_id", "namespace", "value"]
    for batch in lake.dataset(before.workspace_id, IDENTITIES.name, version).to_batches(columns=columns, filter=where):
        whose = batch["person_id"].to_numpy()
        stays = np.where(is_there[whose], whose, NOBODY).astype(np.uint32)
        buckets.add(stays, {"namespace": batch["namespace"], "value": batch["value"]})
    buckets.close()
    yield buckets
