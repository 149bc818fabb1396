"""JSON as this vendor writes it: compact, in UTF-8, and always JSON, since its client retries whatever is none."""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import Response

JSON = "application/json"


def reply(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Write a reply: a JSON object or list."""
    return Response(msgspec.json.encode(body), status_code=status, media_type=JSON, headers=dict(headers or {}))


def nothing(status: int = 204) -> Response:
    """Write a reply without a body."""
    return Response(status_code=status)


def present(**fields: Any) -> dict[str, Any]:
    """Return the fields that are known; this vendor leaves out what it does not know."""
    return {name: value for name, value in fields.items() if value is not None}
