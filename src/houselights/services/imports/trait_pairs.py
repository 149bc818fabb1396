"""Who carries which trait, from all sources: dealt into buckets as it is found, brought together at the end.

A single-valued facet that several sources, or rows of a person, speak of is settled here: the later source or the row
of higher precedence wins, person by person.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.services.imports.buckets import Buckets
from houselights.services.imports.derived import Carried, carried
from houselights.services.imports.facets import Ids, distinct
from houselights.services.imports.keys import PersonIds
from houselights.services.imports.table_shapes import shards_of
from houselights.services.imports.times import INSTANT
from houselights.services.imports.trait_book import TraitBook
from houselights.storage.lake.tables import TRAITS

NEVER = np.iinfo(np.int64).min
SLICE_ROWS = 1 << 20
Array = np.ndarray[Any, Any]


class TraitPairs:
    """(person, trait) pairs of one import, in `buckets` by name.

    `contested` are the facets that have to be settled between sources.
    """

    def __init__(self, buckets: Callable[[str], Buckets], book: TraitBook, contested: frozenset[str]):
        self._book = book
        self._plain = buckets("pairs")
        self._settled = buckets("pairs-contested")
        self._sighted = buckets("pairs-sighted")
        # By trait id: the number of its facet among the contested ones, or -1.
        numbers = {facet: number for number, facet in enumerate(sorted(contested))}
        self._facet_number = np.array([numbers.get(facet, -1) for facet in book.facet_of()] or [-1], dtype=np.int64)
        self._any = bool(contested)
        self.count = self._plain.count

    def add(self, source: int | Array, people: PersonIds, traits: Array) -> None:
        """Add pairs of people source number `source`, or of a precedence each; pairs of nobody are left out."""
        if self._any:
            open_ = self._facet_number[traits] >= 0
            number = (
                pa.repeat(pa.scalar(source, pa.uint32()), int(open_.sum()))
                if isinstance(source, int)
                else pa.array(source[open_])
            )
            self._settled.add(people[open_], {"trait": pa.array(traits[open_]), "source": number})
            people, traits = people[~open_], traits[~open_]
        self._plain.add(people, {"trait": pa.array(traits)})

    def add_sighted(self, found: Carried) -> None:
        """Add pairs that come with the instants at which they were first and last seen (NEVER where not known)."""
        people = found.people.astype(np.uint32)
        times = {"first": pa.array(found.first), "last": pa.array(found.last)}
        self._sighted.add(people, {"trait": pa.array(found.traits, pa.uint32()), **times})

    def tables(self) -> Iterator[pa.Table]:
        """Yield the lake's `traits`, in the order of people and traits, each pair once."""
        for buckets in (self._plain, self._settled, self._sighted):
            buckets.close()
        names = self._book.facet_of()
        numbers = {facet: number for number, facet in enumerate(dict.fromkeys(names))}
        facet_of = np.array([numbers[facet] for facet in names], dtype=np.int32)
        facets = pa.array(list(numbers), pa.string())
        for bucket in range(self.count):
            keys, first, last = self._bucket(bucket)
            for start in range(0, len(keys), SLICE_ROWS):
                part = slice(start, start + SLICE_ROWS)
                yield _table(keys[part], first[part], last[part], facet_of, facets)

    def _bucket(self, bucket: int) -> tuple[Array, Array, Array]:
        keys = np.concatenate([_keys(self._plain.rows(bucket)), self._settle(self._settled.rows(bucket))])
        sighted = self._sighted.rows(bucket)
        if sighted is None:
            keys = distinct(keys)
            never = np.full(len(keys), NEVER)
            return keys, never, never
        seen = carried(
            sighted["person_id"].to_numpy().astype(np.int64), sighted["trait"].to_numpy().astype(np.int64),
            sighted["first"].to_numpy(), sighted["last"].to_numpy(),
        )  # fmt: skip
        seen_keys = (seen.people << 32) | seen.traits
        keys = distinct(np.concatenate([keys, seen_keys]))
        places = np.searchsorted(keys, seen_keys)
        first, last = np.full(len(keys), NEVER), np.full(len(keys), NEVER)
        first[places], last[places] = seen.first, seen.last
        return keys, first, last

    def _settle(self, rows: pa.Table | None) -> Ids:
        """Of each person's pairs in a contested facet, keep those of the latest source, or row, that has any."""
        if rows is None:
            return np.zeros(0, dtype=np.int64)
        keys, sources = _keys(rows), rows["source"].to_numpy().astype(np.int64)
        question = ((keys >> 32) << 16) | self._facet_number[keys & 0xFFFFFFFF]
        _, places = np.unique(question, return_inverse=True)
        latest = np.zeros(int(places.max()) + 1, dtype=np.int64)
        np.maximum.at(latest, places, sources)
        kept: Ids = keys[latest[places] == sources]
        return kept


def _keys(rows: pa.Table | None) -> Ids:
    if rows is None:
        return np.zeros(0, dtype=np.int64)
    keys: Ids = (rows["person_id"].to_numpy().astype(np.int64) << 32) | rows["trait"].to_numpy()
    return keys


def _table(keys: Array, first: Array, last: Array, facet_of: Array, facets: pa.Array) -> pa.Table:
    people, traits = keys >> 32, keys & 0xFFFFFFFF
    coded = pa.DictionaryArray.from_arrays(pa.array(facet_of[traits]), facets)
    return pa.table(
        [
            shards_of(people),
            pa.array(people),
            coded.dictionary_decode(),
            pa.array(traits),
            _instants(first),
            _instants(last),
        ],
        schema=TRAITS.schema,
    )


def _instants(times: Array) -> pa.Array:
    return pa.array(times, mask=times == NEVER).cast(pa.timestamp("us")).cast(INSTANT)


def sighted_at(times: pa.ChunkedArray) -> Array:
    """Return instants as microseconds, NEVER where there is none."""
    return np.asarray(pc.fill_null(times.cast(pa.int64()), NEVER))
