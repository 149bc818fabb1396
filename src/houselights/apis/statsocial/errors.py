"""One envelope for every refusal. The vendor documents none, so it is of our own design, of the family of successes:

    {"error": {"code": "INVALID_PARAMETERS", "message": "…", "errors": [{"field": …, "message": …, "hint": …}]},
     "information": {"version": "0.0.1"}}

`errors` names every fault that was found, each with its field in the caller's own request. Codes are words that stay.
Nothing here decides what is an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from pydantic_core import ErrorDetails

from houselights.apis.statsocial.wire import INFORMATION, written
from houselights.base import errors as base
from houselights.services.credits import NoCredit

FAULTS_MOST = 100
# What pydantic says in words of its own.
PLAINLY: Mapping[str, str] = {
    "missing": "the field is required",
    "model_type": "an object is expected",
    "model_attributes_type": "an object is expected",
    "dict_type": "an object is expected",
    "list_type": "a list is expected",
    "string_type": "a text is expected",
    "bool_type": "true or false is expected",
    "bool_parsing": "true or false is expected",
    "int_type": "a whole number is expected",
    "int_parsing": "a whole number is expected",
    "int_from_float": "a whole number is expected",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: `field` is a path in the caller's request, such as `parameters[2].age.ranges[0]`."""

    message: str
    field: str | None = None
    hint: str | None = None

    def told(self) -> dict[str, Any]:
        """Return it as it is written; what is not known is left out."""
        values = {"field": self.field, "message": self.message, "hint": self.hint}
        return {name: value for name, value in values.items() if value is not None}


class Rejected(base.InvalidInput):
    """A request with several faults. `code` and `status` are those of a malformed one unless they are given."""

    def __init__(self, faults: Sequence[Fault], *, code: str = "INVALID_PARAMETERS", status: int = 400):
        message = faults[0].message if len(faults) == 1 else f"{len(faults)} problems were found in the request"
        super().__init__(message, field=faults[0].field, hint=faults[0].hint)
        self.faults = tuple(faults[:FAULTS_MOST])
        self.code = code
        self.status = status


# Errors from below the room: the status and code of each. The first that fits counts.
STATUS: tuple[tuple[type[base.HouselightsError], int, str], ...] = (
    (base.NotAuthenticated, 401, "NOT_AUTHENTICATED"),
    (NoCredit, 403, "INSUFFICIENT_CREDITS"),
    (base.NotAllowed, 403, "NOT_ALLOWED"),
    (base.NotFound, 404, "NOT_FOUND"),
    (base.Conflict, 409, "CONFLICT"),
    (base.TooManyRequests, 429, "TOO_MANY_REQUESTS"),
    (base.TooLarge, 413, "TOO_LARGE"),
    (base.Unavailable, 503, "UNAVAILABLE"),
    (base.InvalidInput, 400, "INVALID_PARAMETERS"),
)
CODES: Mapping[int, str] = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


def envelope(error: base.HouselightsError) -> Response:
    """Write an error of the house."""
    if isinstance(error, Rejected):
        return refusal(error.status, error.code, error.message, error.faults)
    found = ((status, code) for kind, status, code in STATUS if isinstance(error, kind))
    status, code = next(found, (500, "INTERNAL_ERROR"))
    headers = {}
    if isinstance(error, base.TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, base.NotAuthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return refusal(status, code, error.message, [Fault(error.message, error.field, error.hint)], headers)


def refusal(
    status: int, code: str, message: str, faults: Sequence[Fault], headers: dict[str, str] | None = None
) -> Response:
    """Write the envelope of a refusal."""
    error = {"code": code, "message": message, "errors": [fault.told() for fault in faults]}
    return written({"error": error, "information": INFORMATION}, status, headers)


def faults_of(errors: Sequence[ErrorDetails]) -> list[Fault]:
    """Return pydantic's findings as faults, one for each field."""
    found: dict[str, Fault] = {}
    for error in errors:
        place = ""
        for at, step in enumerate(error["loc"]):
            if at == 0 and step in {"body", "query", "path", "header"}:
                continue
            place += f"[{step}]" if isinstance(step, int) else f".{step}"
        field = place.lstrip(".")
        message = PLAINLY.get(error["type"], error["msg"].removeprefix("Value error, "))
        found.setdefault(field, Fault(f"{field}: {message}" if field else message, field or None))
    return list(found.values())
