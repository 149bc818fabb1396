"""Numbers that name things.

Audience and account ids are 18-digit integers: longer than a double can hold exactly, as in the APIs we speak, so a
client that mishandles 64-bit ids is found out in development and not in production.
"""

import hashlib
import secrets

ID_LOW = 100_000_000_000_000_000
ID_SPAN = 9 * ID_LOW


def stable_id(*parts: str) -> int:
    """Derive an 18-digit id from names, the same on every machine and every run.

    The parts are length-prefixed before hashing, so ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big"))
        digest.update(raw)
    return ID_LOW + int.from_bytes(digest.digest(), "big") % ID_SPAN


def random_id() -> int:
    """Draw a fresh 18-digit id from the operating system's random source."""
    return ID_LOW + secrets.randbelow(ID_SPAN)
