"""Two-letter codes of states and provinces by name, for the countries where addresses are written with them.

ISO 3166-2 has the names in the country's own language. Connectors look for other ones, mostly English, and for France
the regions of before 2016 under codes of their own; those stand here.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

import pycountry

# What a code may be of: a district, a region or an outlying territory is not written like a state in the field.
_KINDS = {
    "US": {"State"},
    "CA": {"Province", "Territory"},
    "DE": {"Land"},
    "ES": {"Province", "Autonomous city in north africa"},
    "IT": {
        "Province", "Metropolitan city", "Free municipal consortium", "Decentralized regional entity",
        "Autonomous province",
    },
}  # fmt: skip
_UMLAUTS = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE"})


def _table(text: str) -> dict[str, tuple[str, ...]]:
    entries = [entry.split() for entry in text.split(";")]
    return {code: tuple(names) for code, *names in entries}


# By code, all names that connectors look for, where these are not the one of ISO 3166-2.
_KNOWN_AS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "DE": _table(
        """
        BY BAVARIA; HE HESSE; NI LOWERSAXONY; NW NORTHRHINEWESTPHALIA; RP RHINELANDPALATINATE; SN SAXONY;
        ST SAXONYANHALT; TH THURINGIA
        """
    ),
    "ES": _table(
        """
        A ALICANTE ALACANT; BI VIZCAYA BIZKAIA; CS CASTELLON CASTELLO; NA NAVARRA NAFARROA; PM BALEARES BALEARS;
        SS GUIPUZCOA GIPUZKOA; VI ALAVA ARABA
        """
    ),
    "FR": _table(
        """
        AA ALSACE; AQ AQUITAINE; AU AUVERGNE; BG BURGUNDY; BN LOWERNORMANDY; BT BRITTANY; CE CORSICA;
        CG CHAMPAGNEARDENNE; CN CENTRE; FC FRANCHECOMTE; HT UPPERNORMANDY; IF ILEDEFRANCE; LE LORRAINE; LM LIMOUSIN;
        LU LANGUEDOCROUSSILLON; MP MIDIPYRENEES; NP NORDPASDECALAIS; PI PICARDY; PL PAYSDELALOIRE;
        PR PROVENCEALPESCOTEDAZUR; PT POITOUCHARENTES; RA RHONEALPES
        """
    ),
    "IT": _table(
        """
        AO AOSTA; BZ SOUTHTYROL; CI CARBONIAIGLESIAS; FI FLORENCE; GE GENOA; MB MONZAANDBRIANZA; MI MILAN; MN MANTUA;
        MS MASSAANDCARRARA; NA NAPLES; OG OGLIASTRA; OT OLBIATEMPIO; PD PADUA; PU PESAROANDURBINO; RM ROME;
        SR SYRACUSE; TN TRENTINO; TO TURIN; VE VENICE; VS MEDIOCAMPIDANO
        """
    ),
}
_OWN_NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "CA": _table("QC QUÉBEC"),
    "ES": _table("PM ILLESBALEARS ISLASBALEARES"),
    "FR": _table("BG BOURGOGNE; BN BASSENORMANDIE; BT BRETAGNE; CE CORSE; HT HAUTENORMANDIE; PI PICARDIE"),
}


@cache
def state_codes(country: str) -> dict[str, str]:
    """Return from the names connectors look for (upper case, A-Z) to the codes; empty for countries without codes."""
    known = _KNOWN_AS.get(country.upper(), {})
    codes = {name: code for code, names in _official(country).items() if code not in known for name in names}
    return codes | {name: code for code, names in known.items() for name in names}


@cache
def own_state_codes(country: str) -> dict[str, str]:
    """Return the same from every name there is, the country's own among them, accents kept or not."""
    names: dict[str, str] = {}
    for code, words in [*_official(country).items(), *_OWN_NAMES.get(country.upper(), {}).items()]:
        names |= dict.fromkeys(words, code)
    return names | state_codes(country)


def letters(name: str) -> str:
    """Return the letters of a name in upper case, those of other alphabets too."""
    return "".join(letter for letter in name.upper() if letter.isalpha())


def without_accents(name: str) -> str:
    """Return upper-case letters as connectors write them in A-Z: Ü is UE, other accents go."""
    parts = unicodedata.normalize("NFD", name.translate(_UMLAUTS))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _official(country: str) -> dict[str, tuple[str, ...]]:
    """Return the names of ISO 3166-2 by code, with and without accents; of "A Coruña [La Coruña]" both."""
    code = country.upper()
    kinds = _KINDS.get(code, set())
    found: Any = pycountry.subdivisions
    names: dict[str, tuple[str, ...]] = {}
    for place in (found.get(country_code=code) or ()) if kinds else ():
        if place.type in kinds:
            spelt = [letters(name) for name in place.name.replace("]", "").split("[")]
            names[place.code.split("-")[1]] = tuple(form for name in spelt for form in (name, without_accents(name)))
    return names
