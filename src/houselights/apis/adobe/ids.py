"""Our 63-bit ids as the UUIDs this vendor's clients expect, and back, without a table to look them up in.

A UUID carries the id and 59 bits that are derived from it, so that one which was never given out is told apart from
one that was, and so that two ids that follow each other do not look alike. It says nothing about who may see what.
"""

import hashlib
from uuid import UUID

_ID_BITS = 63
_CHECK_BITS = 59
_ID_MASK = (1 << _ID_BITS) - 1
_CHECK_MASK = (1 << _CHECK_BITS) - 1


def uuid_of(number: int) -> str:
    """Return the UUID (version 4 by its looks) of an id from 0 to 2⁶³ - 1."""
    check = _digest(b"check", number) & _CHECK_MASK
    bits = check << _ID_BITS | (number ^ (_digest(b"mask", check) & _ID_MASK))
    high, low = bits >> 62, bits & ((1 << 62) - 1)
    top, rest = high >> 12, high & 0xFFF
    return str(UUID(int=top << 80 | 0x4 << 76 | rest << 64 | 0b10 << 62 | low))


def id_of(text: str) -> int | None:
    """Return the id in a UUID; None for text that is none, or a UUID that this program did not make."""
    try:
        given = UUID(text)
    except ValueError:
        return None
    if text != str(given):  # braces, capitals and missing hyphens are other people's spellings
        return None
    high = given.int >> 80 << 12 | given.int >> 64 & 0xFFF
    bits = high << 62 | given.int & ((1 << 62) - 1)
    check = bits >> _ID_BITS
    number = bits & _ID_MASK ^ (_digest(b"mask", check) & _ID_MASK)
    return number if uuid_of(number) == text else None


def short_hash(*parts: object) -> str:
    """Return eight hexadecimal digits that depend on all the parts."""
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=4).hexdigest()


def _digest(purpose: bytes, number: int) -> int:
    return int.from_bytes(hashlib.blake2b(number.to_bytes(8, "big"), digest_size=8, person=purpose).digest(), "big")
