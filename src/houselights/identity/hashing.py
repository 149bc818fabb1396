"""SHA-256 as identities use it: lower-case hex of UTF-8, no salt. The hash of nothing identifies nobody."""

import hashlib
import re

NOTHING = hashlib.sha256(b"").hexdigest()
_SHA256 = re.compile(r"[A-Fa-f0-9]{64}")


def sha256_hex(text: str) -> str:
    """Return the hash of a normalised value."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_sha256(text: str) -> bool:
    """Say whether a text already is such a hash (in either case)."""
    return _SHA256.fullmatch(text) is not None
