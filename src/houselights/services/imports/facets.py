"""From cells to trait ids, a batch at a time: bands, value maps, and values as they stand. Each distinct value is
looked up once per import; a row costs no more than its place in an array.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from houselights.services.imports.cells import items, number, text
from houselights.services.imports.checks import RowCheck
from houselights.services.imports.population import Column, FacetColumn
from houselights.services.imports.trait_book import TraitBook

SKIP = -1
REJECT = -2
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """(row, trait id) pairs, ancestors included; `rows` counts from the batch's first row."""

    rows: Ids
    traits: Ids


class ValueTraits:
    """Looks up the trait of a text value: through a value map, among known traits, or making it.

    `otherwise` is what becomes of a value that neither map nor known traits hold: reject, skip or keep.
    """

    def __init__(self, book: TraitBook, facet: str, values: Mapping[str, str | None] | None, otherwise: str):
        self.book = book
        self.facet = facet
        self.values = values or {}
        self.otherwise = otherwise
        self._known: dict[str, int] = {}

    def codes(self, array: pa.Array) -> Ids:
        """Return the trait id of each text value, or SKIP (also for null) or REJECT."""
        if not len(array):
            return np.zeros(0, dtype=np.int64)
        coded = array.dictionary_encode()
        codes = np.array([self._code(value) for value in coded.dictionary.to_pylist()] + [SKIP], dtype=np.int64)
        places = np.asarray(pc.fill_null(coded.indices, len(codes) - 1), dtype=np.int64)
        return codes[places]

    def _code(self, value: str) -> int:
        code = self._known.get(value)
        if code is None:
            code = self._known[value] = self._look_up(value)
        return code

    def _look_up(self, value: str) -> int:
        if value in self.values:
            key = self.values[value]
            return SKIP if key is None else self.book.meet(self.facet, key)
        found = self.book.find(self.facet, value) if not self.values else None
        if found is not None:
            return found
        if self.otherwise == "keep":
            return self.book.meet(self.facet, value)
        return SKIP if self.otherwise == "skip" else REJECT


def with_ancestors(book: TraitBook, rows: Ids, traits: Ids) -> Pairs:
    """Add to each pair those of the trait's ancestors."""
    if not len(traits):
        return Pairs(rows, traits)
    present = np.flatnonzero(np.bincount(traits))  # linear, where sorting millions of pairs to find them is not
    closures = [book.closure(int(trait)) for trait in present]
    heights = np.zeros(int(present[-1]) + 1, dtype=np.int64)
    heights[present] = [len(closure) for closure in closures]
    if int(heights.max()) == 1:
        return Pairs(rows, traits)
    flat = np.array([trait for closure in closures for trait in closure], dtype=np.int64)
    starts = np.zeros_like(heights)
    starts[present] = np.cumsum(heights[present]) - heights[present]
    lengths = heights[traits]
    ends = np.cumsum(lengths)
    within = np.arange(int(ends[-1])) - np.repeat(ends - lengths, lengths)
    return Pairs(np.repeat(rows, lengths), flat[np.repeat(starts[traits], lengths) + within])


def distinct(keys: Ids) -> Ids:
    """Return the different values, ascending, sorting `keys` in place.

    `np.unique` deals whole numbers into a hash table, which at millions of mostly different ones is ten times slower.
    """
    keys.sort()
    if not len(keys):
        return keys
    found: Ids = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
    return found


class FacetReader:
    """Reads one facet from the column it is mapped to."""

    def __init__(self, book: TraitBook, facet: str, how: FacetColumn, *, closed: bool):
        self.book = book
        self.facet = facet
        self.how = how
        # Where the population file lists what is possible, anything else is a mistake until it says otherwise.
        default = "reject" if closed or how.values is not None or how.bands else "keep"
        self.otherwise = how.otherwise or default
        self.lookup = ValueTraits(book, facet, how.values, self.otherwise)
        self._lows = np.array([-np.inf if band.low is None else band.low for band in how.bands])
        self._highs = np.array([np.inf if band.high is None else band.high for band in how.bands])
        self._order = np.argsort(self._lows)
        self._bands = np.array([book.meet(facet, band.key, band.name) for band in how.bands], dtype=np.int64)[
            self._order
        ]
        ends = [end for band in how.bands for end in (band.low, band.high) if end is not None]
        # Bands of whole numbers speak of completed units: somebody of 24.5 years is 24.
        self._whole = all(float(end).is_integer() for end in ends)

    def read(self, check: RowCheck) -> Pairs:
        """Return the pairs of a batch; values that are not possible mark their rows."""
        column = self.how.column
        if column.many:
            values, rows = items(check.batch.array(column), column.separator, check.nulls)
        else:
            values, rows = check.cells(column), np.arange(len(check.batch), dtype=np.int64)
        codes = (
            self._banded(check, column, values, rows) if self.how.bands else self._named(check, column, values, rows)
        )
        return with_ancestors(self.book, rows[codes >= 0], codes[codes >= 0])

    def _named(self, check: RowCheck, column: Column, values: pa.Array, rows: Ids) -> Ids:
        words = pc.utf8_trim_whitespace(text(values if column.many else _plain(values)).values)
        codes = self.lookup.codes(words)
        reason = f"not a known {self.facet}" if not self.how.values else f"not in the value map of {self.facet}"
        self._mark(check, column, words, rows, codes == REJECT, reason)
        return codes

    def _banded(self, check: RowCheck, column: Column, values: pa.Array, rows: Ids) -> Ids:
        found = number(_plain(values))
        if found.bad is not None:
            self._mark(check, column, values, rows, found.bad, found.reason)
        numbers = np.asarray(found.values.fill_null(np.nan), dtype=np.float64)
        measured = np.floor(numbers) if self._whole else numbers
        place = np.searchsorted(self._lows[self._order], measured, side="right") - 1
        known = ~np.isnan(numbers)
        inside = known & (place >= 0) & (measured <= self._highs[self._order][np.maximum(place, 0)])
        if self.otherwise == "reject":
            self._mark(check, column, values, rows, known & ~inside, f"outside every band of {self.facet}")
        return np.where(inside, self._bands[np.maximum(place, 0)], SKIP)

    def _mark(
        self, check: RowCheck, column: Column, values: pa.Array, rows: Ids, bad: npt.NDArray[np.bool_], reason: str
    ) -> None:
        if not bad.any():
            return
        places = np.flatnonzero(bad)
        shown = [str(value) for value in values.take(pa.array(places)).to_pylist()]
        check.mark_rows(column, rows[places].tolist(), shown, reason)


def _plain(array: pa.Array) -> pa.Array:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
