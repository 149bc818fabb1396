"""Consent strings of the advertising industry: whether somebody who said this may be put into an audience.

Read are TC strings of version 2 (purposes 1, 3 and 4) and, of the Global Privacy Platform, the European section, which
holds such a string, and the one for the whole United States. Other sections say nothing here. Which vendor a consent
was given to is not looked at: vendors are numbered in a public list, and whoever runs this house may not be in it.
"""

import base64
import binascii
from collections.abc import Iterator

# IAB Transparency & Consent Framework, "Consent string and vendor list formats v2": bits of the core before purposes.
_TCF_VERSION, _TCF_BEFORE_PURPOSES, _PURPOSES = 2, 146, 24
STORE, PROFILE, SELECT = 1, 3, 4  # keep something on a device; make a profile for advertising; choose by it
# IAB Global Privacy Platform: numbers of sections, and where in that of the United States the opt-outs stand.
_GPP_HEADER_TYPE, _EUROPE, _UNITED_STATES = 3, 2, 7
_BEFORE_OPT_OUTS, _OPT_OUTS = 18, ("sale", "sharing", "targeted advertising")
_OPTED_OUT, _GPC_SEGMENT = 1, 1
_SECTIONS_MOST = 1000  # numbers of sections in use are below thirty
_READ = 256  # characters: all that is read here stands in the first few of them, whatever a sender makes follow


class _Bits:
    """Reads the beginning of a URL-safe base64 text as whole numbers of so many bits.

    Raises ValueError for other text, and when there are not enough.
    """

    def __init__(self, text: str):
        text = text[:_READ]
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError) as error:
            raise ValueError("not a consent string") from error
        self._bits = "".join(f"{byte:08b}" for byte in raw)
        self._at = 0

    def take(self, count: int) -> int:
        taken = self._bits[self._at : self._at + count]
        if len(taken) < count:
            raise ValueError("the consent string is cut short")
        self._at += count
        return int(taken, 2)

    def fibonacci(self) -> int:
        """Take a number in Fibonacci coding: digits of 1, 2, 3, 5, 8, … until two ones stand side by side."""
        total, weight, following, before = 0, 1, 2, 0
        while True:
            digit = self.take(1)
            if digit and before:
                return total
            total += weight * digit
            weight, following, before = following, weight + following, digit


def tcf_denies(text: str) -> bool:
    """Tell whether a TC string withholds what an audience needs. Raises ValueError for what is no such string."""
    core = _Bits(text.partition(".")[0])
    if core.take(6) != _TCF_VERSION:
        raise ValueError("not a TC string of version 2")
    core.take(_TCF_BEFORE_PURPOSES)
    consents = core.take(_PURPOSES)
    core.take(_PURPOSES)  # legitimate interest, which is none for these purposes
    asked_no_store = core.take(1)  # where the law asks no consent for storage, purpose 1 was not put to the person
    needed = (PROFILE, SELECT) if asked_no_store else (STORE, PROFILE, SELECT)
    return any(not consents >> (_PURPOSES - purpose) & 1 for purpose in needed)


def gpp_denies(text: str) -> bool:
    """Tell whether any section of a GPP string that is read here denies. Raises ValueError for no such string."""
    header, *sections = text.split("~")
    numbers = list(_sections(header))
    if len(numbers) != len(sections):
        raise ValueError("the GPP string has not the sections that its header lists")
    readers = {_EUROPE: tcf_denies, _UNITED_STATES: _opted_out}
    known = [(number, section) for number, section in zip(numbers, sections, strict=True) if number in readers]
    return any(readers[number](section) for number, section in known)


def _sections(header: str) -> Iterator[int]:
    """Return the numbers of the sections, ascending: each is told by its distance from the one before."""
    bits = _Bits(header)
    if bits.take(6) != _GPP_HEADER_TYPE:
        raise ValueError("not a GPP string")
    bits.take(6)
    last = 0
    for _ in range(bits.take(12)):
        is_range = bits.take(1)
        first = last + bits.fibonacci()
        last = first + bits.fibonacci() if is_range else first
        if last > _SECTIONS_MOST:
            raise ValueError(f"the GPP string speaks of a section {last}, which does not exist")
        yield from range(first, last + 1)


def _opted_out(section: str) -> bool:
    """Tell whether somebody opted out of sale, sharing or targeted advertising, or their browser did for all of it."""
    core, *segments = map(_Bits, section.split("."))
    core.take(_BEFORE_OPT_OUTS)
    if any(core.take(2) == _OPTED_OUT for _ in _OPT_OUTS):
        return True
    return any(segment.take(2) == _GPC_SEGMENT and segment.take(1) for segment in segments)
