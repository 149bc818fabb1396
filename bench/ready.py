"""From starting a process to its first answer, and what the index takes per pair."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from bench.measure import Figure
from bench.population import FOLDER, population

BAR_SECONDS = 3.0
BAR_BYTES = 5.0

START = """
import time
started = time.perf_counter()
import sys
from pathlib import Path
from houselights.engine.bitmap import NoLeaves, evaluate
from houselights.engine.index import Index
from houselights.engine.overlap import overlaps
from houselights.engine.warm import warm_up
from houselights.rules.tree import HasTrait, Not
warm_up()
index = Index.open(Path(sys.argv[1]))
opened = time.perf_counter() - started
people = evaluate(index, Not(HasTrait("f", ("1", "2"))), None, NoLeaves(index.capacity))
overlaps(index, people)
print(opened, time.perf_counter() - started)
"""


def start(people: int, **environment: str) -> tuple[float, float]:
    """Return seconds until a fresh process has the index open, and until it has given its first answer."""
    done = subprocess.run(
        [sys.executable, "-c", START, str(FOLDER / f"population-{people}")],
        env=os.environ | environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    opened, answered = done.stdout.split()
    return float(opened), float(answered)


def measure(people: int) -> Iterator[Figure]:
    """Yield readiness with kernels on disk, the same without them, and bytes per pair."""
    index = population(people)
    runs = sorted(start(people) for _ in range(4))
    opened, answered = runs[len(runs) // 2]
    bar, met = f"≤ {BAR_SECONDS:.0f} s", opened <= BAR_SECONDS
    yield Figure(
        work="ready", people=people, engine="process start to open index", value=opened, unit="s", bar=bar, met=met
    )
    yield Figure(work="ready", people=people, engine="… to first size and overlaps", value=answered, unit="s")
    with tempfile.TemporaryDirectory() as empty:
        compiled, _ = start(people, NUMBA_CACHE_DIR=empty)
    yield Figure(work="ready", people=people, engine="… the first time on a machine", value=compiled, unit="s")
    each = index.nbytes / index.pairs
    bar, met = f"≤ {BAR_BYTES:.0f}", each <= BAR_BYTES
    yield Figure(work="memory", people=people, engine="index", value=each, unit="bytes/pair", bar=bar, met=met)
