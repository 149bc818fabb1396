"""Identity by name and address: several fields, each hashed, that identify a person only together.

A combination is stored as the hash of its fields' hashes joined by "|", so that it can be looked up from hashed fields
alone, without ever having seen a name. A field with several forms makes a value for each.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import product

from houselights.identity.address import address_forms
from houselights.identity.hashing import NOTHING, is_sha256, sha256_hex
from houselights.identity.normalise import city, name, postal_forms, state_forms

FIELDS = ("first_name", "last_name", "address", "city", "state", "postal")

# From most to least precise; the name is the namespace.
COMBINATIONS: Mapping[str, tuple[str, ...]] = {
    "name_address_postal": ("first_name", "last_name", "address", "postal"),
    "name_address_city": ("first_name", "last_name", "address", "city", "state"),
    "name_postal_city": ("first_name", "last_name", "postal", "city"),
}


def field_hashes(field: str, raw: str, country: str) -> tuple[str, ...]:
    """Return the hashes of one field in all forms in use, none when it says nothing. A hash is kept as it is."""
    # Names, cities, states and codes come again and again; addresses do not.
    return _hashes(field, raw, country) if field == "address" else _remembered(field, raw, country)


def _hashes(field: str, raw: str, country: str) -> tuple[str, ...]:
    text = raw.strip()
    if is_sha256(text):
        return () if text.lower() == NOTHING else (text.lower(),)
    match field:
        case "first_name" | "last_name":
            forms: tuple[str, ...] = (name(text),)
        case "city":
            forms = (city(text),)
        case "address":
            forms = address_forms(text, country)
        case "state":
            forms = state_forms(text, country)
        case "postal":
            forms = postal_forms(text, country)
        case _:
            raise KeyError(field)
    return tuple(sha256_hex(form) for form in forms if form)


_remembered = lru_cache(maxsize=1 << 16)(_hashes)


def combined(hashes: Mapping[str, str], fields: tuple[str, ...]) -> str:
    """Return the value under which a combination of hashed fields is stored."""
    return sha256_hex("|".join(hashes[field] for field in fields))


def postal_identities(raw: Mapping[str, str], country: str) -> list[tuple[str, str]]:
    """Return (namespace, value) for every combination whose fields are all there."""
    forms = {field: field_hashes(field, value, country) for field, value in raw.items()}
    return [
        (namespace, combined(dict(zip(fields, hashes, strict=True)), fields))
        for namespace, fields in COMBINATIONS.items()
        for hashes in product(*(forms.get(field, ()) for field in fields))
    ]
