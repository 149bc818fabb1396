"""Running: limits, cancelling, what the database may touch, and the order and form of the result."""

import io
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event, Timer

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from houselights.base.errors import InvalidInput, Unavailable
from houselights.cleanroom.compile import compile_query
from houselights.cleanroom.run import Cancelled, Limits, run
from houselights.cleanroom.tables import Column, LakeRows, Table
from tests.unit.cleanroom.asking import LIMITS, MARCH, NOW, ask, column, table

NUMBERS = table("numbers", [column("n", "LONG")], [{"n": n} for n in range(3000)])
SLOW = "SELECT SUM(a.n * b.n + c.n) AS s FROM numbers a, numbers b, numbers c"


def test_a_query_that_takes_too_long_is_stopped() -> None:
    compiled = compile_query(SLOW, [NUMBERS], window=MARCH, now=NOW)
    with pytest.raises(Unavailable, match=r"not answered within 0\.1 seconds"):
        run(compiled, Limits(seconds=0.1, threads=1))


@pytest.mark.parametrize("delay", [0.0, 0.2])
def test_a_query_can_be_cancelled(delay: float) -> None:
    compiled, cancel = compile_query(SLOW, [NUMBERS], window=MARCH, now=NOW), Event()
    timer = Timer(delay, cancel.set)
    timer.start()
    with pytest.raises(Cancelled):
        run(compiled, Limits(seconds=60, threads=1), cancel)
    timer.join()


def test_a_query_that_needs_too_much_memory_is_given_up() -> None:
    query = "WITH w AS (SELECT COLLECT(LPAD('x', 9000, 'y')) AS l FROM numbers a, numbers b) SELECT SIZE(l) AS n FROM w"
    compiled = compile_query(query, [NUMBERS], window=MARCH, now=NOW)
    with pytest.raises(Unavailable, match="more than 100MB of memory"):
        run(compiled, Limits(seconds=60, memory="100MB", threads=1))


def lake_table(folder: Path, extra: str = "") -> Table:
    path = folder / "it's.parquet"
    pq.write_table(pa.table({"n": [1, 2, 3]}), path)
    quoted = str(path).replace("'", "''")
    return Table(
        names=("lake",),
        columns=(Column(name="n", type="LONG"),),
        rows=LakeRows(f"SELECT n FROM read_parquet(['{extra or quoted}'])", (str(path),)),
    )


def test_rows_may_be_in_files(tmp_path: Path) -> None:
    assert ask("SELECT SUM(n) AS n FROM lake", lake_table(tmp_path)) == [(6,)]


def test_no_other_file_can_be_read(tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"n": [1]}), other)
    compiled = compile_query("SELECT SUM(n) AS n FROM lake", [lake_table(tmp_path, str(other))], window=MARCH, now=NOW)
    with pytest.raises(Unavailable, match="the rows of the tables cannot be read"):
        run(compiled, LIMITS)


def test_a_failure_never_says_at_which_value(capsys: pytest.CaptureFixture[str]) -> None:
    rows = table("t", [column("n", "DECIMAL")], [{"n": 9.87654321e33}] * 9000)
    compiled = compile_query("SELECT SUM(n) AS n FROM t", [rows], window=MARCH, now=NOW)
    with pytest.raises(InvalidInput, match="the query fails on some of its rows") as failure:
        run(compiled, LIMITS)
    assert "98765" not in str(failure.value) + capsys.readouterr().out
    assert failure.value.__cause__ is None


def test_the_order_of_rows_is_always_the_same() -> None:
    rows = [{"n": n * 7919 % 1000} for n in range(1000)]
    found = [ask("SELECT n FROM t", table("t", [column("n", "LONG")], part)) for part in (rows, rows[::-1])]
    assert found[0] == found[1] == [(n,) for n in range(1000)]


def test_csv_has_a_header_and_plain_cells() -> None:
    row = {
        "text": 'a "quoted", text\nof two lines', "at": datetime(2024, 3, 3, 1, 2, 3, tzinfo=UTC).replace(tzinfo=None),
        "day": date(2024, 2, 29), "yes": True, "number": 2.5, "list": ["ü", "b"],
    }  # fmt: skip
    columns = [
        column("text"), column("at", "TIMESTAMP"), column("day", "DATE"), column("yes", "BOOLEAN"),
        column("number", "DOUBLE"), column("list", "ARRAY<STRING>"), column("nothing"),
    ]  # fmt: skip
    query = f"SELECT {', '.join(each.name for each in columns)} FROM t"
    compiled = compile_query(query, [table("t", columns, [row])], window=MARCH, now=NOW)
    target = io.StringIO(newline="")
    with run(compiled, LIMITS) as result:
        assert result.write_csv(target) == 1
    assert target.getvalue() == (
        "text,at,day,yes,number,list,nothing\r\n"
        '"a ""quoted"", text\nof two lines",2024-03-03T01:02:03.000Z,2024-02-29,true,2.5,"[""ü"", ""b""]",\r\n'
    )
