"""What is refused before a rule is evaluated, beyond tests/rules/errors.case: circles, sizes, costly questions."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from tests.effort import calls_of
from tests.strategies import FIELDS, World, worlds
from tests.world import CATALOGUE

from houselights.base.errors import InvalidRule, NotFound
from houselights.engine.plain import members
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.rules.check import Limits, Resolve, audiences_in, check
from houselights.rules.json_form import to_json
from houselights.rules.tree import And, AtLeast, Everyone, HasTrait, InAudience, Mentions, Nobody, Not, Or, Rule


def among(rules: Mapping[int, Rule]) -> Resolve:
    def resolve(audience_id: int) -> Rule:
        if audience_id not in rules:
            raise NotFound("no such audience")
        return rules[audience_id]

    return resolve


def refusal(rule: Rule, rules: Mapping[int, Rule], limits: Limits | None = None, self_id: int | None = None) -> str:
    with pytest.raises(InvalidRule) as caught:
        check(rule, None, among(rules), limits, self_id=self_id)
    return f"{caught.value.field}: {caught.value.message}"


def test_an_audience_may_not_contain_itself() -> None:
    assert refusal(Or((InAudience(1),)), {}, self_id=1) == "rule.or[0].audience: audience 1 would contain itself: 1 → 1"


def test_a_circle_names_the_whole_chain() -> None:
    rules: dict[int, Rule] = {2: Not(InAudience(3)), 3: And((Everyone(), InAudience(1)))}
    said = refusal(And((Nobody(), InAudience(2))), rules, self_id=1)
    assert said == "rule.and[1].audience: audience 1 would contain itself: 1 → 2 → 3 → 1"


def test_a_circle_that_is_already_stored_is_found_too() -> None:
    rules = {1: InAudience(2), 2: InAudience(3), 3: InAudience(2)}
    assert refusal(InAudience(1), rules) == "rule.audience: audience 2 would contain itself: 2 → 3 → 2"


def test_the_same_audience_on_two_ways_is_no_circle() -> None:
    rules: dict[int, Rule] = {1: Everyone(), 2: InAudience(1), 3: InAudience(1)}
    check(And((InAudience(2), InAudience(3), InAudience(1))), None, among(rules), self_id=9)


def test_an_unknown_audience_further_down_names_who_refers_to_it() -> None:
    said = refusal(Not(InAudience(1)), {1: Or((InAudience(7),))}, self_id=5)
    assert said == "rule.not.audience: audience 7, which audience 1 refers to, does not exist"


def test_depth_counts_what_audiences_bring_along() -> None:
    rules: dict[int, Rule] = {1: Not(Not(Everyone()))}
    check(Not(InAudience(1)), None, among(rules), Limits(depth=5))
    assert (
        refusal(Not(InAudience(1)), rules, Limits(depth=4)) == "rule.not.audience: the rule is more than 4 levels deep"
    )
    # The second time the audience is known, and must be refused where it stands deeper.
    twice = And((InAudience(1), Not(InAudience(1))))
    check(twice, None, among(rules), Limits(depth=6))
    assert refusal(twice, rules, Limits(depth=5)) == "rule.and[1].not.audience: the rule is more than 5 levels deep"


def test_a_long_chain_of_audiences_is_refused_before_the_stack_is() -> None:
    rules = {number: InAudience(number + 1) for number in range(100_000)}
    assert "more than 64 levels deep" in refusal(InAudience(0), rules)


def test_nodes_are_counted_as_if_written_out_but_in_no_time() -> None:
    rules: dict[int, Rule] = {0: And((Everyone(), Everyone()))}
    for number in range(1, 40):  # written out, the last one has 2⁴¹ nodes
        rules[number] = And((InAudience(number - 1), InAudience(number - 1)))
    told = []
    assert calls_of(lambda: told.append(refusal(InAudience(39), rules, Limits(depth=100)))) < 100_000
    assert told[0].endswith("the rule has more than 10000 parts")


def test_limits_on_words_and_audiences() -> None:
    words: Rule = Or((HasTrait("age", ("a", "b")), Mentions(("bio",), ("c",))))
    check(words, None, among({}), Limits(words=4))
    assert refusal(words, {}, Limits(words=3)) == "rule.or[1]: the rule names more than 3 traits, phrases and values"
    rules: dict[int, Rule] = {1: Everyone(), 2: Everyone()}
    check(Or((InAudience(1), InAudience(2))), None, among(rules), Limits(audiences=2))
    assert "more than 1 audiences" in refusal(Or((InAudience(1), InAudience(2))), rules, Limits(audiences=1))


def test_a_trait_retired_since_does_not_spoil_the_audiences_that_use_it() -> None:
    rules: dict[int, Rule] = {1: HasTrait("age", ("no-longer-there",))}
    check(InAudience(1), CATALOGUE, among(rules))


def test_a_hint_among_very_many_traits_comes_quickly() -> None:
    facet = Facet(key="city", name="City")
    traits = [Trait(id=number, facet="city", key=f"town-{number}", name=f"Town {number}") for number in range(100_000)]
    catalogue = Catalogue([facet], traits)

    def asked(town: str) -> str:
        with pytest.raises(InvalidRule) as caught:
            check(HasTrait("city", (town,)), catalogue, among({}))
        return caught.value.message

    assert asked("twon-17") == 'facet "city" has no trait "twon-17"'
    # every name is glanced at, few are looked at closely
    assert calls_of(lambda: asked("twon-17")) < 5 * len(traits)
    assert calls_of(lambda: asked("x" * 1_000_000)) < 5 * len(traits)


@given(worlds())
def test_whatever_passes_can_be_evaluated(world: World) -> None:
    assume('"!!"' not in json.dumps([to_json(rule) for rule in (world.rule, *world.audiences.values())]))
    for audience_id, rule in world.audiences.items():
        check(rule, world.catalogue, world.resolve, self_id=audience_id)
    check(world.rule, world.catalogue, world.resolve, fields=FIELDS)
    members(world.rule, world.people, resolve=world.resolve, as_of=world.as_of)


@given(worlds(max_people=0))
def test_the_audiences_in_a_rule_are_those_it_cannot_do_without(world: World) -> None:
    named = audiences_in(world.rule)
    assert named <= set(world.audiences)
    for missing in named:
        left = {audience_id: Everyone() for audience_id in named - {missing}}
        with pytest.raises(InvalidRule, match=f"audience {missing} does not exist"):
            check(world.rule, None, among(left))


def test_at_least_is_searched_too() -> None:
    assert audiences_in(AtLeast(1, (Not(InAudience(4)), InAudience(5)))) == {4, 5}
