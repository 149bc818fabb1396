"""The peers, each loaded with the same pairs in the form its own documentation recommends for this kind of question.

DuckDB and polars hold pairs as columns in memory. ClickHouse (embedded, as chdb) holds them as rows sorted by trait,
and as one groupBitmap state per trait. pyroaring holds one bitmap per trait, read from our own index files.
"""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import chdb.session
import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pyroaring import BitMap

from bench.population import FOLDER, TRAITS, population, shard_pairs
from houselights.engine.index import Index
from houselights.engine.index.shard import SHARD_PEOPLE
from houselights.engine.workers import CORES

Array = np.ndarray[Any, Any]
Groups = list[list[int]]

# Above this many people polars' semi-join of all pairs takes more memory than the benchmark allows itself.
POLARS_PEOPLE_MOST = 2_000_000


def pairs_file(people: int) -> Path:
    """Return a Parquet file of all pairs, written on first use."""
    path = FOLDER / f"pairs-{people}.parquet"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        making = path.with_suffix(".making")
        schema = pa.schema([("person", pa.uint32()), ("trait", pa.uint16())])
        with pq.ParquetWriter(making, schema, compression="zstd") as writer:
            for shard in range(-(-people // SHARD_PEOPLE)):
                ids, traits = shard_pairs(people, shard)
                writer.write_table(pa.table([ids, traits.astype(np.uint16)], schema=schema), row_group_size=1 << 20)
        making.rename(path)
    return path


class DuckDB:
    """Pairs in a table in memory."""

    name = "DuckDB SQL"

    def __init__(self, people: int):
        self.at = duckdb.connect(config={"threads": CORES, "memory_limit": "10GB"})
        self.at.execute(f"create table pairs as select person, trait from read_parquet('{pairs_file(people)}')")

    def load_audience(self, ids: Array) -> None:
        self.at.execute("create or replace table audience (person uinteger)")
        given = pa.table({"person": ids})
        self.at.register("given", given)
        self.at.execute("insert into audience select person from given")
        self.at.unregister("given")

    def overlaps(self) -> Array:
        rows = self.at.execute(
            "select trait, count(*) n from pairs semi join audience using (person) group by trait"
        ).fetchnumpy()
        return dense(rows["trait"], rows["n"])

    def size(self, groups: Groups, without: list[int]) -> int:
        asked = ", ".join(str(trait) for group in (*groups, without) for trait in group)
        every = " and ".join(f"bool_or(trait in ({', '.join(map(str, group))}))" for group in groups)
        row = self.at.execute(
            f"select count(*) from (select person from pairs where trait in ({asked}) group by person "
            f"having {every} and not bool_or(trait in ({', '.join(map(str, without))})))"
        ).fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        self.at.close()


class ClickHouse:
    """chdb: pairs sorted by trait, and a bitmap per trait."""

    def __init__(self, people: int):
        self.folder = FOLDER / f"chdb-{people}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.at = chdb.session.Session(str(self.folder))
        self._do(f"set max_threads = {CORES}")
        self._do("create database if not exists b")
        self._do("create table b.pairs (person UInt32, trait UInt16) engine = MergeTree order by (trait, person)")
        self._do(f"insert into b.pairs select person, trait from file('{pairs_file(people).absolute()}', Parquet)")
        self._do(
            "create table b.bitmaps (trait UInt16, people AggregateFunction(groupBitmap, UInt32)) "
            "engine = MergeTree order by trait settings index_granularity = 1"
        )
        self._do("insert into b.bitmaps select trait, groupBitmapState(person) from b.pairs group by trait")
        self._do("optimize table b.bitmaps final")

    def _do(self, sql: str) -> Any:
        return self.at.query(sql, "CSV")

    def _counts(self, sql: str) -> Array:
        rows = np.array([line.split(",") for line in str(self._do(sql)).split()], np.int64).reshape(-1, 2)
        return dense(rows[:, 0], rows[:, 1])

    def load_audience(self, ids: Array) -> None:
        path = FOLDER / "audience.parquet"
        pq.write_table(pa.table({"person": ids}), path)
        for table in ("audience", "audience_bitmap"):
            self._do(f"drop table if exists b.{table}")
        self._do("create table b.audience (person UInt32) engine = MergeTree order by person")
        self._do(f"insert into b.audience select person from file('{path.absolute()}', Parquet)")
        self._do(
            "create table b.audience_bitmap (people AggregateFunction(groupBitmap, UInt32)) "
            "engine = MergeTree order by tuple()"
        )
        self._do("insert into b.audience_bitmap select groupBitmapState(person) from b.audience")

    def overlaps_of_bitmaps(self) -> Array:
        return self._counts(
            "with (select people from b.audience_bitmap) as a "
            "select trait, bitmapAndCardinality(a, people) from b.bitmaps"
        )

    def overlaps_of_rows(self) -> Array:
        return self._counts(
            "select trait, count() from b.pairs where person in (select person from b.audience) group by trait"
        )

    def size(self, groups: Groups, without: list[int]) -> int:
        def union(group: list[int]) -> str:
            traits = ", ".join(map(str, group))
            return f"(select groupBitmapOrState(people) from b.bitmaps where trait in ({traits}))"

        named = ", ".join(f"{union(group)} as g{n}" for n, group in enumerate((*groups, without)))
        both = "g0"
        for n in range(1, len(groups)):
            both = f"bitmapAnd({both}, g{n})"
        return int(str(self._do(f"with {named} select bitmapAndnotCardinality({both}, g{len(groups)})")).strip())

    def close(self) -> None:
        self.at.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Polars:
    """Pairs in a data frame."""

    name = "polars"

    def __init__(self, people: int):
        self.pairs = pl.read_parquet(pairs_file(people))
        self.audience = pl.DataFrame()

    def load_audience(self, ids: Array) -> None:
        self.audience = pl.DataFrame({"person": ids})

    def overlaps(self) -> Array:
        rows = self.pairs.lazy().join(self.audience.lazy(), on="person", how="semi").group_by("trait").len().collect()
        return dense(rows["trait"].to_numpy(), rows["len"].to_numpy())

    def size(self, groups: Groups, without: list[int]) -> int:
        bit = {trait: 1 << n for n, group in enumerate((*groups, without)) for trait in group}
        masks = pl.DataFrame(
            {"trait": list(bit), "bit": list(bit.values())}, schema={"trait": pl.UInt16, "bit": pl.Int64}
        )
        held = self.pairs.lazy().join(masks.lazy(), on="trait").group_by("person").agg(pl.col("bit").bitwise_or())
        wanted = (1 << len(groups)) - 1
        return int(held.filter(pl.col("bit") == wanted).select(pl.len()).collect().item())


class Roaring:
    """One pyroaring bitmap per trait, in a loop on one thread."""

    name = "pyroaring"

    def __init__(self, index: Index):
        found: list[list[BitMap]] = [[] for _ in range(TRAITS)]
        for shard in index.shards:
            ends = [*shard.directory["start"][1:].tolist(), shard.bitmaps.size]
            for (trait, _, start, _), end in zip(shard.directory.tolist(), ends, strict=True):
                found[trait].append(BitMap.deserialize(shard.bitmaps[start:end].tobytes()))
        self.traits = [BitMap.union(*parts) if parts else BitMap() for parts in found]
        self.audience = BitMap()

    def load_audience(self, ids: Array) -> None:
        self.audience = BitMap(ids)

    def overlaps(self) -> Array:
        return np.array([self.audience.intersection_cardinality(trait) for trait in self.traits], np.int64)

    def size(self, groups: Groups, without: list[int]) -> int:
        unions = [BitMap.union(*(self.traits[trait] for trait in group)) for group in groups]
        both = BitMap.intersection(*unions)
        return both.difference_cardinality(BitMap.union(*(self.traits[trait] for trait in without)))


class Peers:
    """Everybody, loaded with the same people, answering the same questions one after another."""

    def __init__(self, people: int):
        self.people = people
        self.roaring = Roaring(population(people))
        self.duck = DuckDB(people)
        self.clickhouse = ClickHouse(people)
        self.polars = Polars(people) if people <= POLARS_PEOPLE_MOST else None

    def load_audience(self, ids: Array) -> None:
        for peer in (self.roaring, self.duck, self.clickhouse, self.polars):
            if peer is not None:
                peer.load_audience(ids)

    def overlaps(self) -> Iterator[tuple[str, Callable[[], Array]]]:
        yield self.roaring.name, self.roaring.overlaps
        yield "chdb bitmaps", self.clickhouse.overlaps_of_bitmaps
        yield self.duck.name, self.duck.overlaps
        yield "chdb rows", self.clickhouse.overlaps_of_rows
        if self.polars is not None:
            yield self.polars.name, self.polars.overlaps

    def sizes(self, groups: Groups, without: list[int]) -> Iterator[tuple[str, Callable[[], int]]]:
        named = (
            (self.roaring.name, self.roaring),
            ("chdb bitmaps", self.clickhouse),
            (self.duck.name, self.duck),
            (Polars.name, self.polars),
        )
        for name, peer in named:
            if peer is not None:
                yield name, partial(peer.size, groups, without)

    def close(self) -> None:
        self.duck.close()
        self.clickhouse.close()


_loaded: list[Peers] = []  # at most one: loading takes minutes at 10 M people, and memory allows only one population


def peers(people: int) -> Peers:
    """Return the peers loaded with this many people; whoever holds another population lets it go first."""
    if _loaded and _loaded[0].people != people:
        release()
    if not _loaded:
        _loaded.append(Peers(people))
    return _loaded[0]


def release() -> None:
    """Let the peers go."""
    while _loaded:
        _loaded.pop().close()


def dense(traits: Array, counts: Array) -> Array:
    """Return counts by trait id, 0 where a peer returned no row."""
    found = np.zeros(TRAITS, np.int64)
    found[np.asarray(traits)] = np.asarray(counts)
    return found
