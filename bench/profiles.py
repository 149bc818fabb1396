"""Synthetic profiles and events for the expression bench, written to a lake as an import writes them. Same each time.

Some twenty events a person, unevenly spread (a tenth of the people have half of them), over the year before AS_OF.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.model.workspace import Generation
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import INSTANT, SHARD_BITS

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
FOLDER = Path("build/bench")
EVENTS_EACH = 20
BATCH_PEOPLE = 100_000
WORKSPACE = 1

COUNTRIES = ("US", "GB", "DE", "FR", "CA", "ES", "IT", "JP", "IN", "BR")
STATES = ("CA", "NY", "TX", "WA", "OR", "FL", "IL", "MA")
COLOURS = ("red", "blue", "green", "black", "white", "yellow", "pink", "grey")
KINDS = ("pageView", "productView", "addToCart", "purchase", "emailOpen", "emailClick", "download", "login")
KIND_SHARES = (0.45, 0.22, 0.08, 0.04, 0.09, 0.03, 0.02, 0.07)
NAMES = tuple(f"{first}{number}" for first in ("Joe", "Ann", "Maria", "John", "Wei", "Sam") for number in range(200))
SKUS = tuple(f"SKU-{number:04d}" for number in range(2_000))
MICROSECONDS_A_YEAR = 365 * 86_400 * 1_000_000

Array = np.ndarray[Any, Any]


def profiles(people: int) -> tuple[Lake, Generation]:
    """Return a lake with this many people and twenty times as many events, written on first use."""
    lake = Lake(str(FOLDER / f"profiles-{people}"))
    versions = {table: lake.version(WORKSPACE, table) for table in ("people", "events")}
    if None in versions.values():
        versions = {
            "people": lake.write(WORKSPACE, "people", _reader(people, _people)),
            "events": lake.write(WORKSPACE, "events", _reader(people, _events)),
        }
    generation = Generation(
        workspace_id=WORKSPACE, number=1, tables={name: int(at or 0) for name, at in versions.items()}, index="",
        as_of=AS_OF, built_at=AS_OF, people=people, fingerprint=str(people),
    )  # fmt: skip
    return lake, generation


def _reader(people: int, make: Any) -> pa.RecordBatchReader:
    starts = range(0, people, BATCH_PEOPLE)
    first = make(np.arange(min(2, people)))
    batches = (
        batch
        for start in starts
        for batch in make(np.arange(start, min(start + BATCH_PEOPLE, people))).to_batches()
    )  # fmt: skip
    return pa.RecordBatchReader.from_batches(first.schema, batches)


def _people(ids: Array) -> pa.Table:
    random = np.random.default_rng([1, int(ids[0]), ids.size])
    size = ids.size
    names = _words(random, NAMES, size)
    person = pa.StructArray.from_arrays(
        [
            _some(random, pa.array(random.integers(1940, 2008, size)), 0.1),
            pa.array(random.integers(1, 13, size)),
            _some(random, _words(random, ("female", "male"), size), 0.05),
            names,
        ],
        names=["birthYear", "birthMonth", "gender", "name"],
    )
    home = pa.StructArray.from_arrays(
        [_some(random, _words(random, COUNTRIES, size), 0.08), _some(random, _words(random, STATES, size), 0.3)],
        names=["countryISO", "stateProvince"],
    )
    work = pa.StructArray.from_arrays([_some(random, _words(random, STATES, size), 0.5)], names=["stateProvince"])
    counts = random.integers(0, 4, size)
    colours = _lists(_words(random, COLOURS, int(counts.sum())), counts)
    keys = pa.array([f"person-{number}" for number in ids])
    return pa.table(
        {
            "shard": _shards(ids), "person_id": pa.array(ids), "key": keys,
            "person": person, "homeAddress": home, "workAddress": work, "favouriteColours": colours,
            "points": _some(random, pa.array(np.round(random.gamma(2, 200, size))), 0.2),
        }
    ).cast(pa.schema([pa.field("shard", pa.int32(), nullable=False), pa.field("person_id", pa.int64(), nullable=False),
                      pa.field("key", pa.string(), nullable=False), pa.field("person", person.type),
                      pa.field("homeAddress", home.type), pa.field("workAddress", work.type),
                      pa.field("favouriteColours", colours.type), pa.field("points", pa.float64())]))  # fmt: skip


def _events(ids: Array) -> pa.Table:
    random = np.random.default_rng([2, int(ids[0]), ids.size])
    weights = random.pareto(1.5, ids.size) + 0.05
    owners = np.sort(random.choice(ids, ids.size * EVENTS_EACH, p=weights / weights.sum()))
    size = owners.size
    end = int(AS_OF.timestamp()) * 1_000_000
    times = end - random.integers(0, MICROSECONDS_A_YEAR, size)
    owners, times = (each[np.lexsort((times, owners))] for each in (owners, times))
    kinds = random.choice(len(KINDS), size, p=KIND_SHARES)
    bought = kinds == KINDS.index("purchase")
    price = pa.array(np.round(random.gamma(2, 40, size), 2), mask=~bought)
    currency = pa.array(np.asarray(("USD", "EUR", "GBP"))[random.integers(0, 3, size)], mask=~bought)
    order = pa.StructArray.from_arrays([price, currency], names=["priceTotal", "currencyCode"])
    views = pa.array(random.integers(1, 6, size), mask=kinds != 0)
    page = pa.StructArray.from_arrays(
        [_some(random, _words(random, ("home", "equipment", "sale", "help", "blog"), size), 0.1), views],
        names=["name", "views"],
    )
    counts = np.where(bought | (kinds == 2), random.integers(1, 4, size), 0)
    total = int(counts.sum())
    items = pa.StructArray.from_arrays(
        [
            _words(random, SKUS, total),
            pa.array(np.round(random.gamma(2, 20, total), 2)),
            pa.array(random.integers(1, 4, total)),
        ],
        names=["SKU", "priceTotal", "quantity"],
    )
    return pa.table(
        [
            _shards(owners), pa.array(owners), pa.array(times, INSTANT), pa.array(np.asarray(KINDS)[kinds]),
            pa.StructArray.from_arrays([order], names=["order"]), page, _lists(items, counts),
        ],
        schema=pa.schema(
            [pa.field("shard", pa.int32(), nullable=False), pa.field("person_id", pa.int64(), nullable=False),
             pa.field("time", INSTANT), pa.field("type", pa.string(), nullable=False),
             pa.field("commerce", pa.struct([pa.field("order", order.type)])), pa.field("page", page.type),
             pa.field("productListItems", pa.list_(items.type))]
        ),
    )  # fmt: skip


def _shards(ids: Array) -> pa.Array:
    return pa.array((ids >> SHARD_BITS).astype(np.int32))


def _words(random: np.random.Generator, words: tuple[str, ...], size: int) -> pa.Array:
    return pa.array(np.asarray(words, dtype=object)[random.integers(0, len(words), size)], pa.string())


def _some(random: np.random.Generator, values: pa.Array, missing: float) -> pa.Array:
    """Return the values with a share of them missing."""
    gone = pa.array(random.random(len(values)) < missing)
    return pc.if_else(gone, pa.scalar(None, values.type), values)


def _lists(values: pa.Array, counts: Array) -> pa.Array:
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)
