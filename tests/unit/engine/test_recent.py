"""What was longest unused goes first; what is heavier than the limit is never kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from houselights.engine.recent import Recent


def test_the_longest_unused_goes_first() -> None:
    kept: Recent[str, str] = Recent(6, len)
    kept["a"], kept["b"], kept["c"] = "xx", "xx", "xx"
    assert kept["a"] == "xx"  # so "b" is the longest unused
    kept["d"] = "xx"
    assert list(kept) == ["c", "a", "d"]


def test_what_is_too_heavy_is_not_kept() -> None:
    kept: Recent[str, str] = Recent(3, len)
    kept["a"] = "xxxx"
    assert dict(kept) == {}


def test_a_replaced_value_weighs_once() -> None:
    kept: Recent[str, str] = Recent(4, len)
    for _ in range(10):
        kept["a"] = "xx"
    kept["b"] = "xx"
    assert len(kept) == 2
    del kept["a"]
    with pytest.raises(KeyError):
        del kept["a"]
    kept["c"] = "xx"
    assert set(kept) == {"b", "c"}


def test_many_threads_may_use_it() -> None:
    kept: Recent[int, bytes] = Recent(100, len)

    def work(seed: int) -> None:
        for n in range(300):
            kept[(seed * n) % 37] = b"x" * (n % 7)
            kept.get(n % 37)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(1, 9)))
    assert sum(len(value) for value in kept.values()) <= 100
