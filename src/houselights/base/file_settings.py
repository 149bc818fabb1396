"""Knobs of the files that clients send and fetch: lists of ids. Refuses words that are no knobs.

An operator sets them in `HOUSELIGHTS_FILES="link_seconds=3600,keep_days=7"`.
"""

from dataclasses import dataclass

from houselights.base.knobs import knobs

VARIABLE = "HOUSELIGHTS_FILES"


@dataclass(frozen=True, slots=True)
class FileSettings:
    """A link to the ids of an audience lives for `link_seconds`. `raw_email` is the attribute of people, by its path,
    that holds e-mail addresses as they are written; where nobody has it there are none to fetch.

    A list that was sent has at most `lines` lines and `bytes` bytes, and is deleted after `keep_days`. A link to send
    one to lives for `put_seconds`.
    """

    link_seconds: int = 24 * 3600
    raw_email: str = "personalEmail.address"
    put_seconds: int = 3600
    keep_days: int = 30
    lines: int = 20_000_000
    bytes: int = 2 << 30

    @classmethod
    def from_environment(cls) -> "FileSettings":
        """Read the variable. Raises InvalidInput for an unknown knob, or a value that it cannot have."""
        return knobs(cls, VARIABLE)
