"""Forecasts: sums of two measures, always in bands, never guessed. Person n reaches 0.1 × n days, n times a day."""

from dataclasses import replace

import pytest

from houselights.model.insight import Band
from houselights.model.workspace import PrivacyPolicy, Workspace
from houselights.rules.tree import Everyone, HasTrait, Nobody, Rule
from houselights.services.caller import Caller
from houselights.services.forecasts import UNKNOWN
from houselights.services.house import House
from tests.settle import OPEN_POLICY, publish
from tests.world import CATALOGUE, IDS, plain_people

WOMEN = HasTrait("gender", ("female",))  # 0 + 2 + 3 + 5 + 7 + 8 = 25


def test_a_forecast_is_the_sum_over_the_people_in_a_leading_digit_band(house: House, caller: Caller) -> None:
    forecast = house.forecasts.forecast(caller, WOMEN)
    assert forecast.daily_impressions == Band(low=20, high=30)
    assert forecast.daily_reach == Band(low=2, high=3)


@pytest.mark.parametrize(("rule", "high"), [(Nobody(), 1), (HasTrait("gender", ("unknown",)), 20)])
def test_the_smallest_forecasts_are_bands_too(house: House, caller: Caller, rule: Rule, high: int) -> None:
    band = house.forecasts.forecast(caller, rule).daily_impressions
    assert band.low <= (11 if high == 20 else 0) < (band.high or 0)


def test_a_reference_audience_forecasts_as_its_trait_does(house: House, caller: Caller) -> None:
    ids = list(house.discovery.catalogue(caller).by_audience_id)
    forecasts = house.forecasts.of(caller, ids)
    for audience_id, trait in house.discovery.catalogue(caller).by_audience_id.items():
        assert forecasts[audience_id] == house.forecasts.forecast(caller, HasTrait(trait.facet, (trait.key,)))


def test_other_audiences_are_evaluated_and_unknown_ones_left_out(house: House, caller: Caller) -> None:
    cooks = sum(IDS[key] for key in ("ada", "ben", "dara", "kofi"))
    assert cooks == 14
    assert {one: made.daily_impressions for one, made in house.forecasts.of(caller, [9001, 4711]).items()} == {
        9001: Band(low=10, high=20)
    }


def test_of_a_small_audience_only_an_upper_bound_is_said(house: House, workspace: Workspace, caller: Caller) -> None:
    policy = replace(OPEN_POLICY, minimum_audience=7)
    small = replace(caller, workspace=house.control.workspaces.set_privacy(workspace.id, policy))
    assert house.forecasts.forecast(small, WOMEN).daily_impressions == Band(low=0, high=100)
    assert house.forecasts.forecast(small, Everyone()).daily_impressions == Band(low=60, high=70)


def test_without_the_measures_nothing_is_guessed(house: House) -> None:
    bare = house.control.workspaces.create("bare", PrivacyPolicy(), created_at=house.clock.now())
    publish(house, bare, CATALOGUE, plain_people(), measures=False)
    caller = Caller.local(bare)
    ids = list(house.discovery.catalogue(caller).by_audience_id)[:2]
    assert house.forecasts.forecast(caller, WOMEN) == UNKNOWN
    assert house.forecasts.of(caller, ids) == dict.fromkeys(ids, UNKNOWN)
