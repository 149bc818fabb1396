"""Bad rows go to the reject file with file, line, column, value and reason, and the rest comes in."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from houselights.base.errors import InvalidInput
from houselights.model.imports import ImportState
from houselights.services.imports.rejects import TooManyRejects
from tests.importing import Kitchen, rejects


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    return Kitchen.open(tmp_path)


def people(**more: Any) -> dict[str, Any]:
    return {"people": [{"files": "people.csv", "key": "id", **more}]}


def test_lines_are_physical_lines(kitchen: Kitchen) -> None:
    """Also after line breaks inside quotes and after blank lines; a row is named by the line it begins on."""
    kitchen.text("people.csv", 'id,age,bio\na,1,"two\r\nlines"\n\n\nb,x,plain\nc,3,"three\n\nlines"\nd,y,\n')
    run = kitchen.run(people(attributes={"age": {"column": "age", "type": "int"}}))
    assert rejects(run) == [
        ("people.csv", 6, "age", "x", "not a whole number"),
        ("people.csv", 10, "age", "y", "not a whole number"),
    ]
    assert (run.rows_read, run.rows_rejected, run.people) == (4, 2, 2)
    assert set(kitchen.people()) == {"a", "c"}


def test_each_kind_of_bad_cell(kitchen: Kitchen) -> None:
    rows = ["id,age,on,born,sex,score,mail", "ok,1,yes,2000-02-29,F,1.5," + "a" * 64]
    rows += [",1,,,,,", "b,1.5,,,,,", "c,,maybe,,,,", "d,,,2001-02-29,,,", "e,,,,X,,", "f,,,,,nan,", "g,,,,,,plain@x"]
    kitchen.text("people.csv", "\n".join(rows) + "\n")
    run = kitchen.run(
        people(
            attributes={
                "age": {"column": "age", "type": "int"}, "on": {"column": "on", "type": "bool"},
                "born": {"column": "born", "type": "date"}, "score": {"column": "score", "type": "float"},
            },
            facets={"gender": {"column": "sex", "values": {"F": "female"}}},
            identities={"email": {"column": "mail", "hashed": True}},
        )
    )  # fmt: skip
    assert rejects(run) == [
        ("people.csv", 3, "id", "", "empty"),
        ("people.csv", 4, "age", "1.5", "not a whole number"),
        ("people.csv", 5, "on", "maybe", "neither true nor false"),
        ("people.csv", 6, "born", "2001-02-29", "not an ISO 8601 date"),
        ("people.csv", 7, "sex", "X", "not in the value map of gender"),
        ("people.csv", 8, "score", "nan", "not a number"),
        ("people.csv", 9, "mail", "plain@x", "not a SHA-256 hash"),
    ]
    assert set(kitchen.people()) == {"ok"}


def test_a_row_with_two_bad_cells_is_one_row_and_two_lines(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", "id,age,on\na,x,maybe\nb,2,no\n")
    run = kitchen.run(
        people(attributes={"age": {"column": "age", "type": "int"}, "on": {"column": "on", "type": "bool"}})
    )
    assert [(line, column) for _, line, column, _, _ in rejects(run)] == [(2, "age"), (2, "on")]
    assert run.rows_rejected == 1


def test_broken_rows_of_csv(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", b'id,name\na,Ada\nb\nc,Cleo,more\n"d"x,Dara\ne,\xff\xfe\nf,Fumi\n')
    run = kitchen.run(people(attributes={"name": "name"}))
    assert sorted((line, value, reason) for _, line, _, value, reason in rejects(run)) == [
        (3, "b", "1 cells where the header has 2"),
        (4, "c", "3 cells where the header has 2"),
        (5, "", "broken quotes: ',' expected after '\"'"),
        (6, "\\udcff\\udcfe", "not UTF-8"),
    ]
    assert set(kitchen.people()) == {"a", "f"}


def test_broken_lines_of_json(kitchen: Kitchen) -> None:
    kitchen.text("people.jsonl", '{"id": "a"}\n{"id": \n[1]\n\n{"id": {"x": 1}}\n{"id": "b"}\n')
    run = kitchen.run({"people": [{"files": "people.jsonl", "key": "id"}]})
    assert [(line, value) for _, line, _, value, _ in rejects(run)] == [(2, '{"id":'), (3, "[1]"), (5, '{"x":1}')]
    assert set(kitchen.people()) == {"a", "b"}


def test_json_that_is_nested_beyond_reason_is_one_bad_line(kitchen: Kitchen) -> None:
    kitchen.text("people.jsonl", '{"id": "a"}\n' + "[" * 100_000 + '\n{"id": "b"}\n')
    run = kitchen.run({"people": [{"files": "people.jsonl", "key": "id"}]})
    assert [(line, column) for _, line, column, _, _ in rejects(run)] == [(2, "")]
    assert set(kitchen.people()) == {"a", "b"}


def test_records_that_are_nested_beyond_reason_are_one_bad_row(kitchen: Kitchen) -> None:
    deep = "[" * 50_000
    kitchen.text("people.csv", f'id,cart\na,"[{{""sku"": 1}}]"\nb,{deep}\n')
    cart = {"column": "cart", "nested": {"sku": "sku"}}
    run = kitchen.run({"people": [{"files": "people.csv", "key": "id", "attributes": {"cart": cart}}]})
    assert [(line, column, value) for _, line, column, value, _ in rejects(run)] == [(3, "cart", deep[:79] + "…")]
    assert set(kitchen.people()) == {"a"}


def test_rows_of_parquet_are_named_by_number(kitchen: Kitchen) -> None:
    pq.write_table(pa.table({"id": ["a", None, "c"], "age": [1.0, 2.0, 2.5]}), kitchen.files / "people.parquet")
    source = {"files": "people.parquet", "key": "id", "attributes": {"age": {"column": "age", "type": "int"}}}
    run = kitchen.run({"people": [source]})
    assert rejects(run) == [
        ("people.parquet", 2, "id", "", "empty"),
        ("people.parquet", 3, "age", "2.5", "not a whole number"),
    ]


def test_the_first_of_two_rows_with_one_key_wins(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", "id,name\na,first\nb,other\na,second\na,third\n")
    run = kitchen.run(people(attributes={"name": "name"}, facets={"n": "name"}))
    assert [line for _, line, _, _, _ in rejects(run)] == [4, 5]
    assert kitchen.people()["a"]["name"] == "first"
    assert kitchen.traits()["a"] == {"n:first"}


def test_rows_about_people_who_are_not_there(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", "id\na\n")
    kitchen.text("events.csv", "who,at\na,2026-01-01T00:00:00Z\nzoe,2026-01-01T00:00:00Z\n")
    kitchen.text("texts.csv", "who,what\nyan,hello\na,hi\n")
    run = kitchen.run(
        {
            **people(),
            "events": [{"files": "events.csv", "person": "who", "time": "at", "type": "visit"}],
            "texts": [{"files": "texts.csv", "person": "who", "field": "bio", "text": "what"}],
        }
    )
    assert rejects(run) == [
        ("events.csv", 3, "who", "zoe", "no such person"),
        ("texts.csv", 2, "who", "yan", "no such person"),
    ]
    assert run.rows_rejected == 2


def test_too_many_rejects_publish_nothing(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", "id,age\na,1\n")
    mapping = people(attributes={"age": {"column": "age", "type": "int"}})
    kitchen.run(mapping)
    kitchen.text("people.csv", "id,age\na,1\nb,x\nc,y\n")
    with pytest.raises(TooManyRejects, match="2 rows rejected, more than the 1 allowed"):
        kitchen.run(mapping, max_rejects=1)
    assert kitchen.generation.number == 1
    assert set(kitchen.people()) == {"a"}
    failed = kitchen.parts.control.imports.list(kitchen.workspace_id)[0]
    assert failed.state is ImportState.FAILED
    assert failed.rows_rejected == 2
    assert [line for _, line, _, _, _ in rejects(failed)] == [3, 4]
    # Just as many as allowed is fine, and the file's own limit holds where the caller names none.
    assert kitchen.run(mapping, max_rejects=2).state is ImportState.SUCCEEDED
    kitchen.text("people.csv", "id,age\na,1\nb,x\nc,y\nd,z\n")
    with pytest.raises(TooManyRejects):
        kitchen.run({**mapping, "max_rejects": 2})


def test_too_many_rows_of_nobody_publish_nothing(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", "id\na\na\na\n")
    with pytest.raises(TooManyRejects):
        kitchen.run(people(), max_rejects=1)
    assert kitchen.parts.control.generations.current(kitchen.workspace_id) is None


def test_values_are_shortened_and_on_one_line(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", f'id,age\na,"{"x" * 500}\ny"\n')
    (reject,) = rejects(kitchen.run(people(attributes={"age": {"column": "age", "type": "int"}})))
    assert reject[3] == "x" * 79 + "…"


@pytest.mark.parametrize(
    ("content", "mapping", "message", "hint"),
    [
        (
            "id,age\na,1\n", {"facets": {"age": "agee"}},
            'people.csv has no column "agee"', 'did you mean "age"? Its columns: id, age',
        ),
        ("id,id\na,b\n", {}, 'two columns are called "id"', None),
        ("", {}, "people.csv is empty", None),
        ("id\na\n", {"files": "peple.csv"}, "no file matches peple.csv", 'did you mean "people.csv"?'),
        ("id\na\n", {"files": "people.xyz"}, "no file matches", 'did you mean "people.csv"?'),
    ],
)  # fmt: skip
def test_sources_that_cannot_be_read(
    kitchen: Kitchen, content: str, mapping: dict[str, Any], message: str, hint: str | None
) -> None:
    kitchen.text("people.csv", content)
    with pytest.raises(InvalidInput) as refusal:
        kitchen.run({"people": [{"files": "people.csv", "key": "id", **mapping}]})
    assert message in refusal.value.message
    assert refusal.value.hint == hint


def test_files_that_are_cut_short(kitchen: Kitchen) -> None:
    kitchen.text("people.csv.gz", b"\x1f\x8b\x08\x00nonsense")
    with pytest.raises(InvalidInput, match=r"people\.csv\.gz cannot be read"):
        kitchen.run({"people": [{"files": "people.csv.gz", "key": "id"}]})
    kitchen.text("people.parquet", b"PAR1nonsense")
    with pytest.raises(InvalidInput, match=r"people\.parquet cannot be read"):
        kitchen.run({"people": [{"files": "people.parquet", "key": "id"}]})


def test_columns_of_json_lines_may_be_missing_from_lines_but_not_from_the_file(kitchen: Kitchen) -> None:
    kitchen.text("people.jsonl", '{"id": "a"}\n{"id": "b", "age": 3}\n')
    source = {"files": "people.jsonl", "key": "id", "attributes": {"age": "age"}}
    assert kitchen.run({"people": [source]}).rows_rejected == 0
    with pytest.raises(InvalidInput, match='has no column "agee"'):
        kitchen.run({"people": [{**source, "attributes": {"age": "agee"}}]})


def test_lists_and_records_in_parquet_want_to_be_named(kitchen: Kitchen) -> None:
    pq.write_table(pa.table({"id": ["a"], "likes": [["x"]], "home": [{"city": "Rome"}]}), kitchen.files / "p.parquet")
    with pytest.raises(InvalidInput, match="holds lists: say many: true"):
        kitchen.run({"people": [{"files": "p.parquet", "key": "id", "facets": {"likes": "likes"}}]})
    with pytest.raises(InvalidInput, match="name one of their fields with a dot"):
        kitchen.run({"people": [{"files": "p.parquet", "key": "id", "attributes": {"home": "home"}}]})
