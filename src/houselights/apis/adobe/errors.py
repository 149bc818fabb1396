"""Three envelopes for one tree of errors: the service's, the gateway's in front of it, and the token endpoint's.

An error of the expression language keeps its place: line, column, the line with a caret, and a hint stand beside the
message. Codes that begin with UPAPI or UPLIB are the vendor's own; where it documents none, the code is the status.
Nothing here decides what is an error.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response
from pydantic_core import ErrorDetails

from houselights.apis.adobe.wire import present, reply
from houselights.base import errors as base

TYPES = "https://ns.adobe.com/aep/errors/"

INVALID = "UPAPI-113434-400"  # an audience that cannot be accepted
UNREADABLE = "UPLIB-101206-500"  # a body that cannot be read; the vendor answers it with 400
UNKNOWN = "UPAPI-113430-404"  # no such audience
DEPENDED_ON = "UPAPI-113631-403"  # deleting what others stand on; the vendor answers it with 400
FORBIDDEN = "UPAPI-113752-403"
TOO_MANY_IDS = "UPAPI-113015-400"
NONE_FOUND = "UPAPI-113000-404"


class Refusal(base.HouselightsError):
    """A refusal whose status and code this vendor documents."""

    def __init__(self, status: int, code: str, message: str, *, field: str | None = None, hint: str | None = None):
        super().__init__(message, field=field, hint=hint)
        self.status = status
        self.code = code


class AtTheGateway(base.HouselightsError):
    """A refusal before the service is asked: credentials, organisation, sandbox. The code begins with the status."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class WrongContentType(base.InvalidInput):
    """A body under a content type that the operation does not take."""


class OAuthError(base.HouselightsError):
    """A refusal at the token endpoint, in the words of RFC 6749 §5.2."""

    def __init__(self, code: str, description: str, *, status: int = 400):
        super().__init__(description)
        self.code = code
        self.status = status


TITLES: Mapping[int, str] = {
    400: "The request is not valid.",
    401: "Who asks is not known.",
    403: "This is not allowed.",
    404: "The entity was not found.",
    405: "This method is not supported here.",
    409: "The request contradicts what is stored.",
    412: "The entity has changed.",
    413: "The request is too large.",
    422: "The entity cannot be accepted.",
    429: "Too many requests.",
    500: "Internal error",
    503: "There is no answer now.",
}

# Errors from below the room: the status of each, and the code where one is documented.
STATUS: tuple[tuple[type[base.HouselightsError], int, str | None], ...] = (
    (base.NotAuthenticated, 401, None),
    (base.NotAllowed, 403, FORBIDDEN),
    (base.NotFound, 404, None),
    (base.Conflict, 409, None),
    (base.TooManyRequests, 429, None),
    (base.TooLarge, 413, None),
    (base.Unavailable, 503, None),
    (base.InvalidInput, 400, INVALID),
)


def envelope(error: base.HouselightsError, request_id: str) -> Response:
    """Write an error in the envelope it belongs into."""
    if isinstance(error, OAuthError):
        body = {"error": error.code, "error_description": error.message}
        return reply(body, error.status, {"Cache-Control": "no-store", "Pragma": "no-cache"})
    if isinstance(error, AtTheGateway):
        return reply({"error_code": error.code, "message": error.message}, int(error.code[:3]))
    if isinstance(error, WrongContentType):
        told: dict[str, Any] = {
            "type": "/placeholder/type/uri",
            "status": 400,
            "title": "BadRequestError",
            "detail": error.message,
        }
        return reply(told, 400)
    status, code = _status(error)
    headers = {}
    if isinstance(error, base.TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_seconds)
    return service(status, code, [detail(error, code)], request_id, headers)


def service(
    status: int,
    code: str,
    details: Sequence[Mapping[str, Any]],
    request_id: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Write the service's envelope: everything wrong, under the status as text."""
    body = {
        "requestId": request_id,
        "errors": {str(status): details},
        "type": f"{TYPES}{code}",
        "title": TITLES.get(status, TITLES[500]),
        "status": status,
    }
    return reply(body, status, headers)


def detail(error: base.HouselightsError, code: str) -> dict[str, Any]:
    """Write one thing wrong; an error with a place in an expression says where, and shows it."""
    span = error.span
    place: dict[str, Any] = {}
    if span is not None:
        place = {"line": span.line, "column": span.column, "caret": span.caret()}
    return present(code=code, message=error.message, field=error.field, hint=error.hint, **place)


def malformed(errors: Sequence[ErrorDetails]) -> list[dict[str, Any]]:
    """Write pydantic's findings as details, one for each field."""
    found: dict[str, dict[str, Any]] = {}
    for error in errors:
        place = [step for step in error["loc"] if step not in {"body", "query", "path", "header"}]
        if error["type"] == "json_invalid":
            place, message = [], f"the body is not valid JSON: {error.get('ctx', {}).get('error', '')}"
        else:
            message = error["msg"].removeprefix("Value error, ")
        field = ".".join(str(step) for step in place)
        shown = f"{field}: {message}" if field else message
        found.setdefault(field, present(code=UNREADABLE, message=shown, field=field or None))
    return list(found.values())


def _status(error: base.HouselightsError) -> tuple[int, str]:
    if isinstance(error, Refusal):
        return error.status, error.code
    status, code = next(((status, code) for kind, status, code in STATUS if isinstance(error, kind)), (500, None))
    return status, code or str(status)
