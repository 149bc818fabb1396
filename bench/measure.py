"""Times things the same way for everybody: warm up, run several times, take the middle. Compares nothing."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

RUNS_MOST = 15
SECONDS_MOST = 6.0  # of one measurement; slow peers get fewer runs, never less than three


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report. `bar` is the promise, `met` whether it was kept (None: no promise for this line)."""

    work: str
    people: int
    engine: str
    value: float
    unit: str = "ms"
    beside: str = ""
    bar: str = ""
    met: bool | None = None


def p50(work: Callable[[], T]) -> tuple[float, T]:
    """Return the median milliseconds of several runs after one that does not count, and the last answer."""
    answer = work()
    taken: list[float] = []
    while len(taken) < 3 or (len(taken) < RUNS_MOST and sum(taken) < SECONDS_MOST * 1000):
        start = time.perf_counter()
        answer = work()
        taken.append((time.perf_counter() - start) * 1000)
    return sorted(taken)[len(taken) // 2], answer


def p50_of_both(first: Callable[[], T], second: Callable[[], T]) -> tuple[float, float]:
    """Return the median milliseconds of two works done in turns, so that a busy machine slows both alike."""
    first(), second()
    taken = [(once(first)[0], once(second)[0]) for _ in range(RUNS_MOST)]
    middle = RUNS_MOST // 2
    return sorted(a for a, _ in taken)[middle], sorted(b for _, b in taken)[middle]


def once(work: Callable[[], T]) -> tuple[float, T]:
    """Return the milliseconds of a single run, for what takes seconds anyway, and the answer."""
    start = time.perf_counter()
    answer = work()
    return (time.perf_counter() - start) * 1000, answer


def beside(ours: float, theirs: float) -> str:
    """Say how many times longer a peer took."""
    return f"{theirs / ours:,.1f}×"
