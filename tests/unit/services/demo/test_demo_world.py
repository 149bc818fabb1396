"""The demo world as files: repeatable, whole, and well-formed for the import."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from houselights.services.demo.stamp import WorldSummary, stamped
from houselights.services.demo.world import AS_OF, KINDS, SHARD, write_world
from houselights.services.imports.parse import read_population
from houselights.services.imports.population import Column, Population

PEOPLE = SHARD + 1_500


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> WorldSummary:
    return write_world(tmp_path_factory.mktemp("world"), people=PEOPLE)


@pytest.fixture(scope="module")
def population(world: WorldSummary) -> Population:
    return read_population(world.population)


def rows(world: WorldSummary, kind: str) -> pa.Table:
    return ds.dataset(sorted(world.folder.glob(f"{kind}-*.parquet"))).to_table()


def digests(folder: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.name != "world.json"  # holds nothing but the summary
    }


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """In processes of their own, as the command line would, which also hash strings in different orders."""
    script = (
        "import sys; from pathlib import Path; from houselights.services.demo.world import write_world; "
        "write_world(Path(sys.argv[1]), people=2_000, seed=11)"
    )
    for name in ("one", "two"):
        subprocess.run([sys.executable, "-c", script, str(tmp_path / name)], check=True)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_world(tmp_path / str(seed), people=500, seed=seed)
    one, two = digests(tmp_path / "1"), digests(tmp_path / "2")
    assert all(one[f"{kind}-0000.parquet"] != two[f"{kind}-0000.parquet"] for kind in KINDS)
    assert one["cities.parquet"] == two["cities.parquet"]  # the catalogue is the same in every world


def test_a_finished_world_is_left_alone_and_another_replaced(tmp_path: Path) -> None:
    first = write_world(tmp_path, people=SHARD + 200)
    times = {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    assert write_world(tmp_path, people=SHARD + 200) == first
    assert {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == times
    (tmp_path / "notes.parquet").write_bytes(b"mine")
    smaller = write_world(tmp_path, people=300)
    assert smaller.people == 300
    assert not (tmp_path / "people-0001.parquet").exists()
    assert (tmp_path / "notes.parquet").exists()
    assert stamped(tmp_path) == smaller


def test_an_unfinished_world_is_made_again(tmp_path: Path) -> None:
    write_world(tmp_path, people=300)
    (tmp_path / "world.json").unlink()
    (tmp_path / "texts-0000.parquet").unlink()
    write_world(tmp_path, people=300)
    assert (tmp_path / "texts-0000.parquet").exists()


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_world(tmp_path, people=SHARD + 10, progress=lambda done, total: told.append((done, total)))
    assert told == [(SHARD, SHARD + 10), (SHARD + 10, SHARD + 10)]


@pytest.mark.parametrize(
    ("people", "as_of", "complaint"),
    [(0, AS_OF, "at least one"), (10, datetime(2026, 1, 1), "time zone")],  # noqa: DTZ001
)
def test_impossible_worlds_are_refused(tmp_path: Path, people: int, as_of: datetime, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        write_world(tmp_path, people=people, as_of=as_of)


def test_the_summary_counts_what_was_written(world: WorldSummary) -> None:
    assert world.people == PEOPLE == world.rows["people"]
    for kind, count in world.rows.items():
        assert rows(world, kind).num_rows == count > 0
    for name, count in world.traits.items():
        assert pq.read_metadata(world.folder / f"{name}.parquet").num_rows == count


def test_people_are_numbered_without_gaps(world: WorldSummary) -> None:
    ids = rows(world, "people")["person_id"].to_numpy()
    assert (ids == range(1_000_001, 1_000_001 + PEOPLE)).all()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "people"])
def test_every_row_belongs_to_somebody(world: WorldSummary, kind: str) -> None:
    theirs = rows(world, kind)["person_id"]
    bounds = pc.min_max(theirs).as_py()
    assert bounds["min"] >= 1_000_001
    assert bounds["max"] <= 1_000_000 + PEOPLE


def test_nothing_happens_in_the_future(world: WorldSummary) -> None:
    for kind, column in (
        ("purchases", "occurred_at"), ("views", "occurred_at"), ("opportunities", "occurred_at"),
        ("texts", "occurred_at"), ("follows", "last_active"),
    ):  # fmt: skip
        latest = pc.max(rows(world, kind)[column]).as_py()
        assert latest <= world.as_of, kind


def test_the_population_file_is_accepted(population: Population) -> None:
    assert population.workspace == "demo"
    assert population.as_of == AS_OF.astimezone(UTC)
    assert len(population.accounts) == 12
    assert sum(account.country is None for account in population.accounts) == 3
    roles = {facet.role for facet in population.facets.values()}
    assert {
        "age", "gender", "children_age", "children_count", "education", "income", "home_ownership", "marital_status",
        "ethnicity", "occupation", "employer", "job_title", "personality", "affinity", "country", "region", "city",
        "market_area", "purchase_category", "video_series", "video_movie", "video_genre", "video_actor",
        "video_director", "follows",
    } <= roles  # fmt: skip
    categories = {facet.discovery for facet in population.facets.values()} - {None}
    assert categories == {"Demographics", "In-market", "Interest", "Lifestyle", "Life event"}


def test_every_column_the_population_file_names_is_there(world: WorldSummary, population: Population) -> None:
    for files, column in named_columns(population):
        there = sorted(world.folder.glob(files))
        assert there, files
        assert column in pq.read_schema(there[0]).names, f"{files}: {column}"


def named_columns(population: Population) -> Iterator[tuple[str, str]]:
    for people in population.people:
        columns: list[Column | None] = [people.key, *people.attributes.values(), *people.measures.values()]
        columns += [facet.column for facet in people.facets.values()]
        columns += [identity.column for identity in people.identities.values()]
        columns += people.postal.columns.values() if people.postal else []
        yield from ((people.source.files[0], c.column) for c in columns if c is not None and c.column)
    for event in population.events:
        yield from (
            (event.source.files[0], c.column)
            for c in (event.person, event.time, *event.attributes.values())
            if c.column
        )
    for facet in population.facets.values():
        if facet.table is not None:
            table = facet.table
            for c in (table.id, table.name, table.parent, *table.attributes.values()):
                if c is not None and c.column:
                    yield table.source.files[0], c.column


def test_every_trait_somebody_carries_is_in_its_table(world: WorldSummary, population: Population) -> None:
    people = rows(world, "people")
    for key, facet in population.people[0].facets.items():
        table = population.facets[key].table
        if table is None or table.id.column is None or facet.column.column is None:
            continue
        known = pq.read_table(world.folder / table.source.files[0])[table.id.column]
        carried = people[facet.column.column]
        carried = pc.list_flatten(carried) if pa.types.is_list(carried.type) else carried
        strays = set(pc.unique(carried).to_pylist()) - set(known.to_pylist()) - {None}
        assert not strays, key


def test_trees_are_whole(world: WorldSummary) -> None:
    for name in ("in_market", "interests", "lifestyle", "life_events", "affinities", "browse_nodes"):
        table = pq.read_table(world.folder / f"{name}.parquet")
        keys = table["key"].to_pylist()
        assert len(set(keys)) == len(keys)
        assert set(table["parent"].to_pylist()) - {None} <= set(keys)


def test_orders_hold_items_of_known_categories(world: WorldSummary) -> None:
    orders = rows(world, "purchases")
    items = pc.list_flatten(orders["items"])
    known = set(pq.read_table(world.folder / "browse_nodes.parquet")["key"].to_pylist())
    assert set(pc.unique(pc.struct_field(items, "browse_node")).to_pylist()) <= known
    assert pc.min(pc.list_value_length(orders["items"])).as_py() >= 1
    assert pc.max(pc.list_value_length(orders["items"])).as_py() > 1
    assert pc.count_distinct(orders["order_id"]).as_py() == orders.num_rows
    spent = pc.multiply(pc.struct_field(items, "price"), pc.cast(pc.struct_field(items, "quantity"), pa.float64()))
    assert pc.sum(spent).as_py() == pytest.approx(pc.sum(orders["total"]).as_py(), rel=1e-6)


def test_follows_point_at_accounts(world: WorldSummary) -> None:
    accounts = pq.read_table(world.folder / "accounts.parquet")
    known = set(zip(accounts["platform"].to_pylist(), accounts["id"].to_pylist(), strict=True))
    assert len(known) == accounts.num_rows
    follows = rows(world, "follows")
    assert set(zip(follows["platform"].to_pylist(), follows["account_id"].to_pylist(), strict=True)) <= known


def test_advertisers_audiences_ask_for_lines_that_are_sold(world: WorldSummary, population: Population) -> None:
    sold = set(pc.unique(pc.struct_field(pc.list_flatten(rows(world, "purchases")["items"]), "line")).to_pylist())
    lines = {entry.key for entry in population.facets["product_line"].entries}
    assert sold - {None} <= lines
    owners = {audience.account_id for audience in population.audiences if audience.kind == "advertiser"}
    assert len(owners) == 8
    headphones = next(a for a in population.audiences if a.name == "Bought Northwind headphones in the last 180 days")
    assert headphones.rule == {"trait": {"facet": "product_line", "any_of": ["northwind-headphones"]}}
    assert "northwind-headphones" in sold
