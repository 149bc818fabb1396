"""The bitmap evaluator agrees with the plain one, and with naive masks where people are many and dense."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.indexes import PlainLeaves, index_of, index_of_people, nothing
from tests.strategies import AS_OF, PLATFORM, World, rules, worlds

from houselights.base.errors import InvalidRule, NotFound
from houselights.base.text import fold
from houselights.engine.bitmap import NoLeaves, count, evaluate
from houselights.engine.index import Index
from houselights.engine.people_set import PeopleSet
from houselights.engine.plain import members
from houselights.model.catalogue import Catalogue, Facet, Trait, follows_facet
from houselights.rules.tree import (
    And,
    AtLeast,
    Everyone,
    Follows,
    HasTrait,
    InAudience,
    Listed,
    Mentions,
    Nobody,
    Not,
    Or,
    Rule,
    Where,
)

RULES_PER_WORLD = 25


@st.composite
def worlds_and_rules(draw: st.DrawFn) -> tuple[World, list[Rule]]:
    world = draw(worlds(max_people=30))
    asked = st.lists(rules(world.catalogue, tuple(world.audiences)), min_size=RULES_PER_WORLD, max_size=RULES_PER_WORLD)
    return world, [world.rule, *draw(asked)]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds_and_rules())
def test_it_finds_the_people_whom_the_plain_evaluator_finds(drawn: tuple[World, list[Rule]]) -> None:
    world, asked = drawn
    with TemporaryDirectory() as folder:
        index, ids = index_of_people(Path(folder) / "index", world.catalogue, world.people)
        leaves = PlainLeaves(world.people, ids, index.capacity)
        for rule in asked:
            wanted = {ids[each] for each in members(rule, world.people, resolve=world.resolve, as_of=AS_OF)}
            assert set(evaluate(index, rule, world.resolve, leaves).ids().tolist()) == wanted
            assert count(index, rule, world.resolve, leaves) == len(wanted)


# Shares of everyone for every kind of container: few (arrays), several (words too), many (bits), a stretch (runs).
DENSE_PEOPLE = 150_000
FACET = follows_facet(PLATFORM)  # so that its traits can be followed, too
TRAITS = ("none", "rare", "few", "several", "some", "half", "most", "stretch", "all")


def dense_catalogue() -> Catalogue:
    traits = [Trait(id=i, facet=FACET, key=key, name=key, path=(key,)) for i, key in enumerate(TRAITS)]
    return Catalogue([Facet(key=FACET, name="F", multi=True)], traits)


def dense_masks() -> dict[str, Any]:
    random = np.random.default_rng(7)
    shares = {
        "none": 0.0,
        "rare": 0.0003,
        "few": 0.02,
        "several": 0.05,
        "some": 0.1,
        "half": 0.5,
        "most": 0.97,
        "all": 1.0,
    }
    masks = {key: random.random(DENSE_PEOPLE) < share for key, share in shares.items()}
    stretch = np.zeros(DENSE_PEOPLE, np.bool_)
    stretch[60_000:140_000] = True
    return masks | {"stretch": stretch}


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, dict[str, Any]]:
    masks = dense_masks()
    # Start in the middle of a block and cross from one shard to the next.
    base = (1 << 20) - 70_000
    people = [np.flatnonzero(masks[key]) + base for key in TRAITS]
    pairs = np.concatenate(people), np.repeat(np.arange(len(TRAITS)), [each.size for each in people])
    everyone = np.arange(DENSE_PEOPLE) + base
    capacity = base + DENSE_PEOPLE + 5
    return index_of(
        tmp_path_factory.mktemp("dense") / "i", dense_catalogue(), everyone, pairs, capacity=capacity
    ), masks


class DenseLeaves(NoLeaves):
    """List 1 is the first half of everyone; whatever words are asked of texts, every third wrote them; of every five
    one was active within a day, two within two, and so on."""

    def __init__(self, index: Index):
        super().__init__(index.capacity)
        self.index = index

    def listed(self, listed: Listed) -> PeopleSet:
        everyone = self.index.everyone.ids()
        return PeopleSet.from_ids(everyone[: everyone.size // 2 if listed.list_id == 1 else 0], self.index.capacity)

    def settled(self, listed: Listed) -> Rule:
        return Nobody() if listed.within_seconds == 0 else listed

    def mentions(self, mentions: Mentions) -> PeopleSet:
        everyone = self.index.everyone.ids()
        return PeopleSet.from_ids(everyone[::3] if has_words(mentions) else everyone[:0], self.index.capacity)

    def active(self, follows: Follows) -> PeopleSet:
        everyone = self.index.everyone.ids()
        lately = np.arange(everyone.size) % 5 < (follows.active_within_days or 0)
        return PeopleSet.from_ids(everyone[lately], self.index.capacity)


def has_words(mentions: Mentions) -> bool:
    return bool(mentions.fields) and any(fold(phrase) != " " for phrase in mentions.phrases)


def naive(rule: Rule, masks: dict[str, Any]) -> Any:
    every = np.ones(DENSE_PEOPLE, np.bool_)
    match rule:
        case Everyone():
            return every
        case Nobody():
            return ~every
        case HasTrait(_, any_of):
            return np.logical_or.reduce([~every, *(masks[key] for key in any_of)])
        case Listed(list_id, seconds):
            if seconds == 0:
                return ~every
            return np.arange(DENSE_PEOPLE) < (DENSE_PEOPLE // 2 if list_id == 1 else 0)
        case Follows(_, accounts, at_least, days):
            known = [masks[each] for each in dict.fromkeys(accounts) if each in masks]
            active = every if days is None else np.arange(DENSE_PEOPLE) % 5 < days
            return active & (np.sum([~every, *known], axis=0) >= at_least)
        case Mentions():
            return (np.arange(DENSE_PEOPLE) % 3 == 0) & has_words(rule)
        case And(parts):
            return np.logical_and.reduce([every, *(naive(each, masks) for each in parts)])
        case Or(parts):
            return np.logical_or.reduce([~every, *(naive(each, masks) for each in parts)])
        case Not(negated):
            return ~naive(negated, masks)
        case AtLeast(k, parts):
            return np.sum([~every, *(naive(each, masks) for each in parts)], axis=0) >= k
        case InAudience() | Where():
            raise AssertionError(rule)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(rule=rules(dense_catalogue(), max_depth=4, expressions=False))
def test_it_finds_the_people_whom_naive_masks_find(dense: tuple[Index, dict[str, Any]], rule: Rule) -> None:
    index, masks = dense
    found = evaluate(index, rule, nothing, DenseLeaves(index))
    wanted = naive(rule, masks)
    assert np.array_equal(found.ids() - ((1 << 20) - 70_000), np.flatnonzero(wanted))
    assert count(index, rule, nothing, DenseLeaves(index)) == wanted.sum()


def test_audiences_in_a_circle_are_refused(dense: tuple[Index, dict[str, Any]]) -> None:
    index, _ = dense
    circle = {1: Not(InAudience(2)), 2: Or((InAudience(1), Everyone()))}
    with pytest.raises(InvalidRule, match="1 → 2 → 1"):
        evaluate(index, InAudience(1), circle.__getitem__, NoLeaves(index.capacity))


def test_an_unknown_audience_is_not_found(dense: tuple[Index, dict[str, Any]]) -> None:
    index, _ = dense

    def resolve(audience_id: int) -> Rule:
        raise NotFound(f"no audience {audience_id}")

    with pytest.raises(NotFound):
        count(index, InAudience(1), resolve, NoLeaves(index.capacity))


def test_a_trait_that_is_no_longer_in_the_catalogue_is_carried_by_nobody(dense: tuple[Index, dict[str, Any]]) -> None:
    index, masks = dense
    gone = HasTrait(FACET, ("gone", "half"))
    assert count(index, gone, nothing, NoLeaves(index.capacity)) == masks["half"].sum()
    assert count(index, HasTrait("no such facet", ("x",)), nothing, NoLeaves(index.capacity)) == 0


def test_the_cache_is_asked_before_the_index(dense: tuple[Index, dict[str, Any]]) -> None:
    index, _ = dense
    kept: dict[Rule, PeopleSet] = {}
    rule = And((HasTrait(FACET, ("half",)), InAudience(5)))
    first = evaluate(index, rule, lambda _: HasTrait(FACET, ("some",)), NoLeaves(index.capacity), kept)
    assert evaluate(index, rule, lambda _: HasTrait(FACET, ("some",)), NoLeaves(index.capacity), kept) is first
    assert list(kept) == [And((HasTrait(FACET, ("half",)), HasTrait(FACET, ("some",))))]


def test_as_of_is_an_instant(dense: tuple[Index, dict[str, Any]]) -> None:
    assert dense[0].as_of == datetime(2026, 11, 1, tzinfo=UTC)
