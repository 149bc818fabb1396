"""Remembers the most recently used values, up to a number of bytes. Thread-safe; knows nothing of what it holds."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, MutableMapping
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(MutableMapping[K, V], Generic[K, V]):
    """A mapping that forgets what was longest unused once its values weigh more than `limit_bytes`.

    `weigh` gives the bytes of a value. A value heavier than the limit is not kept at all.
    """

    def __init__(self, limit_bytes: int, weigh: Callable[[V], int]):
        self.limit_bytes = limit_bytes
        self._weigh = weigh
        self._values: OrderedDict[K, V] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def __getitem__(self, key: K) -> V:
        with self._lock:
            self._values.move_to_end(key)
            return self._values[key]

    def __setitem__(self, key: K, value: V) -> None:
        with self._lock:
            self._forget(key)
            self._values[key] = value
            self._weight += self._weigh(value)
            while self._weight > self.limit_bytes:
                self._forget(next(iter(self._values)))

    def __delitem__(self, key: K) -> None:
        with self._lock:
            if key not in self._values:
                raise KeyError(key)
            self._forget(key)

    def _forget(self, key: K) -> None:
        if key in self._values:
            self._weight -= self._weigh(self._values.pop(key))

    def __iter__(self) -> Iterator[K]:
        with self._lock:
            return iter(list(self._values))

    def __len__(self) -> int:
        return len(self._values)
