"""Builds indexes for tests: of the people of a strategy or a world, with ids scattered over blocks and shards."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from houselights.engine.index import Index, build_index
from houselights.engine.people_set import PeopleSet
from houselights.engine.plain import Person, matches
from houselights.model.catalogue import Catalogue
from houselights.rules.listed import listed_at_now
from houselights.rules.tree import Follows, Listed, Mentions, Rule, Where
from tests.strategies import AS_OF

BLOCK, SHARD = 1 << 16, 1 << 20

# Where blocks and shards begin and end, and where a word does: the places at which a loop can be wrong by one.
EDGES = (
    0, 1, 63, 64, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 7, SHARD - 1, SHARD, SHARD + 63, SHARD + BLOCK,
    2 * SHARD + 15 * BLOCK + 65535, 4 * SHARD,
)  # fmt: skip
SCATTERED_CAPACITY = 4 * SHARD + 1000


def scattered(person_id: int) -> int:
    """Give a small id a place near an edge; different ids get different places."""
    return EDGES[person_id % len(EDGES)] + 100 * (person_id // len(EDGES))


class PlainLeaves:
    """Lists, texts and follows of plain people, asked one by one."""

    def __init__(self, people: Sequence[Person], ids: Mapping[int, int], capacity: int, as_of: datetime = AS_OF):
        self.people, self.ids, self.capacity, self.as_of = people, ids, capacity, as_of

    def _holding(self, rule: Rule) -> PeopleSet:
        found = [self.ids[each.id] for each in self.people if matches(rule, each, resolve=nothing, as_of=self.as_of)]
        return PeopleSet.from_ids(found, self.capacity)

    def listed(self, listed: Listed) -> PeopleSet:
        return self._holding(listed)

    def settled(self, listed: Listed) -> Rule:
        return listed_at_now(listed, self.as_of)

    def mentions(self, mentions: Mentions) -> PeopleSet:
        return self._holding(mentions)

    def active(self, follows: Follows) -> PeopleSet:
        return self._holding(Follows(follows.platform, (), 0, follows.active_within_days))

    def where(self, where: Where) -> PeopleSet:
        return self._holding(where)


def nothing(audience_id: int) -> Rule:
    """Resolve no audience: a rule that asks for one is a mistake in the test."""
    raise AssertionError(f"nobody should ask for audience {audience_id}")


def pairs_of(people: Iterable[Person], ids: Mapping[int, int], catalogue: Catalogue) -> tuple[Any, Any]:
    """Return the (person, trait) pairs of plain people, as int64 arrays."""
    found = [
        (ids[person.id], trait.id)
        for person in people
        for facet, keys in person.traits.items()
        for key in keys
        if (trait := catalogue.find(facet, key)) is not None
    ]
    table = np.array(found, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def index_of(
    folder: Path,
    catalogue: Catalogue,
    everyone: Any,
    pairs: tuple[Any, Any],
    *,
    capacity: int,
    measures: Mapping[str, tuple[Any, Any]] | None = None,
    generation: int = 1,
) -> Index:
    """Build and open an index from arrays of all shards together."""

    def of_shard(shard: int, given: tuple[Any, Any]) -> tuple[Any, Any]:
        inside = given[0] // SHARD == shard
        return given[0][inside], given[1][inside]

    build_index(
        folder,
        capacity=capacity,
        everyone=np.asarray(everyone, np.int64),
        catalogue=catalogue,
        pairs=lambda shard: of_shard(shard, pairs),
        measures={
            name: (lambda shard, given=given: of_shard(shard, given)) for name, given in (measures or {}).items()
        },
        as_of=AS_OF,
        built_at=AS_OF,
        generation=generation,
    )
    return Index.open(folder)


def index_of_people(folder: Path, catalogue: Catalogue, people: Sequence[Person]) -> tuple[Index, dict[int, int]]:
    """Build the index of plain people at scattered places; return it and each person's place."""
    ids = {person.id: scattered(person.id) for person in people}
    pairs = pairs_of(people, ids, catalogue)
    return index_of(folder, catalogue, list(ids.values()), pairs, capacity=SCATTERED_CAPACITY), ids
