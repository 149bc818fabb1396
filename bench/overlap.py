"""One audience against 1,000 traits, from 0.1 to 30 % of everyone, beside the peers and the speed of memory."""

from collections.abc import Iterator

import numpy as np

from bench.bandwidth import bandwidth, touched
from bench.measure import Figure, beside, p50
from bench.peers import peers
from bench.population import audience_ids, population
from houselights.engine.overlap import overlaps, plan_overlaps
from houselights.engine.people_set import PeopleSet

BARS_MS = {0.001: 4.0, 0.01: 25.0, 0.05: 60.0, 0.3: 90.0}  # at 10 M people
BARS_BESIDE = {"DuckDB SQL": 10.0, "chdb bitmaps": 5.0, "chdb rows": 40.0}
BAR_MEMORY = 1.3


def measure(people: int) -> Iterator[Figure]:
    """Yield, for each share, our line, what memory alone would take, and each peer's."""
    index = population(people)
    speed = bandwidth()
    others = peers(people)
    for share, limit_ms in BARS_MS.items():
        work = f"overlap of {share:.1%} with 1,000 traits"
        ids = audience_ids(people, share)
        audience = PeopleSet.from_ids(ids, people)
        ours, answer = p50(lambda: overlaps(index, audience))  # noqa: B023 — called before the next turn
        shape = plan_overlaps(index, audience)[0].shape.name.lower().replace("_", " ")
        limit = f"≤ {limit_ms:.0f} ms" if people >= 10_000_000 else ""
        yield Figure(
            work=work, people=people, engine=f"houselights ({shape})", value=ours, bar=limit,
            met=ours <= limit_ms if limit else None,
        )  # fmt: skip
        alone = touched(index, audience) / speed * 1000
        yield Figure(
            work=work, people=people, engine=f"memory alone, {speed / 1e9:.0f} GB/s", value=alone,
            beside=f"ours is {ours / alone:.2f}× this", bar=f"≤ {BAR_MEMORY}×" if limit else "",
            met=ours <= BAR_MEMORY * alone if limit else None,
        )  # fmt: skip
        others.load_audience(ids)
        for engine, ask in others.overlaps():
            theirs, found = p50(ask)
            assert np.array_equal(found, answer), engine
            least = BARS_BESIDE.get(engine)
            yield Figure(
                work=work, people=people, engine=engine, value=theirs, beside=beside(ours, theirs),
                bar=f"≥ {least:.0f}×" if least else "", met=theirs / ours >= least if least else None,
            )  # fmt: skip
