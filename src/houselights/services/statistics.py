"""Says how sure one may be that an audience differs from the rest of its universe. numpy only; sees counts, no people.

For audience A inside universe U and subjects T (traits or other audiences), all counts of people:

    overlap     |A∩T| / |A|, with Wilson's 95 % score interval (Wilson 1927): sensible at 0, at 1 and for small |A|
    affinity    (|A∩T| / |A|) / (|T| / |U|). With p₁ = overlap, p₀ = the same share among the rest U\\A, r = p₁ / p₀
                and w = |A| / |U|, affinity is r / (w·r + 1 − w), which rises with r. A and U\\A are disjoint, so an
                interval for a ratio of two independent proportions serves r: MOVER-R over the two Wilson intervals
                (Donner and Zou 2012; set beside its rivals in Fagerland, Lydersen and Laake 2015). Its ends are
                carried over by the same formula. Unlike Katz's logarithm it needs no half counts when a cell is
                empty, and it cannot leave the possible range, 0 to |U| / |A|. It always holds the estimate.
    z           the two-proportion z test of A against U\\A, pooled; p is two-sided
    q           p adjusted by Benjamini and Hochberg (1995) over all rows that have a p
    reliable    q ≤ 0.05, and each of the four cells (in A or not, in T or not) is expected to hold at least 5 people
                (Cochran 1954): "this difference from the rest is no accident", not "this estimate is precise"

What is undefined is NaN here, never 0 or infinite, and `or_none` turns it into None at the door.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ranking = Literal["affinity", "overlap", "lower_bound"]

Z_95 = 1.959963984540054  # the 0.975 quantile of the standard normal distribution
EXPECTED_CELL_MIN = 5.0
FALSE_DISCOVERY_RATE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One entry per subject, in the order given; shares are fractions of 1, NaN where undefined."""

    overlap: Floats
    overlap_low: Floats
    overlap_high: Floats
    universe_share: Floats
    affinity: Floats
    affinity_low: Floats
    affinity_high: Floats
    share_of_subject: Floats
    jaccard: Floats
    z: Floats
    p: Floats
    q: Floats
    reliable: NDArray[np.bool_]


def compare(
    both: ArrayLike,
    audience_n: ArrayLike,
    subject_n: ArrayLike,
    universe_n: ArrayLike,
    *,
    known_n: ArrayLike | None = None,
    known_universe_n: ArrayLike | None = None,
) -> Comparison:
    """Compare an audience with each subject, by counts of people.

    `both` is |A∩T|, `audience_n` |A|, `subject_n` |T| and `universe_n` |U|, where A and T lie inside U; each is one
    number or one per subject. For shares of those whose facet has any known value, `known_n` and `known_universe_n`
    give how many those are in A and in U; overlap, affinity and tests then rest on them, Jaccard still on all of A.
    Raises ValueError when the counts contradict each other, for then some count is wrong.
    """
    a, t, whole_a, n, u = _rows(
        both,
        subject_n,
        audience_n,
        audience_n if known_n is None else known_n,
        universe_n if known_universe_n is None else known_universe_n,
    )
    rest_a, rest_n = t - a, u - n
    if any((each < 0).any() for each in (a, n, rest_a, rest_n, n - a, rest_n - rest_a, whole_a - n)):
        raise ValueError("counts contradict each other: A and T must lie inside U, and their overlap inside both")
    z = _z(a, n, rest_a, rest_n)
    p = two_sided_p(z)
    q = benjamini_hochberg(p)
    overlap_low, overlap_high = wilson(a, n)
    affinity = _ratio(_ratio(a, n), _ratio(t, u))
    affinity_low, affinity_high = _affinity_interval(a, n, rest_a, rest_n, affinity)
    return Comparison(
        overlap=_ratio(a, n),
        overlap_low=overlap_low,
        overlap_high=overlap_high,
        universe_share=_ratio(t, u),
        affinity=affinity,
        affinity_low=affinity_low,
        affinity_high=affinity_high,
        share_of_subject=_ratio(a, t),
        jaccard=_ratio(a, whole_a + t - a),
        z=z,
        p=p,
        q=q,
        reliable=(q <= FALSE_DISCOVERY_RATE) & (_smallest_expected_cell(t, n, u) >= EXPECTED_CELL_MIN),
    )


def rank(comparison: Comparison, by: Ranking = "affinity") -> NDArray[np.int64]:
    """Return positions from the highest to the lowest; undefined ones last.

    Ties are broken by overlap (or affinity, when ranking by overlap), then by position, so that the order never
    depends on chance.
    """
    first, second = {
        "affinity": (comparison.affinity, comparison.overlap),
        "overlap": (comparison.overlap, comparison.affinity),
        "lower_bound": (comparison.affinity_low, comparison.overlap),
    }[by]
    keys = [np.where(np.isnan(each), np.inf, -each) for each in (second, first)]  # lexsort: the last key rules
    return np.lexsort(keys).astype(np.int64)


def or_none(value: float) -> float | None:
    """Return the number, or None for NaN."""
    return None if math.isnan(value) else float(value)


def wilson(successes: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """Return the ends of Wilson's 95 % score interval for a proportion; NaN where there are no trials."""
    share = _ratio(successes, trials)
    weight = _ratio(np.full_like(share, Z_95**2), trials)
    centre = (share + weight / 2) / (1 + weight)
    reach = np.sqrt(weight * share * (1 - share) + weight**2 / 4) / (1 + weight)
    # At 0 and at 1 the near end is the estimate itself; rounding must not push it past.
    return np.clip(np.minimum(centre - reach, share), 0, 1), np.clip(np.maximum(centre + reach, share), 0, 1)


def two_sided_p(z: Floats) -> Floats:
    """Return the probability of a standard normal value at least as far from 0 as `z`; NaN stays NaN."""
    # numpy has no erfc; mapped over plain floats, 20,000 of them take a millisecond and a half
    return np.array(list(map(math.erfc, (np.abs(z) / math.sqrt(2)).tolist())), dtype=np.float64)


def benjamini_hochberg(p: Floats) -> Floats:
    """Return the adjusted p of each row: the false discovery rate at which it would just be called a discovery.

    Rows that are NaN belong to no family: they stay NaN and do not make the others dearer. Equal p get equal q.
    """
    q = np.full(p.shape, np.nan)
    defined = np.flatnonzero(~np.isnan(p))
    order = defined[np.argsort(p[defined], kind="stable")]
    family = len(order)
    scaled = p[order] * family / np.arange(1, family + 1)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q


def _rows(*counts: ArrayLike) -> list[Floats]:
    """Return the counts as floats, one row per subject; counts up to 2⁵³ stay exact."""
    return list(np.broadcast_arrays(*(np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in counts)))


def _ratio(over: ArrayLike, under: ArrayLike) -> Floats:
    """Divide; NaN where the divisor is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.asarray(under, dtype=np.float64)
        return np.where(below == 0, np.nan, np.asarray(over, dtype=np.float64) / below)


def _z(a: Floats, n: Floats, rest_a: Floats, rest_n: Floats) -> Floats:
    """Undefined when either side is empty, or when all or none of the universe belong to T: then nothing can differ."""
    pooled = _ratio(a + rest_a, n + rest_n)
    variance = pooled * (1 - pooled) * (_ratio(1.0, n) + _ratio(1.0, rest_n))
    return _ratio(_ratio(a, n) - _ratio(rest_a, rest_n), np.sqrt(variance))


def _smallest_expected_cell(t: Floats, n: Floats, u: Floats) -> Floats:
    share = _ratio(t, u)
    result: Floats = np.minimum(n, u - n) * np.minimum(share, 1 - share)
    return result


def _affinity_interval(a: Floats, n: Floats, rest_a: Floats, rest_n: Floats, affinity: Floats) -> tuple[Floats, Floats]:
    low1, high1 = wilson(a, n)
    low0, high0 = wilson(rest_a, rest_n)
    share1, share0 = _ratio(a, n), _ratio(rest_a, rest_n)
    product = share1 * share0
    with np.errstate(divide="ignore", invalid="ignore"):
        # The two roots of Donner and Zou's quadratic, each written so that nothing cancels when an end is 0.
        over, under = low1 * (2 * share1 - low1), high0 * (2 * share0 - high0)
        low = np.where(a == 0, 0.0, over / (product + np.sqrt(product**2 - over * under)))
        over, under = high1 * (2 * share1 - high1), low0 * (2 * share0 - low0)
        high = np.where(rest_a == 0, np.inf, (product + np.sqrt(product**2 - over * under)) / under)
    weight = _ratio(n, n + rest_n)
    ends = [_from_ratio_to_rest(each, weight) for each in (low, high)]
    whole = (rest_n == 0) & ~np.isnan(affinity)  # A is all of U: its affinity is 1 by definition, not by estimate
    return np.where(whole, 1.0, np.minimum(ends[0], affinity)), np.where(whole, 1.0, np.maximum(ends[1], affinity))


def _from_ratio_to_rest(ratio: Floats, weight: Floats) -> Floats:
    """Turn "times as common as in the rest" into "times as common as in the universe", `weight` of which is A."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.isinf(ratio), 1 / weight, ratio / (weight * ratio + 1 - weight))
