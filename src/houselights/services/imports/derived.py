"""Facets and measures worked out from events: what a person did in the days up to the data's as-of instant.

The window is the last `within_days` × 24 hours up to as_of, both ends included, as everywhere in the house; what lies
after as_of does not count yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from houselights.services.imports.cells import number, plain, text
from houselights.services.imports.facets import Ids, ValueTraits, distinct, with_ancestors
from houselights.services.imports.parse_columns import scalar_key
from houselights.services.imports.population import Derived, Scalar
from houselights.services.imports.trait_book import TraitBook

DAY_MICROSECONDS = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Carried:
    """Who carries which trait, with the first and last instant (microseconds since 1970) it was seen."""

    people: Ids
    traits: Ids
    first: Ids
    last: Ids


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of some people."""

    name: str
    people: Ids
    values: npt.NDArray[np.float64]


def reach(table: pa.Table, path: str) -> tuple[pa.Array, Ids]:
    """Return the values at a path, and the row of each; lists on the way make several values a row, or none.

    A path that the table does not have has no values.
    """
    steps = path.split(".")
    head = next(
        (".".join(steps[:n]) for n in range(len(steps), 0, -1) if ".".join(steps[:n]) in table.column_names), None
    )
    if head is None:
        return pa.nulls(0, pa.string()), np.zeros(0, dtype=np.int64)
    values = plain(table[head].combine_chunks())
    rows = np.arange(len(values), dtype=np.int64)
    for step in ["", *steps[head.count(".") + 1 :]]:
        if step:
            values = pc.struct_field(values, step)
        if pa.types.is_list(values.type):
            rows = rows[np.asarray(pc.list_parent_indices(values), dtype=np.int64)]
            values = pc.list_flatten(values)
    known = pc.is_valid(values)
    return plain(values.filter(known)), rows[np.asarray(known)]


def in_window(table: pa.Table, derived: Derived, as_of: datetime) -> pa.Table:
    """Return the events that count: of the right type, in the window, with the wanted attributes."""
    # One source's events mostly have one type: its few distinct values decide, not its rows.
    wanted = pc.is_in(table["type"], value_set=pa.array(derived.events, pa.string()))
    start = pa.scalar(as_of - timedelta(days=derived.within_days), pa.timestamp("us", tz="UTC"))
    end = pa.scalar(as_of, pa.timestamp("us", tz="UTC"))
    wanted = pc.and_(wanted, pc.and_(pc.greater_equal(table["time"], start), pc.less_equal(table["time"], end)))
    found = table.filter(wanted)
    for path, values in derived.conditions.items():
        found = _where(found, path, values)
    return found


def _where(table: pa.Table, path: str, wanted: Sequence[Scalar]) -> pa.Table:
    values, rows = reach(table, path)
    fits = np.asarray(
        pc.is_in(text(values).values, value_set=pa.array([scalar_key(value) for value in wanted])), dtype=bool
    )
    kept = np.zeros(len(table), dtype=bool)
    kept[rows[fits]] = True
    return table.filter(pa.array(kept))


class DerivedFacet:
    """Works out one facet, bucket after bucket."""

    def __init__(self, derived: Derived, book: TraitBook, as_of: datetime):
        self.derived = derived
        self.book = book
        self.as_of = as_of
        self._lookup = ValueTraits(book, derived.facet or "", derived.values, derived.otherwise or "keep")

    def work_out(self, events: pa.Table) -> Carried:
        """Return who carries which trait by these events (with a `person_id` column), ancestors included."""
        events = in_window(events, self.derived, self.as_of)
        values, rows = reach(events, self.derived.trait or "")
        codes = self._lookup.codes(pc.utf8_trim_whitespace(text(values).values))
        pairs = with_ancestors(self.book, rows[codes >= 0], codes[codes >= 0])
        once = distinct((pairs.rows << 32) | pairs.traits)  # two items of one order are one event
        rows, traits = once >> 32, once & 0xFFFFFFFF
        people = events["person_id"].to_numpy().astype(np.int64)[rows]
        times = np.asarray(events["time"].cast(pa.int64()))[rows]
        return carried(people, traits, times, times, at_least=self.derived.at_least)


def carried(people: Ids, traits: Ids, first: Any, last: Any, *, at_least: int = 1) -> Carried:
    """Bring sightings together: one row for each (person, trait) with at least so many, earliest and latest instant."""
    key = (people << 32) | traits
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if len(key) else np.zeros(0, dtype=np.int64)
    if not len(starts):
        return Carried(key, key, key, key)
    enough = np.diff(np.append(starts, len(key))) >= at_least
    earliest = np.minimum.reduceat(first[order], starts)
    latest = np.maximum.reduceat(last[order], starts)
    kept = key[starts][enough]
    return Carried(kept >> 32, kept & 0xFFFFFFFF, earliest[enough], latest[enough])


def work_out_measures(derived: Derived, events: pa.Table, as_of: datetime) -> list[Measured]:
    """Return the mean per day and the share of days of what is counted, for everyone with an event in the window.

    Days are 24-hour slots counted back from as_of; people without events have no value, which is as good as 0.
    """
    events = in_window(events, derived, as_of)
    if not len(events):
        return []
    amounts: npt.NDArray[np.float64] = np.ones(len(events))
    if derived.count is not None:
        values, rows = reach(events, derived.count)
        counted = np.asarray(number(values).values.fill_null(0.0), dtype=np.float64)
        amounts = np.bincount(rows, weights=counted, minlength=len(events)).astype(np.float64)
    people, places = np.unique(events["person_id"].to_numpy().astype(np.int64), return_inverse=True)
    found: list[Measured] = []
    if derived.per_day is not None:
        found.append(Measured(derived.per_day, people, np.bincount(places, weights=amounts) / derived.within_days))
    if derived.days is not None:
        now = round(as_of.timestamp() * 1_000_000)
        ages = (now - np.asarray(events["time"].cast(pa.int64()))) // DAY_MICROSECONDS
        slots = np.minimum(ages, derived.within_days - 1)  # exactly the window's age is still its oldest day
        days = distinct((places * derived.within_days + slots)[amounts > 0]) // derived.within_days
        shares = np.bincount(days, minlength=len(people)) / derived.within_days
        found.append(Measured(derived.days, people, shares))
    return found
