"""Every function of the dialect, by a line of functions.txt each."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from houselights.cleanroom import calls, functions
from houselights.cleanroom.aggregates import NAMES as AGGREGATES
from tests.unit.cleanroom.asking import ask, column, table

TEXT = (Path(__file__).parent / "functions.txt").read_text(encoding="utf-8")
LINES = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
AGGREGATED = LINES.index(next(line for line in LINES if line.startswith("SUM(m)  ")))
WINDOWED = LINES.index(next(line for line in LINES if line.startswith("ROW_NUMBER")))
PARAMETERS = {"numbers": [5, 7], "letters": ["a", "b"], "name": "O'Brien", "share": 0.25, "yes": True}

TS = datetime(2024, 3, 3, 23, 30, 5, tzinfo=UTC).replace(tzinfo=None)
ONE = table(
    "one",
    [
        column("n", "LONG"), column("x", "DOUBLE"), column("s"), column("e"), column("j"), column("z"),
        column("ts", "TIMESTAMP"), column("d", "DATE"), column("arr", "ARRAY<STRING>"), column("b", "BOOLEAN"),
    ],
    [
        {
            "n": 7, "x": 2.5, "s": "Tower Bridge", "e": "", "j": '{"a": {"b": 5}, "c": "d"}',
            "ts": TS, "d": date(2024, 2, 29), "arr": ["b", "a", "b"], "b": True,
        }
    ],
)  # fmt: skip
FIVE = table(
    "five",
    [column("m", "LONG"), column("t")],
    [{"m": m, "t": t} for m, t in zip(range(1, 6), ("a", "a", "b", "b", None), strict=True)],
)


def read(line: str) -> tuple[str, Any]:
    expression, _, value = line.rpartition(" -> ")
    names = {"date": date, "datetime": datetime, "Decimal": Decimal}
    return expression.strip(), eval(value.strip().replace("O''Brien", "O\\'Brien"), {"__builtins__": {}}, names)


def test_there_are_lines_of_each_kind() -> None:
    assert 0 < AGGREGATED < WINDOWED < len(LINES)


@pytest.mark.parametrize("line", LINES[:AGGREGATED])
def test_expression(line: str) -> None:
    expression, value = read(line)
    assert ask(f"SELECT {expression} AS v FROM one", ONE, FIVE, parameters=PARAMETERS) == [(value,)]


@pytest.mark.parametrize("line", LINES[AGGREGATED:WINDOWED])
def test_aggregate(line: str) -> None:
    expression, value = read(line)
    assert ask(f"SELECT {expression} AS v FROM five", FIVE) == [(value,)]


@pytest.mark.parametrize("line", LINES[WINDOWED:])
def test_window(line: str) -> None:
    expression, value = read(line)
    assert ask(f"WITH w AS (SELECT m, {expression} AS v FROM five) SELECT v FROM w WHERE m = 3", FIVE) == [(value,)]


def test_every_function_has_a_line() -> None:
    called = [line.split(" -> ")[0] for line in LINES]
    names = functions.NAMES | set(calls._SPECIAL) | AGGREGATES
    assert [name for name in sorted(names) if not any(f"{name}(" in line for line in called)] == []


def test_explode_makes_rows_of_an_array() -> None:
    rows = ask("SELECT EXPLODE(arr) AS v, n FROM one", ONE)
    assert rows == [("a", 7), ("b", 7), ("b", 7)]


def test_arrays_of_rows_are_sorted_by_their_first_field() -> None:
    query = "SELECT ARRAY_SORT(COLLECT(NAMED_ROW('place', 10 - m, 'text', t))) AS path FROM five WHERE m > 3"
    assert ask(query, FIVE) == [([{"place": 5, "text": None}, {"place": 6, "text": "b"}],)]


def test_a_uuid_is_of_each_row() -> None:
    assert len(set(ask("SELECT m, UUID() AS u FROM five", FIVE))) == 5
