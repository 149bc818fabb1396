"""How long a list takes to answer: who is on it now, and was last week, with a time to live; and to follow its log.

Run: `python -m bench.lists [--members 1000000]`. The list has three lines a member in the lake (put on, taken off, put
on again), in a log in which another list is as large. Beside it, in the same run, DuckDB answers the same question in
SQL over the same files. The bar for a list of a million is 20 ms, once its log is in memory.
"""

import argparse
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from bench.measure import Figure, beside, once, p50
from bench.report import show
from houselights.engine.list_history import comings
from houselights.engine.list_log import microseconds
from houselights.engine.membership_log import MembershipLog
from houselights.engine.people_set import PeopleSet
from houselights.model.workspace import Generation
from houselights.rules.tree import Span
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import MEMBERSHIPS

FOLDER = Path("build/bench/lists")
BAR_MILLISECONDS = 20.0
START = datetime(2026, 1, 1, tzinfo=UTC)
WORKSPACE, LIST, OTHER = 1, 7, 8
DAYS = 90
WORK = "A list: three lines a member, in a log of two lists"


def lines(list_id: int, people: "np.ndarray[tuple[int], np.dtype[np.int64]]", day: int, action: str) -> pa.Table:
    """Return lines about some people, spread over a day."""
    first = microseconds(START + timedelta(days=day))
    times = first + np.arange(people.size, dtype=np.int64) % (24 * 3600) * 1_000_000
    columns = {
        "audience_id": pa.repeat(pa.scalar(list_id, pa.int64()), people.size),
        "person_id": pa.array(people.astype(np.int64)),
        "action": pa.repeat(pa.scalar(action), people.size),
        "time": pa.array(times).cast(MEMBERSHIPS.schema.field("time").type),
        "country": pa.nulls(people.size, pa.string()),
        "upload_id": pa.repeat(pa.scalar("u"), people.size),
    }
    return pa.table([columns[name] for name in MEMBERSHIPS.schema.names], schema=MEMBERSHIPS.schema)


def written(members: int) -> tuple[Lake, Generation, Generation]:
    """Write the log, and one upload of 6,000 records upon it; return both generations."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    lake, drawn = Lake(str(FOLDER)), np.random.default_rng(1)
    version = None
    for list_id in (LIST, OTHER):
        for day, action in ((0, "CREATE"), (30, "DELETE"), (60, "CREATE")):
            people = drawn.permutation(np.arange(members, dtype=np.int64) * 2)
            version = lake.add(WORKSPACE, "memberships", lines(list_id, people, day, action), upon=version)
    more = lake.add(
        WORKSPACE, "memberships", lines(LIST, drawn.integers(0, 2 * members, 6_000), DAYS - 1, "CREATE"), upon=version
    )

    def generation(number: int, table: int) -> Generation:
        return Generation(
            workspace_id=WORKSPACE, number=number, tables={"memberships": table}, index="", as_of=START,
            built_at=START, people=0, fingerprint="",
        )  # fmt: skip

    assert version is not None
    return lake, generation(1, version), generation(2, more)


def measure(members: int) -> Iterator[Figure]:
    """Yield the figures of a list of `members`, its answers held to DuckDB's."""
    lake, before, after = written(members)
    capacity = 2 * members
    log = MembershipLog(lake, before)
    read, of_list = once(lambda: log.of(LIST))
    now = START + timedelta(days=DAYS - 1)
    long_ago = now - timedelta(days=28, hours=12)  # half of those who were put on it again have been there for longer

    def on_it(span: Span) -> PeopleSet:
        settled = of_list.settled(span)
        return PeopleSet.empty(capacity) if settled is None else PeopleSet.from_ids(of_list.members(settled), capacity)

    ours, found = p50(lambda: on_it(Span(after=long_ago)))
    files = lake.files(WORKSPACE, "memberships", before.tables["memberships"])
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        theirs, wanted = p50(lambda: connection.sql(sql_of(files, long_ago)).to_arrow_table())
    if not np.array_equal(np.sort(wanted["person_id"].to_numpy()), found.ids()):
        raise AssertionError("DuckDB says otherwise")
    is_promised = members == 1_000_000
    yield Figure(
        work=WORK,
        people=members,
        engine="who is on it now, within a time",
        value=ours,
        bar=f"≤ {BAR_MILLISECONDS:.0f} ms" if is_promised else "",
        met=ours <= BAR_MILLISECONDS if is_promised else None,
    )
    yield Figure(work=WORK, people=members, engine="DuckDB", value=theirs, beside=beside(ours, theirs))
    then, _ = p50(lambda: on_it(Span(until=START + timedelta(days=15), after=START - timedelta(days=1))))
    yield Figure(work=WORK, people=members, engine="who was on it in January", value=then)
    days, _ = p50(lambda: comings(of_list, 40 * 24 * 3600, PeopleSet.full(capacity)))
    yield Figure(work=WORK, people=members, engine="its whole history", value=days)
    yield Figure(work=WORK, people=members, engine="read from the lake, once", value=read)
    grown, _ = p50(lambda: log.after(after).of(LIST))
    yield Figure(work=WORK, people=members, engine="6,000 lines more, read and laid upon it", value=grown)


def sql_of(files: list[str], since: datetime) -> str:
    """Return the question as it would be asked of the files."""
    return f"""
        select person_id from (
            select person_id, action, time from read_parquet({files}) where audience_id = {LIST}
            qualify row_number() over (partition by person_id order by time desc, action desc) = 1
        ) where action = 'CREATE' and epoch_us(time) > {microseconds(since)}
    """


def main() -> None:
    """Measure one list and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.lists", description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000)
    show(list(measure(parser.parse_args().members)))


if __name__ == "__main__":
    main()
