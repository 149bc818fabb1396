"""Countries as people write them: codes of two or three letters and names, to ISO 3166-1 alpha-2."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pycountry

ALSO: Mapping[str, str] = {"UK": "GB", "ENGLAND": "GB", "SCOTLAND": "GB", "WALES": "GB", "USA": "US", "UAE": "AE"}


@lru_cache(maxsize=4096)
def country_of(text: str) -> str | None:
    """Return the code of a country written in any of the usual ways; None for what is no country."""
    word = text.strip()
    known = ALSO.get(word.upper().replace(".", ""))
    if known is not None or not word:
        return known
    countries: Any = pycountry.countries
    try:
        return str(countries.lookup(word).alpha_2)
    except LookupError:
        return None
