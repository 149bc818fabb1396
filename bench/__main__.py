"""`python -m bench [--people 1000000 10000000] [--only size overlap …]`: measure, print, write docs/benchmarks.md."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from bench import doubling, lists, lookalikes, overlap, pairs, pql, ready, size, uploads
from bench.measure import Figure
from bench.peers import release
from bench.report import machine, show, write
from houselights.engine.warm import warm_up

BENCHES: dict[str, Callable[[int], Iterator[Figure]]] = {
    "size": size.measure,
    "overlap": overlap.measure,
    "pairs": pairs.measure,
    "ready": ready.measure,
    "doubling": doubling.measure,
    "lookalikes": lookalikes.measure,
    # a million people and twenty million events fill the machine
    "pql": lambda _: pql.measure(1_000_000),
    "lists": lambda _: lists.measure(1_000_000),
    "uploads": lambda people: uploads.measure(people, uploads.SECONDS, uploads.RATE, inside=False),
}
ALWAYS_THE_SAME_PEOPLE = {"pairs", "pql", "lists", "uploads"}


def main() -> None:
    """Run what was asked for. The page is written when everything was run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--only", nargs="+", choices=list(BENCHES), default=list(BENCHES))
    parser.add_argument("--write", type=Path, default=Path("docs/benchmarks.md"))
    asked = parser.parse_args()
    Console().print(machine())
    warm_up()
    figures: list[Figure] = []
    for people in asked.people:
        for name in asked.only:
            if name not in ALWAYS_THE_SAME_PEOPLE or people == asked.people[-1]:
                here = list(BENCHES[name](people))
                show(here)
                figures += here
        release()  # the next population needs the memory
    if set(asked.only) == set(BENCHES):
        write(asked.write, figures)
        Console().print(f"written to {asked.write}")


if __name__ == "__main__":
    main()
