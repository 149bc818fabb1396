"""The customer list of the demo: mostly people of its world, with all that a company would know of them."""

import csv
from pathlib import Path

import pyarrow.parquet as pq

from houselights.services.demo.customers import COLUMNS, KNOWN_MOST, write_customers
from houselights.services.demo.world import source_of, write_world


def test_four_in_five_customers_are_people_of_the_world(tmp_path: Path) -> None:
    world = write_world(tmp_path / "world", people=6000, seed=5)
    path = write_customers(world.folder)
    first = path.read_bytes()
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == KNOWN_MOST * 5 // 4
    addresses = set(pq.read_table(world.folder / "people-0000.parquet", columns=["email"])["email"].to_pylist())
    known = [row for row in rows if row["email"] in addresses]
    assert len(known) == KNOWN_MOST
    assert all(row["first_name"] and row["last_name"] for row in known)
    assert any(row["address"] and row["city"] and row["zip"] for row in known)
    assert any(row["phone"] for row in known)
    write_customers(world.folder)
    assert path.read_bytes() == first


def test_the_companys_own_files_lie_beside_the_houses_folder_and_not_in_it() -> None:
    data = Path("/somewhere/demo-data")
    assert source_of(data) == Path("/somewhere/demo-data-source")
    assert not source_of(data).is_relative_to(data)
    assert source_of(Path("demo-data/")) == Path("demo-data-source")
    assert source_of(Path(".")) == Path.cwd().with_name(f"{Path.cwd().name}-source")


def test_a_world_of_one_has_a_list_all_the_same(tmp_path: Path) -> None:
    world = write_world(tmp_path / "world", people=1, seed=5)
    assert write_customers(world.folder).read_text().startswith("email,phone,first_name")
