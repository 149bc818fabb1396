"""Who has an identity: an exact lookup from (namespace, value) to people, in memory or memory-mapped.

Each namespace has its own section, sorted by the 128-bit key of the value, and a table that says where keys begin with
which bits; a key is found in two or three reads. Knows no policy: of what several people have it says so, and who they
are when asked. lookup_files.py writes and opens them on disk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from houselights.identity.columns import Digests
from houselights.identity.kernels.keys import keys_of_rows, keys_of_texts
from houselights.identity.kernels.sorted import SHARED, find_places, fold, settle
from houselights.identity.namespaces import NAMESPACES
from houselights.identity.postal import COMBINATIONS

NOBODY = -1
SEVERAL = -2
Keys = NDArray[np.uint64]  # (n, 2)
People = NDArray[np.uint32]
Found = NDArray[np.int64]

BUCKET_ENTRIES = 4
LONGEST_RUN = 32
HASHED = frozenset({*(name for name, each in NAMESPACES.items() if each.forms is not None), *COMBINATIONS})


class Finder(Protocol):
    """Finds people by keys of a namespace."""

    def find(self, namespace: str, keys: Keys) -> Found:
        """Return for each key the person who has it, NOBODY, or SEVERAL."""
        ...

    def owners(self, namespace: str, keys: Keys) -> list[tuple[int, ...]]:
        """Return for each key everybody who has it, ascending."""
        ...


def digest_keys(digests: Digests) -> Keys:
    """Return the keys of hashes given as (n, 32) bytes."""
    keys = np.empty((len(digests), 2), np.uint64)
    keys_of_rows(np.ascontiguousarray(digests), keys)
    return keys


def text_keys(namespace: str, values: Sequence[str]) -> Keys:
    """Return the keys of stored values: hashes in hexadecimal, or tokens, as the namespace has them."""
    encoded = [value.encode("utf-8", "surrogatepass") for value in values]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(each) for each in encoded], out=offsets[1:])
    keys = np.empty((len(encoded), 2), np.uint64)
    keys_of_texts(np.frombuffer(b"".join(encoded), np.uint8), offsets, namespace in HASHED, keys)
    return keys


@dataclass(frozen=True, slots=True)
class Section:
    """The identities of one namespace. `entries` is (n, 5): four words of key, then the person or SHARED.

    The k-th shared entry is at `shared_places[k]`; its people are those before `shared_starts[k]` in `shared_people`.
    """

    entries: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    shared_places: NDArray[np.int64]
    shared_starts: NDArray[np.int64]
    shared_people: People

    @property
    def shift(self) -> int:
        """How many bits of a key's first word do not choose its bucket."""
        return 65 - (len(self.starts) - 1).bit_length()

    def places(self, keys: Keys) -> Found:
        """Return where each key's entry is, −1 for none."""
        places = np.empty(len(keys), np.int64)
        find_places(keys, self.starts, self.entries, self.shift, places)
        return places

    def find(self, keys: Keys) -> Found:
        """Return the person of each key, NOBODY or SEVERAL."""
        places = self.places(keys)
        if not len(self.entries):
            return places
        people = self.entries[np.maximum(places, 0), 4]
        return np.where(places < 0, NOBODY, np.where(people == SHARED, SEVERAL, people.astype(np.int64)))

    def owners(self, keys: Keys) -> list[tuple[int, ...]]:
        """Return everybody who has each key, ascending."""
        return [self._owners(place) for place in self.places(keys).tolist()]

    def _owners(self, place: int) -> tuple[int, ...]:
        if place < 0:
            return ()
        person = int(self.entries[place, 4])
        if person != SHARED:
            return (person,)
        number = int(np.searchsorted(self.shared_places, place))
        begin = int(self.shared_starts[number - 1]) if number else 0
        return tuple(self.shared_people[begin : int(self.shared_starts[number])].tolist())


@dataclass(frozen=True, slots=True)
class Lookup:
    """Sections by namespace."""

    sections: Mapping[str, Section] = field(default_factory=dict)

    def find(self, namespace: str, keys: Keys) -> Found:
        """Return for each key the person who has it, NOBODY, or SEVERAL."""
        section = self.sections.get(namespace)
        return np.full(len(keys), NOBODY, np.int64) if section is None else section.find(keys)

    def owners(self, namespace: str, keys: Keys) -> list[tuple[int, ...]]:
        """Return for each key everybody who has it, ascending."""
        section = self.sections.get(namespace)
        return [()] * len(keys) if section is None else section.owners(keys)


@dataclass(frozen=True, slots=True)
class Overlaid:
    """Two lookups as one: `base`, and what was `added` to it since."""

    base: Finder
    added: Finder

    def find(self, namespace: str, keys: Keys) -> Found:
        """Return for each key the person who has it in either, NOBODY, or SEVERAL."""
        before, after = self.base.find(namespace, keys), self.added.find(namespace, keys)
        one = np.where(before == NOBODY, after, before)
        return np.where((before != NOBODY) & (after != NOBODY) & (before != after), SEVERAL, one)

    def owners(self, namespace: str, keys: Keys) -> list[tuple[int, ...]]:
        """Return for each key everybody who has it in either, ascending."""
        both = zip(self.base.owners(namespace, keys), self.added.owners(namespace, keys), strict=True)
        return [tuple(sorted({*before, *after})) for before, after in both]


def sort_rows(keys: Keys, people: People) -> tuple[Keys, People]:
    """Return rows sorted by key and person."""
    order = np.argsort(keys[:, 0])
    keys, people = keys[order], people[order]
    if len(people) and settle(keys, people, LONGEST_RUN) > LONGEST_RUN:  # an identity that very many people have
        edges = np.flatnonzero(np.diff(keys[:, 0], prepend=keys[0, 0] ^ np.uint64(1)))
        lengths = np.diff(edges, append=len(people))
        for begin, length in zip(edges[lengths > LONGEST_RUN], lengths[lengths > LONGEST_RUN], strict=True):
            run = slice(begin, begin + length)
            within = np.lexsort((people[run], keys[run, 1]))
            keys[run], people[run] = keys[run][within], people[run][within]
    return keys, people


@dataclass(frozen=True, slots=True)
class Folded:
    """Sorted rows with one entry for each key: what a section is made of, but for its table of starts."""

    entries: NDArray[np.uint32]
    shared_places: NDArray[np.int64]
    shared_starts: NDArray[np.int64]
    shared_people: People

    @classmethod
    def of(cls, keys: Keys, people: People) -> "Folded":
        """Sort and fold rows given in any order; the same row may come again."""
        keys, people = sort_rows(keys, people)
        rows = len(people)
        entries = np.empty((rows, 5), np.uint32)
        places, starts = np.empty(rows, np.int64), np.empty(rows, np.int64)
        owners = np.empty(rows + 1, np.uint32)
        count, shared, of_shared = fold(keys, people, entries, places, starts, owners)
        return cls(entries[:count], places[:shared].copy(), starts[:shared].copy(), owners[:of_shared].copy())


def bucket_bits(rows: int) -> int:
    """Return how many bits of a key choose the bucket among this many rows, at least one."""
    return max(1, (max(1, rows) // BUCKET_ENTRIES).bit_length())


def bucket_starts(counts: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return where each bucket begins and the last one ends. Raises ValueError when there are too many to number."""
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    if starts[-1] >= SHARED:
        raise ValueError("more identities in one namespace than a lookup can number")
    return starts.astype(np.uint32)


def bucket_counts(entries: NDArray[np.uint32], bits: int) -> NDArray[np.int64]:
    """Return how many entries begin with each value of the first `bits` bits (at most 32)."""
    return np.bincount(entries[:, 0] >> np.uint32(32 - bits), minlength=1 << bits)


def section(keys: Keys, people: People) -> Section:
    """Return the section of rows given in any order."""
    folded = Folded.of(keys, people)
    starts = bucket_starts(bucket_counts(folded.entries, bucket_bits(len(people))))
    return Section(folded.entries, starts, folded.shared_places, folded.shared_starts, folded.shared_people)
