"""Hashes client secrets and checks them. Keeps no secret, and takes as long for a wrong one as for an unknown client.

The hash is scrypt (RFC 7914) with a salt for each secret, about 50 ms: a stolen database does not give secrets away
even when people chose them. A secret that was right is remembered as a keyed hash for the life of the process, so
that a client that fetches tokens often pays once.
"""

import hashlib
import hmac
import secrets
import threading
from base64 import b64decode, b64encode

COST_LOG2, BLOCK, PARALLEL = 14, 8, 1  # 16 MiB and about 50 ms
SALT_BYTES = 16
REMEMBERED_MAX = 10_000


def hash_secret(secret: str) -> str:
    """Return `scrypt$14$8$1$SALT$HASH`: the parameters travel along, so that they can be raised later."""
    salt = secrets.token_bytes(SALT_BYTES)
    digest = _scrypt(secret, salt, COST_LOG2, BLOCK, PARALLEL)
    return f"scrypt${COST_LOG2}${BLOCK}${PARALLEL}${b64encode(salt).decode()}${b64encode(digest).decode()}"


def _scrypt(secret: str, salt: bytes, cost_log2: int, block: int, parallel: int) -> bytes:
    raw = secret.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(raw, salt=salt, n=1 << cost_log2, r=block, p=parallel, maxmem=1 << 27, dklen=32)


class SecretCheck:
    """Checks secrets against their hashes, quickly the second time."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._right: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._decoy = hash_secret(secrets.token_hex(16))

    def holds(self, secret: str, stored: str | None) -> bool:
        """Say whether `secret` is the one hashed as `stored`; with None it is not, after the same time."""
        known = stored or self._decoy
        keyed = hmac.digest(self._key, secret.encode("utf-8", "surrogatepass"), "sha256")
        remembered = self._right.get(known)
        if remembered is not None and hmac.compare_digest(remembered, keyed):
            return stored is not None
        _name, cost_log2, block, parallel, salt, digest = known.split("$")
        made = _scrypt(secret, b64decode(salt), int(cost_log2), int(block), int(parallel))
        if not hmac.compare_digest(made, b64decode(digest)) or stored is None:
            return False
        with self._lock:
            if len(self._right) >= REMEMBERED_MAX:
                self._right.clear()
            self._right[known] = keyed
        return True
