"""How cost grows as the people double: the same questions of half as many and of all.

The bar is for 10 M people. Below, half of them fit in a cache that all of them do not, and the step shows.
"""

from collections.abc import Callable, Iterator

from bench.measure import Figure, p50_of_both
from bench.population import audience_ids, population
from bench.size import nobody_asks, question, rule_of
from houselights.engine.bitmap import NoLeaves, count
from houselights.engine.index import Index
from houselights.engine.overlap import overlaps
from houselights.engine.people_set import PeopleSet

BAR = 2.1


def size_of(index: Index) -> Callable[[], object]:
    rule = rule_of(*question())
    leaves = NoLeaves(index.capacity)
    return lambda: count(index, rule, nobody_asks, leaves)


def overlap_of(share: float) -> Callable[[Index], Callable[[], object]]:
    def asked(index: Index) -> Callable[[], object]:
        audience = PeopleSet.from_ids(audience_ids(index.capacity, share), index.capacity)
        return lambda: overlaps(index, audience)

    return asked


WORK: dict[str, Callable[[Index], Callable[[], object]]] = {
    "size of 10 groups × 5 traits − 5": size_of,
    "overlap of 1 % with 1,000 traits": overlap_of(0.01),
    "overlap of 30 % with 1,000 traits": overlap_of(0.3),
}


def measure(people: int) -> Iterator[Figure]:
    """Yield, for each question, how many times longer all take than half."""
    half, whole = population(people // 2), population(people)
    for work, ask in WORK.items():
        before, after = p50_of_both(ask(half), ask(whole))
        engine = f"{before:.2f} → {after:.2f} ms"
        yield Figure(
            work=f"doubling: {work}", people=people, engine=engine, value=after / before, unit="×",
            bar=f"≤ {BAR}×" if people >= 10_000_000 else "",
            met=after / before <= BAR if people >= 10_000_000 else None,
        )  # fmt: skip
