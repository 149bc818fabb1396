"""Calls run once each, in any order, and their answers and errors come back in order."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.engine.workers import concurrently, ranges


def test_answers_come_in_the_order_of_the_calls() -> None:
    assert concurrently([lambda n=n: n * n for n in range(100)]) == [n * n for n in range(100)]  # type: ignore[misc]
    assert concurrently([]) == []


def test_an_error_is_raised_again() -> None:
    def fail() -> int:
        raise ArithmeticError("no")

    with pytest.raises(ArithmeticError, match="no"):
        concurrently([lambda: 1, fail, lambda: 3])


def test_calls_within_calls_do_not_block() -> None:
    def outer() -> int:
        return sum(concurrently([lambda: 1] * 4))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: concurrently([outer] * 4), range(32)))
    assert answers == [[4] * 4] * 32


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_has_workers_of_its_own() -> None:
    concurrently([lambda: 1] * 4)
    child = os.fork()
    if child == 0:
        os._exit(0 if concurrently([lambda: 1] * 4) == [1] * 4 else 1)
    assert os.waitpid(child, 0)[1] == 0


@given(st.integers(0, 1000), st.integers(0, 50))
def test_ranges_cover_everything_once(size: int, parts: int) -> None:
    cut = ranges(size, parts)
    assert list(chain.from_iterable(range(low, high) for low, high in cut)) == list(range(size))
    assert len(cut) <= max(1, parts)
