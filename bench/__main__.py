"""`python -m bench [--people 1000000 10000000] [--only size overlap …]`: measure, print, write docs/benchmarks.md."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bench import (
    doubling,
    edge,
    follows,
    lists,
    lookalikes,
    lookup,
    lookups,
    overlap,
    pairs,
    pql,
    ready,
    size,
    streaming,
    texts,
    uploads,
)
from bench.measure import Figure
from bench.peers import release
from bench.report import machine, show, write
from houselights.engine.warm import warm_up

BENCHES: dict[str, Callable[[int], Iterator[Figure]]] = {
    "size": size.measure,
    "overlap": overlap.measure,
    "ready": ready.measure,
    "doubling": doubling.measure,
    "lookalikes": lookalikes.measure,
}
# The promise names how many: they are measured once, with as many people as the largest of the others where it is open.
ONCE: dict[str, Callable[[int], Iterator[Figure]]] = {
    "pairs": pairs.measure,
    "pql": lambda _: pql.measure(1_000_000),
    "edge": lambda _: edge.measure(),
    "streaming": lambda _: streaming.measure(1_000_000),
    "lookup": lookup.measure,
    "uploads": lambda people: uploads.measure(people, uploads.SECONDS, uploads.RATE, inside=False),
    "lists": lambda _: lists.measure(1_000_000),
    "follows": lambda _: in_a_folder(follows.measure),
    "texts": lambda _: in_a_folder(lambda folder: texts.measure(5_000_000, folder)),
    "lookups": lambda _: lookups.measure(200_000),
}


def in_a_folder(measure: Callable[[Path], Iterator[Figure]]) -> Iterator[Figure]:
    """Yield what is measured in a folder that is gone afterwards."""
    with TemporaryDirectory() as name:
        yield from measure(Path(name))


def main() -> None:
    """Run what was asked for. The page is written when everything was run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[1_000_000, 10_000_000])
    everything = [*BENCHES, *ONCE]
    parser.add_argument("--only", nargs="+", choices=everything, default=everything)
    parser.add_argument("--write", type=Path, default=Path("docs/benchmarks.md"))
    asked = parser.parse_args()
    Console().print(machine())
    warm_up()
    figures: list[Figure] = []
    for people in asked.people:
        benches = BENCHES | ONCE if people == asked.people[-1] else BENCHES
        for name in asked.only:
            if name in benches:
                here = list(benches[name](people))
                show(here)
                figures += here
        release()  # the next population needs the memory
    if set(asked.only) == set(everything):
        write(asked.write, figures)
        Console().print(f"written to {asked.write}")


if __name__ == "__main__":
    main()
