"""The two envelopes of this product: `{"requestId","error":{…}}`, and `{"errorMessage"}` for hashed records."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from houselights.apis.amazon.errors import Detail, Problem
from houselights.apis.amazon.wire import JSON

HASHED_REPLY = "application/vnd.dpuploadhashedrecordsresponse.v3+json"

ERROR_TYPES = {
    400: "INVALID_INPUT",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "INPUT_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_ERROR",
    503: "SERVICE_UNAVAILABLE",
}
DESCRIPTIONS = {413: "Input Too Large", 500: "Internal Error"}


def provider_family(problem: Problem) -> tuple[str, Mapping[str, Any]]:
    """Audiences, their members, users and jobs.

    `{"requestId","error":{"httpStatusCode":"400","description":"Bad Request",
    "errors":[{"errorType":"INVALID_INPUT","message","fieldName"?}]}}`; the status is a string.
    """
    kind = ERROR_TYPES.get(problem.status, "INTERNAL_ERROR")
    error = {
        "httpStatusCode": str(problem.status),
        "description": DESCRIPTIONS.get(problem.status) or HTTPStatus(problem.status).phrase,
        "errors": [_sub_error(kind, detail) for detail in problem.details],
    }
    return JSON, {"requestId": problem.request_id, "error": error}


def hashed_family(problem: Problem) -> tuple[str, Mapping[str, Any]]:
    """Hashed records: `{"errorMessage":"…"}` under the vendor type of the reply, whatever was asked for."""
    message = "; ".join(f"{d.field}: {d.message}" if d.field else d.message for d in problem.details)
    match problem.status:
        case 401 | 403:
            message = f"The caller is not authorized to perform this operation. {message}"
        case 415:
            header = (problem.details[0].field or "accept").lower()
            message = f"Invalid `{header}` header provided. {problem.message}"
        case 429:
            message = "Too Many Requests"
    return HASHED_REPLY, {"errorMessage": message or problem.message}


def _sub_error(kind: str, detail: Detail) -> dict[str, str]:
    entry = {"errorType": kind, "message": detail.message}
    return entry if detail.field is None else entry | {"fieldName": detail.field}
