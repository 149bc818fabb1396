"""Runs the same work in several threads at once, for tests about who wins."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def together(count: int, work: Callable[[int], T]) -> list[T | Exception]:
    """Run `work(0)`, `work(1)`, … in threads that start together; return what each returned or raised, in order."""
    gate = threading.Barrier(count)
    results: list[T | Exception] = [RuntimeError("did not run")] * count

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = work(number)
        except Exception as error:  # what was raised is the result
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
