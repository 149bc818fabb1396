"""Countries of records: which are known, which are matched, which ask for consent."""

from functools import lru_cache

import pycountry

from houselights.apis.amazon.dsp.universe import UNITED_KINGDOM

UNKNOWN = "UNKNOWN"
# The vendor's list has two codes that are not of the standard, and two words for "not known".
KNOWN = frozenset({country.alpha_2 for country in pycountry.countries} | {"AN", "XK", "ZZ", UNKNOWN})
# Where records of hashed identities are taken from.
MATCHED = frozenset(
    {"AE", "AU", "BE", "BR", "CA", "DE", "EG", "ES", "FR", "GB", "IN", "IT", "JP", "MX", "NL", "PL", "SA", "SE", "SG",
     "TR", "US"}
)  # fmt: skip
# The United Kingdom, the European Economic Area and Switzerland.
CONSENT = frozenset(
    {"AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT",
     "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
)  # fmt: skip


@lru_cache(maxsize=1024)  # a body says it thousands of times
def country_code(sent: str) -> str:
    """Return a country as it is kept: two capitals, or UNKNOWN. Raises ValueError for what is none."""
    code = sent.strip().upper()
    code = UNITED_KINGDOM.get(code, code)
    if code not in KNOWN:
        raise ValueError(f'"{sent}" is not a country code of ISO 3166-1 alpha-2')
    return UNKNOWN if code == "ZZ" else code
