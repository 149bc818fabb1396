"""Six envelopes for one tree of errors. Which envelope an error wears depends on the product whose path was called.

Every product of this vendor words its errors in its own way, and clients parse them; see the functions at the end for
the exact shapes. Nothing here decides what is an error.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import msgspec
from fastapi import Response
from pydantic_core import ErrorDetails

from houselights.apis.amazon import wording
from houselights.apis.amazon.wire import JSON
from houselights.base import errors as base

# What RFC 6749 §5.1 asks of every answer of a token endpoint.
NEVER_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
DETAILS_MOST = 100  # the specification's maxItems for `errors`


class Kind(Enum):
    """What is wrong with one value, before a family words it."""

    INVALID = "VALUE_INVALID"
    NOT_FOUND = "VALUE_NOT_FOUND"
    OUT_OF_RANGE = "VALUE_OUT_OF_RANGE"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing wrong: `field` is a path in the caller's own request, such as `audiences[3].groupId`."""

    kind: Kind
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything a family needs to write an error body."""

    status: int
    message: str
    request_id: str
    details: tuple[Detail, ...]
    retry_after_seconds: int | None = None
    allow: str | None = None
    code: str = ""


class Rejected(base.InvalidInput):
    """A request with several faults, each with its own field; `status` is 400 unless the things named do not exist.

    `code` is for families that word one kind of fault in their own way.
    """

    def __init__(self, details: Sequence[Detail], *, status: int = 400, code: str = ""):
        message = details[0].message if len(details) == 1 else f"{len(details)} problems were found in the request"
        super().__init__(message, field=details[0].field)
        self.details = tuple(details[:DETAILS_MOST])
        self.status = status
        self.code = code


class UnknownMediaType(base.InvalidInput):
    """A vendor media type that names no version of this operation."""

    def __init__(self, header: str, got: str, known: Sequence[str]):
        super().__init__(f"{header} {got} is not supported here; supported: {', '.join(known)}", field=header)


class OAuthError(base.HouselightsError):
    """A refusal at the token endpoint, in the words of RFC 6749 §5.2."""

    def __init__(self, code: str, description: str, *, status: int = 400):
        super().__init__(description)
        self.code = code
        self.status = status


STATUS: tuple[tuple[type[base.HouselightsError], int, Kind], ...] = (
    (UnknownMediaType, 415, Kind.INVALID),
    (base.NotAuthenticated, 401, Kind.OTHER),
    (base.NotAllowed, 403, Kind.OTHER),
    (base.NotFound, 404, Kind.NOT_FOUND),
    (base.Conflict, 409, Kind.INVALID),
    (base.TooManyRequests, 429, Kind.OTHER),
    (base.TooLarge, 413, Kind.OUT_OF_RANGE),
    (base.Unavailable, 503, Kind.OTHER),
    (base.InvalidInput, 400, Kind.INVALID),
)


def problem_of(error: base.HouselightsError, request_id: str, *, invalid_status: int = 400) -> Problem:
    """Turn one of our errors into a problem; an error without a line in STATUS is a 500.

    `invalid_status` is what the operation answers to malformed parameters.
    """
    if isinstance(error, Rejected):
        status = invalid_status if error.status == 400 else error.status
        return Problem(
            status=status, message=error.message, request_id=request_id, details=error.details, code=error.code
        )
    status, kind = next(((s, k) for cls, s, k in STATUS if isinstance(error, cls)), (500, Kind.OTHER))
    message = error.message if error.hint is None else f"{error.message}; {error.hint}"
    return Problem(
        status=getattr(error, "status", status),
        message=message,
        request_id=request_id,
        details=(Detail(kind, message, error.field),),
        retry_after_seconds=getattr(error, "retry_after_seconds", None),
        code=getattr(error, "code", ""),
    )


def field_path(place: Sequence[str | int]) -> str:
    """Write pydantic's location as the caller would: ("body", "audiences", 3, "groupId") → `audiences[3].groupId`.

    The steps that pydantic adds for unions and validators ("bool", "function-…") are left out.
    """
    path = ""
    for step in place[1:] if place and place[0] in {"body", "query", "path", "header"} else place:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step not in {"bool", "str"} and not step.startswith(("function-", "constrained-", "literal[")):
            path += f".{step}" if path else step
    return path


OUT_OF_RANGE = ("too_long", "too_short", "greater_than", "less_than", "string_too", "too_many")


def details_of(errors: Sequence[ErrorDetails]) -> tuple[Detail, ...]:
    """Turn pydantic's findings into details, one for each field, at most the hundred a reply may carry."""
    found: dict[str, Detail] = {}
    for error in errors:
        malformed = error["type"] == "json_invalid"
        field = "" if malformed else field_path(error["loc"])
        message = (
            f"the body is not valid JSON: {error.get('ctx', {}).get('error', '')}" if malformed else _message(error)
        )
        kind = Kind.OUT_OF_RANGE if error["type"].startswith(OUT_OF_RANGE) else Kind.INVALID
        found.setdefault(field, Detail(kind, message.removeprefix("Value error, "), field or None))
    return tuple(found.values())[:DETAILS_MOST]


def _message(error: ErrorDetails) -> str:
    """Return pydantic's words, or ours where those would speak of Python or show a regular expression."""
    given, limits = error["input"], error.get("ctx", {})
    match error["type"]:
        case "string_pattern_mismatch":
            return f"expected {wording.of_pattern(limits['pattern'])}, found {wording.found(given)}"
        case "too_short" if isinstance(given, str):
            least = limits["min_length"]
            return f"expected at least {least:,} character{'' if least == 1 else 's'}, found {len(given):,}"
        case "too_long" if isinstance(given, str):
            return f"expected at most {limits['max_length']:,} characters, found {len(given):,}"
        case "model_attributes_type" | "model_type":
            return f"expected an object, found {wording.found(given)}"
    return error["msg"]


Family = Callable[[Problem], tuple[str, Mapping[str, Any]]]


def dsp_family(problem: Problem) -> tuple[str, Mapping[str, Any]]:
    """Insights and combined audiences: `{"requestId","message","errors":[{"errorType","fieldName"?,"message"}]}`."""
    errors = [_sub_error(detail.kind.value, detail, "fieldName") for detail in problem.details]
    return JSON, {"requestId": problem.request_id, "message": problem.message, "errors": errors}


AUDIENCE_WORDS = {
    Kind.INVALID: "Invalid value",
    Kind.NOT_FOUND: "Not found",
    Kind.OUT_OF_RANGE: "Invalid value",
    Kind.OTHER: "Other",
}


def audience_family(problem: Problem) -> tuple[str, Mapping[str, Any]]:
    """Discovery: the same keys in other words, `'1' validation error(s) occurred. …`, `"errorType":"Invalid value"`."""
    message = problem.message
    if problem.status == 400:
        count = len(problem.details)
        message = f"'{count}' validation error(s) occurred. Please correct them and request again."
    errors = [_sub_error(AUDIENCE_WORDS[detail.kind], detail, "fieldName") for detail in problem.details]
    return JSON, {"requestId": problem.request_id, "message": message, "errors": errors}


def advertiser_family(problem: Problem) -> tuple[str, Mapping[str, Any]]:
    """Advertisers: `{"message","requestId","errors":[{"errorType":"DSP_INVALID_QUERY_PARAM","field","message"}]}`."""
    word = {401: "DSP_UNAUTHORIZED", 403: "DSP_FORBIDDEN", 404: "DSP_NOT_FOUND", 422: "DSP_INVALID_QUERY_PARAM"}
    kind = word.get(problem.status, "DSP_ERROR")
    errors = [_sub_error(kind, detail, "field") for detail in problem.details]
    return JSON, {"message": problem.message, "requestId": problem.request_id, "errors": errors}


def overlap_family(problem: Problem) -> tuple[str, Mapping[str, Any]]:
    """Audience overlap: `{"message","requestId"}` in its own media type."""
    message = problem.message if len(problem.details) <= 1 else "; ".join(d.message for d in problem.details)
    field = problem.details[0].field if problem.details else None
    if field is not None and field not in message:
        message = f"{field}: {message}"
    return "application/vnd.insightserror.v1+json", {"message": message, "requestId": problem.request_id}


def generic_family(problem: Problem) -> tuple[str, Mapping[str, Any]]:
    """Profiles, and paths that belong to no product: `{"code":"401","details":"…"}`; the code is a string."""
    details = "; ".join(f"{d.field}: {d.message}" if d.field else d.message for d in problem.details)
    body = {"code": str(problem.status), "details": details or problem.message, "requestId": problem.request_id}
    return JSON, body


def oauth_family(problem: Problem) -> tuple[str, Mapping[str, Any]]:
    """Tokens: `{"error":"invalid_grant","error_description":"…","request_id":"…"}`, RFC 6749 §5.2."""
    code = problem.code or ("invalid_request" if problem.status < 500 else "server_error")
    body = {"error": code, "error_description": problem.message, "request_id": problem.request_id}
    return JSON, body


def _sub_error(kind: str, detail: Detail, field_key: str) -> dict[str, str]:
    """Write one entry of `errors`."""
    entry = {"errorType": kind, "message": detail.message}
    if detail.field is not None:
        entry[field_key] = detail.field
    return entry


def _sayable(problem: Problem) -> Problem:
    """Return the problem with half characters of the caller's own text, which no reply can hold, as question marks."""

    def clean(text: str) -> str:
        return text.encode(errors="replace").decode()

    details = tuple(
        Detail(one.kind, clean(one.message), None if one.field is None else clean(one.field)) for one in problem.details
    )
    return replace(problem, message=clean(problem.message), details=details)


def envelope(family: Family, problem: Problem) -> Response:
    """Write a problem in a family's words. `Retry-After` is whole seconds: clients call int() on it."""
    media_type, body = family(_sayable(problem))
    headers = {"x-amzn-RequestId": problem.request_id}
    if problem.retry_after_seconds is not None:
        headers["Retry-After"] = str(problem.retry_after_seconds)
    if problem.allow is not None:
        headers["Allow"] = problem.allow
    if family is oauth_family:
        headers |= NEVER_STORED
    elif problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    content = msgspec.json.encode(body)
    return Response(content, status_code=problem.status, headers=headers, media_type=media_type)
