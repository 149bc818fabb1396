"""Runs kernels on every core. Safe to call from any number of threads at once; knows nothing of what it runs."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count, pairwise
from threading import Lock
from typing import TypeVar

T = TypeVar("T")

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

_lock = Lock()
_pool: ThreadPoolExecutor | None = None


def _forget() -> None:
    """A forked child has the pool's record but not its threads."""
    global _pool
    _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _threads() -> ThreadPoolExecutor:
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(max(1, CORES - 1), thread_name_prefix="kernel")
        return _pool


def concurrently(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Call each function once, several at a time, and return what they return, in order.

    The calling thread takes part: it pulls calls from the same counter as the pool's threads, so a busy pool makes
    an answer slower but can never block it. The first exception is raised again here.
    """
    if len(calls) < 2 or CORES < 2:
        return [call() for call in calls]
    results: list[T | None] = [None] * len(calls)
    turns = count()  # next() on a counter is one step under the interpreter lock

    def pull() -> None:
        while (turn := next(turns)) < len(calls):
            results[turn] = calls[turn]()

    others = [_threads().submit(pull) for _ in range(min(CORES, len(calls)) - 1)]
    try:
        pull()
    finally:
        waiting = [other for other in others if not other.cancel()]
    for other in waiting:
        other.result()
    return results  # type: ignore[return-value]  # every place was filled, or an exception was raised


def ranges(size: int, parts: int) -> list[tuple[int, int]]:
    """Cut [0, size) into at most `parts` non-empty half-open ranges of nearly equal length."""
    edges = [size * part // max(1, parts) for part in range(max(1, parts) + 1)]
    return [(low, high) for low, high in pairwise(edges) if low < high]
