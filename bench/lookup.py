"""How long 6,000 hashed records take to become people, among ten million with three identities each; the bar is 20 ms.

Run: `python -m bench.lookup [--people 10000000]`. The lookup is built from rows as the lake has them, in a process of
its own whose memory is told. Beside it, in the same run, the same hashes are asked of SQLite (a B-tree of the first 16
bytes of each hash) and of DuckDB (a table sorted by them, joined); both get the hashes as bytes, ready to be looked up.
"""

import argparse
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bench.measure import Figure, beside, p50
from bench.report import show
from houselights.identity.columns import HashedRecords
from houselights.identity.lookup import NOBODY, Lookup
from houselights.identity.lookup_files import build_lookup, open_lookup
from houselights.identity.waterfall import combination_digests, resolve

FOLDER = Path("build/bench")
RECORDS = 6_000
BAR_MILLISECONDS = 20.0
BATCH_PEOPLE = 100_000
KINDS = ("email", "phone", "name_address_postal")
POSTAL = ("first_name", "last_name", "address", "postal")
Bytes = NDArray[np.uint8]


def hashes(people: NDArray[np.int64], kind: int) -> Bytes:
    """Return what stands for the hashes of some people: even bytes that their number and `kind` decide, (n, 32)."""
    words = np.empty((people.size, 4), np.uint64)
    state = people.astype(np.uint64) * np.uint64(4) + np.uint64(kind << 56)
    for column in range(4):
        mixed = state + np.uint64((column + 1) * 0x9E3779B97F4A7C15 % 2**64)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        words[:, column] = mixed ^ (mixed >> np.uint64(31))
    return words.view(np.uint8)


def records_of(people: NDArray[np.int64]) -> HashedRecords:
    """Return records of people, a third of them with an e-mail, a third with a phone, all with name and address."""
    fields: dict[str, Bytes] = {"email": hashes(people, 0), "phone": hashes(people, 1)}
    fields |= {name: hashes(people, 10 + number) for number, name in enumerate(POSTAL)}
    third = np.arange(people.size) % 3
    everyone = np.ones(people.size, np.bool_)
    present = dict.fromkeys(fields, everyone) | {"email": third == 0, "phone": third == 1}
    return HashedRecords(people.size, fields, present)


def stored(people: NDArray[np.int64], kind: int) -> Bytes:
    """Return the hashes under which people are stored."""
    if kind < 2:
        return hashes(people, kind)
    return combination_digests(records_of(people), POSTAL, np.arange(people.size))


def batches(people: int) -> Iterator[pa.RecordBatch]:
    """Yield rows as the lake's `identities` has them."""
    for begin in range(0, people, BATCH_PEOPLE):
        some = np.arange(begin, min(begin + BATCH_PEOPLE, people))
        for kind, name in enumerate(KINDS):
            text = stored(some, kind).tobytes().hex()
            values = [text[place : place + 64] for place in range(0, len(text), 64)]
            names = pa.repeat(pa.scalar(name), some.size)
            yield pa.record_batch([pa.array(some), names, pa.array(values)], names=["person_id", "namespace", "value"])


def build(people: int) -> None:
    """Build the lookup and print how long that took without making the rows up, and the memory it took."""
    made_up = 0.0

    def timed() -> Iterator[pa.RecordBatch]:
        nonlocal made_up
        rows = batches(people)
        while True:
            begun = time.perf_counter()
            batch = next(rows, None)
            made_up += time.perf_counter() - begun
            if batch is None:
                return
            yield batch

    begun = time.perf_counter()
    build_lookup(FOLDER / f"lookup-{people}", timed(), people * len(KINDS), {})
    taken = time.perf_counter() - begun - made_up
    print(taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def looked_up(people: int) -> tuple[Lookup, str]:
    """Return the lookup, built on first use, and what building it took."""
    place, said = FOLDER / f"lookup-{people}", FOLDER / f"lookup-{people}.txt"
    if not place.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        run = [sys.executable, "-m", "bench.lookup", "--people", str(people), "--build"]
        said.write_text(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
    return open_lookup(place), said.read_text()


def rows_in_order(people: int) -> Iterator[tuple[int, list[bytes], list[int]]]:
    """Yield the stored hashes in order, some of one kind at a time: kind, first 16 bytes, whose they are."""
    everyone = np.arange(people)
    for kind in range(len(KINDS)):
        parts = [stored(everyone[begin : begin + BATCH_PEOPLE], kind) for begin in range(0, people, BATCH_PEOPLE)]
        keys = np.concatenate([np.ascontiguousarray(part[:, :16]) for part in parts])
        order = np.argsort(keys.view(">u8")[:, 0].astype(np.uint64))  # no two hashes begin with the same eight bytes
        for begin in range(0, people, 1 << 18):
            some = order[begin : begin + (1 << 18)]
            content = keys[some].tobytes()
            yield kind, [content[place : place + 16] for place in range(0, len(content), 16)], some.tolist()


def sqlite(people: int) -> sqlite3.Connection:
    """Return the peer that is a B-tree."""
    place = FOLDER / f"lookup-{people}.sqlite"
    fresh = not place.exists()
    connection = sqlite3.connect(place)
    if fresh:
        connection.execute("CREATE TABLE identity (kind, key, person, PRIMARY KEY (kind, key)) WITHOUT ROWID")
        for kind, keys, owners in rows_in_order(people):
            rows = zip([kind] * len(keys), keys, owners, strict=True)
            connection.executemany("INSERT INTO identity VALUES (?, ?, ?)", rows)
        connection.commit()
    connection.execute("PRAGMA mmap_size = 8589934592")
    return connection


def duck(people: int) -> duckdb.DuckDBPyConnection:
    """Return the peer that is a sorted table."""
    place = FOLDER / f"lookup-{people}.duckdb"
    fresh = not place.exists()
    connection = duckdb.connect(str(place))
    if fresh:
        connection.execute("CREATE TABLE identity (kind UTINYINT, key BLOB, person UINTEGER)")
        for kind, keys, owners in rows_in_order(people):
            rows = {"kind": pa.repeat(pa.scalar(kind), len(keys)), "key": pa.array(keys, pa.binary()), "person": owners}
            connection.register("part", pa.table(rows))
            connection.execute("INSERT INTO identity SELECT * FROM part")
            connection.unregister("part")
        connection.execute("CHECKPOINT")
    return connection


def ask_sqlite(peer: sqlite3.Connection, asked: list[list[bytes]]) -> list[int | None]:
    """Return the person of each record by the first of its hashes that is there."""
    found: list[int | None] = []
    for row in zip(*asked, strict=True):
        person = None
        for kind, key in enumerate(row):
            hit = peer.execute("SELECT person FROM identity WHERE kind = ? AND key = ?", (kind, key)).fetchone()
            if hit is not None:
                person = hit[0]
                break
        found.append(person)
    return found


def ask_duck(peer: duckdb.DuckDBPyConnection, asked: list[list[bytes]]) -> list[int | None]:
    """Return the same by one join."""
    size = len(asked[0])
    rows = pa.table({
        "place": np.tile(np.arange(size), len(asked)), "kind": np.repeat(np.arange(len(asked), dtype=np.uint8), size),
        "key": pa.array([key for keys in asked for key in keys], pa.binary()),
    })  # fmt: skip
    peer.register("asked", rows)
    people: list[int | None] = [None] * size
    query = "SELECT place, arg_min(person, kind) FROM asked JOIN identity USING (kind, key) GROUP BY place"
    for place, person in peer.execute(query).fetchall():
        people[place] = person
    return people


def measure(people: int) -> Iterator[Figure]:
    """Yield how long 6,000 records take, by us and by the peers, and what building took."""
    lookup, said = looked_up(people)
    random = np.random.default_rng(1)

    def some() -> NDArray[np.int64]:  # as many strangers as people who are there
        return random.integers(0, people * 2, RECORDS)

    whom = some()
    asked = [[each.tobytes()[:16] for each in stored(whom, kind)] for kind in range(len(KINDS))]
    third = np.arange(RECORDS) % 3
    for kind in (0, 1):  # a record without the field asks for a hash that nobody has
        asked[kind] = [key if third[place] == kind else bytes(16) for place, key in enumerate(asked[kind])]
    records = records_of(whom)
    ours, found = p50(lambda: resolve(lookup, records))
    assert (found.person_ids == np.where(whom < people, whom, NOBODY)).all()
    rows = list(records.rows())
    parsing, _ = p50(lambda: HashedRecords.from_rows(rows))
    first = [records_of(some()) for _ in range(15)]
    never = sorted(_timed(lookup, each) for each in first)[len(first) // 2]
    tree, table = sqlite(people), duck(people)
    by_tree, told = p50(lambda: ask_sqlite(tree, asked))
    assert [NOBODY if each is None else each for each in told] == found.person_ids.tolist()
    by_join, told = p50(lambda: ask_duck(table, asked))
    assert [NOBODY if each is None else each for each in told] == found.person_ids.tolist()
    work = f"whom {RECORDS:,} records mean, three identities a person"
    yield Figure(
        work=work, people=people, engine="waterfall over the lookup", value=ours, bar=f"≤ {BAR_MILLISECONDS:.0f} ms",
        met=ours <= BAR_MILLISECONDS,
    )  # fmt: skip
    yield Figure(work=work, people=people, engine="… other records each time", value=never)
    yield Figure(work=work, people=people, engine="… from rows to columns before it", value=parsing)
    yield Figure(work=work, people=people, engine="SQLite", value=by_tree, beside=beside(ours, by_tree))
    yield Figure(work=work, people=people, engine="DuckDB", value=by_join, beside=beside(ours, by_join))
    seconds, megabytes = map(float, said.split())
    size = sum(each.stat().st_size for each in (FOLDER / f"lookup-{people}").iterdir())
    yield Figure(work="building the lookup", people=people, engine="lookup", value=seconds, unit="s")
    yield Figure(work="building the lookup", people=people, engine="memory at its most", value=megabytes, unit="MB")
    yield Figure(
        work="size of the lookup",
        people=people,
        engine="lookup",
        value=size / people / len(KINDS),
        unit="bytes/identity",
    )


def _timed(lookup: Lookup, records: HashedRecords) -> float:
    begun = time.perf_counter()
    resolve(lookup, records)
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.lookup", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000_000)
    parser.add_argument("--build", action="store_true", help="only build, and say what it took")
    asked = parser.parse_args()
    if asked.build:
        build(asked.people)
        return
    show(list(measure(asked.people)))


if __name__ == "__main__":
    main()
