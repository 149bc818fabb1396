"""What an operation of this room is: a method of a path, what a caller must show, what its body may be.

Each product lists its own in a file `operations.py`; the room's table puts the lists together.
"""

import re
from dataclasses import dataclass, field
from enum import Enum

BASE = "/platform/v0"
JSON_BYTES = 4 << 20


class Body(Enum):
    """What the body of a request is."""

    NONE = "nothing"
    JSON = "JSON, mended where a comma is too many, under whatever content type"
    STREAM = "a file, read by the route as it comes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path below the room's base, or a whole path that begins with `/statsocial`.

    `scope` is what the token's client must hold, None for an operation that is `open`: its path is the credential.
    """

    method: str
    path: str
    scope: str | None
    body: Body = Body.NONE
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(self.path))
        object.__setattr__(self, "pattern", re.compile(pattern))


def platform(method: str, path: str, scope: str | None, body: Body | None = None) -> Operation:
    """Describe an operation below the base; one that sends something sends JSON unless it says otherwise."""
    sends = Body.JSON if method in {"POST", "PUT", "PATCH"} else Body.NONE
    return Operation(method=method, path=BASE + path, scope=scope, body=body or sends)
