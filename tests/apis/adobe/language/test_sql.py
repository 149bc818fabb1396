"""Every expression of the corpus has the same answer in SQL, or is one of those known to have none."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from houselights.apis.adobe.language.parse import parse
from houselights.engine.sql.terms import Unsupported
from houselights.model.schema import ObjectType, Schema
from houselights.rules.values import Field, Value
from houselights.rules.walk import every
from tests.apis.adobe.language.cases import Case, all_cases
from tests.apis.adobe.profiles import KEYS, MEMBERS, NOW, PEOPLE_BY_KEY, SCHEMA, is_member
from tests.sql_tables import Population

CONDITIONS = [case for case in all_cases() if "who" in case.facts]


# The samples spell a birthday in several ways that differ in case only, which tables cannot: one spelling at a time.
SPELLINGS = (("birthDate", "birthDay"), ("birthdate", "birthday"), ("birthDate", "birthday"))


def without_twins(kept: tuple[str, ...]) -> Schema:
    person = SCHEMA.person.fields["person"]
    assert isinstance(person, ObjectType)
    fields = {name: kind for name, kind in person.fields.items() if name in kept or not name.startswith("birth")
              or name in ("birthYear", "birthMonth")}  # fmt: skip
    return replace(SCHEMA, person=ObjectType({**SCHEMA.person.fields, "person": ObjectType(fields)}))


@pytest.fixture(scope="module")
def twelve() -> Iterator[list[Population]]:
    audiences = {audience for standing in MEMBERS.values() for audience in standing}
    members = {audience: {n for n, key in enumerate(KEYS) if is_member(key, audience)} for audience in audiences}
    people = [PEOPLE_BY_KEY[key] for key in KEYS]
    made = [Population(people, without_twins(kept), NOW, members) for kept in SPELLINGS]
    yield made
    for population in made:
        population.close()


@pytest.mark.parametrize("case", CONDITIONS, ids=lambda case: case.name)
def test_sql_finds_whom_the_corpus_names(twelve: list[Population], case: Case) -> None:
    rule = parse(case.text).tree
    expected = [] if case.facts["who"] == "-" else case.facts["who"].split()
    population = next(each for kept, each in zip(SPELLINGS, twelve, strict=True) if named(rule) <= set(kept))
    try:
        found = population.sql(rule)
    except Unsupported as reason:
        pytest.skip(f"no SQL for {reason}")
    assert [KEYS[n] for n in sorted(found)] == expected


def named(rule: Value) -> set[str]:
    """Return the spellings of a birthday that a rule uses."""
    names = {each.name for each in every(rule) if isinstance(each, Field)}
    return names & {name for spelling in SPELLINGS for name in spelling}
