"""The plain evaluator against the words of the tree's own docstrings, and every other evaluator against it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from tests.evaluators import EVALUATORS
from tests.strategies import AS_OF, World, worlds

from houselights.base.errors import InvalidRule, NotFound
from houselights.engine.plain import Person, Text, matches, members
from houselights.rules.tree import And, AtLeast, Everyone, InAudience, Mentions, Nobody, Not, Or, Rule


def unknown(audience_id: int) -> Rule:
    raise NotFound(f"no audience {audience_id}")


ANN = Person(id=0, key="ann")


def holds(rule: Rule, person: Person = ANN) -> bool:
    return matches(rule, person, resolve=unknown, as_of=AS_OF)


def test_empty_groups() -> None:
    assert holds(And(()))
    assert not holds(Or(()))
    assert holds(AtLeast(0, ()))
    assert not holds(AtLeast(1, ()))


@pytest.mark.parametrize(("k", "expected"), [(-1, True), (0, True), (1, True), (2, True), (3, False), (4, False)])
def test_at_least_counts_entries(k: int, expected: bool) -> None:
    assert holds(AtLeast(k, (Everyone(), Nobody(), Everyone()))) is expected


def test_a_circle_is_refused_by_name() -> None:
    rules: dict[int, Rule] = {1: InAudience(2), 2: Not(InAudience(1))}
    with pytest.raises(InvalidRule, match="1 → 2 → 1"):
        matches(InAudience(1), ANN, resolve=rules.__getitem__, as_of=AS_OF)


def test_an_unknown_audience_is_not_found() -> None:
    with pytest.raises(NotFound):
        holds(InAudience(1))


def test_a_window_too_long_for_a_date_is_only_a_long_window() -> None:
    ann = Person(id=0, key="ann", texts=(Text("bio", AS_OF - timedelta(days=700_000), "tea"),))
    assert holds(Mentions(("bio",), ("tea",), 10**12), ann)
    assert holds(Mentions(("bio",), ("tea",), 700_000), ann)
    assert not holds(Mentions(("bio",), ("tea",), 699_999), ann)


@given(worlds())
def test_algebra(world: World) -> None:
    def who(rule: Rule) -> set[int]:
        return members(rule, world.people, resolve=world.resolve, as_of=world.as_of)

    everyone = {person.id for person in world.people}
    these = who(world.rule)
    assert who(Not(world.rule)) == everyone - these
    for audience_id, rule in world.audiences.items():
        assert who(InAudience(audience_id)) == who(rule)
        assert who(And((world.rule, rule))) == these & who(rule)
        assert who(Or((world.rule, rule))) == these | who(rule)
        assert who(AtLeast(2, (world.rule, rule, rule))) == who(rule)


@settings(max_examples=40)  # the bitmap evaluator meets thousands more in test_bitmap.py
@pytest.mark.parametrize("evaluator", [name for name in EVALUATORS if name != "plain"])
@given(world=worlds())
def test_every_evaluator_agrees_with_the_plain_one(evaluator: str, world: World) -> None:
    expected = EVALUATORS["plain"](world.rule, world.people, world.catalogue, world.resolve, world.as_of)
    found = EVALUATORS[evaluator](world.rule, world.people, world.catalogue, world.resolve, world.as_of)
    assert found == expected
