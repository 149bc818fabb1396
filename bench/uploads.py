"""How many hashed records an hour come from acceptance to the membership log, among ten million people; 60 million is
the bar, and 50 ms for accepting 6,000 of them (99 of 100 times).

Run: `python -m bench.uploads [--people 10000000] [--seconds 120] [--rate 80] [--inside]`. This process does what a
room does with each request of 6,000 records: decode, translate, keep. A worker in a process of its own (`--inside`: a
thread) matches and commits. Every record has an external id; a third are known by an e-mail, a third by a phone, a
third by name and address; a fifth of them are strangers. Beside it the same records go through what one would write
first: SQLite row by row, and a join in DuckDB, each committing an upload at a time.
"""

import argparse
import json
import multiprocessing
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bench.lookup import POSTAL, ask_duck, ask_sqlite, batches, duck, hashes, sqlite
from bench.measure import Figure
from bench.report import show
from houselights.apis.amazon.amc.audiences.records import UploadAsked, members_of
from houselights.app import build_house
from houselights.base.errors import TooManyRequests
from houselights.base.settings import Settings
from houselights.base.steady import steady
from houselights.base.upload_settings import UploadSettings
from houselights.engine.index.from_lake import build_from_lake
from houselights.identity.columns import HashedRecords
from houselights.identity.waterfall import combination_digests
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.model.upload import UploadState
from houselights.model.workspace import Generation
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.intake.intake import Meter
from houselights.services.intake.payload import MemberUpload
from houselights.storage.lake.tables import SHARD_BITS, TABLES

FOLDER = Path("build/bench")
RECORDS = 6_000
UPLOADS = 100  # different ones, sent round after round
STRANGERS = 0.2
WAITING = 400_000  # records: more are turned away, as in a house that is full
BAR_RECORDS = 60e6
BAR_MILLISECONDS = 50.0
PEER_UPLOADS = 5
SECONDS, RATE = 120.0, 80e6
DECODER = msgspec.json.Decoder(UploadAsked)


def settled(people: int) -> Path:
    """Return a data folder with so many people, their identities and an index; made on first use."""
    place = FOLDER / f"uploads-{people}"
    if place.exists():
        return place
    making = FOLDER / f"uploads-{people}.making"
    shutil.rmtree(making, ignore_errors=True)
    house = build_house(Settings(data=making))
    now = datetime.now(UTC)
    workspace = house.control.workspaces.create("bench", created_at=now)

    def rows(table: str, columns: dict[str, pa.Array], ids: NDArray[np.int64]) -> pa.RecordBatch:
        own = {"shard": pa.array((ids >> SHARD_BITS).astype(np.int32)), "person_id": pa.array(ids), **columns}
        schema = TABLES[table].schema
        return pa.record_batch([own.get(name, pa.nulls(len(ids), schema.field(name).type)) for name in schema.names],
                               schema=schema)  # fmt: skip

    def everyone(table: str) -> Iterator[pa.RecordBatch]:
        for begin in range(0, people, 1 << 20):
            ids = np.arange(begin, min(begin + (1 << 20), people))
            if table == "people":
                yield rows(table, {"key": pa.array(ids.astype(str))}, ids)
            else:
                facet = pa.repeat(pa.scalar("f"), len(ids))
                yield rows(table, {"facet": facet, "trait_id": pa.array(ids % 10)}, ids)

    def identities() -> Iterator[pa.RecordBatch]:
        for batch in batches(people):
            ids = batch["person_id"].to_numpy()
            yield rows("identities", {"namespace": batch["namespace"], "value": batch["value"]}, ids)

    sources = {"people": everyone("people"), "traits": everyone("traits"), "identities": identities()}
    versions = {
        name: house.lake.write(workspace.id, name, pa.RecordBatchReader.from_batches(TABLES[name].schema, source))
        for name, source in sources.items()
    }
    catalogue = Catalogue(
        [Facet(key="f", name="F")], [Trait(id=n, facet="f", key=str(n), name=str(n)) for n in range(10)]
    )
    generation = Generation(
        workspace_id=workspace.id, number=1, tables=versions, index=f"workspace-{workspace.id}-1", as_of=now,
        built_at=now, people=people, fingerprint="bench",
    )  # fmt: skip
    house.settings.index_folder.mkdir(parents=True, exist_ok=True)
    build_from_lake(house.lake, generation, catalogue, house.settings.index_folder / generation.index)
    with house.control.transaction() as conn:
        house.control.generations.publish(conn, generation)
    house.matching.finder(house.snapshots.newest(workspace.id))
    house.control.close()
    making.rename(place)
    return place


def bodies(people: int, audience_id: int) -> tuple[list[bytes], list[NDArray[np.int64]]]:
    """Return requests as a client sends them, and whom their records mean; numbers beyond the people are strangers."""
    random = np.random.default_rng(3)
    requests, meant = [], []
    for _ in range(UPLOADS):
        whom = random.integers(0, int(people / (1 - STRANGERS)), RECORDS)
        texts = {name: _hex(hashes(whom, kind)) for name, kind in (("email", 0), ("phone", 1))}
        texts |= {name: _hex(hashes(whom, 10 + number)) for number, name in enumerate(POSTAL)}
        fields = (("email",), ("phone",), POSTAL)
        wire = {"first_name": "firstname", "last_name": "lastname"}
        lines = [
            {
                "externalUserId": f"customer-{person}", "action": "CREATE", "countryCode": "US",
                "hashedPII": [{wire.get(name, name): texts[name][place] for name in fields[place % 3]}],
            }
            for place, person in enumerate(whom.tolist())
        ]  # fmt: skip
        requests.append(msgspec.json.encode({"audienceId": audience_id, "records": lines}))
        meant.append(whom)
    return requests, meant


def _hex(digests: NDArray[np.uint8]) -> list[str]:
    text = digests.tobytes().hex()
    return [text[place : place + 64] for place in range(0, len(text), 64)]


def accepted(house: House, caller: Caller, body: bytes) -> str:
    """Do what the room does with a request."""
    asked = DECODER.decode(body)
    number = int(asked.audience_id)
    records = members_of(asked.records, number, "US", consent_required=False)
    upload = MemberUpload(records, "external:bench")
    return house.intake.accept(caller, upload, meter=Meter(key="bench", records_per_hour=10**12))


def working(settings: Settings, ready: Event, over: Event) -> None:
    """Work on uploads, in a process of its own."""
    house = build_house(settings)
    for workspace in house.control.workspaces.list():
        house.matching.finder(house.snapshots.newest(workspace.id))
    house.worker.start()
    with steady():
        ready.set()
        over.wait()
    house.worker.stop()


@dataclass(frozen=True)
class Sent:
    """What came of sending for a while: records committed an hour, and milliseconds each request took."""

    hourly: float
    taken: list[float]
    processor: list[float]


def sent(house: House, caller: Caller, requests: list[bytes], seconds: float, rate: float) -> Sent:
    """Send requests in turn at `rate` records an hour; 0 is as fast as they are taken."""
    workspace_id = caller.workspace.id
    taken: list[float] = []
    processor: list[float] = []
    pause = RECORDS / rate * 3600 if rate else 0.0
    waited = house.control.uploads.backlog(workspace_id).records
    with steady():  # as a server does
        begun = due = time.monotonic()
        while time.monotonic() < begun + seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            at, worked = time.perf_counter(), time.thread_time()
            try:
                accepted(house, caller, requests[len(taken) % UPLOADS])
            except TooManyRequests:
                time.sleep(0.02)
                continue
            taken.append((time.perf_counter() - at) * 1000)
            processor.append((time.thread_time() - worked) * 1000)
            due += pause
    committed = waited + len(taken) * RECORDS - house.control.uploads.backlog(workspace_id).records
    return Sent(committed / (time.monotonic() - begun) * 3600, taken, processor)


def measure(people: int, seconds: float, rate: float, inside: bool) -> Iterator[Figure]:
    """Yield how fast uploads go, ours and the naive ones'. `rate` is in records an hour; 0 is as fast as they go."""
    place = FOLDER / "uploads-run"
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run(["cp", "-al", str(settled(people)), str(place)], check=True)
    for file in place.glob("control.db*"):  # the only files that are changed in place
        copy = file.with_suffix(".copy")
        shutil.copyfile(file, copy)
        copy.replace(file)
    settings = replace(Settings(data=place), uploads=UploadSettings(waiting_records=WAITING))
    house = build_house(settings)
    (workspace,) = house.control.workspaces.list()
    caller = Caller.local(workspace)
    audience = house.rosters.create(caller, name="bench audience", description="", account_id=None, ttl_seconds=10**7)
    requests, meant = bodies(people, audience.id)

    spawn = multiprocessing.get_context("spawn")
    ready, over = spawn.Event(), spawn.Event()
    process = None
    if inside:
        house.matching.finder(house.snapshots.newest(workspace.id))
        house.worker.start()
    else:
        process = spawn.Process(target=working, args=(settings, ready, over))
        process.start()
        ready.wait()

    steadily = sent(house, caller, requests, seconds, rate)
    at_most = sent(house, caller, requests, seconds / 4, 0.0)
    while house.control.uploads.backlog(workspace.id).uploads:
        time.sleep(0.1)
    over.set()
    house.worker.stop()
    if process is not None:
        process.join()
    everything = house.intake.list(caller, limit=1_000_000)
    assert {each.state for each in everything} == {UploadState.SUCCEEDED}
    assert len(everything) == len(steadily.taken) + len(at_most.taken)
    turns = [*range(len(steadily.taken)), *range(len(at_most.taken))]
    assert sum(each.matched for each in everything) == sum(
        len(np.unique(meant[turn % UPLOADS][meant[turn % UPLOADS] < people])) for turn in turns
    )  # of records that mean the same person, one counts
    newest = house.snapshots.newest(workspace.id).generation

    work = f"uploads of {RECORDS:,} records, {seconds:.0f} s"
    yield Figure(
        work=work, people=people, engine="accepted, matched, committed", value=steadily.hourly / 1e6,
        unit="million records/h", bar=f"≥ {BAR_RECORDS / 1e6:.0f}", met=steadily.hourly >= BAR_RECORDS,
    )  # fmt: skip
    p99 = statistics.quantiles(steadily.taken, n=100)[98]
    yield Figure(
        work=work, people=people, engine="accepting, p99", value=p99, unit="ms", bar=f"≤ {BAR_MILLISECONDS:.0f} ms",
        met=p99 <= BAR_MILLISECONDS,
    )  # fmt: skip
    yield Figure(work=work, people=people, engine="accepting, p50", value=statistics.median(steadily.taken))
    p99 = statistics.quantiles(steadily.processor, n=100)[98]
    yield Figure(work=work, people=people, engine="… of the processor's time, p99", value=p99)
    yield Figure(
        work=work, people=people, engine="generations made", value=newest.number - 1, unit="",
    )  # fmt: skip
    yield Figure(
        work=work, people=people, engine="as many as it takes", value=at_most.hourly / 1e6, unit="million records/h"
    )
    for name, naively in naive(people, requests):
        yield Figure(work=work, people=people, engine=name, value=naively / 1e6, unit="million records/h",
                     beside=f"ours {at_most.hourly / naively:.1f} × as many")  # fmt: skip
    house.control.close()


def naive(people: int, requests: list[bytes]) -> Iterator[tuple[str, float]]:
    """Yield how many records an hour the peers take from request to commit."""
    tree, table = sqlite(people), duck(people)
    tree.execute("CREATE TABLE IF NOT EXISTS log (audience, person, action, time, upload)")
    tree.execute("CREATE TABLE IF NOT EXISTS external (id, person, PRIMARY KEY (id, person)) WITHOUT ROWID")
    table.execute(
        "CREATE OR REPLACE TABLE log (audience BIGINT, person UINTEGER, action VARCHAR, time TIMESTAMP, upload INT)"
    )
    table.execute("CREATE OR REPLACE TABLE external (id VARCHAR, person UINTEGER, PRIMARY KEY (id, person))")
    for name in ("log", "external"):
        tree.execute(f"DELETE FROM {name}")
    tree.commit()
    now = datetime.now(UTC)

    def by_tree(number: int, body: bytes) -> None:
        ids, asked = asked_of(json.loads(body)["records"])
        found = [(each, who) for each, who in zip(ids, ask_sqlite(tree, asked), strict=True) if who is not None]
        lines = [(1, person, str(now), number) for _, person in found]
        tree.executemany("INSERT INTO log VALUES (?, ?, 'CREATE', ?, ?)", lines)
        tree.executemany("INSERT OR IGNORE INTO external VALUES (?, ?)", found)
        tree.commit()

    def by_join(number: int, body: bytes) -> None:
        ids, asked = asked_of(json.loads(body)["records"])
        found = [(each, person) for each, person in zip(ids, ask_duck(table, asked), strict=True) if person is not None]
        names, persons = zip(*found, strict=True)
        table.register("found", pa.table({"id": pa.array(names), "person": pa.array(persons, pa.uint32())}))
        table.execute("BEGIN")
        table.execute("INSERT INTO log SELECT 1, person, 'CREATE', ?, ? FROM found", [now.replace(tzinfo=None), number])
        table.execute("INSERT OR IGNORE INTO external SELECT DISTINCT id, person FROM found")
        table.execute("COMMIT")
        table.unregister("found")

    for name, take in (("SQLite, row by row", by_tree), ("DuckDB, a join for each upload", by_join)):
        for number, body in enumerate(requests[PEER_UPLOADS : 3 * PEER_UPLOADS]):  # ours is warm by then, too
            take(number, body)
        begun = time.perf_counter()
        for number, body in enumerate(requests[:PEER_UPLOADS]):
            take(number, body)
        yield name, RECORDS * PEER_UPLOADS / (time.perf_counter() - begun) * 3600


def asked_of(records: list[dict[str, Any]]) -> tuple[list[str], list[list[bytes]]]:
    """Return external ids, and for each kind of identity the key of every record: that of nobody where it has none."""
    persons = [record["hashedPII"][0] for record in records]
    nobody = bytes(16)
    keys = [
        [bytes.fromhex(person[name])[:16] if name in person else nobody for person in persons]
        for name in ("email", "phone")
    ]
    wire = {"first_name": "firstname", "last_name": "lastname"}
    columns = HashedRecords.from_rows(
        [{name: person.get(wire.get(name, name)) for name in POSTAL} for person in persons]
    )
    combined = [nobody] * len(persons)
    places = np.flatnonzero(columns.having(POSTAL))
    for place, digest in zip(places, combination_digests(columns, POSTAL, places), strict=True):
        combined[place] = digest.tobytes()[:16]
    return [record["externalUserId"] for record in records], [*keys, combined]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.uploads", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument(
        "--rate", type=float, default=RATE / 1e6, help="million records sent an hour; 0: as fast as they go"
    )
    parser.add_argument("--inside", action="store_true", help="the worker is a thread of the same process")
    asked = parser.parse_args()
    show(list(measure(asked.people, asked.seconds, asked.rate * 1e6, asked.inside)))


if __name__ == "__main__":
    main()
