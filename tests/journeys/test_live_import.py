"""What arrived stays when the company's data is imported again: it is laid over the new import, once."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from houselights.app import build_house
from houselights.base.settings import Settings
from houselights.services.caller import Caller
from houselights.services.imports.importer import importer
from houselights.services.motion.incoming import NewProfile, Who

MAPPING = """
version: 1
workspace: shop
people:
  - files: people.parquet
    key: id
    attributes: {city: city, plan: plan}
    facets: {plan: plan}
facets: {plan: {name: Plan}}
"""


def write(folder: Path, rows: list[dict[str, str]]) -> Path:
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / "people.parquet")
    (folder / "POPULATION.yaml").write_text(MAPPING, encoding="utf-8")
    return folder / "POPULATION.yaml"


def test_arrivals_survive_an_import(tmp_path: Path) -> None:
    house = build_house(Settings(data=tmp_path / "data"))
    shop = house.control.workspaces.create("shop", created_at=house.clock.now())
    run = importer(house.control, house.lake, house.settings, house.clock)

    def bring_in(*rows: dict[str, str]) -> None:
        run(write(tmp_path / "in", list(rows)), shop, max_rejects=0, started=lambda _: None)

    def people() -> dict[str, tuple[str | None, str | None]]:
        snapshot = house.snapshots.newest(shop.id)
        everyone = snapshot.documents.people([int(one) for one in snapshot.index.everyone.ids()])
        return {one.key: (one.document.get("city"), one.document.get("plan")) for one in everyone}

    bring_in({"id": "a", "city": "Leeds", "plan": "free"}, {"id": "b", "city": "York", "plan": "gold"})
    caller = Caller.local(shop)
    house.profiles.accept(caller, [NewProfile(who=Who(key="a"), attributes={"city": "Bath"})])
    house.profiles.accept(caller, [NewProfile(who=Who(key="c"), attributes={"city": "Hull"})])
    assert house.applier.apply_all() == 2
    assert people() == {"a": ("Bath", "free"), "b": ("York", "gold"), "c": ("Hull", None)}

    bring_in({"id": "a", "city": "Leeds", "plan": "gold"}, {"id": "d", "city": "York", "plan": "free"})
    assert people() == {"a": ("Leeds", "gold"), "d": ("York", "free")}
    assert house.applier.apply_all() == 2
    assert people() == {"a": ("Bath", "gold"), "c": ("Hull", None), "d": ("York", "free")}
    assert house.applier.apply_all() == 0
    house.control.close()
