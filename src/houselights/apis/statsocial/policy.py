"""What an operator decides about this room. Read once, when the room is made."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from houselights.base.errors import InvalidInput

PREFIX = "HOUSELIGHTS_STATSOCIAL_"
YES, NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The operator's choices.

    `strict` refuses what the vendor's words forbid and its own examples send: countries as OR, ids of places that
    there are none of. `rate` is how many requests a client may make to one operation, in the grammar of `limits`.
    """

    strict: bool = False
    rate: str = "200/second"

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ) -> "Policy":
        """Read `HOUSELIGHTS_STATSOCIAL_STRICT` and `_RATE`. Raises InvalidInput naming the variable."""
        strict = env.get(f"{PREFIX}STRICT", "").strip().lower()
        if strict not in YES | NO:
            raise InvalidInput(f'expected yes or no, found "{strict}"', field=f"{PREFIX}STRICT")
        return cls(strict=strict in YES, rate=env.get(f"{PREFIX}RATE", "").strip() or "200/second")
