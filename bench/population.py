"""Synthetic populations: 1,000 traits with log-uniform shares, some 37 a person. Made shard by shard, always the same.

Traits are independent of each other and ids carry no order, which is the worst case for roaring: no runs, no clusters.
"""

import math
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from houselights.engine.index import Index, build_index
from houselights.engine.index.shard import SHARD_PEOPLE
from houselights.model.catalogue import Catalogue, Facet, Trait

TRAITS = 1_000
LOWEST_SHARE, HIGHEST_SHARE = 0.0001, 0.30
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
FOLDER = Path("build/bench")

Array = np.ndarray[Any, Any]


def shares() -> Array:
    """Return each trait's share of everyone: log-uniform, shuffled so that ids say nothing."""
    spread = np.exp(np.linspace(math.log(LOWEST_SHARE), math.log(HIGHEST_SHARE), TRAITS))
    return np.random.default_rng(37).permutation(spread)


def catalogue() -> Catalogue:
    traits = [Trait(id=i, facet="f", key=str(i), name=f"Trait {i}", path=(f"Trait {i}",)) for i in range(TRAITS)]
    return Catalogue([Facet(key="f", name="Traits", multi=True)], traits)


def shard_pairs(people: int, shard: int) -> tuple[Array, Array]:
    """Return the pairs of one shard: each trait's carriers are drawn by the gaps between them, which are geometric."""
    here = min(people - shard * SHARD_PEOPLE, SHARD_PEOPLE)
    random = np.random.default_rng([people, shard])
    ids, traits = [], []
    for trait, share in enumerate(shares()):
        expected = here * share
        gaps = random.geometric(share, int(expected + 6 * math.sqrt(expected) + 20))
        places = np.cumsum(gaps) - 1
        carriers = places[places < here].astype(np.uint32)
        ids.append(carriers + np.uint32(shard * SHARD_PEOPLE))
        traits.append(np.full(carriers.size, trait, np.uint32))
    return np.concatenate(ids), np.concatenate(traits)


def population(people: int) -> Index:
    """Return the index of a population, built on first use and kept below `build/bench`."""
    folder = FOLDER / f"population-{people}"
    if not (folder / "meta.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        build_index(
            folder,
            capacity=people,
            everyone=np.arange(people, dtype=np.uint32),
            catalogue=catalogue(),
            pairs=lambda shard: shard_pairs(people, shard),
            measures={},
            as_of=AS_OF,
            built_at=AS_OF,
            generation=1,
        )
    return Index.open(folder)


def audience_ids(people: int, share: float) -> Array:
    """Return a random audience: uint32 ids, ascending."""
    random = np.random.default_rng([people, int(share * 1e6)])
    return np.flatnonzero(random.random(people) < share).astype(np.uint32)
