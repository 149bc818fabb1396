"""Errors as problem+json (RFC 9457). Says what is wrong, where, and what was perhaps meant; never shows our insides."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from houselights.apis.native.schemas.common import Problem
from houselights.base.errors import (
    Conflict,
    HouselightsError,
    InvalidInput,
    InvalidRule,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooLarge,
    TooManyRequests,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"

# kind of error → (status, name in the type, title). The nearest class of an error's ancestry counts.
KINDS: Mapping[type[Exception], tuple[int, str, str]] = {
    InvalidRule: (422, "invalid-rule", "Invalid rule"),
    InvalidInput: (422, "invalid-input", "Invalid input"),
    NotAuthenticated: (401, "not-authenticated", "Not authenticated"),
    NotAllowed: (403, "not-allowed", "Not allowed"),
    NotFound: (404, "not-found", "Not found"),
    Conflict: (409, "conflict", "Conflict"),
    TooLarge: (413, "too-large", "Too large"),
    TooManyRequests: (429, "too-many-requests", "Too many requests"),
    Unavailable: (503, "unavailable", "Unavailable"),
}

# What every operation may answer, for the API page.
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": title}
    for status, _, title in sorted(KINDS.values(), key=lambda kind: kind[0])
    if status not in {409, 413}
}
CONFLICT: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Conflict"}}


class _Reply(JSONResponse):
    """JSON in which half characters of the caller's own text, which UTF-8 cannot say, are question marks."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def problem(
    request: Request,
    status: int,
    kind: str,
    title: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """Return a problem; `more` are further members, left out when None."""
    body = {
        "type": f"urn:houselights:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        **{name: value for name, value in more.items() if value is not None},
        "request_id": getattr(request.state, "request_id", ""),
    }
    return _Reply(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def too_large(request: Request, most: int) -> JSONResponse:
    """Return the problem of a body of more than `most` bytes."""
    return problem(request, 413, "too-large", "Too large", f"a body has at most {most:,} bytes")


def described(app: FastAPI) -> dict[str, Any]:
    """Return the app's OpenAPI document, with problems under the media type they really have."""
    if app.openapi_schema is None:
        page = FastAPI.openapi(app)
        for path in page["paths"].values():
            for operation in path.values():
                for response in operation["responses"].values():
                    content = response.get("content", {})
                    if content.get("application/json", {}).get("schema") == {"$ref": "#/components/schemas/Problem"}:
                        response["content"] = {MEDIA_TYPE: content["application/json"]}
        app.openapi_schema = page
    return app.openapi_schema


def wear(app: FastAPI) -> None:
    """Make `app` answer every error as a problem."""
    app.add_exception_handler(HouselightsError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HouselightsError)
    kinds = (KINDS[each] for each in type(error).__mro__ if each in KINDS)
    status, kind, title = next(kinds, (500, "internal", "Internal error"))
    headers: dict[str, str] = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_seconds)
    elif status == 503:
        headers["Retry-After"] = "5"
    elif status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="houselights"'
    caret = None if error.span is None else error.span.caret()
    return problem(
        request, status, kind, title, error.message, headers=headers, field=error.field, hint=error.hint, caret=caret
    )


def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    broken = [fault for fault in faults if fault["type"] == "json_invalid"]
    if broken:
        # The place is the offset in the body at which it stops being JSON.
        reason = broken[0].get("ctx", {}).get("error", "")
        at = broken[0]["loc"][-1]
        return problem(request, 400, "malformed", "Malformed body", f"the body is not JSON: {reason} at offset {at}")
    named = [{"field": _path(fault["loc"]), "message": fault["msg"]} for fault in faults]
    first = named[0]
    detail = first["message"] if len(named) == 1 else f"{len(named)} faults; the first: {first['message']}"
    return problem(
        request,
        422,
        "invalid-input",
        "Invalid input",
        detail,
        field=first["field"],
        errors=named if len(named) > 1 else None,
    )


def _path(location: Sequence[str | int]) -> str:
    """Write a place as `audiences[2].id`; where it was (body, query) goes unsaid, as in our own field names."""
    parts = location[1:] if location and location[0] in {"body", "query", "path", "header"} else location
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
    return text or str(location[0] if location else "")


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    kind = title.lower().replace(" ", "-")
    detail = str(error.detail) if error.detail and error.detail != title else f"{request.method} {request.url.path}"
    return problem(request, error.status_code, kind, title, detail, headers=error.headers)


def _fault(request: Request, error: Exception) -> JSONResponse:
    del error  # the door writes it to the log, under the request id that the reply carries
    return problem(request, 500, "internal", "Internal error", "the fault is in the log under the request id")
