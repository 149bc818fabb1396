"""Slows callers down. Counts requests by whatever key it is given; knows no client, path or HTTP.

A window that moves with time, by the `limits` library: "10/second" means that in any one second at most ten pass,
wherever the second begins. Counters live in this process by default; several processes share them when given a
storage of `limits`, such as `redis://…`.
"""

import math
import time
from functools import lru_cache

from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from houselights.base.errors import InvalidInput, TooManyRequests


class Throttle:
    """Counts per key and limit. Thread-safe."""

    def __init__(self, storage: str = "memory://"):
        self._storage = storage_from_string(storage)
        self._window = MovingWindowRateLimiter(self._storage)

    def check(self, key: str, limit: str) -> None:
        """Count a request of `key`, such as client and path, against a limit such as "10/second" or "100 per hour".

        Raises TooManyRequests, with the whole seconds after which the next one would pass; a refused request does
        not count. Raises InvalidInput for a limit that cannot be read.
        """
        item = _parsed(limit)
        if self._window.hit(item, key):
            return
        opens_at, _left = self._window.get_window_stats(item, key)
        wait = math.ceil(opens_at - time.time())
        raise TooManyRequests(
            f"more than {item.amount} {'request' if item.amount == 1 else 'requests'} in {_span(item)}",
            retry_after_seconds=wait,
        )

    def reset(self) -> None:
        """Forget everything counted."""
        self._storage.reset()


@lru_cache(maxsize=1024)
def _parsed(limit: str) -> RateLimitItem:
    try:
        return parse(limit)
    except ValueError as error:
        raise InvalidInput(f'not a rate limit: "{limit}"', hint='write "10/second" or "100 per hour"') from error


def _span(item: RateLimitItem) -> str:
    seconds = item.get_expiry()
    return "one second" if seconds == 1 else f"{seconds} seconds"
