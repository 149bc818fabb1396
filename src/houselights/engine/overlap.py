"""Counts one audience against every trait, or against many sets. Exact by either road; a planner picks per shard.

*Rows* read the traits of each member: cost grows with the audience. *Containers* intersect the audience with every
trait's bitmap: cost is the size of the bitmaps, whatever the audience. *Rows of the others* count those who are not
members and subtract. Every answer is a sum of integers over shards.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise as successive
from typing import Any

import numpy as np

from houselights.engine.index import Index
from houselights.engine.index.shard import ROW_GROUP, SHARD_BLOCKS, Shard
from houselights.engine.kernels.bits import TILE, cross_counts, sum_where
from houselights.engine.kernels.counting import count_each, count_rows
from houselights.engine.people_set import BLOCK_WORDS, PeopleSet
from houselights.engine.workers import CORES, concurrently, ranges

Counts = np.ndarray[Any, np.dtype[np.int64]]

SHARD_WORDS = SHARD_BLOCKS * BLOCK_WORDS

# Nanoseconds on one core, measured by bench/overlap.py. Only ratios matter, and being wrong costs time, not truth.
PERSON_NS = 6.0  # finding a member's row: two cache lines that nobody expected
PAIR_NS = 0.52  # counting one trait of it
TRAIT_NS = 60.0  # finding the containers of one trait
BYTE_NS = 0.055  # one byte of containers or words: arrays cost more and bits less


CALL_BYTES = 2 << 20  # bitmaps that one call counts: enough to drown a hand-over, few enough to even out


class Shape(StrEnum):
    """How a shard is counted."""

    NOTHING = "nobody is here"
    WHOLE = "everybody is here: counts kept since the build"
    ROWS = "traits of each member"
    OTHER_ROWS = "traits of each person who is not a member, subtracted"
    CONTAINERS = "bitmap of each trait"


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """What is done in one shard, and the guessed cost of each way in nanoseconds of one core."""

    shard: Shard
    members: int
    shape: Shape
    rows_ns: float
    other_rows_ns: float
    containers_ns: float


def plan_overlaps(index: Index, people: PeopleSet) -> list[ShardPlan]:
    """Choose how to count each shard; `people` must exist."""
    plans = []
    for shard in index.shards:
        low = shard.number * SHARD_BLOCKS
        members = int(people.block_sizes[low : low + SHARD_BLOCKS].sum())
        per_person = PERSON_NS + PAIR_NS * shard.pairs / shard.people
        rows = members * per_person
        others = (shard.people - members) * per_person + shard.directory.size
        containers = shard.scan_bytes * BYTE_NS + shard.directory.size * TRAIT_NS
        if members == 0:
            shape = Shape.NOTHING
        elif members == shard.people:
            shape = Shape.WHOLE
        else:
            costs = {Shape.ROWS: rows, Shape.OTHER_ROWS: others, Shape.CONTAINERS: containers}
            shape = min(costs, key=lambda each: costs[each])
        plans.append(ShardPlan(shard, members, shape, rows, others, containers))
    return plans


def overlaps(index: Index, people: PeopleSet, *, shape: Shape | None = None) -> Counts:
    """Return |people ∩ carriers of t| for every trait t: int64 by trait id, `index.catalogue.size` long.

    People who do not exist are not counted. `shape` forces one way of counting, for tests and benchmarks; None lets
    the planner choose.
    """
    people = people & index.everyone  # rows end with the last person who exists: nobody else may be looked up
    total = np.zeros(index.catalogue.size, np.int64)
    calls: list[Callable[[], Counts]] = []
    for plan in plan_overlaps(index, people):
        match plan.shape if shape is None or plan.members == 0 else shape:
            case Shape.NOTHING:
                pass
            case Shape.WHOLE if plan.members == plan.shard.people:
                total[plan.shard.directory["trait"]] += plan.shard.directory["people"]
            case Shape.ROWS:
                calls += _row_calls(plan.shard, people, total.size, 1)
            case Shape.OTHER_ROWS:
                total[plan.shard.directory["trait"]] += plan.shard.directory["people"]
                calls += _row_calls(plan.shard, index.everyone - people, total.size, -1)
            case _:
                calls += _container_calls(index, plan.shard, people, total.size)
    for part in concurrently(calls):
        total += part
    return total


def _row_calls(shard: Shard, people: PeopleSet, size: int, sign: int) -> list[Callable[[], Counts]]:
    """Cut the rows of a shard's members into calls of about 100,000 members or more."""
    first = shard.number * SHARD_WORDS
    last = min(first + SHARD_WORDS, people.words.size)
    low = shard.number * SHARD_BLOCKS
    members = int(people.block_sizes[low : low + SHARD_BLOCKS].sum())

    def part(start: int, stop: int) -> Callable[[], Counts]:
        def count() -> Counts:
            counts = np.zeros(max(size, 1), np.int64)
            for group, (offsets, values) in shard.rows.items():
                into = counts[group * ROW_GROUP : (group + 1) * ROW_GROUP]
                count_rows(
                    people.words, start, stop, first, offsets.ctypes.data, values.ctypes.data, into
                )  # fmt: skip
            counts *= sign
            return counts[:size]

        return count

    return [part(first + a, first + b) for a, b in ranges(last - first, max(1, min(CORES * 2, members // 25_000)))]


def _container_calls(index: Index, shard: Shard, people: PeopleSet, size: int) -> list[Callable[[], Counts]]:
    """Cut the bitmaps of a shard into calls of about CALL_BYTES."""
    bitmaps, dense = index.bitmaps[shard.number], index.dense[shard.number]
    first, blocks = shard.number * SHARD_BLOCKS, shard.blocks
    pieces = max(1, min(CORES * 4, shard.bitmaps.size // CALL_BYTES))
    starts = shard.directory["start"].astype(np.int64)
    cuts = np.searchsorted(starts, np.arange(1, pieces) * (shard.bitmaps.size / pieces))
    edges = [0, *(int(shard.directory["trait"][cut]) for cut in cuts if cut < starts.size), size]

    def part(low: int, high: int) -> Callable[[], Counts]:
        def count() -> Counts:
            counts = np.zeros(max(size, 1), np.int64)
            count_each(bitmaps, dense, low, high, people.address, people.block_sizes, first, blocks, counts)
            return counts[:size]

        return count

    return [part(low, high) for low, high in successive(edges) if low < high]


def overlap_of(people: PeopleSet, others: Sequence[PeopleSet]) -> Counts:
    """Return |people ∩ other| for each of `others`: int64. Raises ValueError when capacities differ."""
    counts: Counts = cross([people], others)[0]
    return counts


def pairwise(sets: Sequence[PeopleSet]) -> Counts:
    """Return |a ∩ b| for every two of `sets`: int64, square, symmetric, sizes on the diagonal."""
    counts = cross(sets, sets, upper=True)
    whole: Counts = np.triu(counts) + np.triu(counts, 1).T
    return whole


def cross(left: Sequence[PeopleSet], right: Sequence[PeopleSet], *, upper: bool = False) -> Counts:
    """Return |a ∩ b| for every a of `left` and b of `right`: int64 (left, right).

    With `upper`, entries below the diagonal are unfinished.
    """
    if not left or not right:
        return np.zeros((len(left), len(right)), np.int64)
    if len({each.capacity for each in (*left, *right)}) > 1:
        raise ValueError("sets of different capacities do not meet")
    padding = [right[0]] * (-len(right) % TILE)
    rows = np.array([each.address for each in left], np.uint64)
    columns = np.array([each.address for each in (*right, *padding)], np.uint64)
    words = right[0].words.size
    # Eight sets of 512 words fill the first-level cache; a single left set has nothing to gain from short stretches.
    chunk = 512 if len(left) > 1 else 1 << 14

    def part(start: int, stop: int) -> Callable[[], Counts]:
        def count() -> Counts:
            counts = np.zeros((rows.size, columns.size), np.int64)
            cross_counts(rows, columns, start, stop, chunk, upper, counts)
            return counts

        return count

    worthwhile = max(1, words * rows.size * columns.size >> 18)
    calls = [part(low, high) for low, high in ranges(words, min(CORES * 2, worthwhile))]
    total = np.zeros((rows.size, columns.size), np.int64)
    for part_counts in concurrently(calls):
        total += part_counts
    counted: Counts = total[:, : len(right)]
    return counted


def measure_sum(index: Index, name: str, people: PeopleSet) -> float:
    """Return Σ of a measure over the people. Raises KeyError for a measure the index does not have."""
    if name not in index.measure_names:
        raise KeyError(name)
    total = 0.0
    for shard in index.shards:
        low = shard.number * SHARD_WORDS
        total += sum_where(people.words[low : low + SHARD_WORDS], shard.measures[name])
    return total
