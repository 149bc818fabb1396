"""The tables behind normal forms, for the browser: it normalises and hashes by the same ones as this process.

Made of what the server itself uses, once per process, and so never another truth: a newer numbering plan here is a
newer one there. Facts about the world, and none about anybody.
"""

import hashlib
import json
import re
import sys
import unicodedata
from functools import cache
from typing import Any

import phonenumbers
import pycountry
from phonenumbers import phonenumberutil as reading
from starlette.requests import Request
from starlette.responses import Response

from houselights.identity.address import words_of
from houselights.identity.address_words import COUNTRY_WORDS
from houselights.identity.countries import ALSO
from houselights.identity.fields import FIELDS
from houselights.identity.headers import FIELD_OF_WORD
from houselights.identity.normalise import OPENED_SINCE, POSTAL_DIGITS
from houselights.identity.states import state_codes

PATH = "/web/identity/tables.json"


@cache
def tables() -> bytes:
    """Return them as JSON."""
    countries: Any = pycountry.countries
    codes = sorted(country.alpha_2 for country in countries)
    told = {
        "fields": FIELDS,
        "headers": FIELD_OF_WORD,
        "countries": _countries(countries),
        "also": ALSO,  # upper case, without dots
        "names": {country.alpha_2: getattr(country, "common_name", country.name) for country in countries},
        "address": {code: words_of(code) for code in ("", *COUNTRY_WORDS)},
        "states": {code: state_codes(code) for code in codes if state_codes(code)},
        "postal": POSTAL_DIGITS,
        "phone": _phone(),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _countries(countries: Any) -> dict[str, str]:
    """Return from every way to write a country, in lower case, to its code."""
    fields = ("alpha_2", "alpha_3", "name", "official_name", "common_name", "numeric", "flag")
    found: dict[str, str] = {}
    for country in countries:
        for field in fields:
            written = getattr(country, field, None)
            if written:
                found.setdefault(written.lower(), country.alpha_2)
    return found


def _phone() -> dict[str, Any]:
    """Return the numbering plans, and the patterns that texts with words in them are read by."""
    regions = {
        region: _plan(phonenumbers.PhoneMetadata.metadata_for_region(region))
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    }
    calling: dict[str, str] = {}
    for code, places in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        calling[str(code)] = str(code) if places[0] == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else places[0]
        if places[0] == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY:
            regions[str(code)] = _plan(phonenumbers.PhoneMetadata.metadata_for_nongeo_region(code))
    return {
        "regions": regions,
        "calling": calling,
        "opened": OPENED_SINCE,
        "zeros": [point for point in range(sys.maxunicode + 1) if unicodedata.decimal(chr(point), -1) == 0],
        "text": {
            "start": _browsers(reading._VALID_START_CHAR_PATTERN),
            "unwanted_end": _browsers(reading._UNWANTED_END_CHAR_PATTERN),
            "second": _browsers(reading._SECOND_NUMBER_START_PATTERN),
            "number": _browsers(reading._VALID_PHONE_NUMBER_PATTERN),
            "extension": _browsers(reading._EXTN_PATTERN),
        },
    }


def _plan(metadata: Any) -> list[Any]:
    general = metadata.general_desc
    return [
        str(metadata.country_code),
        metadata.international_prefix,
        metadata.national_prefix_for_parsing,
        re.sub(r"\\(\d)", r"$\1", metadata.national_prefix_transform_rule or "") or None,
        general.national_number_pattern,
        list(general.possible_length),
        list(general.possible_length_local_only),
    ]


def _browsers(pattern: re.Pattern[str]) -> str:
    """Return a pattern as a browser writes it: digits and words of every script."""
    return pattern.pattern.removeprefix("(?u)").replace(r"\d", r"\p{Nd}").replace(r"\w", r"\p{L}\p{N}_")


def json_response(request: Request, content: bytes) -> Response:
    """Answer with facts that are made once per process; a browser that has them already is told so."""
    headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"', "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers | {"X-Content-Type-Options": "nosniff"})
