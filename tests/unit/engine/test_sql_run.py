"""Rules over a lake: sets and values, by SQL and by documents; limits, caches, and names that try to be SQL."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from tests.sql_tables import rows
from tests.value_rules import EVENT, NOW, PERSON, person_of

from houselights.base.errors import Unavailable
from houselights.engine.people_set import PeopleSet
from houselights.engine.sql.compile import compile_rule
from houselights.engine.sql.run import Expressions, deadline
from houselights.engine.sql.shape import shape_of
from houselights.engine.sql.tables import STANDINGS, Tables
from houselights.engine.values.evaluate import holds
from houselights.model.schema import AnyType, ListType, MapType, ObjectType, Scalar
from houselights.model.workspace import Generation
from houselights.rules.values import (
    EVENTS,
    IDENTITIES,
    MEMBERSHIPS,
    Call,
    Field,
    Input,
    Lambda,
    Literal,
    Member,
    Now,
    Value,
    Variable,
)  # fmt: skip
from houselights.storage.lake.lake import Lake

PEOPLE, WORKSPACE = 30, 7
ME = Input(1)
NASTY = (
    "'", '"', "''", '""', "\\", "';drop table people;--", '"; drop table people; --', "$1", "?", "{x}", "%", "--", "/*",
    "\n", "\t", "日本", "𝒳", "\u202e", "x" * 900, "'||chr(39)||'", "lambda x: x", "a\0b", "\x7f",
)  # fmt: skip


@pytest.fixture(scope="module")
def people() -> list[dict[str, Any]]:
    pick = random.Random(11).randrange
    found = [person_of(pick) for _ in range(PEOPLE)]
    for n, person in enumerate(found):
        person["name"] = NASTY[n % len(NASTY)]
    return found


@pytest.fixture(scope="module")
def lake(people: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = Lake(str(tmp_path_factory.mktemp("it's a lake")))
    ids = pa.array(range(PEOPLE), pa.int64())
    shards = pa.array([0] * PEOPLE, pa.int32())
    keys = pa.array([f"k{n}" for n in range(PEOPLE)])
    made.write(WORKSPACE, "people", typed(rows(people, PERSON, {"shard": shards, "person_id": ids, "key": keys})))
    owned = [(n, event) for n, person in enumerate(people) for event in person[EVENTS]]
    owners = {"shard": pa.array([0] * len(owned), pa.int32()), "person_id": pa.array([n for n, _ in owned], pa.int64())}
    made.write(WORKSPACE, "events", typed(rows([event for _, event in owned], EVENT, owners)))
    known = {
        "shard": [0, 0, 0],
        "person_id": [1, 1, 2],
        "namespace": ["email", "email", "phone"],
        "value": ["b", "a", "c"],
    }
    made.write(WORKSPACE, "identities", typed(pa.table(known).cast(pa.schema(
        [("shard", pa.int32()), ("person_id", pa.int64()), ("namespace", pa.string()), ("value", pa.string())]
    ))))  # fmt: skip
    return made


def typed(table: pa.Table) -> pa.Table:
    """Return a table whose own columns are not nullable, as the lake wants them."""
    own = {"shard", "person_id", "key", "type", "namespace", "value"}
    fields = [field.with_nullable(field.name not in own) for field in table.schema]
    return pa.table(table.columns, schema=pa.schema(fields))


GENERATION = Generation(
    workspace_id=WORKSPACE, number=1, tables={"people": 0, "events": 0, "identities": 0}, index="", as_of=NOW,
    built_at=NOW, people=PEOPLE, fingerprint="",
)  # fmt: skip


@pytest.fixture(scope="module")
def expressions(lake: Lake) -> Expressions:
    standings = pa.Table.from_pylist(
        [{"person_id": 3, "namespace": "ups", "audience": "a", "status": "realized", "since": NOW}], schema=STANDINGS
    )
    return Expressions(lake, GENERATION, shape(lake), PeopleSet.full(PEOPLE), standings=lambda: standings)


def shape(lake: Lake) -> Any:
    return shape_of(lake.schema(WORKSPACE, "people", 0), lake.schema(WORKSPACE, "events", 0), key="key")


def nobody(audience: str) -> PeopleSet:
    return PeopleSet.empty(PEOPLE)


def ids(found: PeopleSet) -> set[int]:
    return set(found.ids().tolist())


def plain(people: list[dict[str, Any]], rule: Value) -> set[int]:
    return {n for n, person in enumerate(people) if holds(rule, person, now=NOW)}


def name_is(word: str) -> Value:
    return Call("equal", (Field(ME, "name"), Literal(word)))


@pytest.mark.parametrize("word", NASTY)
def test_texts_are_data(expressions: Expressions, people: list[dict[str, Any]], word: str) -> None:
    for rule in (
        name_is(word),
        Call("has_text", (Field(ME, "name"), Literal(word)), ignore_case=True),
        Call("like", (Field(ME, "name"), Literal(word))),
        Call("in", (Field(ME, "name"), Literal(word))),
        Call(
            "exists", (Field(ME, EVENTS), Lambda(("e",), Call("equal", (Field(Variable("e"), "type"), Literal(word)))))
        ),
        Call("equal", (Call("get", (Field(ME, "labels"), Literal(word))), Literal(word))),
        Call("finds", (Field(ME, "name"), Literal("\\Q" + word + "\\E"))),
    ):
        assert ids(expressions.members(rule, nobody, NOW)) == plain(people, rule)


@pytest.mark.parametrize("word", [each for each in NASTY if "\0" not in each])
def test_names_of_fields_are_data(word: str) -> None:
    kind = pa.struct([pa.field(word, pa.string())])
    table = pa.schema([("person_id", pa.int64()), (word, kind)])
    compiled = compile_rule(Call("equal", (Field(Field(ME, word), word), Literal("x"))), shape_of(table), NOW)
    with duckdb.connect() as connection:
        given = pa.table({"person_id": [1, 2], word: pa.array([{word: "x"}, {word: "y"}], kind)})
        connection.register("people", given)
        assert connection.execute(compiled.sql).fetchall() == [(1,)]


def test_names_of_audiences_are_data(expressions: Expressions) -> None:
    some = PeopleSet.from_ids([1, 5], PEOPLE)
    for word in NASTY:
        assert ids(expressions.members(Member(word), lambda audience: some, NOW)) == {1, 5}


def test_what_has_no_sql_is_answered_by_documents(expressions: Expressions, people: list[dict[str, Any]]) -> None:
    year = Call("formatted", (Field(ME, "joined"), Literal("yyyy")))
    rule = Call("and", (Call("equal", (year, Literal("2026"))), Member("some")))
    how = expressions.how(rule, NOW)
    assert how.sql is None
    assert 'the function "formatted"' in how.why
    some = PeopleSet.from_ids(range(0, PEOPLE, 2), PEOPLE)
    found = ids(expressions.members(rule, lambda audience: some, NOW))
    assert found == plain(people, Call("equal", (year, Literal("2026")))) & ids(some)
    assert found


@pytest.mark.parametrize("path", ["name", "age", "score", "born", "joined", "tags"])
def test_values_of_everybody(expressions: Expressions, people: list[dict[str, Any]], path: str) -> None:
    found = dict(expressions.values(Field(ME, path), nobody, NOW))
    assert {n: value or None for n, value in found.items()} == {
        n: person.get(path) or None for n, person in enumerate(people)
    }


def test_documents_and_sql_agree_about_what_is_known_besides(expressions: Expressions) -> None:
    email = Field(Call("get", (Field(ME, IDENTITIES), Literal("email"))), "id")
    status = Field(Call("get", (Call("get", (Field(ME, MEMBERSHIPS), Literal("ups"))), Literal("a"))), "status")
    unsayable = Call("not_equal", (Call("formatted", (Now(), Literal("yyyy"))), Field(ME, "key")))
    for rule, expected in (
        (Call("equal", (email, Literal("a"))), {1}),
        (Call("equal", (Call("count", (email,)), Literal(2))), {1}),
        (Call("equal", (status, Literal("realized"))), {3}),
        (Call("in", (Literal("phone"), Call("keys", (Field(ME, IDENTITIES),)))), {2}),
        (Call("equal", (Field(ME, "key"), Literal("k4"))), {4}),
    ):
        assert expressions.how(rule, NOW).sql is not None
        assert ids(expressions.members(rule, nobody, NOW)) == expected
        both = Call("and", (Call("or", (unsayable, Call("not", (unsayable,)))), rule))
        slow = Call("and", (rule, Call("is_present", (Call("formatted", (Now(), Field(ME, "key"))),))))
        assert ids(expressions.members(both, nobody, NOW)) == expected
        assert expressions.how(slow, NOW).sql is None
        assert ids(expressions.members(slow, nobody, NOW)) <= expected


def test_memberships_that_nobody_keeps_are_not_guessed(lake: Lake) -> None:
    rule = Call("is_missing", (Field(ME, MEMBERSHIPS),))
    with pytest.raises(Unavailable, match="memberships are not kept"):
        Expressions(lake, GENERATION, shape(lake), PeopleSet.full(PEOPLE)).members(rule, nobody, NOW)


def test_sets_are_remembered_with_now_only_where_it_matters(expressions: Expressions) -> None:
    fixed, moving = name_is("'"), Call("less", (Field(ME, "joined"), Now()))
    later = NOW + timedelta(days=900)
    assert expressions.members(fixed, nobody, NOW) is expressions.members(fixed, nobody, later)
    assert expressions.members(moving, nobody, NOW) is expressions.members(moving, nobody, NOW)
    assert expressions.members(moving, nobody, NOW) is not expressions.members(moving, nobody, later)
    asks = [PeopleSet.from_ids([n], PEOPLE) for n in range(2)]
    assert [ids(expressions.members(Member("x"), lambda _, each=each: each, NOW)) for each in asks] == [{0}, {1}]


def test_a_query_that_takes_too_long_is_stopped() -> None:
    with (
        duckdb.connect() as connection,
        pytest.raises(duckdb.InterruptException),
        deadline(connection, 0.05),
    ):
        connection.execute("select count(*) from range(100000000000) where random() > 2").fetchall()


def test_what_stops_in_time_is_left_alone() -> None:
    with duckdb.connect() as connection, deadline(connection, 60.0):
        assert connection.execute("select 1").fetchall() == [(1,)]


@pytest.fixture
def database(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    with Tables(lake, GENERATION).open("1GB", 1, None) as connection:
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_text('{folder}/secret')",
        "copy (select 1) to '{folder}/out.csv'",
        "attach '{folder}/out.db'",
        "set enable_external_access = true",
        "install httpfs",
    ],
)
def test_the_database_reads_nothing_but_the_generation(
    database: duckdb.DuckDBPyConnection, statement: str, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(duckdb.Error):
        database.execute(statement.format(folder=tmp_path))
    assert not list(tmp_path.glob("out.*"))


def test_types_of_columns() -> None:
    known = shape_of(
        pa.schema(
            [
                ("a", pa.int64()),
                ("b", pa.int32()),
                ("c", pa.list_(pa.struct([("d", pa.date32())]))),
                ("e", pa.map_(pa.string(), pa.float64())),
                ("f", pa.timestamp("us")),
                ("g", pa.list_(pa.list_(pa.int64()))),
                ("Key", pa.string()),
                ("h", pa.struct([("x", pa.bool_()), ("X", pa.bool_())])),
            ]
        )
    ).schema.person.fields
    assert known == {
        "a": Scalar.INTEGER, "b": AnyType(), "c": ListType(ObjectType({"d": Scalar.DATE})),
        "e": MapType(Scalar.NUMBER), "f": AnyType(), "g": AnyType(), "Key": AnyType(),
        "h": ObjectType({"x": AnyType(), "X": AnyType()}),
    }  # fmt: skip


def test_ranges_of_people_add_up(lake: Lake, expressions: Expressions, monkeypatch: pytest.MonkeyPatch) -> None:
    by_amount = Lambda(("e",), Field(Variable("e"), "amount"))
    dearest = Call("top", (Field(ME, EVENTS), by_amount, Literal(1)))
    rule = Call("equal", (Field(Call("first", (dearest,)), "type"), Literal("tea")))
    whole = ids(expressions.members(rule, nobody, NOW))
    monkeypatch.setattr("houselights.engine.sql.run.RANGE_PEOPLE", 7)
    assert ids(Expressions(lake, GENERATION, shape(lake), PeopleSet.full(PEOPLE)).members(rule, nobody, NOW)) == whole
    assert whole


def test_events_may_outlive_their_person(lake: Lake, expressions: Expressions) -> None:
    rule = Call("exists", (Field(ME, EVENTS), Lambda(("e",), Literal(True))))
    who = ids(expressions.members(rule, nobody, NOW))
    left = PeopleSet.from_ids(sorted(who)[2:10], PEOPLE - 1)
    assert ids(Expressions(lake, GENERATION, shape(lake), left).members(rule, nobody, NOW)) == ids(left)


def test_sql_that_the_database_refuses_is_answered_by_documents(
    expressions: Expressions, people: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = Call("or", (name_is("%"), name_is("?")))
    wrong = replace(compile_rule(rule, expressions._shape, NOW), sql="select person_id from people where")
    monkeypatch.setattr("houselights.engine.sql.run.compile_rule", lambda *_: wrong)
    assert ids(expressions.members(rule, nobody, NOW)) == plain(people, rule)


AT = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_generation_without_events(lake: Lake) -> None:
    alone = Expressions(
        lake, Generation(**{**vars_of(GENERATION), "tables": {"people": 0}}), shape(lake), PeopleSet.full(PEOPLE)
    )
    any_event = Call("exists", (Field(ME, EVENTS), Lambda(("e",), Literal(True))))
    assert ids(alone.members(any_event, nobody, AT)) == set()
    assert ids(alone.members(Call("not", (any_event,)), nobody, AT)) == set(range(PEOPLE))


def vars_of(generation: Generation) -> dict[str, Any]:
    return {name: getattr(generation, name) for name in generation.__dataclass_fields__}
