"""The room as one table: every operation, what a caller must show, and the content types its body may have.

The table is the map of the room. `door.py` reads it before a request is routed; a test holds it equal to the routes.
Paths are the vendor's own, without the trailing slash that the door forgives. Paths marked "ours" are extensions.
"""

import re
from dataclasses import dataclass, field
from enum import Enum

UPS = "/data/core/ups"

# The path prefixes that belong to this room; its documentation lives under the last.
PATHS = (UPS, "/ims", "/adobe")


class Entry(Enum):
    """What a caller must show."""

    NOTHING = "credentials are in the body"
    SANDBOX = "token, API key, organisation and sandbox"


class Body(Enum):
    """Which content types a request body may have."""

    NONE = ()
    JSON = ("application/json", "application/json-patch+json")
    MEMBERS = ("application/json", "text/csv")
    FORM = ("application/x-www-form-urlencoded", "multipart/form-data", "application/json", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    entry: Entry = Entry.SANDBOX
    body: Body = Body.NONE
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(self.path))
        object.__setattr__(self, "pattern", re.compile(pattern))


def _ups(method: str, path: str, body: Body = Body.NONE) -> Operation:
    return Operation(method=method, path=UPS + path, body=body)


def _things(path: str, name: str, *methods: str) -> tuple[Operation, ...]:
    """Describe a collection: listed, added to, and the `methods` of one thing in it."""
    return (
        _ups("GET", path),
        _ups("POST", path, Body.JSON),
        *(
            _ups(method, f"{path}/{{{name}}}", Body.JSON if method in {"PUT", "PATCH"} else Body.NONE)
            for method in methods
        ),
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(method="POST", path="/ims/token/v3", entry=Entry.NOTHING, body=Body.FORM),
    *_things("/audiences", "audience_id", "GET", "PUT", "PATCH", "DELETE"),
    _ups("POST", "/audiences/bulk-get", Body.JSON),
    _ups("GET", "/audiences/{audience_id}/eligibility"),  # ours
    _ups("POST", "/audiences/{audience_id}/members", Body.MEMBERS),  # ours
    *_things("/segment/definitions", "definition_id", "GET", "PATCH", "DELETE"),
    _ups("POST", "/segment/definitions/bulk-get", Body.JSON),
    _ups("POST", "/segment/conversion", Body.JSON),
    *_things("/segment/jobs", "job_id", "GET", "DELETE"),
    _ups("POST", "/segment/jobs/bulk-get", Body.JSON),
    _ups("POST", "/preview", Body.JSON),
    _ups("GET", "/preview/{preview_id}"),
    _ups("DELETE", "/preview/{preview_id}"),
    _ups("GET", "/estimate/{preview_id}"),
    _ups("GET", "/search/namespaces"),
    _ups("GET", "/search/entities"),
    _ups("GET", "/access/entities"),
    _ups("POST", "/access/entities", Body.JSON),
    *_things("/export/jobs", "job_id", "GET", "DELETE"),
    _ups("GET", "/export/jobs/{job_id}/files/{name}"),  # ours
    *_things("/config/schedules", "schedule_id", "GET", "PATCH", "DELETE"),
    *_things("/config/mergePolicies", "policy_id", "GET", "PUT", "PATCH", "DELETE"),
    _ups("POST", "/config/mergePolicies/bulk-get", Body.JSON),
)


def operation_at(method: str, path: str) -> Operation | None:
    """Return the operation that a request means, None when the path or its method is not in the table."""
    for operation in OPERATIONS:
        if operation.method == method and operation.pattern.fullmatch(path):
            return operation
    return None


def methods_at(path: str) -> list[str]:
    """Return the methods that a path has, for the `Allow` header of a refusal."""
    return sorted({operation.method for operation in OPERATIONS if operation.pattern.fullmatch(path)})
