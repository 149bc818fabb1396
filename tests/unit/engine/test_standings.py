"""The last line of the log is where somebody stands, and documents say what SQL is given."""

from datetime import UTC, datetime

import pyarrow as pa

from houselights.engine.standings import LOG_COLUMNS, NAMESPACE, standings_of, with_standing
from houselights.storage.lake.tables import MEMBERSHIPS

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def log(*lines: tuple[int, int, datetime, str]) -> pa.Table:
    rows = [dict(zip(LOG_COLUMNS, line, strict=True)) for line in lines]
    return pa.Table.from_pylist(rows, schema=pa.schema([MEMBERSHIPS.schema.field(name) for name in LOG_COLUMNS]))


def test_the_last_line_counts_and_the_removal_of_two_at_once() -> None:
    found = standings_of(
        log((7, 1, LATE, "DELETE"), (7, 1, EARLY, "CREATE"), (7, 2, EARLY, "CREATE"), (8, 1, LATE, "CREATE"),
            (9, 2, LATE, "CREATE"), (9, 2, LATE, "DELETE"))
    )  # fmt: skip
    assert [(row["person_id"], row["audience"], row["status"], row["since"]) for row in found.to_pylist()] == [
        (1, "7", "exited", LATE),
        (1, "8", "realized", LATE),
        (2, "7", "realized", EARLY),
        (2, "9", "exited", LATE),
    ]
    assert set(found["namespace"].to_pylist()) == {NAMESPACE}
    assert standings_of(log()).num_rows == 0


def test_one_standing_changes_and_the_others_stay() -> None:
    held = with_standing(with_standing(None, 7, True, EARLY), 8, False, LATE)
    assert held == {
        NAMESPACE: {
            "7": {"status": "realized", "lastQualificationTime": EARLY},
            "8": {"status": "exited", "lastQualificationTime": LATE},
        }
    }
