"""Hashed records as columns: for each field the 32 bytes of every record's hash, and which records have one.

Built once at the door of matching, from hexadecimal text; everything behind it is arithmetic on whole columns. The hash
of nothing counts as absent. Refuses text that is no SHA-256 hash: who sends one is told so where it came in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from houselights.identity.fields import FIELDS
from houselights.identity.hashing import NOTHING
from houselights.identity.kernels.hexadecimal import HASH_CHARACTERS, read_hashes

Digests = NDArray[np.uint8]  # (n, 32)
Mask = NDArray[np.bool_]  # (n,)

_NOTHING = np.frombuffer(bytes.fromhex(NOTHING), np.uint8)


@dataclass(frozen=True, slots=True)
class HashedRecords:
    """`count` records. `digests[field]` is (count, 32), `present[field]` (count,); a field nobody has is not there."""

    count: int
    digests: Mapping[str, Digests] = field(default_factory=dict)
    present: Mapping[str, Mask] = field(default_factory=dict)

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, str | None]]) -> "HashedRecords":
        """Return the records of mappings from field to a hash in hexadecimal; other keys are passed over.

        None, "" and the hash of nothing mean that the record has no such field. Raises ValueError for anything else
        that is not 64 hexadecimal digits, naming the field and the row.
        """
        digests: dict[str, Digests] = {}
        present: dict[str, Mask] = {}
        for name in FIELDS:
            given = [row.get(name) or "" for row in rows]
            if any(given):
                digests[name], present[name] = _read(name, given)
        return cls(len(rows), digests, present)

    def take(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> "HashedRecords":
        """Return some of the records, by number or mask, in that order."""
        count = len(np.arange(self.count)[places])
        digests = {name: each[places] for name, each in self.digests.items()}
        return HashedRecords(count, digests, {name: each[places] for name, each in self.present.items()})

    def having(self, fields: Sequence[str]) -> Mask:
        """Return which records have all of some fields."""
        every = np.ones(self.count, np.bool_)
        for name in fields:
            every &= self.present.get(name, np.zeros(self.count, np.bool_))
        return every

    def rows(self) -> Iterator[dict[str, str]]:
        """Yield the records as mappings again, absent fields left out."""
        for place in range(self.count):
            yield {
                name: each[place].tobytes().hex() for name, each in self.digests.items() if self.present[name][place]
            }


def _read(name: str, given: list[str]) -> tuple[Digests, Mask]:
    """Return the hashes of one field and who has one."""
    known = np.array([bool(each) for each in given], np.bool_)
    texts = [each for each in given if each]
    wrong = next((each for each in texts if len(each) != HASH_CHARACTERS or not each.isascii()), None)
    digests = np.zeros((len(given), 32), np.uint8)
    if wrong is None:
        found = np.empty((len(texts), 32), np.uint8)
        fits = np.empty(len(texts), np.bool_)
        read_hashes(np.frombuffer("".join(texts).encode("ascii"), np.uint8), found, fits)
        digests[known] = found
        wrong = next((text for text, fit in zip(texts, fits, strict=True) if not fit), None) if not fits.all() else None
    if wrong is not None:
        raise ValueError(f"{name} of row {given.index(wrong)} is not a SHA-256 hash")
    return digests, known & (digests != _NOTHING).any(axis=1)
