"""A set of people as dense words. Immutable: every operation makes a new set, and two threads may share one."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
from pyroaring import BitMap

from houselights.engine.kernels.bits import bit_positions, set_bits

# 2^16 people, the reach of one roaring container: sets are padded to whole blocks so that no loop has a ragged end.
BLOCK_PEOPLE = 1 << 16
BLOCK_WORDS = BLOCK_PEOPLE // 64

Words = np.ndarray[Any, np.dtype[np.uint64]]
Ids = np.ndarray[Any, np.dtype[np.uint32]]


def blocks_of(capacity: int) -> int:
    """Return how many blocks hold the ids below `capacity`; never none, so that no array is empty."""
    return max(1, -(-capacity // BLOCK_PEOPLE))


class PeopleSet:
    """People whose ids lie in [0, `capacity`).

    `words` is uint64, `blocks_of(capacity) * BLOCK_WORDS` long, person p at bit p % 64 of word p // 64, read-only;
    bits at or above `capacity` are zero. Sets meet only sets of the same capacity; others raise ValueError.
    """

    __slots__ = ("__dict__", "capacity", "words")

    def __init__(self, words: Words, capacity: int):
        if words.dtype != np.uint64 or words.shape != (blocks_of(capacity) * BLOCK_WORDS,):
            raise ValueError(f"a set of capacity {capacity} has {blocks_of(capacity) * BLOCK_WORDS} uint64 words")
        self.words: Words = words.view()
        self.words.flags.writeable = False
        self.capacity = capacity

    @classmethod
    def empty(cls, capacity: int) -> "PeopleSet":
        """Nobody."""
        return cls(np.zeros(blocks_of(capacity) * BLOCK_WORDS, np.uint64), capacity)

    @classmethod
    def full(cls, capacity: int) -> "PeopleSet":
        """Every id below the capacity."""
        words = np.zeros(blocks_of(capacity) * BLOCK_WORDS, np.uint64)
        words[: capacity // 64] = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
        if capacity % 64:
            words[capacity // 64] = np.uint64((1 << (capacity % 64)) - 1)
        return cls(words, capacity)

    @classmethod
    def from_ids(cls, ids: Iterable[int] | Ids, capacity: int) -> "PeopleSet":
        """The given ids, in any order, repeats allowed. Raises ValueError when one is outside [0, capacity)."""
        given = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids))
        if given.size and (int(given.min()) < 0 or int(given.max()) >= capacity):
            raise ValueError(f"person ids must be in [0, {capacity})")
        words = np.zeros(blocks_of(capacity) * BLOCK_WORDS, np.uint64)
        set_bits(np.ascontiguousarray(given, np.uint32), words)
        return cls(words, capacity)

    @classmethod
    def from_roaring(cls, bitmap: BitMap, capacity: int) -> "PeopleSet":
        """The members of a roaring bitmap. Raises ValueError when one is outside [0, capacity)."""
        return cls.from_ids(np.frombuffer(bitmap.to_array(), np.uint32), capacity)

    def to_roaring(self) -> BitMap:
        """The same people as a roaring bitmap."""
        return BitMap(self.ids())

    def ids(self) -> Ids:
        """Return the members in ascending order."""
        ids = np.empty(len(self), np.uint32)
        bit_positions(self.words, ids)
        return ids

    def ids_of_block(self, block: int) -> Ids:
        """Return the members among the 2^16 people of one block, in ascending order."""
        words = self.words[block * BLOCK_WORDS : (block + 1) * BLOCK_WORDS]
        ids = np.empty(int(np.bitwise_count(words).sum(dtype=np.int64)), np.uint32)
        bit_positions(words, ids)
        return ids + np.uint32(block * BLOCK_PEOPLE)

    @cached_property
    def _size(self) -> int:
        return int(np.bitwise_count(self.words).sum(dtype=np.int64))

    @cached_property
    def block_sizes(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """How many members each block of 2^16 people has."""
        sizes: np.ndarray[Any, np.dtype[np.int64]]
        sizes = np.bitwise_count(self.words).reshape(-1, BLOCK_WORDS).sum(axis=1, dtype=np.int64)
        return sizes

    @property
    def nbytes(self) -> int:
        """Bytes of memory held."""
        return int(self.words.nbytes)

    @property
    def address(self) -> int:
        """Where the words lie, for kernels; valid as long as the set lives."""
        return int(self.words.ctypes.data)

    def _with(self, other: "PeopleSet") -> Words:
        if self.capacity != other.capacity:
            raise ValueError(f"sets of capacity {self.capacity} and {other.capacity} do not meet")
        return other.words

    def __len__(self) -> int:
        return self._size

    def __contains__(self, person: int) -> bool:
        if not 0 <= person < self.capacity:
            return False
        return bool(int(self.words[person >> 6]) >> (person & 63) & 1)

    def __and__(self, other: "PeopleSet") -> "PeopleSet":
        return PeopleSet(self.words & self._with(other), self.capacity)

    def __or__(self, other: "PeopleSet") -> "PeopleSet":
        return PeopleSet(self.words | self._with(other), self.capacity)

    def __sub__(self, other: "PeopleSet") -> "PeopleSet":
        return PeopleSet(self.words & ~self._with(other), self.capacity)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PeopleSet):
            return NotImplemented
        return self.capacity == other.capacity and bool(np.array_equal(self.words, other.words))

    def __hash__(self) -> int:
        return hash((self.capacity, self._size))

    def __repr__(self) -> str:
        return f"PeopleSet({len(self):,} of {self.capacity:,})"
