"""Says who is in a rule, exactly, by set algebra over the index. Agrees with `engine/plain.py` on every rule.

*rule → inlined, settled and simplified rule → program → words*, 2^16 people at a time, on every core.
"""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import numpy as np

from houselights.base.errors import InvalidRule
from houselights.engine.compile import Leaves, Program, compile_rule
from houselights.engine.index import Index
from houselights.engine.inline import Resolve, inline
from houselights.engine.kernels.program import run_program
from houselights.engine.people_set import BLOCK_WORDS, PeopleSet, blocks_of
from houselights.engine.workers import CORES, concurrently, ranges
from houselights.rules.listed import with_lists
from houselights.rules.simplify import simplify
from houselights.rules.tree import Everyone, Follows, HasTrait, Listed, Mentions, Nobody, Rule, Where

# Blocks a worker takes at a time: short enough to even out, long enough to drown the ~30 µs of a hand-over.
BLOCKS_AT_ONCE = 8

Words = np.ndarray[Any, np.dtype[np.uint64]]


def evaluate(
    index: Index,
    rule: Rule,
    resolve: Resolve,
    leaves: Leaves,
    cache: MutableMapping[Rule, PeopleSet] | None = None,
) -> PeopleSet:
    """Return the people a rule describes. `cache`, if any, is keyed by the rule with its audiences inlined, simplified.

    Raises what `resolve` raises, and InvalidRule when audiences contain each other in a circle.
    """
    inlined = _settled(rule, resolve, leaves)
    if isinstance(inlined, Everyone):
        return index.everyone
    known = cache.get(inlined) if cache is not None else None
    if known is None:
        words = np.empty(blocks_of(index.capacity) * BLOCK_WORDS, np.uint64)
        run(index, compile_rule(index, inlined, leaves), words)
        known = PeopleSet(words, index.capacity)
        if cache is not None:
            cache[inlined] = known
    return known


def count(
    index: Index,
    rule: Rule,
    resolve: Resolve,
    leaves: Leaves,
    cache: Mapping[Rule, PeopleSet] | None = None,
) -> int:
    """Return how many people a rule describes, without making the set; arguments and errors as for `evaluate`."""
    inlined = _settled(rule, resolve, leaves)
    known = cache.get(inlined) if cache is not None else None
    if known is not None:
        return len(known)
    match inlined:
        case Everyone():
            return index.people
        case HasTrait(facet, (key,)):
            trait = index.catalogue.find(facet, key)
            return 0 if trait is None else int(index.trait_counts[trait.id])
    return run(index, compile_rule(index, inlined, leaves), np.empty(0, np.uint64))


def _settled(rule: Rule, resolve: Resolve, leaves: Leaves) -> Rule:
    """Return the rule that is evaluated: without audiences, its lists as they stand, as short as it can be."""
    return simplify(with_lists(inline(rule, resolve), leaves.settled))


def run(index: Index, program: Program, members: Words) -> int:
    """Run a program over all blocks; fill `members` unless it is empty. Return how many people there are."""
    blocks = blocks_of(index.capacity)
    sets = np.array([each.address for each in program.sets], np.uint64)

    def part(low: int, high: int) -> Callable[[], int]:
        return lambda: run_program(
            program.code,
            program.leaves,
            index.bitmaps,
            index.dense,
            sets,
            index.everyone.words,
            low,
            high,
            np.empty((program.registers + 1, BLOCK_WORDS), np.uint64),
            members,
        )

    parts = min(CORES * 8, -(-blocks // BLOCKS_AT_ONCE))
    return sum(concurrently([part(low, high) for low, high in ranges(blocks, parts)]))


class NoLeaves:
    """Leaves of a workspace that has traits alone: nobody is on a list, wrote anything or was seen anywhere."""

    def __init__(self, capacity: int):
        self.capacity = capacity

    def listed(self, listed: Listed) -> PeopleSet:  # noqa: ARG002 — the answer is the same for every list
        return PeopleSet.empty(self.capacity)

    def settled(self, listed: Listed) -> Rule:  # noqa: ARG002 — the answer is the same for every list
        return Nobody()

    def mentions(self, mentions: Mentions) -> PeopleSet:  # noqa: ARG002 — the answer is the same for every phrase
        return PeopleSet.empty(self.capacity)

    def active(self, follows: Follows) -> PeopleSet:  # noqa: ARG002 — the answer is the same for every platform
        return PeopleSet.empty(self.capacity)

    def where(self, where: Where) -> PeopleSet:
        raise InvalidRule(f"there are no documents to ask {where.expression} of")
