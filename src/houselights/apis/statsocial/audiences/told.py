"""An audience as its owner reads it: the one body of reading it, of listing it, and of the callback when it is built.

The vendor documents none, so its fields are our own. `status` is `running` until it is `completed` or `failed`.
"""

from typing import Any

from houselights.apis.statsocial.operation import BASE
from houselights.base.clock import iso_instant
from houselights.model.build import Build, BuildState
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.outputs.outputs import MADE, Output
from houselights.services.privacy import counted

STATUS = {
    BuildState.WAITING: "running",
    BuildState.RUNNING: "running",
    BuildState.SUCCEEDED: "completed",
    BuildState.FAILED: "failed",
}


def begun(build: Build) -> dict[str, Any]:
    """Return what is said of an audience that was just begun."""
    return {"id": build.number, "status": STATUS[build.state]}


def told(house: House, caller: Caller, build: Build) -> dict[str, Any]:
    """Return everything about an audience that its reader may know.

    `size` is how many people are in it, null until it is built, and null for readers who may know only between which
    numbers it lies: `size_range`.
    """
    size = None if build.members is None else counted(caller, build.members)
    asked = build.asked
    return {
        **begun(build),
        "name": build.name,
        "description": build.description,
        "size": None if size is None else size.exact,
        "size_range": None if size is None else {"min": size.band.low, "max": size.band.high},
        "outputs": outputs_told(house, caller, build),
        "parameters": asked.get("parameters", []),
        "callback_url": asked.get("callback_url"),
        "generate_insights_automatically": bool(asked.get("generate_insights_automatically")),
        "insight_callback_url": asked.get("insight_callback_url"),
        "made_from": asked.get("made_from"),
        "notes": list(asked.get("notes", [])),
        "error": build.reason,
        "created_at": iso_instant(build.created_at),
        "finished_at": None if build.finished_at is None else iso_instant(build.finished_at),
        "details": {name: known(caller, value) for name, value in build.outcome.items() if name != MADE},
    }


def known(caller: Caller, value: Any) -> Any:
    """Return what a maker told without its `counts`, except to readers who may know them."""
    if caller.exact or not isinstance(value, dict):
        return value
    return {name: inner for name, inner in value.items() if name != "counts"}


def outputs_told(house: House, caller: Caller, build: Build) -> list[dict[str, Any]]:
    """Return the outputs of an audience that the reader may hear of."""
    rights, made = house.rights.of(caller), {each.name: each for each in house.outputs.of(caller, build)}
    return [
        _output_told(house, caller, each, STATUS[build.state], made.get(each))
        for each in build.asked.get("outputs", [])
        if rights.may_view(each)
    ]


def _output_told(house: House, caller: Caller, name: str, status: str, made: Output | None) -> dict[str, Any]:
    """Return one output: how many ids, and the link to them for who may have it.

    Its status is that of the audience, but `unavailable` where the company holds no ids of the kind at all.
    """
    ids = None if made is None else made.ids
    link = None if made is None else made.link
    return {
        "type": name,
        "status": "unavailable" if made is not None and made.ids is None else status,
        "count": None if ids is None else counted(caller, ids).exact,
        "url": None if link is None else f"{house.settings.base_url}{BASE}/downloads/{link}",
        "expires_at": None if made is None or made.ends_at is None else iso_instant(made.ends_at),
    }
