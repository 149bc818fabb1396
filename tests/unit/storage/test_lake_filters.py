"""Whatever a commit says about its files, a filter on any column finds the rows that it describes."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import TABLES


@pytest.mark.parametrize(
    ("where", "people"),
    [
        (pc.field("measure") == "reach", [0, 1, 1 << 20]),
        ((pc.field("shard") == 0) & (pc.field("measure") == "reach"), [0, 1]),
        (pc.field("value") > 1.5, [1, 1 << 20]),
        (pc.field("person_id") >= 1 << 20, [1 << 20]),
        (pc.field("shard") == 7, []),
        (None, [0, 1, 1 << 20]),
    ],
)
def test_a_filter_on_any_column_finds_its_rows(tmp_path: Path, where: pc.Expression | None, people: list[int]) -> None:
    lake = Lake(str(tmp_path))
    rows = [
        {"shard": person >> 20, "person_id": person, "measure": "reach", "value": value}
        for person, value in ((0, 1.0), (1, 2.0), (1 << 20, 3.0))
    ]
    version = lake.write(1, "measures", pa.Table.from_pylist(rows, schema=TABLES["measures"].schema))
    found = lake.dataset(1, "measures", version).to_table(filter=where, columns=["person_id"])
    assert sorted(found["person_id"].to_pylist()) == people
