"""What the key of an uploaded file means in an audience: the list of the house on which the file's people are.

A file is matched to people when an audience is built, not before; `match_before_builds` sees to that.
"""

from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any

from houselights.apis.statsocial.origin import ORIGIN
from houselights.apis.statsocial.policy import Policy
from houselights.base.errors import NotFound
from houselights.model.build import Build
from houselights.rules.tree import Listed, Rule
from houselights.services.builds.makers import Stopped
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.id_lists.id_lists import list_of
from houselights.services.id_lists.matched import Interrupted


def uploaded(house: House, caller: Caller, key: str, id_type: str) -> Rule | None:
    """Return whom the ids of a file mean; None when there is no such file of that type."""
    try:
        found = house.id_lists.get(caller, key)
    except NotFound:
        return None
    return Listed(list_of(caller.workspace.id, key)) if found.kind == id_type else None


def match_before_builds(house: House, policy: Policy) -> None:
    """Have the files that an audience names matched before it is built: its members are those found then."""

    def prepare(caller: Caller, build: Build, stop: Event) -> None:
        keys = keys_of(build.asked.get("parameters", ()))
        try:
            house.id_lists.bring(caller, keys, strict=policy.strict, stop=stop)
        except Interrupted as error:
            raise Stopped from error

    house.builds.prepare(ORIGIN, "uploads", prepare)


def keys_of(parameters: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the keys that parameters name, each with its type."""
    uploads = (each["upload"] for each in parameters if each.get("upload"))
    return {key: str(upload["type"]).lower() for upload in uploads for key in upload["keys"]}
