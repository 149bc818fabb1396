"""What a portrait tells beside one baseline, section by section: the traits of every facet that plays a part in it.

The audience is cut to the baseline, as everywhere in this house: its people there are compared with all people there.
Rows divide by those whose value is known where a facet's traits exclude each other. Refuses nothing; what its reader
may not know is left out by the same rules as any insight (`services/reporting.py`).
"""

from collections.abc import Callable, Mapping
from typing import Any

from houselights.model.catalogue import Catalogue, Facet
from houselights.model.insight import Insight
from houselights.services.privacy import counted, rounded_one, withheld_whole
from houselights.services.question import Question
from houselights.services.reporting import Stretch, report
from houselights.services.statistics import FALSE_DISCOVERY_RATE
from houselights.services.subjects import coverage, lay_out, of_traits

ROWS_MOST = 60  # of each facet, those most surely more common in the audience

# The roles of the facets in each section, in the order in which they are told.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "demographics": (
        "age", "gender", "ethnicity", "education", "income", "marital_status", "home_ownership", "children_count",
        "children_age",
    ),
    "affinities": ("affinity",),
    "personality": ("personality",),
    "places": ("country", "region", "city", "market_area"),
    "jobs": ("job_title", "employer", "occupation"),
}  # fmt: skip


def told(question: Question, look: Callable[[], None]) -> dict[str, Any]:
    """Return what one question says of all sections, as its caller may know it, fit for JSON."""
    catalogue, caller = question.snapshot.catalogue, question.caller
    people, base = counted(caller, question.audience_n), counted(caller, question.universe_n)
    sections: dict[str, Any] = {}
    for section, roles in SECTIONS.items():
        sections[section] = []
        for role in roles:
            for facet in catalogue.with_role(role):
                look()
                sections[section].append(_of_facet(question, catalogue, facet))
    return {
        "people": {"exact": people.exact, "low": people.band.low, "high": people.band.high},
        "baseline": {"exact": base.exact, "low": base.band.low, "high": base.band.high},
        "sections": sections,
    }


def share_inside(question: Question, whole: int) -> float | None:
    """Return the share of an audience of `whole` people that is inside the baseline, None where that says too much."""
    if not whole:
        return None
    share = question.audience_n / whole
    if question.caller.exact:
        return share
    policy = question.caller.workspace.privacy
    outside = whole - question.audience_n
    if withheld_whole(policy, audience=whole, universe=whole) or 0 < min(outside, question.audience_n) < (
        policy.minimum_cell
    ):
        return None
    return rounded_one(share)


def _of_facet(question: Question, catalogue: Catalogue, facet: Facet) -> dict[str, Any]:
    layout = lay_out(catalogue, (facet.key,))
    subjects = of_traits(question, layout, known_only=True)
    answer = report(
        question, subjects, Stretch(by="lower_bound", limit=ROWS_MOST), coverage(question, layout, subjects)
    )
    # Of nobody's value nothing is a share: there is nothing to tell but that coverage is none.
    nothing = not question.audience_n or answer.coverage == 0
    return {
        "facet": facet.key,
        "role": facet.role,
        "name": facet.name,
        "coverage": answer.coverage,
        "suppressed": answer.suppressed,
        "total": 0 if nothing else answer.total,
        "rows": [] if nothing else [_row(catalogue, row) for row in answer.rows],
    }


def _row(catalogue: Catalogue, row: Insight) -> dict[str, Any]:
    trait = catalogue.traits[row.subject_id]
    significant = None if row.q is None else row.q <= FALSE_DISCOVERY_RATE
    return {
        "key": trait.key,
        "name": trait.name,
        "path": list(trait.path),
        "share": row.overlap,
        "share_low": row.overlap_low,
        "share_high": row.overlap_high,
        "baseline_share": row.universe_share,
        "affinity": row.affinity,
        "affinity_low": row.affinity_low,
        "affinity_high": row.affinity_high,
        "people": row.both,
        "baseline_people": row.subject,
        "z": row.z,
        "q": row.q,
        "significant": significant,
        "reliable": row.reliable,
    }
