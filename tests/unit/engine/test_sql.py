"""SQL answers every rule as the plain evaluator does, for everybody, or says that it cannot."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.value_rules import AUDIENCES, EVENT, NOW, PERSON, SCHEMA, Rules, person_of

from houselights.engine.sql.compile import compile_rule
from houselights.engine.sql.shape import TableShape
from houselights.engine.sql.terms import Unsupported
from houselights.engine.values.evaluate import holds
from houselights.model.schema import ListType, MapType, ObjectType, Scalar, Type
from houselights.rules.values import EVENTS, Value

SHAPE = TableShape(schema=SCHEMA)
POPULATIONS, PEOPLE = 6, 40


def arrow(kind: Type) -> pa.DataType:
    match kind:
        case ListType(item):
            return pa.list_(arrow(item))
        case MapType(value):
            return pa.map_(pa.string(), arrow(value))
        case ObjectType(fields):
            return pa.struct([pa.field(name, arrow(inner)) for name, inner in fields.items()])
        case _:
            known: dict[Type, pa.DataType] = {
                Scalar.BOOLEAN: pa.bool_(), Scalar.INTEGER: pa.int64(), Scalar.NUMBER: pa.float64(),
                Scalar.STRING: pa.string(), Scalar.DATE: pa.date32(), Scalar.TIMESTAMP: pa.timestamp("us", tz="UTC"),
            }  # fmt: skip
            return known[kind]


def stored(value: Any, kind: Type) -> Any:
    """Write a document's value as Arrow takes it: maps as entries, nothing for what is missing."""
    match kind:
        case _ if value is None:
            return None
        case ListType(item):
            return [stored(each, item) for each in value]
        case MapType(inner):
            return [(key, stored(each, inner)) for key, each in value.items()]
        case ObjectType(fields):
            return {name: stored(value.get(name), inner) for name, inner in fields.items()}
        case _:
            return value


def table(rows: list[dict[str, Any]], kind: ObjectType, extra: dict[str, pa.Array]) -> pa.Table:
    columns = {
        name: pa.array([stored(row.get(name), inner) for row in rows], arrow(inner))
        for name, inner in kind.fields.items()
    }
    return pa.table({**extra, **columns})


class Population:
    """Some people, as documents and as tables."""

    def __init__(self, seed: int):
        pick = random.Random(seed).randrange
        self.people = [person_of(pick) for _ in range(PEOPLE)]
        self.members = {audience: {n for n in range(PEOPLE) if pick(2)} for audience in AUDIENCES}
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("set TimeZone = 'UTC'")
        events = [(n, event) for n, person in enumerate(self.people) for event in person[EVENTS]]
        ids = pa.array(range(PEOPLE), pa.int64())
        owners = {"person_id": pa.array([n for n, _ in events], pa.int64()), "@place": pa.array(range(len(events)))}
        self.load("people", table(self.people, PERSON, {"person_id": ids}))
        self.load("events", table([event for _, event in events], EVENT, owners))

    def load(self, name: str, rows: pa.Table) -> None:
        self.connection.register("given", rows)
        self.connection.execute(f"create or replace table {name} as select * from given")
        self.connection.unregister("given")

    def plain(self, rule: Value) -> set[int]:
        return {
            n
            for n, person in enumerate(self.people)
            if holds(rule, person, now=NOW, is_member=lambda audience, n=n: n in self.members[audience])
        }

    def sql(self, rule: Value) -> set[int]:
        compiled = compile_rule(rule, SHAPE, NOW)
        for number, audience in enumerate(compiled.audiences, start=1):
            ids = pa.table({"person_id": pa.array(sorted(self.members[audience]), pa.int64())})
            self.connection.register(f"m{number}", ids)
        try:
            return {row[0] for row in self.connection.execute(compiled.sql).fetchall()}
        except duckdb.Error as error:
            raise AssertionError(f"{error}\n{compiled.pretty}") from error


@pytest.fixture(scope="module")
def populations() -> Iterator[list[Population]]:
    made = [Population(seed) for seed in range(POPULATIONS)]
    yield made
    for each in made:
        each.connection.close()


def agree(population: Population, rule: Value) -> bool:
    """Check one rule; False when there is no SQL for it."""
    try:
        found = population.sql(rule)
    except Unsupported:
        return False
    assert found == population.plain(rule), f"{rule}\n{compile_rule(rule, SHAPE, NOW).pretty}"
    return True


@pytest.mark.parametrize("block", range(10))
def test_random_rules_agree(populations: list[Population], block: int) -> None:
    said = 0
    for number in range(200):
        pick = random.Random(block * 1000 + number).randrange
        said += agree(populations[number % POPULATIONS], Rules(pick).condition())
    assert said >= 150  # most rules have SQL, or the test would be about nothing


@settings(max_examples=150, deadline=timedelta(seconds=20))
@given(st.data())
def test_random_rules_agree_and_shrink(populations: list[Population], data: st.DataObject) -> None:
    def pick(size: int) -> int:
        return data.draw(st.integers(0, size - 1))

    agree(populations[0], Rules(pick).condition(2))
