"""Insights as they are read: in one body for reading them, for the callback when they are ready and for public links.

`index` is 100 where people of the audience are as likely to be so as people of the baseline. Figures that the reader
may not know are null, rows that rest on too few people are left out and counted in `suppressed`.
"""

from collections.abc import Mapping
from typing import Any

from houselights.apis.statsocial.audiences.told import STATUS
from houselights.apis.statsocial.errors import Fault, Rejected
from houselights.apis.statsocial.insights.baselines import GLOBAL
from houselights.base.clock import iso_instant
from houselights.model.build import Build, BuildState

ROLES = {
    "market_area": "dma",
    "job_title": "job_title",
    "employer": "employer",
}


def insight_told(portrait: Build, view: str, baseline: str = GLOBAL) -> dict[str, Any]:
    """Return insights as far as they are: without figures until they are ready.

    Raises Rejected for a baseline that the company knows nobody of.
    """
    asked = portrait.asked
    finished = portrait.finished_at
    body: dict[str, Any] = {
        "audience_id": asked["audience"],
        "status": STATUS[portrait.state],
        "error": portrait.reason,
        "baseline": baseline,
        "created_at": iso_instant(portrait.created_at),
        "finished_at": None if finished is None else iso_instant(finished),
    }
    if portrait.state is not BuildState.SUCCEEDED:
        return body
    outcome = portrait.outcome
    if baseline in outcome["unavailable"]:
        why = f"these people cannot be compared with {baseline}: {outcome['unavailable'][baseline]}"
        raise Rejected([Fault(why, "baseline", f"there are {', '.join(outcome[view])}")])
    return (
        body
        | beside(outcome[view][baseline])
        | {
            "baselines": list(outcome[view]),
            "clusters": _clusters(outcome["clusters"], view) if "clusters" in outcome else None,
        }
    )


def beside(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a portrait says beside one baseline."""
    return {
        "size": content["people"]["exact"],
        "size_range": _range(content["people"]),
        "share_inside_baseline": content["share_inside"],
        "baseline_size": content["baseline"]["exact"],
        "baseline_size_range": _range(content["baseline"]),
        **{section: [_facet(facet) for facet in facets] for section, facets in content["sections"].items()},
    }


def _range(sized: Mapping[str, Any]) -> dict[str, Any]:
    return {"min": sized["low"], "max": sized["high"]}


def _facet(facet: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": facet["name"],
        "kind": ROLES.get(facet["role"], facet["role"]),
        "coverage": facet["coverage"],
        "suppressed": facet["suppressed"],
        "total": facet["total"],
        "rows": [_row(row) for row in facet["rows"]],
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["key"],
        "name": row["name"],
        "path": row["path"],
        "share": row["share"],
        "baseline_share": row["baseline_share"],
        "index": _index(row["affinity"]),
        "index_interval": _interval(_index(row["affinity_low"]), _index(row["affinity_high"])),
        "share_interval": _interval(row["share_low"], row["share_high"]),
        "n": row["people"],
        "baseline_n": row["baseline_people"],
        "significance": {"z": row["z"], "q": row["q"], "significant": row["significant"]},
        "reliable": row["reliable"],
    }


def _index(affinity: float | None) -> float | None:
    return None if affinity is None else round(100 * affinity, 1)


def _interval(low: float | None, high: float | None) -> dict[str, float | None] | None:
    return None if low is None and high is None else {"low": low, "high": high}


def _clusters(clusters: Mapping[str, Any], view: str) -> dict[str, Any]:
    method = {name: clusters[name] for name in ("count", "criterion", "silhouette", "by_chance", "tried", "sampled")}
    return {
        **method,
        "data": [
            {
                "id": each["number"],
                "label": each["label"],
                "size": each["people"]["exact"],
                "size_range": _range(each["people"]),
                "share": each["share"],
                "stands_out": [
                    {
                        "id": trait["key"],
                        "kind": trait["facet"],
                        "name": trait["name"],
                        "share": trait["share"],
                        "audience_share": trait["audience_share"],
                        "index": _index(trait["affinity"]),
                        "index_low": _index(trait["affinity_low"]),
                        "n": trait["people"],
                    }
                    for trait in each["traits"]
                ],
            }
            for each in clusters[view]
        ],
    }
