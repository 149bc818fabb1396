"""What uploads have brought stays when the company's data is imported again: lists, their time, and external ids."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from houselights.app import build_house
from houselights.base.settings import Settings
from houselights.services.caller import Caller
from houselights.services.imports.importer import importer
from houselights.services.intake.payload import MemberRecord, MemberUpload
from tests.uploading import NAMESPACE, create, email, external_ids, log_of, roster

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MAPPING = """
version: 1
workspace: shop
people:
  - files: people.parquet
    key: id
    facets: {{plan: plan}}
    identities:
      email: {{column: email, hashed: true}}
{more}
facets: {{plan: {{name: Plan}}}}
"""


def write(folder: Path, numbers: list[int], plan: str, more: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    rows = [{"id": f"p{n}", "plan": plan, "email": email(n)["email"], "ours": f"file-{n}"} for n in numbers]
    pq.write_table(pa.Table.from_pylist(rows), folder / "people.parquet")
    (folder / "POPULATION.yaml").write_text(MAPPING.format(more=more), encoding="utf-8")
    return folder / "POPULATION.yaml"


def test_lists_and_external_ids_outlive_an_import(tmp_path: Path) -> None:
    house = build_house(Settings(data=tmp_path / "data", now=NOON))
    shop = house.control.workspaces.create("shop", created_at=NOON)
    run = importer(house.control, house.lake, house.settings, house.clock)

    def bring_in(*given: Any) -> None:
        run(write(tmp_path / "in", *given), shop, max_rejects=0, started=lambda _: None)

    def upload(what: MemberUpload) -> None:
        house.intake.accept(caller, what)
        assert house.worker.work_all() == 1

    bring_in([0, 1, 2, 3], "free")
    caller, met = Caller.local(shop), roster(house, shop)
    upload(create(met.id, [0, 1, 2]))
    people = external_ids(house, shop)
    assert set(people) == {("e0", 0), ("e1", 1), ("e2", 2)}

    bring_in([1, 2, 3], "gold")  # number 0 is gone, and the id with them
    assert set(external_ids(house, shop)) == {("e1", 1), ("e2", 2)}
    assert house.rosters.sizes(caller, met).active == 2
    upload(MemberUpload((MemberRecord(met.id, "DELETE", "e1"), MemberRecord(met.id, "DELETE", "e0")), NAMESPACE))
    assert house.rosters.sizes(caller, met).active == 1
    times = log_of(house, shop)["time"].to_pylist()
    assert times[-1] > times[0]  # the house's clock stands still, the log does not

    # A file that declares the namespace itself says all there is to say.
    bring_in([1, 2, 3], "gold", f"      {NAMESPACE}: {{column: ours}}")
    assert set(external_ids(house, shop)) == {("file-1", 1), ("file-2", 2), ("file-3", 3)}
    house.control.close()
