"""From counts to a ranked list of insights: compare, withhold, rank, cut to one stretch, and only then make rows.

Everything is arrays until the last step, because a question may have tens of thousands of subjects and a page thirty.
Refuses to show counts, what would give them away, and shares of full precision to callers without `counts:exact`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from houselights.model.insight import Insight, InsightList
from houselights.services import privacy
from houselights.services.question import Question
from houselights.services.statistics import Comparison, Ranking, compare, rank
from houselights.services.subjects import Subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Which rows to return: ranked `by`, affinity within inclusive bounds (when given), then `limit` from `offset`.

    A row whose affinity is undefined is outside any bound.
    """

    by: Ranking = "affinity"
    minimum_affinity: float | None = None
    maximum_affinity: float | None = None
    offset: int = 0
    limit: int | None = None

    def holds(self, affinity: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which affinities are within the bounds."""
        inside = np.ones(affinity.shape, dtype=np.bool_)
        if self.minimum_affinity is not None:
            inside &= affinity >= self.minimum_affinity
        if self.maximum_affinity is not None:
            inside &= affinity <= self.maximum_affinity
        return inside


def report(question: Question, subjects: Subjects, stretch: Stretch, coverage: float | None) -> InsightList:
    """Return the insights of one question that its caller may see."""
    exact = question.caller.exact
    comparison = compare(
        subjects.both,
        question.audience_n,
        subjects.subject,
        question.universe_n,
        known_n=subjects.audience,
        known_universe_n=subjects.universe,
    )
    seen = _seen(question, subjects)
    order = rank(comparison, stretch.by)
    order = order[(seen & stretch.holds(comparison.affinity))[order]]
    stop = None if stretch.limit is None else stretch.offset + stretch.limit
    page = order[stretch.offset : stop]
    snapshot = question.snapshot
    return InsightList(
        rows=_rows(subjects, comparison, page, exact=exact),
        audience=question.audience_n if exact else None,
        universe=question.universe_n if exact else None,
        coverage=coverage,
        suppressed=0 if exact else int(np.count_nonzero(~seen)),
        total=len(order),
        as_of=snapshot.generation.as_of,
        built_at=snapshot.generation.built_at,
    )


def _seen(question: Question, subjects: Subjects) -> NDArray[np.bool_]:
    """Return the rows that this caller may see.

    Empty rows are worth saying only where their facet excludes (nobody is 65+). To others than exact callers they are
    withheld like any small cell, so that being withheld does not mean being there.
    """
    if question.caller.exact:
        return (subjects.both > 0) | subjects.keep_zero
    policy = question.caller.workspace.privacy
    if privacy.withheld_whole(policy, audience=question.audience_n, universe=question.universe_n):
        return np.zeros(len(subjects.ids), dtype=np.bool_)
    cells = privacy.Cells(
        both=subjects.both,
        audience=subjects.audience,
        subject=subjects.subject,
        groups=subjects.groups,
        parents=subjects.parents,
    )
    return privacy.visible(policy, cells)


def _rows(subjects: Subjects, comparison: Comparison, page: NDArray[np.int64], *, exact: bool) -> tuple[Insight, ...]:
    def column(values: NDArray[np.float64]) -> list[float | None]:
        chosen = values[page] if exact else privacy.rounded(values[page])
        return [None if value != value else value for value in chosen.tolist()]

    def telling(values: NDArray[np.float64]) -> list[float | None]:
        """Return a column that tells how many people there are: only for those who may know."""
        return column(values) if exact else [None] * len(page)

    columns = zip(
        subjects.ids[page].tolist(),
        column(comparison.overlap),
        telling(comparison.overlap_low),
        telling(comparison.overlap_high),
        column(comparison.affinity),
        telling(comparison.affinity_low),
        telling(comparison.affinity_high),
        telling(comparison.share_of_subject),
        telling(comparison.jaccard),
        column(comparison.universe_share),
        telling(comparison.z),
        telling(comparison.q),
        comparison.reliable[page].tolist(),
        subjects.both[page].tolist() if exact else [None] * len(page),
        subjects.subject[page].tolist() if exact else [None] * len(page),
        strict=True,
    )
    return tuple(
        Insight(
            subject_id=subject_id,
            overlap=overlap or 0.0,
            overlap_low=overlap_low,
            overlap_high=overlap_high,
            affinity=affinity,
            affinity_low=affinity_low,
            affinity_high=affinity_high,
            share_of_subject=share,
            jaccard=jaccard,
            universe_share=universe_share or 0.0,
            z=z,
            q=q,
            reliable=reliable,
            both=in_both,
            subject=in_subject,
        )
        for (
            subject_id, overlap, overlap_low, overlap_high, affinity, affinity_low, affinity_high, share, jaccard,
            universe_share, z, q, reliable, in_both, in_subject,
        ) in columns
    )  # fmt: skip
