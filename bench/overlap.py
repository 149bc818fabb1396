"""One audience against 1,000 traits, from 0.1 to 30 % of everyone, beside the peers and the speed of memory."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bench.bandwidth import bandwidth, touched
from bench.measure import Figure, beside, p50
from bench.peers import POLARS_PEOPLE_MOST, ClickHouse, DuckDB, Polars, Roaring
from bench.population import audience_ids, population
from houselights.engine.overlap import overlaps, plan_overlaps
from houselights.engine.people_set import PeopleSet

BARS_MS = {0.001: 4.0, 0.01: 25.0, 0.05: 60.0, 0.3: 90.0}  # at 10 M people
BARS_BESIDE = {"DuckDB SQL": 10.0, "chdb bitmaps": 5.0, "chdb rows": 40.0}
BAR_MEMORY = 1.3

Counts = np.ndarray[Any, np.dtype[np.int64]]


def measure(people: int) -> Iterator[Figure]:
    """Yield, for each share, our line, what memory alone would take, and each peer's."""
    index = population(people)
    speed = bandwidth()
    peers = Peers(people)
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
            beside=beside(ours, alone), bar=f"≥ {1 / BAR_MEMORY:.2f}×", met=ours <= BAR_MEMORY * alone,
        )  # fmt: skip
        peers.load(ids)
        for engine, ask in peers.ways():
            theirs, found = p50(ask)
            assert np.array_equal(found, answer), engine
            least = BARS_BESIDE.get(engine)
            yield Figure(
                work=work, people=people, engine=engine, value=theirs, beside=beside(ours, theirs),
                bar=f"≥ {least:.0f}×" if least else "", met=theirs / ours >= least if least else None,
            )  # fmt: skip
    peers.close()


class Peers:
    """Everybody who answers the same question."""

    def __init__(self, people: int):
        self.roaring = Roaring(population(people))
        self.duck = DuckDB(people)
        self.clickhouse = ClickHouse(people)
        self.polars = Polars(people) if people <= POLARS_PEOPLE_MOST else None

    def load(self, ids: Any) -> None:
        for peer in (self.roaring, self.duck, self.clickhouse, self.polars):
            if peer is not None:
                peer.load_audience(ids)

    def ways(self) -> Iterator[tuple[str, Callable[[], Counts]]]:
        yield "pyroaring", self.roaring.overlaps
        yield "chdb bitmaps", self.clickhouse.overlaps_of_bitmaps
        yield "DuckDB SQL", self.duck.overlaps
        yield "chdb rows", self.clickhouse.overlaps_of_rows
        if self.polars is not None:
            yield "polars", self.polars.overlaps

    def close(self) -> None:
        self.duck.close()
        self.clickhouse.close()
