"""Explanations of the twelve: the funnel adds up, whoever nearly matches fails exactly the clause that is named."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tests import world
from tests.indexes import nothing
from tests.stage import WORKSPACE, Stage
from tests.strategies import rules

from houselights.engine.explain import Explanation, explain
from houselights.engine.plain import matches, members
from houselights.engine.snapshot import Snapshot
from houselights.rules.english import CatalogueNames, english
from houselights.rules.tree import And, Everyone, HasTrait, InAudience, Listed, Mentions, Nobody, Not, Or, Rule

NAMES = CatalogueNames(world.CATALOGUE, {1: "Women who run"}, world.LISTS)
PEOPLE = {person.key: person for person in world.plain_people()}

WOMEN = HasTrait("gender", ("female",))
RUNNERS = HasTrait("interests", ("running",))
SUBSCRIBED = Listed(world.NEWSLETTER)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return Stage(tmp_path_factory.mktemp("stage")).snapshots.current(WORKSPACE)


def told(snapshot: Snapshot, rule: Rule) -> Explanation:
    return explain(snapshot, rule, {1: And((WOMEN, RUNNERS))}.__getitem__, NAMES)


def held(rule: Rule) -> set[str]:
    found = members(rule, PEOPLE.values(), resolve=nothing, as_of=world.AS_OF)
    return {key for key, person in PEOPLE.items() if person.id in found}


def test_the_funnel_counts_each_clause_alone_and_after_those_before_it(snapshot: Snapshot) -> None:
    rule = And((WOMEN, And((RUNNERS, Not(SUBSCRIBED)))))
    story = told(snapshot, rule)
    clauses = [WOMEN, RUNNERS, Not(SUBSCRIBED)]
    assert [each.rule for each in story.funnel] == clauses
    assert [each.count_alone for each in story.funnel] == [len(held(each)) for each in clauses]
    assert [each.count_after for each in story.funnel] == [len(held(And(tuple(clauses[:n])))) for n in (1, 2, 3)]
    assert story.count == story.funnel[-1].count_after == len(held(rule))
    assert story.english == english(rule, NAMES)


def test_an_audience_asked_about_by_itself_is_opened(snapshot: Snapshot) -> None:
    story = told(snapshot, InAudience(1))
    assert [each.rule for each in story.funnel] == [WOMEN, RUNNERS]
    assert story.english == "People in “Women who run”."


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rule=rules(world.CATALOGUE, max_depth=3))
def test_whoever_is_named_matches_or_fails_as_is_said(snapshot: Snapshot, rule: Rule) -> None:
    story = explain(snapshot, rule, nothing, NAMES)
    found = held(rule)
    assert story.count == len(found)
    assert set(story.matches) <= found
    assert len(story.matches) == min(2, len(found))
    clauses = [each.rule for each in story.funnel]
    misses = {key: [c for c in clauses if not said(c, key)] for key in PEOPLE}
    by_one = {key for key, missed in misses.items() if len(missed) == 1 and len(clauses) > 1}
    if story.nearly is None:
        assert not by_one
    else:
        assert story.nearly.key in by_one
        assert story.nearly.failed == english(misses[story.nearly.key][0], NAMES)


def said(rule: Rule, key: str) -> bool:
    return matches(rule, PEOPLE[key], resolve=nothing, as_of=world.AS_OF)


def test_the_plan_takes_the_smallest_first_and_takes_away_last(snapshot: Snapshot) -> None:
    rare, common = HasTrait("age", ("25-34",)), HasTrait("gender", ("female", "male"))
    plan = told(snapshot, And((Not(RUNNERS), common, rare, Mentions(("bio",), ("tea",))))).plan
    assert plan.steps[0] == "search the index of texts, 1 time, unless remembered"
    assert plan.steps[1] == "start with everyone: 12 people in 51 blocks of 65,536"
    verbs = [step.split(" ")[0] for step in plan.steps[2:6]]
    assert verbs == ["keep", "keep", "keep", "take"]
    assert "female" in plan.steps[4].lower()
    assert plan.steps[-1].startswith("for insights, in ")
    assert (plan.bitmaps, plan.texts, plan.lists) == (4, 1, 0)
    assert "Smallest first" in plan.why


def test_a_rule_that_says_nothing_reads_nothing(snapshot: Snapshot) -> None:
    assert told(snapshot, Or(())).plan.rule == Nobody()
    plan = told(snapshot, And((Everyone(), Not(Nobody())))).plan
    assert (plan.rule, plan.estimate, plan.bitmaps) == (Everyone(), 12, 0)
    assert plan.why == "The rule simplifies to a constant: nothing is read."


def test_the_same_stage_can_be_built_twice(tmp_path: Path) -> None:
    first, second = Stage(tmp_path / "a"), Stage(tmp_path / "b")
    rule = And((WOMEN, Not(SUBSCRIBED)))
    assert told(first.snapshots.current(WORKSPACE), rule) == told(second.snapshots.current(WORKSPACE), rule)
