"""What an operation of this room is: a method of a path, its envelope, its media types, what a caller must show.

Each product lists its own in a file `operations.py`; the room's table puts the lists together.
"""

import re
from dataclasses import dataclass, field
from enum import IntEnum

from houselights.apis.amazon.errors import Family
from houselights.apis.amazon.media import PLAIN, Media
from houselights.apis.amazon.sizes import WHOLE_ROOM, Size
from houselights.base.errors import TooLarge


class Entry(IntEnum):
    """What a caller must show, each including the ones before it."""

    NOTHING = 0  # credentials are in the body
    CLIENT = 1  # an access token and the ClientId header of the client it was issued to
    PROFILE = 2  # a Scope header naming a profile the client is granted
    ADVERTISER = 3  # advertiserId of an advertiser below that profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path.

    `invalid_status` is the status of a malformed parameter, 400 nearly everywhere. `rate` and `size` are published
    limits, which an operator can change; `too_large` words the refusal, with `{megabytes}` and `{bytes}` to fill in.
    """

    method: str
    path: str
    family: Family
    entry: Entry
    media: Media = PLAIN
    invalid_status: int = 400
    rate: str | None = None
    size: Size = WHOLE_ROOM
    too_large: str = "the body is too large: at most {bytes:,} bytes are allowed"
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(self.path))
        object.__setattr__(self, "pattern", re.compile(pattern))

    def refuse(self, size: Size) -> TooLarge:
        """Return the error for a body of more than `size`."""
        return TooLarge(self.too_large.format(megabytes=size.megabytes, bytes=size.bytes_most))
