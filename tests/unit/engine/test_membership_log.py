"""The membership log as the lake has it, while the lake changes."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from houselights.engine.membership_log import MembershipLog
from houselights.model.workspace import Generation
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.superseded import Superseded
from houselights.storage.lake.tables import MEMBERSHIPS

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
WORKSPACE, LIST = 1, 7


def test_a_log_whose_files_are_gone_says_to_ask_again(tmp_path: Path) -> None:
    """As for whoever reads while an erasure deletes older versions."""
    lake = Lake(str(tmp_path / "lake"))
    line = {"shard": 0, "audience_id": LIST, "person_id": 1, "action": "CREATE", "time": NOON, "upload_id": "u"}
    version = lake.write(WORKSPACE, MEMBERSHIPS.name, pa.Table.from_pylist([line], schema=MEMBERSHIPS.schema))
    generation = Generation(
        workspace_id=WORKSPACE, number=1, tables={MEMBERSHIPS.name: version}, index="", as_of=NOON, built_at=NOON,
        people=2, fingerprint="",
    )  # fmt: skip
    assert len(MembershipLog(lake, generation).of(LIST)) == 1
    for file in Path(lake.location(WORKSPACE, MEMBERSHIPS.name)).rglob("*.parquet"):
        file.unlink()
    with pytest.raises(Superseded, match="ask again"):
        MembershipLog(lake, generation).of(LIST)
