"""Events are tables by type: nested attributes are columns, lists of objects tables; what no event has is not there."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from houselights.base.clock import FixedClock
from houselights.base.query_settings import QuerySettings
from houselights.cleanroom.compile import compile_query
from houselights.cleanroom.question import Privacy, Window
from houselights.cleanroom.run import run
from houselights.cleanroom.tables import Class, Table
from houselights.engine.withheld import Withheld
from houselights.model.workspace import Account, Client, Generation, Workspace
from houselights.services.caller import Caller
from houselights.services.workflows.tables import AudienceTables, source_of, suffix_of
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import EVENTS

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ITEM = pa.struct([("SKU", pa.string()), ("priceTotal", pa.float64())])
SCHEMA = pa.schema(
    [*EVENTS.schema,
     pa.field("commerce", pa.struct([("purchaseID", pa.string()), ("total", pa.float64()), ("items", pa.list_(ITEM))])),
     pa.field("media", pa.struct([("genres", pa.list_(pa.string())), ("at", pa.timestamp("us", tz="UTC"))])),
     pa.field("userId", pa.string())]
)  # fmt: skip
LAMP, BULB = {"SKU": "lamp", "priceTotal": 30.0}, {"SKU": "bulb", "priceTotal": 5.0}


def event(person: int, kind: str, **more: Any) -> dict[str, Any]:
    at = datetime(2026, 10, 5, 12, tzinfo=UTC)
    return {
        "shard": 0,
        "person_id": person,
        "time": at,
        "type": kind,
        **dict.fromkeys(("commerce", "media", "userId")),
        **more,
    }


ROWS = [
    event(
        1, "commerce.purchases", commerce={"purchaseID": "a", "total": 40.0, "items": [LAMP, BULB, BULB]}, userId="x"
    ),
    event(2, "commerce.purchases", commerce={"purchaseID": "b", "total": 30.0, "items": [LAMP]}),
    event(3, "commerce.purchases", commerce={"purchaseID": "c", "total": 0.0, "items": []}),
    event(1, "it's watched", media={"genres": ["drama", "comedy"], "at": NOW}),
    event(2, "it's watched", media={"genres": ["drama"], "at": NOW}),
    event(2, "its watched"),
]


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Table]:
    return tables_of(tmp_path, Withheld())


def tables_of(tmp_path: Path, withheld: Withheld) -> dict[str, Table]:
    """Return the tables of a snapshot from which something is withheld; a later one withholds nothing."""
    lake = Lake(str(tmp_path))
    version = lake.write(7, "events", pa.Table.from_pylist(ROWS, SCHEMA))
    generation = Generation(
        workspace_id=7, number=1, tables={"events": version}, index="", as_of=NOW, built_at=NOW, people=3,
        fingerprint="",
    )  # fmt: skip
    unused, settings = Any, QuerySettings(classes={"commerce_total": "MEDIUM"})
    snapshots: Any = SimpleNamespace(current=lambda _: SimpleNamespace(withheld=Withheld()))
    snapshot: Any = SimpleNamespace(generation=generation, withheld=withheld)
    service = AudienceTables(unused, lake, snapshots, FixedClock(NOW), settings)  # type: ignore[arg-type]
    caller = Caller.local(Workspace(id=7, name="w", created_at=NOW))
    room = Account(id=1, workspace_id=7, kind="cleanroom", name="r")
    return {table.names[0]: table for table in service.visible(caller, room, snapshot)}


def asked(sql: str, tables: dict[str, Table]) -> list[tuple[Any, ...]]:
    window = Window(start=datetime(2026, 10, 1, tzinfo=UTC), end=NOW)
    compiled = compile_query(
        sql, list(tables.values()), window=window, now=NOW, privacy=Privacy(thresholds=dict.fromkeys(Class, 1))
    )
    with run(compiled) as result:
        return list(result.rows())


def test_what_is_withheld_of_a_snapshot_stays_so_when_the_files_are_written_anew_meanwhile(tmp_path: Path) -> None:
    """An erasure that ends between the look at the files and the query must not bring anybody back."""
    sql = "SELECT COUNT(DISTINCT user_id) AS people FROM commerce_purchases"
    assert asked(sql, tables_of(tmp_path / "before", Withheld())) == [(3,)]
    assert asked(sql, tables_of(tmp_path / "asked", Withheld(frozenset({1})))) == [(2,)]


def test_each_type_is_a_table_with_the_attributes_it_has(tables: dict[str, Table]) -> None:
    own = [name for name in tables if not name.endswith("_for_audiences")]
    assert own == ["commerce_purchases", "commerce_purchases_commerce_items", "it_s_watched", "its_watched"]
    assert len(tables) == 2 * len(own)
    every = ["user_id", "event_time_utc", "event_date_utc", "event_hour_utc"]
    columns = {name: [each.name for each in tables[name].columns] for name in own}
    assert columns == {
        "commerce_purchases": [*every, "commerce_purchase_id", "commerce_total", "user_id_2"],
        "commerce_purchases_commerce_items": [*every, "sku", "price_total"],
        "it_s_watched": [*every, "media_genres", "media_at"],
        "its_watched": every,
    }
    classes = {each.name: each.klass for each in tables["commerce_purchases"].columns}
    assert classes["commerce_total"] is Class.MEDIUM, "as the operator says"
    assert classes["user_id_2"] is Class.VERY_HIGH
    assert [each.for_audiences for each in tables.values()] == [False] * 4 + [True] * 4


def test_nested_values_can_be_asked(tables: dict[str, Table]) -> None:
    total = "SELECT COUNT(DISTINCT user_id) AS people, SUM(commerce_total) AS total FROM commerce_purchases"
    assert asked(total, tables) == [(3, 70.0)]
    items = """
    SELECT sku, COUNT(DISTINCT user_id) AS people, SUM(price_total) AS spent
    FROM commerce_purchases_commerce_items GROUP BY sku
    """
    assert asked(items, tables) == [("bulb", 1, 10.0), ("lamp", 2, 60.0)]
    hours = "SELECT event_hour_utc, COUNT(DISTINCT user_id) AS people FROM it_s_watched GROUP BY 1"
    assert asked(hours, tables) == [(12, 2)]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("Acme CDP", "acme_cdp"),
        ("Lumère & Co.", "lumere_co"),
        ("2nd try", "client_2nd_try"),
        ("价格", "client"),
        ("", "client"),
    ],
)
def test_tables_are_called_after_their_client(name: str, source: str) -> None:
    client = Client(id=1, workspace_id=7, client_id="c1", name=name, scopes=frozenset(), created_at=NOW)
    assert source_of(client) == source
    assert len(suffix_of(client)) == 8
    assert int(suffix_of(client), 16) >= 0
