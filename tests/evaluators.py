"""Every way to work out who is in a rule, under one signature. A new evaluator is one more line in EVALUATORS, and is
then asked every case and every property that the others are.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from houselights.engine import bitmap, plain
from houselights.engine.plain import Person, Resolve
from houselights.model.catalogue import Catalogue
from houselights.rules.tree import Rule
from tests.indexes import PlainLeaves, index_of_people

# (rule, people, catalogue, resolve, as_of) → the ids of those who match
Evaluator: TypeAlias = Callable[[Rule, Sequence[Person], Catalogue, Resolve, datetime], set[int]]


def by_plain(rule: Rule, people: Sequence[Person], catalogue: Catalogue, resolve: Resolve, as_of: datetime) -> set[int]:
    return plain.members(rule, people, resolve=resolve, as_of=as_of)


def by_bitmap(
    rule: Rule, people: Sequence[Person], catalogue: Catalogue, resolve: Resolve, as_of: datetime
) -> set[int]:
    """Ask an index of these people, who stand on both sides of every edge of blocks and shards."""
    with TemporaryDirectory() as folder:
        index, places = index_of_people(Path(folder) / "index", catalogue, people)
        leaves = PlainLeaves(people, places, index.capacity, as_of)
        found = set(bitmap.evaluate(index, rule, resolve, leaves).ids().tolist())
        assert bitmap.count(index, rule, resolve, leaves) == len(found)
    return {person for person, place in places.items() if place in found}


# The plain one defines correct; the others are held to it.
EVALUATORS: Mapping[str, Evaluator] = {
    "plain": by_plain,
    "bitmap": by_bitmap,
}
