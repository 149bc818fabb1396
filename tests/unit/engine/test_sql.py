"""SQL answers every rule as the plain evaluator does, for everybody, or says that it cannot."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sql_tables import Population
from tests.value_rules import AUDIENCES, NOW, SCHEMA, Rules, person_of

from houselights.engine.sql.compile import compile_rule
from houselights.engine.sql.terms import Unsupported
from houselights.rules.values import Value

POPULATIONS, PEOPLE = 6, 40


def population(seed: int) -> Population:
    pick = random.Random(seed).randrange
    people = [person_of(pick) for _ in range(PEOPLE)]
    return Population(people, SCHEMA, NOW, {audience: {n for n in range(PEOPLE) if pick(2)} for audience in AUDIENCES})


@pytest.fixture(scope="module")
def populations() -> Iterator[list[Population]]:
    made = [population(seed) for seed in range(POPULATIONS)]
    yield made
    for each in made:
        each.close()


def agree(population: Population, rule: Value) -> bool:
    """Check one rule; False when there is no SQL for it."""
    try:
        found = population.sql(rule)
    except Unsupported:
        return False
    expected = population.plain(rule)
    assert found == expected, f"{rule}\n{compile_rule(rule, population.shape, NOW).pretty}"
    return True


def check_block(populations: list[Population], start: int, size: int, depth: int) -> None:
    seeds = range(start, start + size)
    said = sum(
        agree(populations[seed % POPULATIONS], Rules(random.Random(seed).randrange).condition(depth)) for seed in seeds
    )
    assert said >= 0.8 * size  # most rules have SQL, or the test would be about nothing


@pytest.mark.parametrize("block", range(8))
def test_random_rules_agree(populations: list[Population], block: int) -> None:
    check_block(populations, block * 250, 250, depth=3)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(40))
def test_many_random_rules_agree(populations: list[Population], block: int) -> None:
    check_block(populations, 1_000_000 + block * 500, 500, depth=2 + block % 4)


@settings(max_examples=100, deadline=timedelta(seconds=20))
@given(st.data())
def test_random_rules_agree_and_shrink(populations: list[Population], data: st.DataObject) -> None:
    def pick(size: int) -> int:
        return data.draw(st.integers(0, size - 1))

    agree(populations[0], Rules(pick).condition(2))


def test_the_random_rules_tell_people_apart(populations: list[Population]) -> None:
    sizes = [len(populations[0].plain(Rules(random.Random(seed).randrange).condition())) for seed in range(300)]
    assert sum(0 < size < PEOPLE for size in sizes) > 100
