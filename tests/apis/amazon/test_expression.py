"""`audienceTargetingExpression` ⇄ rule tree, held to a naive model of sets."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from houselights.apis.amazon.dsp.expression import CombinedExpression, InsightExpression, Member
from houselights.apis.amazon.dsp.translate import COMBINED_LIMITS, INSIGHT_LIMITS, expression_of, rule_of
from houselights.apis.amazon.errors import Kind, Rejected
from houselights.rules.tree import And, AtLeast, HasTrait, InAudience, Not, Or, Rule

PEOPLE = frozenset(range(12))
AUDIENCES = list(range(1, 8))
FIELD = "audienceTargetingExpression"

memberships = st.fixed_dictionaries(
    {audience: st.frozensets(st.sampled_from(sorted(PEOPLE))) for audience in AUDIENCES}
)
groups = st.lists(
    st.lists(st.sampled_from(AUDIENCES), min_size=1, max_size=4), min_size=0, max_size=INSIGHT_LIMITS.included_groups
)
exclusion = st.lists(st.sampled_from(AUDIENCES), max_size=4)
spelling = st.sampled_from([(True, False), ("true", "false"), ("TRUE", "False")])


def member(audience: int | str, group: str, negative: bool | str) -> Member:
    return Member.model_validate({"audienceId": str(audience), "groupId": group, "negative": negative})


def naive(included: list[list[int]], excluded: list[int], sets: Mapping[int, frozenset[int]]) -> frozenset[int]:
    """The published sentence, in sets: groups intersect, their members unite, the excluded group is taken away."""
    people = PEOPLE
    for group in included:
        people &= frozenset().union(*(sets[audience] for audience in group))
    return people - frozenset().union(*(sets[audience] for audience in excluded))


def evaluate(rule: Rule, sets: Mapping[int, frozenset[int]]) -> frozenset[int]:
    """A rule over audiences, in sets."""
    match rule:
        case InAudience(audience):
            return sets[audience]
        case And(rules):
            return PEOPLE.intersection(*(evaluate(each, sets) for each in rules))
        case Or(rules):
            return frozenset().union(*(evaluate(each, sets) for each in rules))
        case Not(inner):
            return PEOPLE - evaluate(inner, sets)
    raise AssertionError(f"an expression cannot say {rule}")


@given(included=groups, excluded=exclusion, sets=memberships, words=spelling, data=st.data())
def test_the_rule_means_what_the_published_sentence_says(
    included: list[list[int]],
    excluded: list[int],
    sets: Mapping[int, frozenset[int]],
    words: tuple[bool | str, bool | str],
    data: st.DataObject,
) -> None:
    yes, no = words
    members = [member(audience, f"Group {n}", no) for n, group in enumerate(included) for audience in group]
    members += [member(audience, "out", yes) for audience in excluded]
    if not members:
        return
    shuffled = data.draw(st.permutations(members))
    assert evaluate(rule_of(shuffled, INSIGHT_LIMITS, field=FIELD), sets) == naive(included, excluded, sets)


@given(included=groups, excluded=exclusion, sets=memberships)
def test_a_rule_written_back_as_an_expression_keeps_its_meaning(
    included: list[list[int]], excluded: list[int], sets: Mapping[int, frozenset[int]]
) -> None:
    members = [member(audience, str(n), False) for n, group in enumerate(included) for audience in group]
    members += [member(audience, "out", True) for audience in excluded]
    if not members:
        return
    rule = rule_of(members, INSIGHT_LIMITS, field=FIELD)
    back = expression_of(rule)
    assert back is not None
    assert rule_of(back, INSIGHT_LIMITS, field=FIELD) == rule


@pytest.mark.parametrize(
    "rule",
    [
        HasTrait("age", ("25-34",)),
        Or((And((InAudience(1), InAudience(2))), InAudience(3))),
        AtLeast(2, (InAudience(1), InAudience(2))),
        And((InAudience(1), Not(And((InAudience(2), InAudience(3)))))),
        And(()),
    ],
)
def test_what_the_dialect_cannot_say_is_not_said(rule: Rule) -> None:
    assert expression_of(rule) is None


def test_a_lone_exclusion_means_everyone_else() -> None:
    assert rule_of([member(1, "g", "true"), member(2, "g", "true")], INSIGHT_LIMITS, field=FIELD) == Not(
        Or((InAudience(1), InAudience(2)))
    )


def faults(members: list[Member], limits: object = INSIGHT_LIMITS) -> list[tuple[Kind, str | None]]:
    with pytest.raises(Rejected) as refused:
        rule_of(members, limits, field=FIELD)  # type: ignore[arg-type]  # the parameter is typed loosely above
    return [(detail.kind, detail.field) for detail in refused.value.details]


def test_a_group_is_either_included_or_excluded() -> None:
    assert faults([member(1, "g", "false"), member(2, "g", "true")]) == [
        (Kind.INVALID, f"{FIELD}.audiences[1].negative")
    ]


def test_only_one_group_may_be_excluded() -> None:
    assert faults([member(1, "a", True), member(2, "b", True)]) == [(Kind.OUT_OF_RANGE, f"{FIELD}.audiences")]


def test_ten_groups_may_be_included_and_one_excluded_but_not_eleven() -> None:
    ten = [member(n, f"g{n}", False) for n in range(1, 11)]
    assert isinstance(rule_of([*ten, member(99, "out", True)], INSIGHT_LIMITS, field=FIELD), And)
    assert faults([*ten, member(11, "g11", False)]) == [(Kind.OUT_OF_RANGE, f"{FIELD}.audiences")]


@pytest.mark.parametrize(("limits", "most"), [(INSIGHT_LIMITS, 500), (COMBINED_LIMITS, 100)])
def test_a_group_has_its_limit(limits: object, most: int) -> None:
    full = [member(n, "g", False) for n in range(1, most + 1)]
    rule_of(full, limits, field=FIELD)  # type: ignore[arg-type]  # as above
    assert faults([*full, member(most + 1, "g", False)], limits) == [(Kind.OUT_OF_RANGE, f"{FIELD}.audiences")]


def test_every_fault_is_reported_at_once() -> None:
    found = faults([member("x", "a", False), member(2, "b", True), member("12345678901234567890", "c", False)])
    assert [field for _, field in found] == [f"{FIELD}.audiences[0].audienceId", f"{FIELD}.audiences[2].audienceId"]


@pytest.mark.parametrize("negative", ["yes", 1, 0, None, "1", [], "f"])
def test_negative_is_a_boolean_or_its_name(negative: object) -> None:
    with pytest.raises(ValidationError):
        member(1, "g", negative)  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize("negative", ["false", "False", "true", True, False])
def test_negative_is_kept_as_it_came(negative: bool | str) -> None:
    kept = member(1, "g", negative)
    assert kept.model_dump(by_alias=True) == {"audienceId": "1", "groupId": "g", "negative": negative}
    assert kept.excluded is (str(negative).lower() == "true")


def test_an_id_may_come_as_a_number_and_unknown_fields_are_ignored() -> None:
    asked = InsightExpression.model_validate_json(
        '{"audiences":[{"audienceId":413642381039213536,"groupId":"Group 1","negative":"false","extra":1}]}'
    )
    assert asked.audiences[0].audience_id == "413642381039213536"


@pytest.mark.parametrize(("shape", "most"), [(InsightExpression, 5500), (CombinedExpression, 100)])
def test_an_expression_has_at_least_one_audience_and_its_limit(
    shape: type[InsightExpression | CombinedExpression], most: int
) -> None:
    one = {"audienceId": "1", "groupId": "g", "negative": False}
    assert shape.model_validate({"audiences": [one] * most})
    for wrong in ([], [one] * (most + 1)):
        with pytest.raises(ValidationError):
            shape.model_validate({"audiences": wrong})
