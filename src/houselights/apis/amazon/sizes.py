"""How large a request may be. Published limits stand in the table of operations; an operator may set others.

`HOUSELIGHTS_AMAZON_SIZES="/v2/dp/audience=1MB/1000,/v2/dp/users=2MB"`: bytes, and behind the slash how many entries.
A megabyte is 2²⁰ bytes. The room as a whole takes at most `BODY_BYTES`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from houselights.base.errors import InvalidInput

VARIABLE = "HOUSELIGHTS_AMAZON_SIZES"
MEGABYTE = 1 << 20
# The largest expression allowed, 5,500 audiences, is a tenth of it; the largest upload of records is 6 MB.
BODY_BYTES = 8 * MEGABYTE
_SIZE = re.compile(r"(?P<number>\d+(?:\.\d+)?)MB(?:/(?P<entries>\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The most bytes of a body, and the most entries in its list when that has a limit of its own."""

    bytes_most: int = BODY_BYTES
    entries_most: int | None = None

    @property
    def megabytes(self) -> str:
        """The bytes as messages say them: "5", "0.5"."""
        return f"{self.bytes_most / MEGABYTE:g}"


# What an operation without a limit of its own takes.
WHOLE_ROOM = Size()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Limits an operator has set, by path template."""

    by_path: Mapping[str, Size] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, path: str, published: Size) -> Size:
        """Return the limit of one path template."""
        return self.by_path.get(path, published)

    @classmethod
    def read(cls, text: str) -> "Sizes":
        """Parse `path=5MB` and `path=6MB/2000`, separated by commas. Raises InvalidInput on anything else."""
        limits: dict[str, Size] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            path, _, limit = (part.strip() for part in entry.partition("="))
            found = _SIZE.fullmatch(limit)
            if found is None or not path.startswith("/"):
                raise InvalidInput(f'expected "path=6MB" or "path=6MB/2000", found "{entry}"', field=VARIABLE)
            bytes_most = int(float(found["number"]) * MEGABYTE)
            if not 0 < bytes_most <= BODY_BYTES:
                raise InvalidInput(f"at most {BODY_BYTES >> 20}MB can be taken, found {limit}", field=VARIABLE)
            entries = found["entries"]
            limits[path] = Size(bytes_most=bytes_most, entries_most=None if entries is None else int(entries))
        return cls(by_path=MappingProxyType(limits))

    @classmethod
    def from_environment(cls) -> "Sizes":
        """Read the operator's choice."""
        return cls.read(os.environ.get(VARIABLE, ""))
