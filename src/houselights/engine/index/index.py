"""An index, open: who exists, who carries which trait, both ways, and measures. Mapped, immutable, thread-safe."""

import json
from collections.abc import Mapping
from copy import copy
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from houselights.base.errors import Unavailable
from houselights.engine.index.catalogue_file import load_catalogue
from houselights.engine.index.shard import ROW_GROUP, SHARD_BLOCKS, SHARD_PEOPLE, Shard
from houselights.engine.kernels.roaring import unpack
from houselights.engine.people_set import BLOCK_WORDS, PeopleSet, blocks_of
from houselights.model.catalogue import Catalogue

FORMAT = 1

Array = np.ndarray[Any, Any]


def shard_folder(folder: Path, number: int) -> Path:
    """Return where a shard lies below its index."""
    return folder / f"shard-{number:05}"


class Index:
    """One generation of a workspace's people, ready to be asked.

    `bitmaps` is uint64 [shard number, trait id]: the address of the trait's bitmap in that shard, 0 for none; `dense`
    likewise of its plain words, for traits that have them.
    `trait_counts` is int64 by trait id. Everything stays valid as long as the Index lives.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any], shards: tuple[Shard, ...], catalogue: Catalogue):
        self.folder = folder
        self.shards = shards
        self.catalogue = catalogue
        self.generation: int = about["generation"]
        self.capacity: int = about["capacity"]
        self.as_of = datetime.fromisoformat(about["as_of"])
        self.built_at = datetime.fromisoformat(about["built_at"])
        self.tables: Mapping[str, int] = about["tables"]
        self.measure_names: tuple[str, ...] = tuple(about["measures"])
        self._gone: frozenset[int] = frozenset()
        self.everyone = self._everyone()
        self.trait_counts, self.bitmaps, self.dense = self._directory()

    @classmethod
    def open(cls, folder: Path) -> "Index":
        """Map an index folder. Raises Unavailable when it is missing, cut short or of another format."""
        try:
            about = json.loads((folder / "meta.json").read_text())
            if about["format"] != FORMAT:
                raise Unavailable(f"the index {folder.name} has format {about['format']}, not {FORMAT}: build it again")
            shards = tuple(Shard.open(shard_folder(folder, number)) for number in about["shards"])
            catalogue = load_catalogue(folder / "catalogue.json")
        except (OSError, ValueError, KeyError) as error:
            raise Unavailable(f"the index {folder.name} cannot be opened: {error}") from error
        return cls(folder, about, shards, catalogue)

    def without(self, people: Array) -> "Index":
        """Return the index as if some people (ids, uint32) were gone; the files stay as they are.

        Whatever counts or sums leaves them out. Bitmaps and rows still have them: a set is cut to `everyone`.
        """
        gone = [int(each) for each in people if int(each) in self.everyone]
        if not gone:
            return self
        other = copy(self)
        other.__dict__.pop("measures", None)
        other.everyone = self.everyone - PeopleSet.from_ids(gone, self.capacity)
        other.trait_counts = self.trait_counts.copy()
        other._gone = self._gone | frozenset(gone)
        for each in gone:
            other.trait_counts[self.traits_of(each)] -= 1
        return other

    def _everyone(self) -> PeopleSet:
        words = np.zeros(blocks_of(self.capacity) * BLOCK_WORDS, np.uint64)
        for shard in self.shards:
            unpack(shard.everyone.ctypes.data, 0, words)
        return PeopleSet(words, self.capacity)

    def _directory(self) -> tuple[Array, Array, Array]:
        counts = np.zeros(self.catalogue.size, np.int64)
        shards = -(-blocks_of(self.capacity) // SHARD_BLOCKS)
        bitmaps = np.zeros((shards, max(1, self.catalogue.size)), np.uint64)
        dense = np.zeros_like(bitmaps)
        for shard in self.shards:
            traits = shard.directory["trait"]
            rows = shard.directory["dense"]
            has = rows > 0
            places = (rows[has].astype(np.uint64) - np.uint64(1)) * np.uint64(shard.blocks * BLOCK_WORDS * 8)
            dense[shard.number, traits[has]] = places + np.uint64(shard.dense.ctypes.data)
            counts[traits] += shard.directory["people"]
            bitmaps[shard.number, traits] = shard.directory["start"] + np.uint64(shard.bitmaps.ctypes.data)
        return counts, bitmaps, dense

    @property
    def people(self) -> int:
        """How many people exist."""
        return len(self.everyone)

    @property
    def pairs(self) -> int:
        """How many (person, trait) pairs there are."""
        return sum(shard.pairs for shard in self.shards)

    @cached_property
    def nbytes(self) -> int:
        """Bytes of all files, measures included: what the index takes of memory once everything was touched."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    @cached_property
    def measures(self) -> dict[str, Array]:
        """Each measure as float32 by person id, `capacity` long; people without a value have 0."""
        whole = {name: np.zeros(self.capacity, np.float32) for name in self.measure_names}
        for shard in self.shards:
            start = shard.number * SHARD_PEOPLE
            for name, values in shard.measures.items():
                whole[name][start : start + shard.extent] = values
        for values in whole.values():
            values[list(self._gone)] = 0
        return whole

    def measure_sums(self, name: str) -> Array:
        """Return Σ of a measure over the carriers of each trait: float64 by trait id. KeyError for an unknown name."""
        if name not in self.measure_names:
            raise KeyError(name)
        sums = np.zeros(self.catalogue.size, np.float64)
        for shard in self.shards:
            sums[shard.directory["trait"]] += shard.sums[name]
        for person in self._gone:
            shard = self._shard_of(person)
            sums[self._traits_in(shard, person)] -= shard.measures[name][person % SHARD_PEOPLE]
        return sums

    def trait_people(self, trait_id: int) -> PeopleSet:
        """Return the carriers of a trait; nobody for an id that the catalogue does not have."""
        if self._gone:
            return self._carriers(trait_id) & self.everyone
        return self._carriers(trait_id)

    def _carriers(self, trait_id: int) -> PeopleSet:
        words = np.zeros(blocks_of(self.capacity) * BLOCK_WORDS, np.uint64)
        if 0 <= trait_id < self.catalogue.size:
            for address in self.bitmaps[:, trait_id]:
                if address:
                    unpack(address, 0, words)
        return PeopleSet(words, self.capacity)

    def traits_of(self, person_id: int) -> list[int]:
        """Return the trait ids a person carries, ascending; none for a person who does not exist."""
        if person_id not in self.everyone:
            return []
        return self._traits_in(self._shard_of(person_id), person_id)

    def _shard_of(self, person_id: int) -> Shard:
        return next(each for each in self.shards if each.number == person_id // SHARD_PEOPLE)

    def _traits_in(self, shard: Shard, person_id: int) -> list[int]:
        place = person_id % SHARD_PEOPLE
        return [
            group * ROW_GROUP + int(value)
            for group, (offsets, values) in shard.rows.items()
            for value in values[offsets[place] : offsets[place + 1]]
        ]
