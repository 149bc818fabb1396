"""How long it takes from sending a profile or an event until the entry it causes can be read; the bar is 2 seconds.

Run: `python -m bench.streaming`. A million people with nine attributes and twenty traits each are in the lake
and the index; then single profiles, single events, new people and batches of a thousand arrive, one after another.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.measure import Figure
from bench.report import show
from houselights.apis.adobe.language.parse import parse
from houselights.app import build_house
from houselights.base.settings import Settings
from houselights.engine.index.from_lake import build_from_lake
from houselights.engine.warm import warm_up
from houselights.model.audience import Evaluation
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.model.workspace import Generation, Workspace
from houselights.rules.tree import Where
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.motion.incoming import Incoming, NewEvent, NewProfile, Who
from houselights.storage.lake.tables import TABLES

PEOPLE, TRAITS, EACH, AUDIENCES = 1_000_000, 200, 20, 100
ROUNDS = 10
BAR_SECONDS = 2.0
KINDS = (
    'address.city = "city {n}"',
    'CHAIN(xEvent, timestamp, [A: WHAT(eventType = "buy {n}") WHEN(<= 24 hours before now)])',
    'plan = "gold" and visits > {n}',
)


def move_in(house: House, people: int) -> Workspace:
    """Write a population into the lake, build its index, publish it."""
    now = datetime.now(UTC)
    workspace = house.control.workspaces.create("bench", created_at=now)
    random = np.random.default_rng(5)
    ids = np.arange(people)
    shard = pa.array((ids >> 20).astype(np.int32))
    texts = {f"attribute{n}": pa.array(random.integers(0, 1000, people).astype(str)) for n in range(6)}
    cities = pa.array([f"city {n}" for n in range(500)]).take(pa.array(random.integers(0, 500, people)))
    columns = {
        "shard": shard, "person_id": pa.array(ids), "key": pa.array(ids.astype(str)),
        "address": pa.StructArray.from_arrays([cities], ["city"]),
        "plan": pa.array(["free", "gold"]).take(pa.array(random.integers(0, 2, people))),
        "visits": pa.array(random.integers(0, 100, people)), **texts,
    }  # fmt: skip
    owners = np.repeat(ids, EACH)
    tables = {
        "people": pa.table(columns, schema=_schema("people", columns)),
        "traits": pa.table(
            [
                (owners >> 20).astype(np.int32), owners, pa.repeat("f", len(owners)),
                random.integers(0, TRAITS, len(owners)), pa.nulls(len(owners), TABLES["traits"].schema[4].type),
                pa.nulls(len(owners), TABLES["traits"].schema[5].type),
            ],
            schema=TABLES["traits"].schema,
        ),
    }  # fmt: skip
    versions = {name: house.lake.write(workspace.id, name, table) for name, table in tables.items()}
    catalogue = Catalogue([Facet(key="f", name="F", multi=True)],
                          [Trait(id=n, facet="f", key=str(n), name=str(n)) for n in range(TRAITS)])  # fmt: skip
    generation = Generation(
        workspace_id=workspace.id, number=1, tables=versions, index=f"workspace-{workspace.id}-1", as_of=now,
        built_at=now, people=people, fingerprint="bench",
    )  # fmt: skip
    house.settings.index_folder.mkdir(parents=True, exist_ok=True)
    build_from_lake(house.lake, generation, catalogue, house.settings.index_folder / generation.index)
    with house.control.transaction() as conn:
        house.control.generations.publish(conn, generation)
    return workspace


def _schema(table: str, columns: dict[str, pa.Array]) -> pa.Schema:
    fixed = TABLES[table].schema
    return pa.schema(
        [*fixed, *(pa.field(name, each.type) for name, each in columns.items() if name not in fixed.names)]
    )


def until_read(house: House, caller: Caller, make: Callable[[int], list[Incoming]]) -> list[float]:
    """Return the seconds from sending until the outcome can be read, round after round."""
    taken = []
    for turn in range(ROUNDS):
        started = time.perf_counter()
        ids = house.profiles.accept(caller, make(turn))
        while house.profiles.arrivals(caller, ids[-1:])[0].generation is None:
            time.sleep(0.005)
        taken.append(time.perf_counter() - started)
    return taken


def measure(people: int) -> Iterator[Figure]:
    """Yield what the middle and the slowest of some arrivals took, of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        house = build_house(Settings(data=Path(folder)))
        caller = Caller.local(move_in(house, people))
        for n in range(AUDIENCES):
            rule = Where(parse(KINDS[n % len(KINDS)].replace("{n}", str(n))).tree)
            house.audiences.create(caller, name=f"a{n}", description="", rule=rule, evaluation=Evaluation.CONTINUOUS)
        house.applier.start()
        now = datetime.now(UTC)
        asks: dict[str, Callable[[int], list[Incoming]]] = {
            "one profile": lambda n: [
                NewProfile(who=Who(key=str(n * 999)), attributes={"address": {"city": "city 3"}})
            ],
            "one event": lambda n: [NewEvent(who=Who(key=str(n * 777)), time=now, type="buy 4")],
            "one new person": lambda n: [NewProfile(who=Who(key=f"new {n}"), attributes={"plan": "gold"})],
            "1,000 profiles": lambda n: [
                NewProfile(who=Who(key=str(n * 1000 + i)), attributes={"visits": i}) for i in range(1000)
            ],
            "1,000 events": lambda n: [
                NewEvent(who=Who(key=str(n * 1000 + i)), time=now - timedelta(minutes=i), type="buy 7")
                for i in range(1000)
            ],
        }  # fmt: skip
        work = f"from sending to a membership that can be read, {AUDIENCES} audiences"
        for name, make in asks.items():
            taken = until_read(house, caller, make)
            yield Figure(work=work, people=people, engine=name, value=statistics.median(taken), unit="s")
            yield Figure(
                work=work, people=people, engine=f"{name}, the slowest of {ROUNDS}", value=max(taken), unit="s",
                bar=f"≤ {BAR_SECONDS:.0f} s", met=max(taken) <= BAR_SECONDS,
            )  # fmt: skip
        house.applier.stop()
        house.control.close()


if __name__ == "__main__":
    warm_up()
    show(list(measure(PEOPLE)))
