"""JSON Patch (RFC 6902) on the top fields of an object, as this vendor reads it: `add` sets, whatever was there.

Knows add, replace and remove; refuses the rest, and paths that lead nowhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from houselights.base.errors import InvalidInput


class Change(BaseModel):
    """One operation of a patch; `path` is a JSON Pointer, as in `/expression` or `/labels/-`."""

    model_config = ConfigDict(extra="ignore")

    op: Literal["add", "replace", "remove"]
    path: str
    value: Any = None


Changes: TypeAlias = list[Change]


def patched(body: Mapping[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
    """Return the object with the changes made, one after another. Raises InvalidInput for a path that leads nowhere."""
    made: dict[str, Any] = _copied(body)
    for number, change in enumerate(changes):
        where = f"[{number}].path"
        steps = [step.replace("~1", "/").replace("~0", "~") for step in change.path.lstrip("/").split("/")]
        if not steps[0]:
            raise InvalidInput("the path names no field", field=where, hint='such as "/name"')
        if "." in steps[0] and steps[0] not in made:
            steps[:1] = steps[0].split(".")  # the vendor's own samples write /identityGraph.type
        place: Any = made
        for step in steps[:-1]:
            if isinstance(place, dict):
                place = place.setdefault(step, {})
            elif isinstance(place, list) and step.isdigit() and int(step) < len(place):
                place = place[int(step)]
            else:
                raise InvalidInput(f'there is nothing at "{change.path}"', field=where)
        _change(place, steps[-1], change, where)
    return made


def _change(place: Any, step: str, change: Change, where: str) -> None:
    if isinstance(place, dict):
        if change.op == "remove":
            if step not in place:
                raise InvalidInput(f'there is nothing at "{change.path}"', field=where)
            del place[step]
        else:
            place[step] = change.value
    elif isinstance(place, list) and (step == "-" or (step.isdigit() and int(step) <= len(place))):
        position = len(place) if step == "-" else int(step)
        if change.op == "add":
            place.insert(position, change.value)
        elif position < len(place):
            place[position : position + 1] = [] if change.op == "remove" else [change.value]
        else:
            raise InvalidInput(f'there is nothing at "{change.path}"', field=where)
    else:
        raise InvalidInput(f'there is nothing at "{change.path}"', field=where)


def _copied(value: Any) -> Any:
    """Return a copy whose objects and lists can be changed without changing the original."""
    if isinstance(value, Mapping):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value
