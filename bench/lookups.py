"""`python -m bench.lookups [--places 200000]`: how long it takes to find a place by part of its name; the bar is 20 ms.

Beside us, in the same run, SQLite looks for the same letters with LIKE in a column folded beforehand, orders what it
finds likewise, and returns the first twenty. How many are found, and the first twenty, are asserted equal.
"""

import argparse
import sqlite3
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from bench.measure import Figure, beside, once, p50
from bench.report import show
from houselights.base.text import fold
from houselights.model.catalogue import Catalogue, Facet, Trait

BAR_MILLISECONDS = 20.0
SHOWN = 20
BEGIN = ("New ", "Port ", "San ", "São ", "Saint-", "Bad ", "El ", "", "", "", "", "", "", "")
STEMS = (
    "spring",
    "green",
    "lon",
    "mar",
    "ka",
    "río",
    "öst",
    "ber",
    "vil",
    "cam",
    "ash",
    "nor",
    "hav",
    "łod",
    "dun",
    "par",
)
ENDS = ("field", "ville", "ton", "burg", "holm", "don", "ñez", "ia", "is", "á", "stad", " Bay", " Falls", "ham")
ASKED = ("s", "sao", "SÃO MAR", "new", "springfield", "ville", "o b", "qqq", "norashville", "bay")


def places(number: int) -> Catalogue:
    """Return places with made-up names, many of them the same, and populations, few of them large."""
    random = np.random.default_rng(3)
    parts = [random.integers(0, len(each), number) for each in (BEGIN, STEMS, STEMS, ENDS)]
    population = (random.pareto(1.1, number) * 1_000).astype(int)
    traits = []
    for place, (begin, one, two, end) in enumerate(zip(*(part.tolist() for part in parts), strict=True)):
        name = BEGIN[begin] + (STEMS[one] + (STEMS[two] if two % 2 else "") + ENDS[end]).title()
        sizes = {"population": int(population[place])}
        traits.append(Trait(id=place, facet="city", key=str(place), name=name, path=(name,), attributes=sizes))
    return Catalogue([Facet(key="city", name="City", role="city")], traits)


def peer_of(catalogue: Catalogue) -> sqlite3.Connection:
    """Return SQLite with the same names, folded."""
    peer = sqlite3.connect(":memory:")
    peer.execute("CREATE TABLE place (id INTEGER PRIMARY KEY, folded TEXT, size INTEGER, length INTEGER)")
    rows = (
        (each.id, fold(each.name), each.attributes["population"], len(each.name)) for each in catalogue.traits.values()
    )
    peer.executemany("INSERT INTO place VALUES (?, ?, ?, ?)", rows)
    return peer


def by_peer(peer: sqlite3.Connection, words: str) -> tuple[int, list[int]]:
    """Return how many places SQLite finds, and the first of them."""
    wanted = fold(words).split()
    whole = " ".join(wanted)
    where = " AND ".join("folded LIKE ?" for _ in wanted)
    inside = [f"%{word}%" for word in wanted]
    rank = (
        f"CASE WHEN folded = ? THEN 0 WHEN folded LIKE ? THEN 1 WHEN {where} THEN 2 ELSE 3 END, size DESC, length, id"
    )
    given = [*inside, f" {whole} ", f" {whole}%", *(f"% {word}%" for word in wanted)]
    found = peer.execute(f"SELECT id FROM place WHERE {where} ORDER BY {rank} LIMIT {SHOWN}", given).fetchall()
    (number,) = peer.execute(f"SELECT count(*) FROM place WHERE {where}", inside).fetchone()
    return number, [each for (each,) in found]


def measure(number: int) -> Iterator[Figure]:
    """Yield what the first search takes, and others."""
    catalogue = places(number)
    pa.array([""])  # which imports whatever Arrow likes to have at hand
    first, _ = once(lambda: catalogue.search("x", facet="city"))
    work = f"among {number:,} places"
    yield Figure(work=f"{work}, the first search of a generation", people=0, engine="houselights", value=first)
    peer = peer_of(catalogue)

    def ours(words: str) -> tuple[int, list[int]]:
        hits = catalogue.search(words, facet="city")
        return len(hits), [each.id for each in hits[:SHOWN]]

    for words in ASKED:
        taken, found = p50(lambda: ours(words))  # noqa: B023 — asked at once
        theirs, told = p50(lambda: by_peer(peer, words))  # noqa: B023
        assert found == told, words
        question = f"{work}, “{words}”: {found[0]:,} found"
        yield Figure(
            work=question, people=0, engine="houselights", value=taken, bar=f"≤ {BAR_MILLISECONDS:.0f} ms",
            met=taken <= BAR_MILLISECONDS,
        )  # fmt: skip
        yield Figure(work=question, people=0, engine="SQLite, LIKE", value=theirs, beside=beside(taken, theirs))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.lookups", description=__doc__)
    parser.add_argument("--places", type=int, default=200_000)
    show(list(measure(parser.parse_args().places)))


if __name__ == "__main__":
    main()
