"""`houselights hash` on small files: what comes out, what is refused, and several processes that agree with one."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from houselights.cli.main import cli
from houselights.identity.hashing import NOTHING, sha256_hex
from houselights.services import hash_file as module

CUSTOMERS = """\
id,E-mail,Phone,First name,Last name,Address,City,State,Zip,Notes
1,Ada@Example.com,(206) 555-0100,Ada,O'Neil,"123 East Main St., Apt #5",New York,New York,10001-1234,likes tea
2,no-mail,555,Ben,Müller,9 Elm Street,Boise,Idaho,83702,
3,,,,,,,,,
"""


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["hash", *map(str, words)], env={"COLUMNS": "200"})


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    file = tmp_path / "customers.csv"
    file.write_text(CUSTOMERS, encoding="utf-8")
    return file


def test_a_file_is_hashed_column_by_column(customers: Path) -> None:
    done = run(customers, "--country", "US", "--keep", "id")
    assert done.exit_code == 0, done.output
    one, two, three = rows(customers.with_name("customers.hashed.csv"))
    assert list(one) == ["email", "phone", "first_name", "last_name", "address", "city", "state", "zip", "id"]
    normal = {"email": "ada@example.com", "phone": "12065550100", "first_name": "ada", "last_name": "oneil",
              "address": "123emainstaptnumber5", "city": "newyork", "state": "ny", "zip": "10001"}  # fmt: skip
    assert one == {"id": "1", **{name: sha256_hex(value) for name, value in normal.items()}}
    assert (two["email"], two["phone"], two["last_name"]) == (NOTHING, NOTHING, sha256_hex("mueller"))
    assert three == {**dict.fromkeys(one, ""), "id": "3"}
    listed = rows(customers.with_name("customers.hashed.csv.unhashed.csv"))
    assert [(each["row"], each["column"], each["value"]) for each in listed] == [
        ("2", "E-mail", "no-mail"), ("2", "Phone", "555"),
    ]  # fmt: skip
    assert "3 rows hashed" in done.stdout
    assert "1 rows have cells that could not be hashed (1 in E-mail, 1 in Phone)" in done.stdout


def test_what_is_hashed_already_stays(customers: Path) -> None:
    run(customers, "--country", "US")
    once = customers.with_name("customers.hashed.csv")
    again = customers.with_name("again.csv")
    assert run(once, "--country", "US", "--out", again).exit_code == 0
    assert again.read_bytes() == once.read_bytes()
    assert not once.with_name("again.csv.unhashed.csv").exists()


def test_json_and_parquet(customers: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    done = run(customers, "--country", "United States", "--out", out, "--json", "--blank")
    told = json.loads(done.stdout)
    assert (told["rows"], told["unhashed"], told["unhashed_rows"]) == (3, {"E-mail": 1, "Phone": 1}, 1)
    table = pq.read_table(out)
    assert table["email"].to_pylist() == [sha256_hex("ada@example.com"), None, None]
    back = tmp_path / "back.csv"
    assert run(out, "--country", "US", "--out", back).exit_code == 0
    assert [row["email"] for row in rows(back)] == [sha256_hex("ada@example.com"), "", ""]


def test_packed_and_tab_separated_files(tmp_path: Path) -> None:
    file = tmp_path / "people.tsv.gz"
    with gzip.open(file, "wt", encoding="utf-8-sig") as opened:
        opened.write("email\tcity\nada@example.com\tBoise\n")
    assert run(file).exit_code == 0
    assert rows(tmp_path / "people.hashed.csv") == [
        {"email": sha256_hex("ada@example.com"), "city": sha256_hex("boise")}
    ]


def test_a_row_may_say_its_country(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("phone,country\n020 7946 0958,GB\n206 555 0100,US\n+49 30 123456,\n")
    assert run(file).exit_code == 0
    assert [row["phone"] for row in rows(tmp_path / "people.hashed.csv")] == [
        sha256_hex("442079460958"), sha256_hex("12065550100"), sha256_hex("4930123456"),
    ]  # fmt: skip


def test_lines_that_are_no_rows_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,city\na@x.org,Boise\nb@x.org\nc@x.org,Rome,9\nd@x.org,Bern\n")
    done = run(file, "--json")
    assert (json.loads(done.stdout)["rows"], json.loads(done.stdout)["torn"]) == (2, 2)


@pytest.mark.parametrize(
    ("content", "words", "problem"),
    [
        ("phone\n1\n", [], "depends on the country"),
        ("phone\n1\n", ["--country", "Narnia"], '"Narnia" is no country'),
        ("id,x\n1,2\n", [], "none of the columns"),
        ("email,mail\n1,2\n", [], "look like email"),
        ("email,email\n1,2\n", [], 'two columns "email"'),
        ("email\na@x.org\n", ["--keep", "email"], "cannot be kept"),
        ("email\na@x.org\n", ["--keep", "id"], 'no column "id"'),
        ("email\na@x.org\n", ["--column", "email"], "is not FIELD=COLUMN"),
        ("email\n", [], "has no rows"),
        ("", [], "Empty CSV file"),
        ("email\n\xff\xfe\n", [], "cannot be read"),
    ],
)
def test_refusals(tmp_path: Path, content: str, words: list[str], problem: str) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content.encode("latin-1"))
    done = run(file, *words)
    assert done.exit_code == 2
    assert problem in " ".join(done.stderr.split())
    assert sorted(each.name for each in tmp_path.iterdir()) == ["people.csv"]


def test_nothing_is_written_over_unasked(customers: Path) -> None:
    out = customers.with_name("customers.hashed.csv")
    out.write_text("mine")
    refused = run(customers, "--country", "US")
    assert (refused.exit_code, out.read_text()) == (2, "mine")
    assert run(customers, "--country", "US", "--overwrite").exit_code == 0
    assert run(customers.with_name("gone.csv")).exit_code == 2


def test_several_processes_write_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE_BYTES", 1 << 12)
    file = tmp_path / "people.csv"
    cells: list[dict[str, Any]] = [
        {"mail": f"p{n}@x.org" if n % 50 else "none", "city": f"Town {n % 7}", "note": f"line\n{n}"}
        for n in range(2000)
    ]
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, ["mail", "city", "note"])
        writer.writeheader()
        writer.writerows(cells)
    alone, together = tmp_path / "alone.csv", tmp_path / "together.csv"
    for out, processes in ((alone, "1"), (together, "2")):
        done = run(file, "--keep", "note", "--out", out, "--processes", processes)
        assert done.exit_code == 0, done.output
    assert together.read_bytes() == alone.read_bytes()
    assert [row["note"] for row in rows(alone)] == [row["note"] for row in cells]
    assert (
        alone.with_name("alone.csv.unhashed.csv").read_bytes()
        == together.with_name("together.csv.unhashed.csv").read_bytes()
    )
    assert [row["row"] for row in rows(tmp_path / "alone.csv.unhashed.csv")] == [str(n + 1) for n in range(0, 2000, 50)]


def test_other_types_of_parquet_are_read_as_text(tmp_path: Path) -> None:
    file = tmp_path / "people.parquet"
    pq.write_table(pa.table({"phone": [2065550100], "zip": [83702]}), file)
    assert run(file, "--country", "US").exit_code == 0
    assert rows(tmp_path / "people.hashed.csv") == [{"phone": sha256_hex("12065550100"), "zip": sha256_hex("83702")}]
