"""Universes and expansions as they are read."""

from collections.abc import Mapping
from typing import Any

from houselights.apis.statsocial.audiences.told import STATUS
from houselights.apis.statsocial.insights.told import beside
from houselights.base.clock import iso_instant
from houselights.model.build import Build, BuildState
from houselights.services.lookalike.expand import LOOKALIKE

UNIVERSE_NAME = "universe"
SECTIONS = ("affinities", "personality", "jobs")  # of a universe only demographics and places are told


def universe_told(portrait: Build, view: str) -> dict[str, Any]:
    """Return a universe: how many people its audience was drawn from, and how the two differ. Our own shape."""
    finished = portrait.finished_at
    body: dict[str, Any] = {
        "audience_id": portrait.asked["audience"],
        "status": STATUS[portrait.state],
        "error": portrait.reason,
        "created_at": iso_instant(portrait.created_at),
        "finished_at": None if finished is None else iso_instant(finished),
    }
    if portrait.state is not BuildState.SUCCEEDED:
        return body
    found = beside(portrait.outcome[view][UNIVERSE_NAME])
    size, universe = found.pop("size"), found.pop("baseline_size")
    return body | {
        "universe_size": universe,
        "universe_size_range": found.pop("baseline_size_range"),
        "audience_size": size,
        "audience_size_range": found.pop("size_range"),
        "share_of_universe": None if size is None or not universe else size / universe,
        **{name: value for name, value in found.items() if name not in {*SECTIONS, "share_inside_baseline"}},
    }


def grown_told(build: Build) -> dict[str, Any]:
    """Return how an expansion came about, for those who ask to have it explained."""
    grown: Mapping[str, Any] = build.outcome.get(LOOKALIKE, {})
    source = build.source
    who = "its own people and the best of the others" if source["with_seed"] else "the best of those outside it"
    return {
        "id": build.number,
        "order": f"an audience grown {source['factor']:g} times: everybody outside it is scored by how like its people "
        f"they are, and {who} are taken" + (", as far as its conditions let them in" if source["within"] else ""),
        "expansion": {name: value for name, value in grown.items() if name != "counts"},
        "rule": source["within"],
    }
