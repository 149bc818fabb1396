"""What may leave: bands for counts, minimum cells, and the cells that must go with a withheld one.

Everything that says something about people passes here on its way to a caller without `counts:exact`. What is
refused, and why (ARCHITECTURE.md, invariant 4 has the other half: the counts themselves are exact):

- anything but its band about an audience of fewer than `minimum_audience` people, or one whose *rest* of the universe
  is that small, since insights of the universe less insights of the audience are insights of the rest;
- a row that rests on fewer than `minimum_cell` people, or whose complement (in the audience, or in the subject) does
  without being empty: 99.9 % says as much about the 0.1 % as 0.1 % would;
- in a single-valued facet, where shares add up to one, as many further rows as it takes for the withheld ones to
  hold `minimum_cell` people together (complementary suppression, Willenborg & de Waal, *Elements of Statistical
  Disclosure Control*, 2001, §3);
- digits: a share with sixteen of them gives away its denominator. Shares keep `SIGNIFICANT_DIGITS`;
- how many of the records that somebody sent meant anybody, unless there were enough of them, and then in steps;
- figures that hold the size of the audience: the width of an interval, z and q depend on it, and the share of the
  subject beside the share of the audience is the ratio of the two sizes.

What this does not stop is patience: whoever may ask thousands of cleverly chosen questions learns more than each
answer says. Against that only a budget for each client helps.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houselights.model.insight import Band
from houselights.model.workspace import PrivacyPolicy
from houselights.services.caller import Caller

SIGNIFICANT_DIGITS = 4

Bools = NDArray[np.bool_]
Counts = NDArray[np.int64]


def band(policy: PrivacyPolicy, count: int) -> Band:
    """Return the rung of the policy's ladder that holds `count` people."""
    rung = max(index for index, low in enumerate(policy.bands) if low <= count)
    above = policy.bands[rung + 1 :]
    return Band(low=policy.bands[rung], high=above[0] if above else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A count as one caller may know it: its band, and the count itself or None."""

    band: Band
    exact: int | None


def counted(caller: Caller, count: int) -> Counted:
    """Return a count of people in the form this caller may have it."""
    return Counted(band=band(caller.workspace.privacy, count), exact=count if caller.exact else None)


def told_matches(caller: Caller, *, received: int, matched: int) -> int | None:
    """Return how many of `received` records meant somebody, as their sender may know it; None for nothing at all.

    Who sends the records chooses whom the number is about: of one record it would tell who is known here. So there
    must be `minimum_audience` of them, and the number goes in steps of `minimum_cell`, so that one record more seldom
    changes it.
    """
    if caller.exact:
        return matched
    policy = caller.workspace.privacy
    if received < policy.minimum_audience:
        return None
    return matched - matched % max(1, policy.minimum_cell)


def leading_digit_band(amount: float, *, floor: int = 1) -> Band:
    """Return the half-open band of one leading digit that holds `amount`: 543,210 → [500000, 600000).

    Below `floor` the digit itself would say too much: the band is [0, floor).
    """
    if amount < floor:
        return Band(low=0, high=max(1, floor))
    whole = math.floor(amount)
    step = 10 ** (len(str(whole)) - 1)
    low = whole // step * step
    return Band(low=low, high=low + step)


def up_to_a_power_of_ten(amount: float, *, floor: int = 1) -> Band:
    """Return [0, p) with p the least power of ten above both `amount` and `floor`: an upper bound and no more."""
    whole = max(math.floor(amount), floor, 1)
    return Band(low=0, high=10 ** len(str(whole)))


def withheld_whole(policy: PrivacyPolicy, *, audience: int, universe: int) -> bool:
    """Tell whether nothing but its band may be said of an audience of this size inside its universe."""
    rest = universe - audience
    return audience < policy.minimum_audience or 0 < rest < policy.minimum_audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The counts behind a list of rows, one entry each: |A∩T|, the denominator of A, and |T∩U|.

    `groups` numbers the rows whose traits exclude each other and share a parent; −1 for a row that belongs to no such
    group. `parents` is the position in this list of the row's parent trait, −1 without one; a parent comes before
    its children.
    """

    both: Counts
    audience: Counts
    subject: Counts
    groups: Counts
    parents: Counts


def visible(policy: PrivacyPolicy, cells: Cells) -> Bools:
    """Return which rows a caller without exact counts may see."""
    least = policy.minimum_cell
    seen = cells.both >= max(1, least)
    for complement in (cells.audience - cells.both, cells.subject - cells.both):
        seen &= ~((complement > 0) & (complement < least))
    if (cells.groups >= 0).any():
        _complete(seen, cells, least)
    return seen


def _complete(seen: Bools, cells: Cells, least: int) -> None:
    """Withhold further rows of each exclusive group until the withheld ones hold at least `least` people together.

    Works from the roots down: what stands below a withheld row is withheld too, because children add up to it.
    """
    order = np.argsort(cells.groups, kind="stable")
    order = order[cells.groups[order] >= 0]
    edges = np.flatnonzero(np.diff(cells.groups[order])) + 1
    families = sorted(np.split(order, edges), key=lambda rows: int(rows[0]))
    for rows in families:
        parent = int(cells.parents[rows[0]])
        if parent >= 0 and not seen[parent]:
            seen[rows] = False
            continue
        hidden = int(cells.both[rows[~seen[rows]]].sum())
        if hidden == 0 or (hidden >= least and np.count_nonzero(~seen[rows] & (cells.both[rows] > 0)) > 1):
            continue
        for row in sorted(rows[seen[rows]], key=lambda row: int(cells.both[row])):
            seen[row] = False
            hidden += int(cells.both[row])
            if hidden >= least:
                break


def rounded(values: NDArray[np.float64], digits: int = SIGNIFICANT_DIGITS) -> NDArray[np.float64]:
    """Round to significant digits; NaN and zero stay as they are."""
    finite = np.isfinite(values) & (values != 0)
    safe = np.where(finite, values, 1.0)
    # A p-value can be so small that its scale would overflow; what is below 1e-300 becomes 0.
    scale = 10.0 ** np.clip(digits - 1 - np.floor(np.log10(np.abs(safe))), -300, 300)
    return np.where(finite, np.round(safe * scale) / scale, values)


def rounded_one(value: float) -> float:
    """Round one share to the digits that may leave."""
    return float(rounded(np.array([value]))[0])
