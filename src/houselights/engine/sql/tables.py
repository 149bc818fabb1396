"""The tables that queries read, as DuckDB sees them: views of one generation's files, in a database in memory.

`people`, `events` and `identities` are the lake's; each event also has its `@place`, the order in which events were
written, which tells events of one instant apart. What is known of people besides is in tables of one map each. The
database can read those files and nothing else, and write nothing.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa
from sqlglot import exp

from houselights.engine.sql.terms import IDENTITY_TABLE, MEMBERSHIP_TABLE
from houselights.model.workspace import Generation
from houselights.storage.lake.lake import Lake

NAMES = ("people", "events", "identities")
EVERY = (*NAMES, IDENTITY_TABLE, MEMBERSHIP_TABLE)

# What each person is known by, and the audiences each stands in, as maps; `standings` are the caller's.
_KNOWN = {
    IDENTITY_TABLE: f"""
    create or replace temp view {IDENTITY_TABLE} as
    select person_id, map_from_entries(list({{'k': namespace, 'v': ids}} order by namespace)) as entries
    from (
        select person_id, namespace, list({{'id': value}} order by value) as ids
        from (select distinct person_id, namespace, value from identities)
        group by person_id, namespace
    )
    group by person_id
    """,
    MEMBERSHIP_TABLE: f"""
    create or replace temp view {MEMBERSHIP_TABLE} as
    select person_id, map_from_entries(list({{'k': namespace, 'v': audiences}} order by namespace)) as entries
    from (
        select person_id, namespace, map_from_entries(
            list({{'k': audience, 'v': {{'status': status, 'lastQualificationTime': since}}}} order by audience)
        ) as audiences
        from standings
        group by person_id, namespace
    )
    group by person_id
    """,
}
STANDINGS = pa.schema(
    [("person_id", pa.int64()), ("namespace", pa.string()), ("audience", pa.string()), ("status", pa.string()),
     ("since", pa.timestamp("us", tz="UTC"))]
)  # fmt: skip
_EMPTY = {
    "people": "select null::bigint as person_id where false",
    "events": "select null::bigint as person_id, null::timestamptz as time, '' as type, 0 as \"@place\" where false",
    "identities": "select null::bigint as person_id, '' as namespace, '' as value where false",
}


class Tables:
    """The files of one generation. Lakes on object storage are read through Arrow, which has no order of writing."""

    def __init__(self, lake: Lake, generation: Generation):
        self._lake = lake
        self._generation = generation
        self._is_local = "://" not in lake.url
        self._files = {name: self._files_of(name) for name in NAMES}

    def _files_of(self, name: str) -> list[str]:
        version = self._generation.tables.get(name)
        if version is None or not self._is_local:
            return []
        return self._lake.files(self._generation.workspace_id, name, version)

    @contextmanager
    def open(self, memory: str, threads: int, spill: str | None) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a database that may read the generation's files; it is gone when the block ends."""
        config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": memory, "threads": threads}
        connection = duckdb.connect(config=config)
        try:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("set preserve_insertion_order = false")
            connection.execute("set temp_directory = $1", [spill or ""])
            files = [each for listed in self._files.values() for each in listed]
            connection.execute("set allowed_paths = $1", [files])
            if spill:
                connection.execute("set allowed_directories = $1", [[spill]])
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
            yield connection
        finally:
            connection.close()

    def view(
        self,
        connection: duckdb.DuckDBPyConnection,
        wanted: Collection[str] = EVERY,
        start: int | None = None,
        stop: int | None = None,
    ) -> None:
        """Make the views that are wanted, of the people from `start` up to `stop`, or of everybody."""
        for name in NAMES:
            if name in wanted or (name == "identities" and IDENTITY_TABLE in wanted):
                view = f"create or replace temp view {name} as {self._chosen(connection, name, start, stop)}"
                connection.execute(view)
        view_known(connection, wanted)

    def _chosen(self, connection: duckdb.DuckDBPyConnection, name: str, start: int | None, stop: int | None) -> str:
        version = self._generation.tables.get(name)
        if version is None or (self._is_local and not self._files[name]):
            return _EMPTY[name]
        source: exp.Expr
        place: exp.Expr
        if self._is_local:
            source, place = parquet(self._files[name]), exp.column("file_row_number")
        else:
            dataset = self._lake.dataset(self._generation.workspace_id, name, version)
            connection.register(f"lake_{name}", dataset)
            source, place = exp.to_table(f"lake_{name}"), exp.cast(exp.Literal.number("0"), "bigint")
        chosen = exp.select(exp.Star(), exp.alias_(place, "@place", quoted=True)).from_(source)
        if start is not None and stop is not None:
            person = exp.column("person_id")
            chosen = chosen.where(person >= start, person < stop)
        return chosen.sql("duckdb")


def parquet(files: Sequence[str]) -> exp.Expr:
    """Return a table function over files, which may have different columns."""
    listed = exp.Array(expressions=[exp.Literal.string(each) for each in files])
    options = {"hive_partitioning": exp.false(), "file_row_number": exp.true(), "union_by_name": exp.true()}
    named = [exp.EQ(this=exp.column(name), expression=value) for name, value in options.items()]
    return exp.Table(this=exp.Anonymous(this="read_parquet", expressions=[listed, *named]))


def view_known(connection: duckdb.DuckDBPyConnection, wanted: Collection[str] = EVERY) -> None:
    """Make the views of what is known besides, over `identities` and `standings`."""
    for name, statement in _KNOWN.items():
        if name in wanted:
            connection.execute(statement)
