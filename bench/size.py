"""How many people are in 10 groups of 5 traits less 5 more, beside bitmap functions and SQL on the same pairs."""

from collections.abc import Iterator

import numpy as np

from bench.measure import Figure, beside, p50
from bench.peers import Groups, peers
from bench.population import population, shares
from houselights.engine.bitmap import NoLeaves, count
from houselights.rules.tree import And, HasTrait, Not, Rule

WORK = "size of 10 groups × 5 traits − 5"
BAR_MS = 10.0
BAR_CLICKHOUSE = 20.0


def question() -> tuple[Groups, list[int]]:
    """Return ten groups and what is taken away: traits of 3 % and more, so that no group empties the rest early."""
    common = np.flatnonzero(shares() > 0.03)
    chosen = np.random.default_rng(11).permutation(common)[:55].tolist()
    return [chosen[5 * n : 5 * n + 5] for n in range(10)], chosen[50:]


def rule_of(groups: Groups, without: list[int]) -> Rule:
    """Write the question as a rule."""

    def any_of(group: list[int]) -> HasTrait:
        return HasTrait("f", tuple(str(trait) for trait in group))

    return And((*(any_of(group) for group in groups), Not(any_of(without))))


def nobody_asks(audience_id: int) -> Rule:
    raise AssertionError(f"no audience {audience_id} in these rules")


def measure(people: int) -> Iterator[Figure]:
    """Yield our line, with the bar, then each peer's."""
    index = population(people)
    groups, without = question()
    rule = rule_of(groups, without)
    leaves = NoLeaves(index.capacity)
    ours, answer = p50(lambda: count(index, rule, nobody_asks, leaves))
    limit = f"≤ {BAR_MS:.0f} ms" if people >= 10_000_000 else ""
    yield Figure(
        work=WORK, people=people, engine="houselights", value=ours, bar=limit, met=ours <= BAR_MS if limit else None
    )

    for engine, ask in peers(people).sizes(groups, without):
        theirs, found = p50(ask)
        assert found == answer, (engine, found, answer)
        least = BAR_CLICKHOUSE if engine == "chdb bitmaps" else None
        yield Figure(
            work=WORK, people=people, engine=engine, value=theirs, beside=beside(ours, theirs),
            bar=f"≥ {least:.0f}×" if least else "", met=theirs / ours >= least if least else None,
        )  # fmt: skip
