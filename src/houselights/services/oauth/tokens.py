"""Draws tokens and hashes them. A token is random enough that one plain SHA-256 hides it."""

import hashlib
import secrets

TOKEN_BYTES = 32


def draw_token(prefix: str) -> str:
    """Draw a token: the prefix, then 256 random bits in URL-safe letters."""
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return what is stored of a token: the SHA-256 of all of it, prefix included, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
