"""The tables that SQL can name: the client's own lists, what people did, and nobody else's."""

import duckdb
import pyarrow as pa
import pytest

from houselights.cleanroom.compile import Compiled
from houselights.cleanroom.question import Purpose
from houselights.cleanroom.tables import TYPES, Class, LakeRows, Table
from houselights.services.caller import Caller
from houselights.services.workflows.tables import AudienceTables
from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import WATCHED, rows
from tests.apis.amazon.reporting.conftest import SOURCES, Asker, asker_of

FIRST_ROOM, SECOND_ROOM = 444000000000000001, 444000000000000002


@pytest.mark.covers("data-sources")
def test_a_client_sees_its_own_tables_and_those_of_events(asker: Asker, lists: tuple[int, int]) -> None:
    told = {one["dataSourceId"]: one for one in asker.get(SOURCES).json()["dataSources"]}
    own = [name for name in told if "_audience_" in name]
    assert sorted(name.rpartition("_")[0] for name in own) == ["acme_cdp_audience_logs", "acme_cdp_audience_members"]
    assert len({name.rpartition("_")[2] for name in own}) == 1
    events = {f"watched_{kind}{twin}" for kind in WATCHED for twin in ("", "_for_audiences")}
    assert set(told) == {*own, *events}
    members, logs = told[asker.table("members")], told[asker.table("logs")]
    assert [one["name"] for one in members["columns"]] == ["audience_id", "insert_date_utc", "user_id", "user_type"]
    assert [one["description"].split()[-3] for one in members["columns"]] == [
        "STRING,",
        "TIMESTAMP,",
        "STRING,",
        "STRING,",
    ]
    assert [one["name"] for one in logs["columns"]] == [
        "action", "audience_id", "hashed_address", "hashed_city", "hashed_email", "hashed_first_name",
        "hashed_last_name", "hashed_phone", "hashed_state", "hashed_zip", "insert_date_utc", "user_id", "user_type",
    ]  # fmt: skip
    assert asker.get(f"{SOURCES}/{asker.table('logs').upper()}").json() == {"dataSource": logs}


@pytest.mark.covers("data-sources")
def test_sources_are_listed_page_by_page(asker: Asker) -> None:
    whole = [one["dataSourceId"] for one in asker.get(SOURCES).json()["dataSources"]]
    first = asker.get(SOURCES, limit=5).json()
    rest = asker.get(SOURCES, limit=100, nextToken=first["nextToken"]).json()
    assert [one["dataSourceId"] for page in (first, rest) for one in page["dataSources"]] == whole
    assert "nextToken" not in rest
    assert asker.get(SOURCES, limit=101).status_code == 400


@pytest.mark.covers("data-sources", "tenancy")
def test_tables_of_another_client_are_unknown_by_name(asker: Asker, stage: Stage) -> None:
    other = asker_of(stage, stage.http)
    assert other.table("members") != asker.table("members"), "two clients of one name"
    assert other.get(f"{SOURCES}/{asker.table('members')}").status_code == 404
    assert other.get(f"{SOURCES}/watched_movie").status_code == 200


def test_a_lake_far_away_has_the_same_rows(
    asker: Asker, lists: tuple[int, int], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = tables_of(asker, stage)
    monkeypatch.setattr(AudienceTables, "_is_remote", True)
    service, snapshot = stage.house.workflows.tables, stage.house.snapshots.newest(1)
    for table in tables_of(asker, stage).values():
        compiled = Compiled("", (), (), (table,), Purpose.REPORT)
        (fetched,) = service.readable(compiled, snapshot).tables
        assert isinstance(fetched.rows, pa.Table)
        rows_near = near[table.names[0]].rows
        assert isinstance(rows_near, LakeRows)
        local = duckdb.sql(rows_near.sql).to_arrow_table()
        assert (fetched.rows.schema, fetched.rows.num_rows) == (local.schema, local.num_rows), table.names
        assert sorted(map(repr, fetched.rows.to_pylist())) == sorted(map(repr, local.to_pylist()))


def tables_of(asker: Asker, stage: Stage, room: int = FIRST_ROOM) -> dict[str, Table]:
    """Return the tables that the client has in a clean room, by name."""
    workspace = stage.house.control.workspaces.get(1)
    client = stage.house.control.clients.by_client_id(asker.name)
    assert client is not None
    caller = Caller(client=client[0], workspace=workspace, scopes=frozenset({"insights:read"}))
    service = stage.house.workflows.tables
    place = stage.house.control.accounts.get(workspace.id, room)
    return {table.names[0]: table for table in service.visible(caller, place, service.now(caller))}


def test_every_table_is_what_it_says(asker: Asker, lists: tuple[int, int], stage: Stage) -> None:
    counts = {}
    for table in tables_of(asker, stage).values():
        assert isinstance(table.rows, LakeRows)
        found = duckdb.sql(f"describe {table.rows.sql}").fetchall()
        wanted = [(each.name, "BIGINT" if each.name == "user_id" else TYPES[each.type]) for each in table.columns]
        assert [(row[0], row[1]) for row in found] == wanted, table.names
        counts[table.names[0]] = duckdb.sql(f"select count(*) from ({table.rows.sql})").fetchall()[0][0]
        user = next(each for each in table.columns if each.name == "user_id")
        assert user.klass is Class.VERY_HIGH
    assert counts[asker.table("members")] == counts[asker.table("logs")] == 1800
    for kind in WATCHED:
        assert counts[f"watched_{kind}"] == sum(len(row.leaves[kind]) for row in rows())
    elsewhere = tables_of(asker, stage, SECOND_ROOM)
    rows_there = elsewhere[asker.table("members")].rows
    assert isinstance(rows_there, LakeRows)
    assert duckdb.sql(f"select count(*) from ({rows_there.sql})").fetchall() == [(0,)], "lists of another clean room"
