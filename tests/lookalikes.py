"""Indexes with something planted in them, for tests of models: groups whose members are alike."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from houselights.engine.index import Index, build_index
from houselights.engine.index.shard import SHARD_PEOPLE, Pairs
from houselights.model.catalogue import Catalogue, Facet, Trait

Array = np.ndarray[Any, Any]


def planted_index(folder: Path, capacity: int, everyone: Array, pairs: Pairs, *, names: int) -> Index:
    """Build the index of people who carry the given traits; ids of traits are below `names`."""
    people, traits = (np.asarray(each).astype(np.uint32) for each in pairs)
    known = [Trait(id=i, facet="f", key=str(i), name=f"Trait {i}", path=(f"Trait {i}",)) for i in range(names)]
    build_index(
        folder,
        capacity=capacity,
        everyone=everyone.astype(np.uint32),
        catalogue=Catalogue([Facet(key="f", name="Traits", multi=True)], known),
        pairs=lambda shard: (people[people // SHARD_PEOPLE == shard], traits[people // SHARD_PEOPLE == shard]),
        measures={},
        as_of=datetime(2026, 11, 1, tzinfo=UTC),
        built_at=datetime(2026, 11, 1, tzinfo=UTC),
        generation=1,
    )
    return Index.open(folder)


def grouped(
    random: np.random.Generator, people: int, groups: int, *, own: int, shared: int, often: float, seldom: float
) -> tuple[Array, Pairs]:
    """Draw the group of each person, and pairs: each group has `own` traits, `often` carried inside, `seldom` outside.

    `shared` further traits say nothing; they are carried by a fifth of everybody.
    """
    group = random.integers(0, groups, people)
    traits = groups * own + shared
    likely = np.full((groups, traits), 0.2)
    for each in range(groups):
        likely[:, each * own : (each + 1) * own] = seldom
    for each in range(groups):
        likely[each, each * own : (each + 1) * own] = often
    carried = random.random((people, traits)) < likely[group]
    who, which = np.nonzero(carried)
    return group, (who, which)
