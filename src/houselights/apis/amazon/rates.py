"""How many requests a client may make to one path. The vendor's own limits move and are not published for these paths.

Ours are plain numbers an operator can set: `HOUSELIGHTS_AMAZON_RATES="*=100/second,/insights/bandedSize=10/second"`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from houselights.base.errors import InvalidInput

VARIABLE = "HOUSELIGHTS_AMAZON_RATES"
EVERY_PATH = "*"
DEFAULT_RATE = "100/second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Limits in the grammar of the `limits` library ("10/second", "500 per 5 minutes"), by path template."""

    by_path: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    otherwise: str = DEFAULT_RATE

    def of(self, path: str) -> str:
        """Return the limit of one path template."""
        return self.by_path.get(path, self.otherwise)

    @classmethod
    def read(cls, text: str) -> "Rates":
        """Parse `path=limit,path=limit`; the path `*` stands for all others. Raises InvalidInput on anything else."""
        limits: dict[str, str] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            path, equals, limit = entry.partition("=")
            if not equals or not limit.strip() or not path.startswith(("/", EVERY_PATH)):
                raise InvalidInput(f'expected "path=limit", found "{entry}"', field=VARIABLE)
            limits[path.strip()] = limit.strip()
        return cls(otherwise=limits.pop(EVERY_PATH, DEFAULT_RATE), by_path=MappingProxyType(limits))

    @classmethod
    def from_environment(cls) -> "Rates":
        """Read the operator's choice; without one, every path has the same generous limit."""
        return cls.read(os.environ.get(VARIABLE, ""))
