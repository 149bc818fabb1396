"""Two-letter codes of states and provinces by name, for the countries where addresses are written with them."""

from functools import cache
from typing import Any

import pycountry

# What a code may be of: a district or an outlying territory is not written like a state in the field.
_KINDS = {"US": {"State"}, "CA": {"Province", "Territory"}, "DE": {"Land"}}
# ISO 3166-2 has the German names; connectors look for the English ones.
_ENGLISH = {
    "DE": {
        "BAYERN": "BAVARIA", "HESSEN": "HESSE", "NIEDERSACHSEN": "LOWERSAXONY", "SACHSEN": "SAXONY",
        "NORDRHEINWESTFALEN": "NORTHRHINEWESTPHALIA", "RHEINLANDPFALZ": "RHINELANDPALATINATE",
        "SACHSENANHALT": "SAXONYANHALT", "THÜRINGEN": "THURINGIA",
    }
}  # fmt: skip


@cache
def state_codes(country: str, *, own_names: bool = False) -> dict[str, str]:
    """Return from a state's name (upper case, letters only) to its code; empty for countries without codes.

    Names are English, or the country's own when `own_names`.
    """
    code = country.upper()
    kinds = _KINDS.get(code, set())
    english = {} if own_names else _ENGLISH.get(code, {})
    found: Any = pycountry.subdivisions
    places = [place for place in found.get(country_code=code) or () if place.type in kinds]
    names = {_letters(place.name): place.code.split("-")[1] for place in places}
    return {english.get(name, name): short for name, short in names.items()}


def _letters(name: str) -> str:
    return "".join(letter for letter in name.upper() if letter.isalpha())
