"""Insights against the same figures worked out person by person, and against what the privacy policy withholds."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import isclose
from time import sleep

import numpy as np
import pytest

from houselights.base.errors import InvalidInput, InvalidRule, NotAllowed
from houselights.engine.plain import Person, members
from houselights.engine.snapshot import LOOK_SECONDS
from houselights.model.audience import AudienceFilter, AudienceKind
from houselights.model.insight import InsightList
from houselights.model.workspace import PrivacyPolicy, Workspace
from houselights.rules.json_form import node_from_json
from houselights.rules.tree import Everyone, HasTrait, InAudience, Nobody, Not, Rule
from houselights.services.caller import Caller
from houselights.services.house import House
from tests.settle import publish
from tests.world import AS_OF, AUDIENCES, CATALOGUE, plain_people

WOMEN = HasTrait("gender", ("female",))
BRITISH = HasTrait("country", ("GB",))
PEOPLE = plain_people()
FACETS = tuple(CATALOGUE.facets)


def resolve(audience_id: int) -> Rule:
    return node_from_json(AUDIENCES[audience_id][1])


def who(rule: Rule) -> set[int]:
    return members(rule, PEOPLE, resolve=resolve, as_of=AS_OF)


def by_key(house: House, caller: Caller, answer: InsightList) -> dict[tuple[str, str], object]:
    traits = house.discovery.catalogue(caller).traits
    return {(traits[row.subject_id].facet, traits[row.subject_id].key): row for row in answer.rows}


RULES = (WOMEN, InAudience(9003), Not(BRITISH), HasTrait("interests", ("food",)), Everyone(), Nobody())


@pytest.mark.parametrize("universe", [None, BRITISH, Not(HasTrait("bought", ("home",)))], ids=repr)
def test_trait_insights_are_what_counting_people_gives(house: House, caller: Caller, universe: Rule | None) -> None:
    for rule, known_only in product(RULES, (False, True)):
        compare_with_counting(house, caller, rule, universe, known_only=known_only)


def compare_with_counting(house: House, caller: Caller, rule: Rule, universe: Rule | None, *, known_only: bool) -> None:
    answer = house.insights.traits(caller, rule, facets=FACETS, universe=universe, known_only=known_only)
    rows = by_key(house, caller, answer)
    u = who(universe or Everyone())
    a = who(rule) & u
    assert (answer.audience, answer.universe) == (len(a), len(u))
    for trait in CATALOGUE.traits.values():
        facet = CATALOGUE.facets[trait.facet]
        t = who(HasTrait(trait.facet, (trait.key,))) & u
        known = {one.id for one in PEOPLE if one.traits.get(trait.facet)} if known_only and not facet.multi else u
        row = rows.pop((trait.facet, trait.key), None)
        if row is None:
            assert facet.multi
            assert not a & t
            continue
        share = len(a & t) / len(a & known) if a & known else 0.0
        expected = len(t) / len(u & known) if u & known else 0.0
        assert (row.both, row.subject) == (len(a & t), len(t))
        assert isclose(row.overlap, share)
        assert isclose(row.universe_share, expected)
        assert row.affinity == (pytest.approx(share / expected) if expected and a & known else None)
        assert row.share_of_subject == (pytest.approx(len(a & t) / len(t)) if t else None)
        assert row.jaccard == (pytest.approx(len(a & t) / len(a | t)) if a | t else None)
    assert rows == {}


def test_audience_insights_are_what_counting_people_gives(house: House, caller: Caller) -> None:
    answer = house.insights.audiences(caller, WOMEN, among=AudienceFilter(), universe=Not(BRITISH))
    u = who(Not(BRITISH))
    a = who(WOMEN) & u
    wanted = {}
    for audience_id in AUDIENCES:
        wanted[audience_id] = who(InAudience(audience_id)) & u
    for audience_id, trait in house.discovery.catalogue(caller).by_audience_id.items():
        wanted[audience_id] = who(HasTrait(trait.facet, (trait.key,))) & u
    got = {row.subject_id: (row.both, row.subject) for row in answer.rows}
    assert got == {one: (len(a & t), len(t)) for one, t in wanted.items() if a & t}
    assert answer.total == len(got)
    assert answer.coverage is None


def test_audiences_are_chosen_by_a_filter(house: House, caller: Caller) -> None:
    interests = house.insights.audiences(caller, WOMEN, among=AudienceFilter(categories=frozenset({"Interest"})))
    own = house.insights.audiences(caller, WOMEN, among=AudienceFilter(kinds=frozenset({AudienceKind.CUSTOM})))
    catalogue = house.discovery.catalogue(caller)
    assert {catalogue.by_audience_id[row.subject_id].facet for row in interests.rows} == {"interests"}
    assert {row.subject_id for row in own.rows} == set(AUDIENCES)


def test_an_audience_whose_rule_no_longer_holds_water_is_left_out(house: House, caller: Caller) -> None:
    """A circle cannot be saved, but a restored backup may hold one: it must not spoil everybody's list."""
    broken = house.audiences.get(caller, 9001)
    house.control.audiences.update(replace(broken, rule={"version": 1, "rule": {"audience": "9003"}}), {9003})
    own = AudienceFilter(kinds=frozenset({AudienceKind.CUSTOM}))
    answer = house.insights.audiences(caller, Everyone(), among=own)
    assert {row.subject_id for row in answer.rows} == {9002, 9004}


@pytest.mark.parametrize(
    ("facet", "covered"), [("age", 3 / 4), ("gender", 1.0), ("interests", 3 / 4), ("bought", 3 / 4)]
)
def test_coverage_is_the_share_with_a_known_value(house: House, caller: Caller, facet: str, covered: float) -> None:
    """Of Ben, Gus, Eli and Kofi, the men: Gus never told his age and has no interests, and Eli bought nothing."""
    men = HasTrait("gender", ("male",))
    answer = house.insights.traits(caller, men, facets=[facet], known_only=True)
    assert answer.coverage == covered
    assert house.insights.traits(caller, men, facets=[facet, "country"], known_only=True).coverage is None


def test_rankings_and_pages_cut_one_list(house: House, caller: Caller) -> None:
    def ask(**more: object) -> InsightList:
        return house.insights.traits(caller, WOMEN, facets=FACETS, **more)  # type: ignore[arg-type]

    whole = ask()
    assert whole.total == len(whole.rows)
    pages = [row for offset in range(0, whole.total, 7) for row in ask(offset=offset, limit=7).rows]
    assert tuple(pages) == whole.rows
    affinities = [-1.0 if row.affinity is None else row.affinity for row in whole.rows]
    assert affinities == sorted(affinities, reverse=True)
    overlaps = [row.overlap for row in ask(rank="overlap").rows]
    assert overlaps == sorted(overlaps, reverse=True)
    lows = [-1.0 if row.affinity_low is None else row.affinity_low for row in ask(rank="lower_bound").rows]
    assert lows == sorted(lows, reverse=True)
    between = ask(minimum_affinity=1.0, maximum_affinity=2.0)
    assert [row for row in whole.rows if row.affinity is not None and 1 <= row.affinity <= 2] == list(between.rows)
    assert between.rows[0].q == whole.rows[0].q, "q is over the whole list asked for, not over a page of it"


def test_unknown_things_are_refused_with_their_place(house: House, caller: Caller) -> None:
    with pytest.raises(InvalidInput, match='no facet "agee"') as refused:
        house.insights.traits(caller, WOMEN, facets=["agee"])
    assert refused.value.hint == 'did you mean "age" or "genre"?'
    with pytest.raises(InvalidRule) as refused_rule:
        house.insights.size(caller, WOMEN, universe=HasTrait("country", ("XX",)))
    assert refused_rule.value.field == "universe.trait.any_of[0]"
    with pytest.raises(NotAllowed, match="insights:read"):
        house.insights.size(replace(caller, scopes=frozenset()), WOMEN)


# ── what a caller without exact counts is told ──────────────────────────────────────────────────────────────────────


def test_a_partner_gets_bands_and_no_counts(house: House, caller: Caller, partner: Caller) -> None:
    exact, banded = house.insights.size(caller, WOMEN), house.insights.size(partner, WOMEN)
    assert (exact.exact, exact.universe) == (6, 12)
    assert (banded.exact, banded.universe) == (None, None)
    assert banded.band == exact.band
    answer = house.insights.traits(partner, WOMEN, facets=["interests"])
    assert answer.rows
    assert (answer.audience, answer.universe) == (None, None)
    for row in answer.rows:
        told = (row.both, row.subject, row.overlap_low, row.overlap_high, row.affinity_low, row.affinity_high)
        assert {*told, row.z, row.q, row.jaccard, row.share_of_subject} == {None}, "each would give a size away"
        assert row.overlap > 0
        assert row.affinity is not None


def test_a_partners_shares_have_four_digits(house: House, caller: Caller, partner: Caller) -> None:
    exact = house.insights.traits(caller, WOMEN, facets=["interests"]).rows[0]
    shown = house.insights.traits(partner, WOMEN, facets=["interests"]).rows[0]
    assert exact.overlap == 2 / 6
    assert shown.overlap == 0.3333


@pytest.fixture
def crowd(house: House, workspace: Workspace) -> Sequence[Person]:
    """Move 600 people in under a strict policy: ages by a round of 100, and a rare interest."""
    ages = ["18-24"] * 40 + ["25-34"] * 30 + ["35-44"] * 20 + ["45-54"] * 7 + ["65+"] * 2
    people = [
        Person(
            id=number,
            key=f"p{number}",
            traits={
                **({"age": frozenset({ages[number % 100]})} if number % 100 < 99 else {}),
                "gender": frozenset({"female" if number % 2 else "male"}),
                "interests": frozenset({"food"} | ({"travel"} if number < 7 else set())),
            },
        )
        for number in range(600)
    ]
    publish(house, workspace, CATALOGUE, people)
    return people


@pytest.fixture
def strict(house: House, workspace: Workspace, partner: Caller) -> Caller:
    policy = PrivacyPolicy(bands=(0, 100, 1000), minimum_cell=25, minimum_audience=50)
    return replace(partner, workspace=house.control.workspaces.set_privacy(workspace.id, policy))


@pytest.mark.usefixtures("crowd")
def test_small_cells_are_withheld_and_their_complements(house: House, strict: Caller, caller: Caller) -> None:
    ages = house.insights.traits(strict, WOMEN, facets=["age"], known_only=True)
    shown = {key for _, key in by_key(house, strict, ages)}
    # Of 300 women: 120, 90, 60, 21 and 3 by age. 21 and 3 make 24: one fewer than a cell, so 60 goes as well.
    assert shown == {"18-24", "25-34"}
    assert ages.suppressed == 5
    assert house.insights.traits(caller, WOMEN, facets=["age"]).suppressed == 0
    interests = house.insights.traits(strict, WOMEN, facets=["interests"])
    assert {key for _, key in by_key(house, strict, interests)} == {"food"}


@pytest.mark.usefixtures("crowd")
def test_nothing_but_its_band_is_said_of_a_small_audience(house: House, strict: Caller) -> None:
    few = HasTrait("interests", ("travel",))
    for rule in (few, Not(few)):
        answer = house.insights.traits(strict, rule, facets=["gender", "interests"])
        assert answer.rows == ()
        assert answer.suppressed == len(CATALOGUE.of("gender")) + len(CATALOGUE.of("interests"))
        assert house.insights.audiences(strict, rule, among=AudienceFilter()).rows == ()
    assert house.insights.size(strict, few).band.low == 0


@pytest.mark.usefixtures("crowd")
def test_coverage_that_would_count_a_few_is_not_said(house: House, strict: Caller, caller: Caller) -> None:
    """Six people's age is unknown: 99 % coverage would count them."""
    assert house.insights.traits(caller, Everyone(), facets=["age"]).coverage == 0.99
    assert house.insights.traits(strict, Everyone(), facets=["age"]).coverage is None
    assert house.insights.traits(strict, Everyone(), facets=["gender"]).coverage == 1.0


def test_everything_said_about_people_is_in_the_audit_log(house: House, caller: Caller, partner: Caller) -> None:
    house.insights.size(partner, WOMEN, universe=BRITISH)
    house.insights.traits(partner, WOMEN, facets=["age"])
    house.insights.audiences(partner, WOMEN, among=AudienceFilter())
    house.forecasts.forecast(partner, WOMEN)
    house.forecasts.of(partner, [9001])
    house.overlaps.among(partner, [9001, 9002])
    entries = list(reversed(house.audit.entries(caller)))
    assert [one.action for one in entries] == [
        "insights.size", "insights.traits", "insights.audiences", "forecasts.forecast", "forecasts.of",
        "overlaps.among",
    ]  # fmt: skip
    assert entries[0].details == {
        "rule": {"trait": {"facet": "gender", "any_of": ["female"]}},
        "universe": {"trait": {"facet": "country", "any_of": ["GB"]}},
        "generation": 1,
        "people": 2,
    }


def test_a_new_generation_is_what_the_next_question_rests_on(
    house: House, workspace: Workspace, caller: Caller
) -> None:
    assert house.insights.size(caller, WOMEN).exact == 6
    publish(house, workspace, CATALOGUE, [person for person in PEOPLE if person.key not in {"ada", "hana"}])
    sleep(LOOK_SECONDS)
    assert house.insights.size(caller, WOMEN).exact == 4
    listed = house.insights.traits(caller, WOMEN, facets=["age"])
    assert np.sum([row.both or 0 for row in listed.rows]) == 4
