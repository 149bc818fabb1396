"""What bulk-get may be sent, and what it answers: 207 with a result for each id, 404 when there is none at all."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response

from houselights.apis.adobe.errors import NONE_FOUND, TOO_MANY_IDS, UNREADABLE, Refusal
from houselights.apis.adobe.wire import reply

MOST = 100


def asked_ids(body: Any) -> list[str | tuple[str, str]]:
    """Read which things are meant: `["a"]`, `[{"id": "a"}]` or `{"ids": […]}` with either inside.

    A pair `{"audienceId", "namespace"}` names an external audience, and comes back as such. Raises Refusal.
    """
    items = body.get("ids") if isinstance(body, Mapping) else body
    if not isinstance(items, list):
        raise Refusal(400, UNREADABLE, 'expected {"ids": [{"id": "…"}]}', field="ids")
    if not 1 <= len(items) <= MOST:
        raise Refusal(400, TOO_MANY_IDS, f"1 to {MOST} ids can be asked for at once; these are {len(items)}")
    return [_one(item, position) for position, item in enumerate(items)]


def _one(item: Any, position: int) -> str | tuple[str, str]:
    if isinstance(item, str):
        return item
    if isinstance(item, Mapping):
        if isinstance(item.get("id"), str):
            return str(item["id"])
        if isinstance(item.get("audienceId"), str):
            return str(item["audienceId"]), str(item.get("namespace", ""))
    raise Refusal(400, UNREADABLE, "expected an id, or an object with an id", field=f"ids[{position}]")


def results(found: Mapping[str, Any], asked: Sequence[str], request_id: str) -> Response:
    """Write the results. Raises Refusal when nothing was found."""
    if not found:
        raise Refusal(404, NONE_FOUND, f"The entity {','.join(asked)} is not found.")
    told = {}
    for name in asked:
        missing = {"requestId": request_id, "errors": {"404": [{"code": "404", "message": _missing(name)}]}}
        told[name] = found.get(name, missing)
    return reply({"results": told}, 207)


def _missing(name: str) -> str:
    return f"The entity {name} is not found. Use a valid entity and try again."
