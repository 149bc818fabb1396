"""All pairs of 1,000 audiences of 2 M people, exactly."""

from collections.abc import Iterator

import numpy as np

from bench.measure import Figure, beside, once
from bench.peers import Roaring
from bench.population import TRAITS, population
from houselights.engine.overlap import pairwise

PEOPLE = 2_000_000
BAR_MS = 8_000.0
SAMPLE = 20  # audiences against all others; the peer would take too long for all


def measure(_: int) -> Iterator[Figure]:
    """Yield our line for all 500,500 pairs, and pyroaring's, scaled up from a sample."""
    index = population(PEOPLE)
    sets = [index.trait_people(trait) for trait in range(TRAITS)]
    work = "all pairs of 1,000 audiences"
    ours, counts = min((once(lambda: pairwise(sets)) for _ in range(3)), key=lambda run: run[0])
    yield Figure(
        work=work, people=PEOPLE, engine="houselights", value=ours, bar=f"≤ {BAR_MS:,.0f} ms", met=ours <= BAR_MS
    )
    traits = Roaring(index).traits
    some = traits[:: TRAITS // SAMPLE][:SAMPLE]
    taken, found = once(lambda: [[a.intersection_cardinality(b) for b in traits] for a in some])
    assert np.array_equal(np.array(found), counts[:: TRAITS // SAMPLE][:SAMPLE])
    theirs = taken / (SAMPLE * TRAITS) * (TRAITS * (TRAITS + 1) / 2)
    engine = f"pyroaring (scaled up from {SAMPLE * TRAITS:,} pairs)"
    yield Figure(work=work, people=PEOPLE, engine=engine, value=theirs, beside=beside(ours, theirs))
