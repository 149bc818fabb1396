"""Simplifying keeps the people, never makes a rule longer, and is done after one go."""

from hypothesis import given, settings
from tests.effort import calls_of
from tests.strategies import World, worlds

from houselights.engine.plain import members
from houselights.rules.check import children
from houselights.rules.simplify import simplify
from houselights.rules.tree import And, Everyone, HasTrait, Mentions, Nobody, Not, Or, Rule


def size(rule: Rule) -> int:
    return 1 + sum(size(inner) for _, inner in children(rule))


@settings(max_examples=600)
@given(worlds())
def test_a_simplified_rule_has_the_same_people(world: World) -> None:
    before = members(world.rule, world.people, resolve=world.resolve, as_of=world.as_of)
    after = members(simplify(world.rule), world.people, resolve=world.resolve, as_of=world.as_of)
    assert after == before


@settings(max_examples=600)
@given(worlds(max_people=0, max_depth=4))
def test_simplifying_again_changes_nothing_and_nothing_grows(world: World) -> None:
    simple = simplify(world.rule)
    assert simplify(simple) == simple
    assert size(simple) <= size(world.rule)


@given(worlds(max_people=0, max_depth=4))
def test_constants_remain_only_alone(world: World) -> None:
    simple = simplify(world.rule)
    if simple != Everyone():
        assert "Everyone" not in repr(simple)


def test_phrases_without_a_word_are_dropped() -> None:
    assert simplify(Mentions(("post",), ("!!", "tea", "?"))) == Mentions(("post",), ("tea",))
    assert simplify(Mentions(("post",), ("!!",))) == Nobody()


def test_wide_rules_are_simplified_in_time_that_grows_with_their_length() -> None:
    def effort(width: int) -> int:
        traits: list[Rule] = [HasTrait("f", (f"t{number}", "shared")) for number in range(width)]

        def work() -> None:
            assert len(simplify(Or(tuple(traits))).any_of) == width + 1  # type: ignore[union-attr]  # one HasTrait
            assert simplify(Or((*traits, Not(HasTrait("f", ("x",))))))
            assert isinstance(simplify(And(tuple(traits))), And)

        return calls_of(work)

    assert effort(2_000) < 2.5 * effort(1_000)
