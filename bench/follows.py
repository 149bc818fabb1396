"""`python -m bench.follows`: how fast a follow graph comes in, and how fast it is asked who follows so many of some.

80,000 accounts with 2 M follow edges of 250,000 people are imported in a process of its own; the bar is 30 s. Then the
same questions, for every cutoff and with a limit on activity, are asked of us and of DuckDB over the same rows, sorted
by account; the bar is 5 ms for five accounts. Counts are asserted equal.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.measure import Figure, beside, once, p50
from bench.report import show
from houselights.base.settings import Settings
from houselights.engine.bitmap import count
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.engine.warm import warm_up
from houselights.rules.tree import Follows, Rule
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake

PEOPLE, ACCOUNTS, EDGES = 250_000, 80_000, 2_000_000
IMPORT_SECONDS, ASKED_MILLISECONDS = 30.0, 5.0
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
POPULATION = """
version: 1
workspace: bench
as_of: 2026-11-01T00:00:00Z
people:
  - {files: people.parquet, key: id}
follows:
  - files: follows.parquet
    person: person
    platform: chirp
    account: account
    last_active: seen
    accounts: {files: accounts.parquet, id: id, screen_name: handle, name: name, followers: followers}
"""


def write_files(folder: Path) -> None:
    """Write people, accounts of which a few have most followers, and who follows whom."""
    random = np.random.default_rng(11)
    pq.write_table(pa.table({"id": [f"p{number}" for number in range(PEOPLE)]}), folder / "people.parquet")
    numbers = [str(10_000_000 + number) for number in range(ACCOUNTS)]
    accounts = {
        "id": numbers,
        "handle": [f"@account_{number}" for number in numbers],
        "name": [f"Account {number}" for number in numbers],
        "followers": random.integers(1_000, 10_000_000, ACCOUNTS),
    }
    pq.write_table(pa.table(accounts), folder / "accounts.parquet")
    followed = (ACCOUNTS * random.random(EDGES) ** 3).astype(np.int64)
    seen = np.datetime64(AS_OF.replace(tzinfo=None), "us") - random.integers(0, 400 * 86_400, EDGES) * 1_000_000
    follows = {
        "person": [f"p{number}" for number in random.integers(0, PEOPLE, EDGES).tolist()],
        "account": pa.array(numbers).take(pa.array(followed)),
        "seen": pa.array(seen, pa.timestamp("us", "UTC")),
    }
    pq.write_table(pa.table(follows), folder / "follows.parquet")
    (folder / "population.yaml").write_text(POPULATION)


def brought_in(folder: Path) -> float:
    """Import the files in a process of its own and return the seconds."""
    started = time.perf_counter()
    importing = "from houselights.cli.main import run; run()"
    run(
        [sys.executable, "-c", importing, "import", str(folder / "population.yaml"), "--data", str(folder / "data")],
        check=True, stdout=sys.stderr, env=dict(os.environ),
    )  # fmt: skip
    return time.perf_counter() - started


def opened(folder: Path) -> Snapshot:
    """Return the graph that was brought in."""
    settings = Settings(data=folder / "data")
    control, lake = Control.open(settings.database_url), Lake(settings.lake_url)
    workspace = control.workspaces.by_name("bench")
    assert workspace is not None
    return Snapshots(lake, control.generations, settings.index_folder).current(workspace.id)


def peer_of(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return DuckDB with the same rows, sorted as suits the question best."""
    rows = pq.read_table(folder / "follows.parquet")
    peer = duckdb.connect()
    peer.register("given", rows)
    peer.execute(
        "CREATE TABLE follows AS SELECT account, substr(person, 2)::UINTEGER AS person, max(epoch_us(seen)) AS seen "
        "FROM given GROUP BY ALL ORDER BY account, person"
    )
    peer.execute("CREATE TABLE active AS SELECT person, max(seen) AS seen FROM follows GROUP BY person ORDER BY person")
    return peer


def by_peer(peer: duckdb.DuckDBPyConnection, rule: Follows) -> int:
    """Return how many people DuckDB finds."""
    names = ", ".join(f"'{account}'" for account in rule.accounts)
    inner = f"SELECT person FROM follows WHERE account IN ({names}) GROUP BY person HAVING count(*) >= {rule.at_least}"
    if rule.active_within_days is not None:
        since = int(AS_OF.timestamp() * 1_000_000) - rule.active_within_days * 86_400_000_000
        inner = f"SELECT person FROM ({inner}) JOIN active USING (person) WHERE seen >= {since}"
    found = peer.execute(f"SELECT count(*) FROM ({inner})").fetchone()
    assert found is not None
    return int(found[0])


def measure(folder: Path) -> Iterator[Figure]:
    """Yield what the import took, and what questions take."""
    write_files(folder)
    seconds = brought_in(folder)
    work = f"import of {ACCOUNTS:,} accounts and {EDGES:,} edges"
    yield Figure(
        work=work, people=PEOPLE, engine="houselights import", value=seconds, unit="s",
        bar=f"≤ {IMPORT_SECONDS:.0f} s", met=seconds <= IMPORT_SECONDS,
    )  # fmt: skip
    snapshot = opened(folder)
    milliseconds, peer = once(lambda: peer_of(folder))
    theirs = milliseconds / 1000
    yield Figure(
        work=work, people=PEOPLE, engine="DuckDB, two tables", value=theirs, unit="s", beside=beside(seconds, theirs)
    )
    largest = [str(10_000_000 + number) for number in range(10)]
    few = [str(10_000_000 + number) for number in range(40_000, 40_005)]
    asked = [(f"{k} of the 5 largest", Follows("chirp", tuple(largest[:5]), k)) for k in range(1, 6)]
    asked += [(f"{k} of the 10 largest", Follows("chirp", tuple(largest), k)) for k in (1, 2, 10)]
    asked += [("1 of 5 small ones", Follows("chirp", tuple(few), 1))]
    asked += [
        (f"2 of the 5 largest, active in {d} days", Follows("chirp", tuple(largest[:5]), 2, d)) for d in (1, 30, 180)
    ]
    for k in range(1, 11):
        for days in (None, 1, 7, 30, 60, 90, 180, 365):
            rule = Follows("chirp", tuple(largest), k, days)
            assert snapshot.count(rule, _nobody) == by_peer(peer, rule), rule
    for name, rule in asked:
        ours, found = p50(lambda: count(snapshot.index, rule, _nobody, snapshot.leaves))  # noqa: B023
        theirs, told = p50(lambda: by_peer(peer, rule))  # noqa: B023
        assert found == told, (name, found, told)
        bar, met = (
            (f"≤ {ASKED_MILLISECONDS:.0f} ms", ours <= ASKED_MILLISECONDS) if len(rule.accounts) == 5 else ("", None)
        )
        yield Figure(work=f"at least {name}", people=PEOPLE, engine="houselights", value=ours, bar=bar, met=met)
        yield Figure(work=f"at least {name}", people=PEOPLE, engine="DuckDB", value=theirs, beside=beside(ours, theirs))
    fresh = opened(folder)  # remembers nothing yet
    first, _ = once(lambda: fresh.count(Follows("chirp", ("10000000",), 1, 90), _nobody))
    engine = "houselights, a number of days nobody asked before"
    yield Figure(work=f"at least {asked[-1][0]}", people=PEOPLE, engine=engine, value=first)


def _nobody(audience_id: int) -> Rule:
    raise AssertionError(audience_id)


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(prog="python -m bench.follows", description=__doc__).parse_args()
    warm_up()
    with TemporaryDirectory() as name:
        show(list(measure(Path(name))))


if __name__ == "__main__":
    main()
