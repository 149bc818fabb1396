"""How many requests a client may make to one path. The few limits that the vendor publishes stand in the table.

An operator can set others: `HOUSELIGHTS_AMAZON_RATES="*=100/second,/insights/bandedSize=10/second"`. What is said of a
path goes before what is said of `*`, and that before what is published.
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
    """Limits in the grammar of the `limits` library ("10/second", "500 per 5 minutes"), by path template.

    `otherwise` is for every other path, None when the operator has no opinion.
    """

    by_path: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    otherwise: str | None = None

    def of(self, path: str, published: str | None = None) -> str:
        """Return the limit of one path template, which may have a published one."""
        return self.by_path.get(path) or self.otherwise or published or DEFAULT_RATE

    @classmethod
    def read(cls, text: str) -> "Rates":
        """Parse `path=limit,path=limit`; the path `*` stands for all others. Raises InvalidInput on anything else."""
        limits: dict[str, str] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            path, equals, limit = entry.partition("=")
            if not equals or not limit.strip() or not path.startswith(("/", EVERY_PATH)):
                raise InvalidInput(f'expected "path=limit", found "{entry}"', field=VARIABLE)
            limits[path.strip()] = limit.strip()
        return cls(otherwise=limits.pop(EVERY_PATH, None), by_path=MappingProxyType(limits))

    @classmethod
    def from_environment(cls) -> "Rates":
        """Read the operator's choice; without one, paths without a published limit have the same generous one."""
        return cls.read(os.environ.get(VARIABLE, ""))
