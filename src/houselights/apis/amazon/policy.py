"""What an operator may decide about lists that this vendor's clients upload. Read once, when the room is made.

The number is the vendor's own. How many people must be on a list before it can be used is the workspace's to say, in
its privacy policy (`minimum_list`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from houselights.base.errors import InvalidInput

PREFIX = "HOUSELIGHTS_AMAZON_"
RECORDS_PER_HOUR = 15_000_000
YES, NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


def own_terms() -> str:
    """Return the terms that come with the program, as HTML."""
    return files("houselights.apis.amazon.amc").joinpath("terms.html").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The operator's choices.

    `records_per_hour` is what one connection may send; `strict_ids` refuses ids of the upload APIs that are quoted, as
    the vendor does; `consent_required` refuses records of the United Kingdom and the European Economic Area without a
    consent signal; `terms` is the HTML that a client accepts before it uploads to a clean room.
    """

    records_per_hour: int = RECORDS_PER_HOUR
    strict_ids: bool = False
    consent_required: bool = False
    terms: str = ""

    def __post_init__(self) -> None:
        if not self.terms:
            object.__setattr__(self, "terms", own_terms())

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ) -> "Policy":
        """Read `HOUSELIGHTS_AMAZON_RECORDS_PER_HOUR`, `_STRICT_IDS`, `_CONSENT_REQUIRED`, and the
        file `_TERMS`; what is not there is the vendor's.

        Raises InvalidInput naming the variable for what is no number, no yes or no, or no file that can be read.
        """
        terms = env.get(f"{PREFIX}TERMS")
        try:
            text = Path(terms).read_text(encoding="utf-8") if terms else ""
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"the terms cannot be read: {error}", field=f"{PREFIX}TERMS") from error
        return cls(
            records_per_hour=_number(env, "RECORDS_PER_HOUR", RECORDS_PER_HOUR),
            strict_ids=_choice(env, "STRICT_IDS"),
            consent_required=_choice(env, "CONSENT_REQUIRED"),
            terms=text,
        )


def _number(env: Mapping[str, str], name: str, otherwise: int) -> int:
    text = env.get(f"{PREFIX}{name}", "").strip()
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit()):
        raise InvalidInput(f'expected a whole number, found "{text}"', field=f"{PREFIX}{name}")
    return int(text)


def _choice(env: Mapping[str, str], name: str) -> bool:
    text = env.get(f"{PREFIX}{name}", "").strip().lower()
    if text not in YES | NO:
        raise InvalidInput(f'expected yes or no, found "{text}"', field=f"{PREFIX}{name}")
    return text in YES
