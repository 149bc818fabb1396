"""Normal forms of street addresses: "123 East Main St. Apt #5" is "123emainstaptnumber5".

Words are mapped by the country's table of street words (address_words.py); countries without one use the common table.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

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
    words = words_of(country.upper())
    return "".join([words.get(token, token) for token in tokens]).lower()


@cache
def words_of(country: str) -> Mapping[str, str]:
    """Return what stands for what in a country; its own words come before the common ones."""
    return {**DIRECTIONS, **NUMBER_SIGNS, **COUNTRY_WORDS.get(country, DEFAULT_WORDS)}


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    for token in _BREAKS.split(text.strip().upper()):
        if "-" in token or "#" in token:
            split = _NUMBER_DASH.fullmatch(token) or _HASH.fullmatch(token)
            tokens += [part for part in (split.groups() if split else (token,)) if part]
        elif token:
            tokens.append(token)
    return tokens
