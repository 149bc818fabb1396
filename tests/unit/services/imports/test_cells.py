"""Cells become typed columns exactly, or are marked bad; nothing is guessed."""

import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.services.imports.cells import blanked, items, typed


def read(cells: list[Any], kind: str | None, **how: Any) -> tuple[list[Any], list[int]]:
    """Return the values and the places of bad cells."""
    found = typed(pa.array(cells), kind, **how)
    return found.values.to_pylist(), [] if found.bad is None else np.flatnonzero(found.bad).tolist()


@pytest.mark.parametrize(
    ("cells", "kind", "values", "bad"),
    [
        (["1", " 2 ", "+3", "-4", "5.0", "5.5", "x", None], "int", [1, 2, 3, -4, 5, None, None, None], [5, 6]),
        (["9" * 19], "int", [None], [0]),
        ([1.0, 2.5, None], "int", [1, None, None], [1]),
        ([".5", "-2.", "1e3", "nan", "inf", "1,5"], "float", [0.5, -2.0, 1000.0, None, None, None], [3, 4, 5]),
        (["TRUE", "no", " y", "0", "2", None], "bool", [True, False, True, False, None, None], [4]),
        ([1, 0, 2], "bool", [True, False, None], [2]),
        (["2024-02-29", "2023-02-29", "29.02.2024"], "date", [date(2024, 2, 29), None, None], [1, 2]),
        ([12.0, 0.1, 1e20], "string", ["12", "0.1", "1e+20"], []),
        ([True, None], "string", ["true", None], []),
        ([b"a", b"\xff"], "string", ["a", None], [1]),
        ([7, 8], None, [7, 8], []),
    ],
)  # fmt: skip
def test_types(cells: list[Any], kind: str | None, values: list[Any], bad: list[int]) -> None:
    assert read(cells, kind) == (values, bad)


@given(st.lists(st.one_of(st.none(), st.integers(-(10**17), 10**17).map(str), st.text("0123456789+- x.", max_size=6))))
def test_whole_numbers_agree_with_python_all_at_once_and_among_bad_ones(cells: list[str | None]) -> None:
    def plain(cell: str) -> int | None:
        match = re.fullmatch(r"([+-]?[0-9]+)(\.0*)?", cell.strip())
        return int(match[1]) if match else None

    expected = [None if cell is None else plain(cell) for cell in cells]
    values, bad = read(cells, "int") if any(cells) else (expected, [])
    assert values == expected
    assert bad == [
        place for place, cell in enumerate(cells) if cell is not None and expected[place] is None
    ] or not any(cells)


@given(
    st.lists(st.datetimes(datetime(1971, 1, 1), datetime(2037, 1, 1)), min_size=1, max_size=10),  # noqa: DTZ001  # local times
    st.sampled_from(["UTC", "America/New_York", "Europe/Paris", "Asia/Kolkata", "Australia/Lord_Howe"]),
    st.booleans(),
)
def test_local_times_agree_with_zoneinfo_all_at_once_and_one_by_one(
    moments: list[datetime], zone: str, spoil: bool
) -> None:
    place = ZoneInfo(zone)
    cells = [moment.isoformat() for moment in moments]
    values, bad = read([*cells, "nonsense"] if spoil else cells, "timestamp", zone=zone)
    for position, moment in enumerate(moments):
        instant = moment.replace(tzinfo=place).astimezone(UTC)
        skipped = instant.astimezone(place).replace(tzinfo=None) != moment
        assert values[position] == (None if skipped else instant)
        assert (position in bad) == skipped


def test_mixed_offsets() -> None:
    values, bad = read(
        ["2026-07-01T12:00", "2026-07-01T12:00Z", "2026-07-01T12:00:00+05:30", "x"], "timestamp", zone="Europe/Paris"
    )
    assert values[:3] == [
        datetime(2026, 7, 1, hour, minute, tzinfo=UTC) for hour, minute in ((10, 0), (12, 0), (6, 30))
    ]
    assert bad == [3]


def test_numbers_are_instants_only_when_told_so() -> None:
    assert read([1], "timestamp") == ([None], [0])
    assert read([1.5], "timestamp", form="unix") == ([datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=UTC)], [])


@pytest.mark.parametrize(
    ("cells", "zone", "form"),
    [
        (["0001-01-01T00:00:00+05:00"], "UTC", None),
        (["0001-01-01T00:00:00"], "Asia/Tokyo", None),
        (["9999-12-31T23:00:00"], "America/New_York", None),
        ([1_761_868_800_000_000], "UTC", "unix"),  # microseconds, said to be seconds: more than 64 bits hold
        (["1761868800000000"], "UTC", "unix"),
        ([1e30], "UTC", "unix_us"),
        ([2**62], "UTC", "unix_us"),
        ([-(10**11)], "UTC", "unix"),
    ],
)
@pytest.mark.parametrize("spoil", [False, True])
def test_instants_of_no_calendar_are_bad(cells: list[Any], zone: str, form: str | None, spoil: bool) -> None:
    """Alone, and beside a cell for which the column is read one by one."""
    more = ["x"] if spoil and isinstance(cells[0], str) else []
    values, bad = read([*cells, *more], "timestamp", zone=zone, form=form)
    assert values == [None] * len(values)
    assert bad == list(range(len(values)))


def test_the_first_and_the_last_instant_of_the_calendar_are_good() -> None:
    ends = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
    assert read([end.isoformat() for end in ends], "timestamp") == (ends, [])


def test_blanks() -> None:
    assert blanked(pa.array(["", "?", " ", "a", None]), ["?"]).to_pylist() == [None, None, " ", "a", None]
    assert blanked(pa.array([1.0, float("nan"), -1.0]), ["-1"]).to_pylist() == [1.0, None, None]
    assert blanked(pa.array(["", "x"]).dictionary_encode(), []).to_pylist() == [None, "x"]


def test_items() -> None:
    values, rows = items(pa.array(["a| b||?", None, "", "c"]), "|", ["?"])
    assert (values.to_pylist(), rows.tolist()) == (["a", "b", "c"], [0, 0, 3])
    values, rows = items(pa.array([["a", None], [], None, ["b"]]), "|", [])
    assert (values.to_pylist(), rows.tolist()) == (["a", "b"], [0, 3])
