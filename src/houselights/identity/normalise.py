"""Normal forms of what people type: names, e-mail, phone, city, state and postal code. Addresses are in address.py.

Each function returns "" for a value that cannot be right; nobody is identified by "". Connectors in the field do not
agree on one normal form, so the functions named `…_forms` return all of those in use, the commonest first: an uploader
who kept the ZIP+4, or dropped the tag of an e-mail address, still finds the person.
"""

import re
from functools import lru_cache

import phonenumbers

from houselights.identity.states import letters, own_state_codes, state_codes

_LIGATURES = str.maketrans({"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "ø": "o", "æ": "ae"})
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_NOT_EMAIL = re.compile(r"[^\w.@-]+")
_EMAIL = re.compile(r"[\w._-]+@[\w._-]+")
_SIMPLE_EMAIL = re.compile(r"[a-z0-9.-]+@[a-z0-9.-]+")
_NOT_LETTER = re.compile(r"[^A-Z]+")
_DIGITS = re.compile(r"[^0-9]+")
_WORDY = re.compile(r"[^\W\d_]|[;#]")  # letters, or what sets off an extension
_NOT_ALNUM = re.compile(r"[^A-Za-z0-9]+")
_POSTAL_CA = re.compile(r"(?:[A-Za-z][0-9]){3}")
POSTAL_DIGITS = {"IN": 6, "JP": 7, "AU": 4, "BE": 4, "NL": 4}  # where codes are not of five digits
_POSTAL_GB = re.compile(r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]?[0-9][A-Za-z]{2}")
# Ranges opened since the published vectors were made: mobile numbers of Japan, machines of Italy. Ten digits of one are
# a number there when they are written in full, with the 0 or the country code; bare ones are foreign, as they were.
OPENED_SINCE = {"JP": r"6\d{9}", "IT": r"43\d{8}"}


def name(text: str) -> str:
    """Normalise a first or last name: "O'Neil" is "oneil", "Müller" "mueller"; other accented letters go."""
    return _NOT_PLAIN.sub("", text.lower().translate(_LIGATURES))


def city(text: str) -> str:
    """Normalise a city: lower case, letters a-z and digits; "New York" is "newyork", "München" "mnchen"."""
    return _NOT_PLAIN.sub("", text.lower())


def email(text: str) -> str:
    """Normalise an e-mail address: lower case, only word characters, dots, "@" and "-"; dots count."""
    kept = _NOT_EMAIL.sub("", text.lower())
    return kept if _EMAIL.fullmatch(kept) else ""


def email_forms(text: str) -> tuple[str, ...]:
    """Return the forms of an e-mail address: normal, without "_", only trimmed, and without its "+tag"."""
    trimmed = text.strip().lower()
    if _SIMPLE_EMAIL.fullmatch(trimmed):  # as most are, and then all forms are the same
        return (trimmed,)
    if not email(text):
        return ()
    untagged = re.sub(r"\+[^@]*", "", trimmed)
    return _distinct(email(text), email(text).replace("_", ""), trimmed, email(untagged))


def phone(text: str, country: str | None = None) -> str:
    """Normalise a phone number: its digits with the country code and no "+".

    `country` (ISO 3166-1 alpha-2) is whose number it is, with or without its country code: a "+" is passed over, as the
    common tool does, so the number of another country is taken for one of this country or is "". With no country the
    digits must begin with a country code, and are "" when they can be nobody's number.
    """
    digits = _dialled(text, country) if _WORDY.search(text) else _DIGITS.sub("", text)
    if not digits:
        return ""
    if country in ("US", "CA") and len(digits) == 10 and digits[0] > "1":  # nearly all, in no time
        return f"1{digits}"
    if country is not None:
        return _in_country(digits, country.upper())
    return digits if _is_possible(digits) else ""


def international(text: str) -> str:
    """Normalise a phone number that says its country itself, by a "+"; "" for any other."""
    return phone(text) if text.lstrip().startswith("+") else ""


def phone_forms(text: str, country: str | None = None) -> tuple[str, ...]:
    """Return the forms of a phone number: normal, E.164 with its "+", and for a foreign one as it says itself."""
    digits, foreign = phone(text, country), international(text)
    return _distinct(digits, digits and f"+{digits}", foreign, foreign and f"+{foreign}")


@lru_cache(maxsize=1 << 16)
def _is_possible(digits: str) -> bool:
    if len(digits) == 11 and digits[0] == "1" and digits[1] > "1":  # North America: what the library says, in no time
        return True
    try:
        return _is_whole(phonenumbers.parse(f"+{digits}", None))
    except phonenumbers.NumberParseException:
        return False


def _is_whole(number: phonenumbers.PhoneNumber) -> bool:
    """Say whether a number can be dialled from anywhere; one without its area code cannot."""
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


def _dialled(text: str, country: str | None) -> str:
    """Return the digits of a text with words in it: without "ext. 5" or "x5", and what letters dial."""
    bare = text.replace("+", "")
    try:
        number = phonenumbers.parse(bare if country is not None else f"+{bare}", country)
    except phonenumbers.NumberParseException:
        return ""
    return f"{number.country_code}{phonenumbers.national_significant_number(number)}"


@lru_cache(maxsize=1 << 16)
def _in_country(digits: str, country: str) -> str:
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return ""
    national = phonenumbers.national_significant_number(number)  # with the zero that Italian numbers begin with
    plan = phonenumbers.PhoneMetadata.metadata_for_region(country)
    pattern = plan.general_desc.national_number_pattern if plan is not None and plan.general_desc is not None else None
    in_plan = pattern is not None and re.fullmatch(pattern, national)
    if digits == national and re.fullmatch(OPENED_SINCE.get(country, ""), national):
        return ""
    return f"{number.country_code}{national}" if _is_whole(number) and in_plan else ""


def state(text: str, country: str) -> str:
    """Normalise a state or province to two letters: by its English name in the country, or else its first two."""
    plain = _NOT_LETTER.sub("", text.upper())
    return state_codes(country).get(plain, plain[:2]).lower()


def state_forms(text: str, country: str) -> tuple[str, ...]:
    """Return the forms of a state: normal, and by its name in the country's own language."""
    return _distinct(state(text, country), own_state_codes(country).get(letters(text), "").lower())


def postal(text: str, country: str) -> str:
    """Normalise a postal code: five digits in most countries; as the country writes them elsewhere.

    What follows the code, as in ZIP+4, is cut off.
    """
    match country.upper():
        case "CA":
            compact = _NOT_ALNUM.sub("", text)[:6]
            return compact if _POSTAL_CA.fullmatch(compact) else ""
        case "GB":
            compact = _NOT_ALNUM.sub("", text)[:7]
            return compact if _POSTAL_GB.fullmatch(compact) else ""
        case code:
            length = POSTAL_DIGITS.get(code, 5)
            digits = _DIGITS.sub("", text)[:length]
            return digits if len(digits) == length else ""


def postal_forms(text: str, country: str) -> tuple[str, ...]:
    """Return the forms of a postal code: normal, lower case, and whole (ZIP+4, outward and inward part)."""
    normal = postal(text, country)
    whole = _NOT_ALNUM.sub("", text).lower()
    return _distinct(normal, normal.lower(), whole) if normal else ()


def _distinct(*forms: str) -> tuple[str, ...]:
    return tuple(form for form in dict.fromkeys(forms) if form)
