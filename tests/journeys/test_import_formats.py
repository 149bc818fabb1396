"""The same people come in from every format, packed or not, from one file or several, from a folder or a URL."""

import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.importing import Kitchen

PEOPLE: list[dict[str, Any]] = [
    {"id": "ada", "age": 41, "sex": "F", "likes": ["vegan", "baking"], "city": "London"},
    {"id": "ben", "age": 34, "sex": "M", "likes": ["coffee"], "city": 'Quoted, "well"\nand on two lines'},
    {"id": "cleo", "age": None, "sex": "F", "likes": [], "city": None},
]
SOURCE: dict[str, Any] = {
    "files": "people.*",
    "key": "id",
    "attributes": {"person.age": {"column": "age", "type": "int"}, "home.city": "city"},
    "facets": {
        "age": {"column": "age", "bands": [[None, 17], [18, 34], [35, None]]},
        "gender": {"column": "sex", "values": {"F": "female", "M": "male"}},
        "likes": {"column": "likes", "many": True, "separator": ";"},
    },
}
TRAITS = {
    "ada": {"age:35+", "gender:female", "likes:vegan", "likes:baking"},
    "ben": {"age:18-34", "gender:male", "likes:coffee"},
    "cleo": {"gender:female"},
}


def as_csv() -> bytes:
    def cell(value: object) -> str:
        text = "" if value is None else ";".join(value) if isinstance(value, list) else str(value)
        return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text

    lines = [",".join(PEOPLE[0])] + [",".join(cell(value) for value in row.values()) for row in PEOPLE]
    return ("\n".join(lines) + "\n").encode()


def as_jsonl() -> bytes:
    return "".join(json.dumps(row) + "\n" for row in PEOPLE).encode()


def zstd(data: bytes) -> bytes:
    packed: bytes = pa.compress(data, codec="zstd", asbytes=True)
    return packed


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    return Kitchen.open(tmp_path)


def check(kitchen: Kitchen) -> None:
    people = kitchen.people()
    assert kitchen.traits() == TRAITS
    assert {key: row["person"] for key, row in people.items()} == {
        "ada": {"age": 41}, "ben": {"age": 34}, "cleo": {"age": None},
    }  # fmt: skip
    assert people["ben"]["home"] == {"city": 'Quoted, "well"\nand on two lines'}
    assert sorted(row["person_id"] for row in people.values()) == [0, 1, 2]
    assert kitchen.counts()["gender:female"] == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("people.csv", as_csv()),
        ("people.csv", b"\xef\xbb\xbf" + as_csv().replace(b"\n", b"\r\n").replace(b'well""\r\n', b'well""\n')),
        ("people.csv.gz", gzip.compress(as_csv())),
        ("people.csv.bz2", bz2.compress(as_csv())),
        ("people.csv.zst", zstd(as_csv())),
        ("people.jsonl", as_jsonl()),
        ("people.ndjson.gz", gzip.compress(as_jsonl())),
        ("people.jsonl.zst", zstd(as_jsonl())),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_text_formats_plain_and_packed(kitchen: Kitchen, name: str, content: bytes) -> None:
    kitchen.text(name, content)
    run = kitchen.run({"people": [SOURCE]})
    assert (run.rows_read, run.rows_rejected, run.people) == (3, 0, 3)
    check(kitchen)


def test_parquet_with_lists_and_numbers(kitchen: Kitchen) -> None:
    pq.write_table(pa.Table.from_pylist(PEOPLE), kitchen.files / "people.parquet")
    kitchen.run({"people": [SOURCE]})
    check(kitchen)


def test_parquet_with_categories_views_and_nested_columns(kitchen: Kitchen) -> None:
    """Columns as pandas and polars write them: dictionaries, large and view strings, structs, NaN for unknown."""
    table = pa.table(
        {
            "who": pa.StructArray.from_arrays([pa.array(["ada", "ben"], pa.large_string())], names=["id"]),
            "sex": pa.array(["F", "M"]).dictionary_encode(),
            "age": pa.array([41.0, float("nan")]),
            "likes": pa.array([["vegan"], None], pa.large_list(pa.large_string())),
            "city": pa.array(["London", "Paris"], pa.string_view()),
        }
    )
    pq.write_table(table, kitchen.files / "people.parquet")
    kitchen.run({"people": [{**SOURCE, "key": "who.id"}]})
    assert kitchen.traits() == {"ada": {"age:35+", "gender:female", "likes:vegan"}, "ben": {"gender:male"}}
    assert kitchen.people()["ben"]["person"] == {"age": None}


def test_tsv_has_no_quotes(kitchen: Kitchen) -> None:
    kitchen.text("people.tsv", 'id\tage\tsex\tlikes\tcity\nada\t41\tF\t\t5" pipe\n')
    assert kitchen.run({"people": [SOURCE]}).rows_rejected == 0
    assert kitchen.people()["ada"]["home"] == {"city": '5" pipe'}


def test_several_files_by_glob_and_list(kitchen: Kitchen) -> None:
    lines = as_jsonl().splitlines(keepends=True)
    kitchen.text("people-1.jsonl", lines[0])
    kitchen.text("people-2.jsonl.gz", gzip.compress(lines[1]))
    kitchen.text("late.jsonl", lines[2])
    assert kitchen.run({"people": [{**SOURCE, "files": ["people-*", "late.jsonl"]}]}).rows_read == 3
    check(kitchen)


def test_object_store_url(kitchen: Kitchen) -> None:
    with fsspec.open("memory://import-test/people.csv", "wb") as file:
        file.write(as_csv())
    kitchen.run({"people": [{**SOURCE, "files": "memory://import-test/*.csv"}]})
    check(kitchen)


def test_parquet_from_an_object_store(kitchen: Kitchen) -> None:
    with fsspec.open("memory://import-test-2/people.parquet", "wb") as file:
        pq.write_table(pa.Table.from_pylist(PEOPLE), file)
    kitchen.run({"people": [{**SOURCE, "files": "memory://import-test-2/people.parquet"}]})
    check(kitchen)


def test_nested_json_by_dots(kitchen: Kitchen) -> None:
    kitchen.text("people.jsonl", '{"who": {"id": 7, "born": {"year": 1985}}, "flag": true}\n')
    people = {
        "files": "people.jsonl", "key": "who.id",
        "attributes": {
            "birthYear": {"column": "who.born.year", "type": "int"}, "flag": {"column": "flag", "type": "bool"},
        },
    }  # fmt: skip
    kitchen.run({"people": [people]})
    assert kitchen.people()["7"]["birthYear"] == 1985
    assert kitchen.people()["7"]["flag"] is True


def test_a_file_without_keys_uses_its_lines(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", "name\nada\n\nben\n")
    kitchen.run({"people": [{"files": "people.csv", "key": {"row": True}, "attributes": {"name": "name"}}]})
    assert {key: row["name"] for key, row in kitchen.people().items()} == {"2": "ada", "4": "ben"}
