"""What may leave: ladders, digits, minimum cells and what must go with them."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.model.insight import Band
from houselights.model.workspace import PrivacyPolicy, Workspace
from houselights.services import privacy
from houselights.services.caller import Caller

POLICY = PrivacyPolicy(bands=(0, 10, 100), minimum_cell=5, minimum_audience=20)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0, 10), (9, 0, 10), (10, 10, 100), (99, 10, 100), (100, 100, None), (10**9, 100, None)],
)
def test_a_band_holds_its_lower_end_and_not_its_upper(count: int, low: int, high: int | None) -> None:
    assert privacy.band(POLICY, count) == Band(low=low, high=high)


def test_the_default_ladder_climbs_by_one_and_five() -> None:
    assert privacy.band(PrivacyPolicy(), 123_456) == Band(low=100_000, high=500_000)
    assert privacy.band(PrivacyPolicy(), 100_000_000) == Band(low=100_000_000, high=None)


@pytest.mark.parametrize(
    ("amount", "floor", "low", "high"),
    [
        (543_210, 1, 500_000, 600_000),
        (500_000, 1, 500_000, 600_000),
        (599_999.9, 1, 500_000, 600_000),
        (999_999, 1, 900_000, 1_000_000),
        (1, 1, 1, 2),
        (0, 1, 0, 1),
        (99.5, 100, 0, 100),
        (100, 100, 100, 200),
    ],
)
def test_a_leading_digit_band_is_half_open_and_starts_above_the_floor(
    amount: float, floor: int, low: int, high: int
) -> None:
    assert privacy.leading_digit_band(amount, floor=floor) == Band(low=low, high=high)


@given(st.floats(0, 1e15), st.integers(1, 1000))
def test_both_kinds_of_band_hold_the_amount(amount: float, floor: int) -> None:
    for band in (privacy.leading_digit_band(amount, floor=floor), privacy.up_to_a_power_of_ten(amount, floor=floor)):
        assert band.high is not None
        assert band.low <= amount < band.high


def test_an_audience_is_withheld_when_it_or_the_rest_is_too_small() -> None:
    assert privacy.withheld_whole(POLICY, audience=19, universe=1000)
    assert not privacy.withheld_whole(POLICY, audience=20, universe=1000)
    assert privacy.withheld_whole(POLICY, audience=981, universe=1000), "the rest can be worked out by subtraction"
    assert not privacy.withheld_whole(POLICY, audience=1000, universe=1000), "nobody is left to be found out"


def cells(
    both: list[int],
    *,
    audience: int | None = None,
    subject: list[int] | None = None,
    groups: list[int] | None = None,
    parents: list[int] | None = None,
) -> privacy.Cells:
    rows = len(both)
    counts = np.array(both, dtype=np.int64)
    return privacy.Cells(
        both=counts,
        audience=np.full(rows, sum(both) if audience is None else audience, dtype=np.int64),
        subject=counts + 1000 if subject is None else np.array(subject, dtype=np.int64),
        groups=np.full(rows, -1) if groups is None else np.array(groups, dtype=np.int64),
        parents=np.full(rows, -1) if parents is None else np.array(parents, dtype=np.int64),
    )


def seen(given_cells: privacy.Cells, policy: PrivacyPolicy = POLICY) -> list[bool]:
    shown: list[bool] = privacy.visible(policy, given_cells).tolist()
    return shown


def test_small_cells_go_and_empty_ones_with_them() -> None:
    assert seen(cells([5, 4, 0, 50], audience=1000)) == [True, False, False, True]


def test_a_small_complement_goes_but_none_at_all_may_stay() -> None:
    assert seen(cells([98], audience=100)) == [False], "2 of the audience are not in it"
    assert seen(cells([100], audience=100)) == [True], "all of them are: nobody stands out"
    assert seen(cells([50], audience=100, subject=[52])) == [False], "2 of the subject are not in the audience"


def test_one_withheld_answer_takes_the_next_smallest_with_it() -> None:
    """40 + 3 + 30 + 20 = 93: showing three shares of a facet gives the fourth away."""
    assert seen(cells([40, 3, 30, 20], groups=[0, 0, 0, 0])) == [True, False, True, False]


def test_two_withheld_answers_are_enough_when_they_hold_enough_together() -> None:
    assert seen(cells([40, 3, 30, 4], groups=[0, 0, 0, 0])) == [True, False, True, False]


def test_two_withheld_answers_with_too_few_people_take_a_third() -> None:
    assert seen(cells([40, 1, 30, 2], groups=[0, 0, 0, 0])) == [True, False, False, False]


def test_an_empty_answer_protects_nobody() -> None:
    assert seen(cells([40, 3, 30, 0], groups=[0, 0, 0, 0])) == [True, False, False, False]


def test_many_valued_facets_need_no_complement() -> None:
    assert seen(cells([40, 3, 30, 20], audience=1000)) == [True, False, True, True]


def test_what_stands_below_a_withheld_node_is_withheld_too() -> None:
    """Rows: north 3, south 30, east 60; of the south: one 12, two 18. South goes with north, and its parts with it."""
    tree = cells([3, 30, 60, 12, 18], audience=93, groups=[0, 0, 0, 1, 1], parents=[-1, -1, -1, 1, 1])
    assert seen(tree) == [False, False, True, False, False]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12), st.integers(2, 12))
def test_no_withheld_cell_of_a_facet_can_be_worked_out(both: list[int], least: int) -> None:
    """Whoever knows the total and the shown cells knows the sum of the withheld: at least `least` people, or nobody."""
    policy = PrivacyPolicy(minimum_cell=least, minimum_audience=1)
    shown = np.array(seen(cells(both, groups=[0] * len(both)), policy))
    withheld = np.array(both)[~shown]
    assert not shown.any() or withheld.sum() == 0 or withheld.sum() >= least
    if shown.any() and withheld.sum():
        assert np.count_nonzero(withheld) > 1


def test_shares_keep_four_digits() -> None:
    values = np.array([1 / 3, 2 / 3e6, 0.0, np.nan, 12345.678, -1.23456])
    np.testing.assert_allclose(
        privacy.rounded(values), [0.3333, 6.667e-07, 0.0, np.nan, 12350.0, -1.235], rtol=1e-12, equal_nan=True
    )


@pytest.mark.parametrize(
    ("received", "matched", "told"), [(99, 99, None), (100, 99, 75), (100, 100, 100), (1000, 24, 0), (1000, 0, 0)]
)
def test_how_many_records_matched_is_told_of_enough_of_them_and_in_steps(
    received: int, matched: int, told: int | None
) -> None:
    workspace = Workspace(id=1, name="w", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    sender = Caller(client=None, workspace=workspace, scopes=frozenset({"imports:write"}))
    assert privacy.told_matches(sender, received=received, matched=matched) == told
    assert privacy.told_matches(Caller.local(workspace), received=received, matched=matched) == matched
