"""Writes the demo world: Parquet files and a population.yaml, shard by shard, the same bytes for the same seed.

Every part of every shard draws from a random stream of its own, named by (seed, shard, part), so neither threads nor
a change in one part disturb the others. A folder that holds the world asked for is left as it is.
"""

import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml

from houselights.services.demo.demographics import demographics
from houselights.services.demo.draws import Floats
from houselights.services.demo.identities import addresses, contact, mailing_list, name_people, partner_ids
from houselights.services.demo.loyalty import loyalty
from houselights.services.demo.mapping import WORKSPACE, population
from houselights.services.demo.opportunities import opportunities
from houselights.services.demo.parquet import write_parquet
from houselights.services.demo.people import People, draw_people
from houselights.services.demo.places import Places, places
from houselights.services.demo.shopping import Shop
from houselights.services.demo.social import PLATFORMS, Social
from houselights.services.demo.stamp import STAMP, WorldSummary, stamp, stamped
from houselights.services.demo.tastes import Tastes
from houselights.services.demo.texts import texts
from houselights.services.demo.video import Library
from houselights.services.demo.work import Work

SHARD = 1 << 15
REFERENCE = 8192
THREADS = 2
POPULATION = "population.yaml"
KINDS = ("people", "mailing", "partner", "purchases", "views", "opportunities", "follows", "texts")
# A demo should say the same today and tomorrow, so its "now" is a date of its own and not the clock's.
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class World:
    """The fitted parts, from which any number of shards can be drawn."""

    seed: int
    now: datetime
    places: Places
    tastes: Tastes
    work: Work
    social: Social
    shop: Shop
    library: Library

    @classmethod
    def fit(cls, seed: int, now: datetime) -> "World":
        """Set every trait to its share on a reference population drawn from the seed."""
        where = places()
        reference: Floats = draw_people(_stream(seed, -1, "people"), where, 0, REFERENCE).features
        return cls(
            seed=seed,
            now=now,
            places=where,
            tastes=Tastes.fit(reference),
            work=Work.fit(reference),
            social=Social.fit(reference),
            shop=Shop.fit(reference),
            library=Library.fit(reference, now.date()),
        )

    def shard(self, number: int, count: int) -> Iterator[tuple[str, pa.Table]]:
        """Draw one shard of `count` people; yield each kind of file and its rows."""

        def stream(part: str) -> np.random.Generator:
            return _stream(self.seed, number, part)

        people: People = draw_people(stream("people"), self.places, number * SHARD, count)
        follows = self.social.follows(stream("follows"), people)
        users = {name: self.social.platform_users(people, follows, name) for name, _, _ in PLATFORMS.values()}
        persons = name_people(stream("names"), self.places, people)
        columns: dict[str, pa.Array] = {"person_id": pa.array(people.ids)}
        columns |= demographics(stream("demographics"), self.places, people, self.now.date())
        columns |= contact(stream("contact"), self.places, people, persons)
        columns |= addresses(self.places, people)
        columns |= loyalty(stream("loyalty"), people)
        columns |= self.work.columns(stream("work"), people)
        columns |= self.tastes.columns(stream("tastes"), people)
        columns["affinities"] = self.social.affinities(stream("affinities"), people, follows)
        everybody = pa.table(columns)
        yield "people", everybody
        yield "mailing", mailing_list(everybody)
        yield "partner", partner_ids(stream("partner"), people, persons, users["twitter"])
        yield "purchases", self.shop.orders(stream("orders"), self.places, people, self.now)
        yield "views", self.library.views(stream("views"), people, self.now)
        yield "opportunities", opportunities(stream("opportunities"), people, self.now)
        yield "follows", self.social.follow_table(stream("activity"), people, follows, self.now)
        yield "texts", texts(stream("texts"), self.places, people, users, self.now)

    def tables(self) -> dict[str, pa.Table]:
        """Return all catalogue tables."""
        parts = (self.places, self.tastes, self.work, self.social, self.shop, self.library)
        return {name: table for part in parts for name, table in part.tables().items()}


def source_of(data: Path) -> Path:
    """Return where the demo's company keeps its own files: beside the house's data folder, never in it.

    `houselights erase` answers for every file of the house; what lies here it leaves to the company, as anywhere.
    """
    named = data if data.name not in ("", "..") else data.resolve()
    return named.with_name(f"{named.name}-source")


def write_world(
    folder: Path,
    *,
    people: int = 100_000,
    seed: int = 7,
    as_of: datetime = AS_OF,
    progress: Progress | None = None,
) -> WorldSummary:
    """Write a world of `people` people as of an instant; `progress` is told (people done, people in all).

    The same arguments give the same bytes. A folder that holds this very world is left alone; the files of another
    demo world are replaced. Raises ValueError when `people` is not positive or `as_of` is naive.
    """
    if people < 1:
        raise ValueError("a world has at least one person")
    if as_of.tzinfo is None:
        raise ValueError("as_of names no instant; attach a time zone first")
    now = as_of.astimezone(UTC)
    there = stamped(folder)
    if there is not None and (there.people, there.seed, there.as_of) == (people, seed, now):
        return there
    _clear(folder)
    world = World.fit(seed, now)
    tables = world.tables()
    for name, table in tables.items():
        write_parquet(folder / f"{name}.parquet", table)
    rows = _write_people(world, folder, people, progress)
    text = yaml.safe_dump(
        population(world.places, world.shop.lines(), now), sort_keys=False, allow_unicode=True, width=120
    )
    (folder / POPULATION).write_text(text, encoding="utf-8")
    summary = WorldSummary(
        folder=folder,
        population=folder / POPULATION,
        workspace=WORKSPACE,
        people=people,
        seed=seed,
        as_of=now,
        rows=rows,
        traits={name: table.num_rows for name, table in tables.items()},
        bytes=sum(file.stat().st_size for file in folder.glob("*.parquet")),
    )
    stamp(summary)
    return summary


def _clear(folder: Path) -> None:
    """Make the folder, and remove the shards of a larger world and the stamp that vouches for them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).unlink(missing_ok=True)
    for kind in KINDS:
        for old in folder.glob(f"{kind}-[0-9][0-9][0-9][0-9].parquet"):
            old.unlink()


def _write_people(world: World, folder: Path, people: int, progress: Progress | None) -> dict[str, int]:
    """Write all shards, two at a time, and return the rows of each kind of file."""
    rows = dict.fromkeys(KINDS, 0)
    sizes = [min(SHARD, people - start) for start in range(0, people, SHARD)]
    done = 0
    with ThreadPoolExecutor(THREADS) as pool:
        written = pool.map(lambda job: _write_shard(world, folder, *job), enumerate(sizes))
        for size, counts in zip(sizes, written, strict=True):
            done += size
            for kind, count in counts.items():
                rows[kind] += count
            if progress is not None:
                progress(done, people)
    return rows


def _write_shard(world: World, folder: Path, number: int, count: int) -> dict[str, int]:
    rows: dict[str, int] = {}
    for kind, table in world.shard(number, count):
        rows[kind] = table.num_rows
        write_parquet(folder / f"{kind}-{number:04d}.parquet", table)
    return rows


def _stream(seed: int, shard: int, part: str) -> np.random.Generator:
    entropy = (seed, shard + 1, zlib.crc32(part.encode()))
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(entropy)))
