"""Normal forms of street addresses: "123 East Main St. Apt #5" is "123emainstaptnumber5".

Words are mapped by the country's table of street words (address_words.py); countries without one use the common table.
"""

import re
from collections.abc import Iterable

from houselights.identity.address_words import COUNTRY_WORDS, DEFAULT_WORDS, DIRECTIONS, LONG_WORDS, NUMBER_SIGNS

_BREAKS = re.compile(r"\bC/O\b|[\s,.!()\[\]{}]+")
_NUMBER_DASH = re.compile(r"([0-9]+)-(?![0-9]+$)([^-]+)")
_HASH = re.compile(r"([^#]*)(#)([^#]*)")


def address(text: str, country: str) -> str:
    """Normalise a street address; "" when it has no words. Accents stay, as they do in the field."""
    return _mapped(_tokens(text), country)


def address_forms(text: str, country: str) -> tuple[str, ...]:
    """Return the forms of an address: mapped, mapped with long words shortened too, and with no word mapped."""
    tokens = _tokens(text)
    shortened = _mapped([LONG_WORDS.get(token, token) for token in tokens], country)
    forms = (_mapped(tokens, country), shortened, "".join(tokens).lower())
    return tuple(form for form in dict.fromkeys(forms) if form)


def _mapped(tokens: Iterable[str], country: str) -> str:
    words = COUNTRY_WORDS.get(country.upper(), DEFAULT_WORDS)
    return "".join(words.get(token, _common(token)) for token in tokens).lower()


def _common(token: str) -> str:
    return NUMBER_SIGNS.get(token) or DIRECTIONS.get(token, token)


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    for token in _BREAKS.split(text.strip().upper()):
        dashed = _NUMBER_DASH.fullmatch(token)
        hashed = _HASH.fullmatch(token)
        parts = dashed.groups() if dashed else hashed.groups() if hashed else (token,)
        tokens += [part for part in parts if part]
    return tokens
