"""Ten a second means ten a second, for each key by itself, whoever asks at once."""

import threading

import pytest

from houselights.base.errors import InvalidInput, TooManyRequests
from houselights.services.throttle import Throttle


def test_over_the_limit_says_how_long_to_wait() -> None:
    throttle = Throttle()
    for _ in range(3):
        throttle.check("acme /insights", "3/minute")
    with pytest.raises(TooManyRequests) as caught:
        throttle.check("acme /insights", "3/minute")
    assert 1 <= caught.value.retry_after_seconds <= 60
    assert caught.value.message == "more than 3 requests in 60 seconds"


def test_keys_are_counted_apart() -> None:
    throttle = Throttle()
    throttle.check("acme /insights", "1/hour")
    throttle.check("acme /audiences", "1/hour")
    throttle.check("other /insights", "1/hour")
    with pytest.raises(TooManyRequests):
        throttle.check("acme /insights", "1/hour")


def test_the_wait_is_at_least_a_second_and_then_the_window_has_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    throttle = Throttle()
    throttle.check("a", "1/second")
    with pytest.raises(TooManyRequests) as caught:
        throttle.check("a", "1/second")
    assert caught.value.retry_after_seconds == 1
    now += 1.001
    throttle.check("a", "1/second")


def test_refused_requests_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    throttle = Throttle()
    throttle.check("a", "1/10 seconds")
    for _ in range(20):
        now += 0.45
        with pytest.raises(TooManyRequests):
            throttle.check("a", "1/10 seconds")
    now += 1.1
    throttle.check("a", "1/10 seconds")


def test_threads_together_get_no_more_than_the_limit() -> None:
    throttle, passed, gate = Throttle(), [], threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        for _ in range(50):
            try:
                throttle.check("a", "100/hour")
            except TooManyRequests:
                continue
            passed.append(1)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 100


def test_a_limit_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not a rate limit"):
        Throttle().check("a", "often")


def test_reset_forgets() -> None:
    throttle = Throttle()
    throttle.check("a", "1/hour")
    throttle.reset()
    throttle.check("a", "1/hour")
