"""Look-alikes and clusters of audiences of synthetic people: seconds to fit, to score everybody, to part everybody.

Traits of these people are independent, so there is nothing to find, which costs as much as finding something.
"""

import time
from collections.abc import Iterator

import numpy as np

from bench.measure import Figure
from bench.population import TRAITS, audience_ids, population
from houselights.engine.overlap import overlaps
from houselights.engine.people_set import PeopleSet
from houselights.services.clusters.fit import part, usable
from houselights.services.lookalike.model import fit

BAR_MS = 60_000.0  # at 1 M people
SHARE = 0.1


def measure(people: int) -> Iterator[Figure]:
    """Yield our lines; no peer does the same from the same files."""
    index = population(people)
    ids = audience_ids(people, SHARE).astype(np.int64)
    seed = PeopleSet.from_ids(ids, people)
    others = (index.everyone - seed).ids().astype(np.int64)
    began = time.perf_counter()
    fitted = fit(index, ids, others, np.arange(TRAITS), lambda: None)
    yield _line(people, f"look-alike of {SHARE:.0%}: fit", began)
    began = time.perf_counter()
    fitted.scores(index, others, lambda: None)
    yield _line(people, f"look-alike of {SHARE:.0%}: score everybody else", began)
    everyone = index.everyone.ids().astype(np.int64)
    counts = overlaps(index, index.everyone)
    traits = usable(counts, people)
    began = time.perf_counter()
    part(index, everyone, traits, counts[traits] / people, 25, lambda: None)
    yield _line(people, "clusters of everybody", began)


def _line(people: int, work: str, began: float) -> Figure:
    spent = (time.perf_counter() - began) * 1000
    limited = people <= 1_000_000
    return Figure(
        work=work, people=people, engine="houselights", value=spent, bar="≤ 60 s" if limited else "",
        met=spent <= BAR_MS if limited else None,
    )  # fmt: skip
