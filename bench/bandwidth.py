"""How fast this machine reads memory, and how many bytes a count cannot avoid reading."""

import numpy as np

from bench.measure import p50
from houselights.engine.index import Index
from houselights.engine.overlap import Shape, cross, plan_overlaps
from houselights.engine.people_set import PeopleSet

LINE = 64
PROBE_PEOPLE = 1 << 26  # 8 MiB a set; 64 sets are far beyond any cache


def bandwidth() -> float:
    """Return bytes per second of AND-popcount over sets too large for any cache, on all cores."""
    one = PeopleSet.full(PROBE_PEOPLE)
    many = [PeopleSet(np.full(one.words.size, n, np.uint64), PROBE_PEOPLE) for n in range(64)]
    milliseconds, _ = p50(lambda: cross([one], many))
    return sum(each.nbytes for each in many) / milliseconds * 1000


def touched(index: Index, people: PeopleSet) -> float:
    """Return the bytes, in whole cache lines, that the planner's choice reads of the index at the least."""
    total = 0.0
    for plan in plan_overlaps(index, people):
        shard = plan.shard
        if plan.shape is Shape.CONTAINERS:
            total += shard.scan_bytes
        else:
            members = plan.members if plan.shape is Shape.ROWS else shard.people - plan.members
            row = 2 * shard.pairs / shard.people
            offsets = 4 * shard.extent
            total += min(members * LINE, offsets) + min(members * (row + LINE / 2), 2 * shard.pairs)
    return total
