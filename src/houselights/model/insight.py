"""What is said about an audience: sizes, overlaps, forecasts. Shares are fractions of 1, never percentages."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A half-open range of counts: `low` ≤ count < `high`; `high` None means no upper bound."""

    low: int
    high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many people. `exact` is None for callers who may only see the band."""

    band: Band
    exact: int | None
    universe: int | None
    as_of: datetime
    built_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """How one subject (a trait or another audience) relates to the audience asked about.

    A audience, T subject, U universe, K those of A whose facet has any known value (K = A for an audience subject).
    Counts are None for callers without `counts:exact`, and so is whatever would give the counts away beside the
    shares: intervals, z, q, Jaccard and the share of the subject. Rows below the minimum cell are not there at all.
    `affinity` is (|A∩T|/|A|)/(|T|/|U|), None when undefined; its interval is 95 %. `z` compares A with the rest of U;
    `q` is the Benjamini–Hochberg adjusted p over the whole list asked for. Design §7.
    """

    subject_id: int
    overlap: float
    overlap_low: float | None
    overlap_high: float | None
    affinity: float | None
    affinity_low: float | None
    affinity_high: float | None
    share_of_subject: float | None
    jaccard: float | None
    universe_share: float
    z: float | None
    q: float | None
    reliable: bool
    both: int | None
    subject: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightList:
    """Insights of one audience against one list of subjects, ranked.

    `audience`, `universe` are counts (None without `counts:exact`). `coverage` is |K|/|A| for a single facet, else
    None. `suppressed` is how many rows the privacy policy withheld; `total` how many rows there are in all when `rows`
    is only one stretch of them.
    """

    rows: tuple[Insight, ...]
    audience: int | None
    universe: int | None
    coverage: float | None
    suppressed: int
    total: int
    as_of: datetime
    built_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Ad opportunities an audience is expected to offer on one day: unique people, and opportunities."""

    daily_reach: Band
    daily_impressions: Band
