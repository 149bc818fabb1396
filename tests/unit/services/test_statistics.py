"""The statistics against figures worked by hand, published ones, and a scalar twin that takes one subject at a time."""

import math
from dataclasses import dataclass, fields
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from houselights.services.statistics import (
    Comparison,
    benjamini_hochberg,
    compare,
    or_none,
    rank,
    two_sided_p,
    wilson,
)

Z = NormalDist().inv_cdf(0.975)
NAN = float("nan")


@dataclass(frozen=True)
class Counts:
    """A universe, an audience inside it, and for each subject how many are in both and how many in all."""

    universe: int
    audience: int
    both: list[int]
    subject: list[int]

    def compared(self) -> Comparison:
        return compare(self.both, self.audience, self.subject, self.universe)


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    universe = draw(st.one_of(st.integers(0, 12), st.integers(0, 10**6)))
    audience = draw(st.integers(0, universe))
    both, subject = [], []
    for _ in range(draw(st.integers(0, 5))):
        both.append(draw(st.integers(0, audience)))
        subject.append(both[-1] + draw(st.integers(0, universe - audience)))
    return Counts(universe, audience, both, subject)


# -- the scalar twin ---------------------------------------------------------------------------------------------------


def divided(over: float, under: float) -> float:
    return over / under if under else NAN


def scalar_wilson(k: int, n: int) -> tuple[float, float]:
    """The two roots of (p̂ − p)² = z²·p·(1−p)/n, solved as a quadratic in p."""
    if n == 0:
        return NAN, NAN
    a, b, c = 1 + Z**2 / n, -(2 * k / n + Z**2 / n), (k / n) ** 2
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def scalar_ratio_interval(k1: int, n1: int, k0: int, n0: int) -> tuple[float, float]:
    """MOVER-R as printed in Fagerland, Lydersen and Laake (2015), for counts where nothing is 0 or 1."""
    p1, p0 = k1 / n1, k0 / n0
    (l1, u1), (l0, u0) = scalar_wilson(k1, n1), scalar_wilson(k0, n0)
    low = (p1 * p0 - math.sqrt((p1 * p0) ** 2 - l1 * u0 * (2 * p1 - l1) * (2 * p0 - u0))) / (u0 * (2 * p0 - u0))
    high = (p1 * p0 + math.sqrt((p1 * p0) ** 2 - u1 * l0 * (2 * p1 - u1) * (2 * p0 - l0))) / (l0 * (2 * p0 - l0))
    return low, high


def scalar_z(k1: int, n1: int, k0: int, n0: int) -> float:
    if n1 == 0 or n0 == 0 or k1 + k0 in (0, n1 + n0):
        return NAN
    pooled = (k1 + k0) / (n1 + n0)
    return (k1 / n1 - k0 / n0) / math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0))


def scalar_q(p: list[float]) -> list[float]:
    """The definition: the least, over all thresholds t ≥ p, of the share of false discoveries expected below t."""
    family = [each for each in p if not math.isnan(each)]
    return [
        min((len(family) * t / sum(other <= t for other in family) for t in family if t >= each), default=NAN)
        if not math.isnan(each)
        else NAN
        for each in p
    ]


@settings(max_examples=300)
@given(counts())
def test_each_row_is_as_the_scalar_twin_has_it(given: Counts) -> None:
    found = given.compared()
    n1, n0 = given.audience, given.universe - given.audience
    for row, (k1, t) in enumerate(zip(given.both, given.subject, strict=True)):
        k0 = t - k1
        low, high = scalar_wilson(k1, n1)
        overlap, share = divided(k1, n1), divided(t, given.universe)
        expected = {
            "overlap": overlap,
            "overlap_low": low,
            "overlap_high": high,
            "universe_share": share,
            "affinity": divided(overlap, share),
            "share_of_subject": divided(k1, t),
            "jaccard": divided(k1, n1 + t - k1),
            "z": scalar_z(k1, n1, k0, n0),
            "p": 2 * (1 - NormalDist().cdf(abs(scalar_z(k1, n1, k0, n0)))),
        }
        for name, value in expected.items():
            assert getattr(found, name)[row] == pytest.approx(value, rel=1e-6, abs=1e-8, nan_ok=True), name
    assert found.q == pytest.approx(np.minimum(scalar_q(list(found.p)), 1), nan_ok=True)


@settings(max_examples=300)
@given(counts())
def test_affinity_interval_is_that_of_the_ratio_to_the_rest_carried_over(given: Counts) -> None:
    found = given.compared()
    n1, n0 = given.audience, given.universe - given.audience
    for row, (k1, t) in enumerate(zip(given.both, given.subject, strict=True)):
        if not (0 < k1 < n1 and 5 < t - k1 < n0):
            continue
        ends = scalar_ratio_interval(k1, n1, t - k1, n0)
        weight = n1 / given.universe
        carried = [end / (weight * end + 1 - weight) for end in ends]
        assert [found.affinity_low[row], found.affinity_high[row]] == pytest.approx(carried, rel=1e-4)


@given(counts())
def test_intervals_hold_their_estimates_and_keep_to_what_is_possible(given: Counts) -> None:
    found = given.compared()
    for row in range(len(given.both)):
        if not math.isnan(found.overlap[row]):
            assert 0 <= found.overlap_low[row] <= found.overlap[row] <= found.overlap_high[row] <= 1
        ends = found.affinity_low[row], found.affinity_high[row]
        if math.isnan(found.affinity[row]):
            assert all(math.isnan(end) for end in ends)
        else:
            assert 0 <= ends[0] <= found.affinity[row] <= ends[1]
            assert ends[1] <= given.universe / given.audience * (1 + 1e-9)


@given(counts())
def test_nothing_is_infinite_and_undefined_is_never_reliable(given: Counts) -> None:
    found = given.compared()
    for each in fields(Comparison):
        assert not np.isinf(getattr(found, each.name)).any(), each.name
    assert not found.reliable[np.isnan(found.q)].any()


# -- figures worked by hand --------------------------------------------------------------------------------------------


def test_wilson_at_nought_at_all_and_half_way() -> None:
    low, high = wilson(np.array([0.0, 10.0, 5.0, 0.0]), np.array([10.0, 10.0, 10.0, 0.0]))
    # z² = 3.8415: 0 of 10 gives [0, z²/(10+z²)]; 5 of 10 gives ½ ± ½·√(z²/(10+z²)) by symmetry.
    assert low == pytest.approx([0, 10 / 13.841459, 0.5 - 0.5 * math.sqrt(3.841459 / 13.841459), NAN], nan_ok=True)
    assert high == pytest.approx(
        [3.841459 / 13.841459, 1, 0.5 + 0.5 * math.sqrt(3.841459 / 13.841459), NAN], nan_ok=True
    )
    trials = np.arange(1.0, 100_000.0)
    assert (wilson(np.zeros_like(trials), trials)[0] == 0).all()
    assert (wilson(trials, trials)[1] == 1).all()


def test_one_comparison_by_hand() -> None:
    """1,000 people, 200 in A; 150 have T, 60 of them in A. Overlap 0.3 against 0.15: twice as common.

    Rest: 90 of 800. Pooled share 0.15, variance 0.15·0.85·(1/200 + 1/800) = 0.000796875, z = 0.1875/0.0282290 = 6.6421.
    """
    found = compare([60], 200, [150], 1000)
    assert found.overlap[0] == pytest.approx(0.3)
    assert found.universe_share[0] == pytest.approx(0.15)
    assert found.affinity[0] == pytest.approx(2.0)
    assert found.share_of_subject[0] == pytest.approx(0.4)
    assert found.jaccard[0] == pytest.approx(60 / 290)
    assert found.z[0] == pytest.approx(6.6421, abs=1e-4)
    assert found.q[0] == found.p[0] == pytest.approx(3.0924e-11, rel=1e-3)
    assert found.reliable[0]
    # Affinity lies between the ratio to the rest at both ends: r = 0.3/0.1125 = 2.667, w = 0.2.
    assert 1.5 < found.affinity_low[0] < 2.0 < found.affinity_high[0] < 2.5


def test_katz_and_ours_agree_where_counts_are_large() -> None:
    found = compare([60_000], 200_000, [150_000], 1_000_000)
    error = Z * math.sqrt(1 / 60_000 - 1 / 200_000 + 1 / 90_000 - 1 / 800_000)
    ratio = 0.3 / 0.1125
    katz = [end / (0.2 * end + 0.8) for end in (ratio * math.exp(-error), ratio * math.exp(error))]
    assert [found.affinity_low[0], found.affinity_high[0]] == pytest.approx(katz, rel=1e-4)


def test_nobody_in_both() -> None:
    found = compare([0], 100, [50], 1000)
    assert found.affinity[0] == found.affinity_low[0] == 0
    assert 0 < found.affinity_high[0] < 1


def test_everybody_with_the_trait_is_in_the_audience() -> None:
    found = compare([50], 100, [50], 1000)
    assert found.affinity[0] == found.affinity_high[0] == pytest.approx(10)  # |U| / |A|, the most there can be
    assert 5 < found.affinity_low[0] < 10


def test_what_is_undefined() -> None:
    nobody_asked = compare([0], 0, [5], 10)
    assert [or_none(each[0]) for each in (nobody_asked.overlap, nobody_asked.affinity, nobody_asked.z)] == [None] * 3
    unknown_subject = compare([0], 5, [0], 10)
    assert unknown_subject.overlap[0] == 0
    assert or_none(unknown_subject.affinity[0]) is None
    everyone_asked = compare([3], 10, [3], 10)
    assert (everyone_asked.affinity[0], everyone_asked.affinity_low[0], everyone_asked.affinity_high[0]) == (1, 1, 1)
    assert or_none(everyone_asked.z[0]) is None
    everyone_has_it = compare([5], 5, [10], 10)
    assert everyone_has_it.affinity[0] == 1
    assert or_none(everyone_has_it.q[0]) is None
    assert or_none(0.25) == 0.25


def test_shares_of_those_whose_answer_is_known() -> None:
    """A has 100, of whom 50 told; U has 1,000, of whom 400 told. 10 of A and 40 of U say T: exactly average."""
    found = compare([10], 100, [40], 1000, known_n=[50], known_universe_n=[400])
    assert found.overlap[0] == pytest.approx(0.2)
    assert found.universe_share[0] == pytest.approx(0.1)
    assert found.affinity[0] == pytest.approx(2)
    assert found.jaccard[0] == pytest.approx(10 / 130)
    assert compare([10], [50], [40], [400]).affinity[0] == found.affinity[0]


@pytest.mark.parametrize(
    ("both", "audience", "subject", "universe"),
    [(6, 5, 6, 10), (3, 5, 2, 10), (-1, 5, 2, 10), (1, 11, 2, 10), (1, 5, 7, 10)],
)
def test_counts_that_contradict_each_other_are_refused(both: int, audience: int, subject: int, universe: int) -> None:
    with pytest.raises(ValueError, match="contradict"):
        compare([both], audience, [subject], universe)


def test_more_known_people_than_people_are_refused() -> None:
    with pytest.raises(ValueError, match="contradict"):
        compare([1], 5, [2], 10, known_n=6)


def test_reliable_needs_five_expected_in_every_cell() -> None:
    # A is half of U: T of 9 people expects 4.5 in A, of 10 people 5.
    assert list(compare([9, 10], 5000, [9, 10], 10_000).reliable) == [False, True]
    # … the same in the rest when that is the smaller side: 1,000 of 10,000 people, none of T in A …
    assert list(compare([0, 0], 9000, [49, 50], 10_000).reliable) == [False, True]
    # … and for the people without T.
    assert list(compare([4991, 4990], 5000, [9991, 9990], 10_000).reliable) == [False, True]


def test_normal_tail() -> None:
    found = two_sided_p(np.array([0.0, 1.959963984540054, -1.959963984540054, 50.0, NAN]))
    assert found == pytest.approx([1, 0.05, 0.05, 0, NAN], nan_ok=True)


def test_benjamini_and_hochbergs_own_example() -> None:
    """The fifteen p of their paper (1995, section 3.1): at 0.05 the four smallest are discoveries."""
    p = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
        0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.759, 1,
    ]  # fmt: skip
    q = benjamini_hochberg(np.array(p))
    assert int((q <= 0.05).sum()) == 4
    assert q[0] == pytest.approx(0.0015)
    assert q[3] == pytest.approx(0.0095 * 15 / 4)
    assert q[5] == pytest.approx(0.0298 * 15 / 7)  # the seventh bounds the sixth more closely than its own 0.0695
    assert q[-1] == 1


def test_ties_get_the_same_q_and_undefined_rows_do_not_count() -> None:
    assert benjamini_hochberg(np.array([0.02, NAN, 0.01, 0.02])) == pytest.approx([0.02, NAN, 0.02, 0.02], nan_ok=True)
    assert list(benjamini_hochberg(np.array([]))) == []
    assert np.isnan(benjamini_hochberg(np.array([NAN, NAN]))).all()


# -- ranking -----------------------------------------------------------------------------------------------------------


def test_rankings() -> None:
    # affinity 2, 10, undefined, 2, 0; the tie of 2 goes to the larger overlap, whatever its position
    found = compare([20, 1, 0, 40, 0], 100, [100, 1, 0, 200, 5], 1000)
    assert list(rank(found)) == [1, 3, 0, 4, 2]
    assert list(rank(found, "overlap")) == [3, 0, 1, 4, 2]
    assert list(rank(found, "lower_bound")) == [3, 0, 1, 4, 2]  # one person of one is no evidence


@given(counts())
def test_a_ranking_falls_and_leaves_nobody_out(given: Counts) -> None:
    found = given.compared()
    for by, key in (("affinity", found.affinity), ("overlap", found.overlap), ("lower_bound", found.affinity_low)):
        order = rank(found, by)  # type: ignore[arg-type]  # a tuple of strings, not of literals
        assert sorted(order) == list(range(len(given.both)))
        ranked = [-math.inf if math.isnan(each) else each for each in key[order]]
        assert ranked == sorted(ranked, reverse=True)


def test_equals_keep_their_positions() -> None:
    assert list(rank(compare([5] * 50, 10, [10] * 50, 100))) == list(range(50))
