"""The namespaces identities live in, and how a raw value of each becomes what is stored.

`email` and `phone` are stored as SHA-256 of their normal form, in every form in use (normalise.py), so that a hash made
by somebody else's normaliser is found too. The others are opaque tokens and stored as they are. Names and addresses
identify only together: see postal.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from houselights.identity.hashing import NOTHING, is_sha256, sha256_hex
from houselights.identity.normalise import email_forms, phone_forms


@dataclass(frozen=True, slots=True)
class Namespace:
    """How identities of one kind are stored: hashed in all their `forms`, or as tokens, perhaps in lower case."""

    name: str
    forms: Callable[[str, str | None], tuple[str, ...]] | None = None
    lower: bool = False


NAMESPACES: Mapping[str, Namespace] = {
    namespace.name: namespace
    for namespace in (
        Namespace("email", forms=lambda text, _: email_forms(text)),
        Namespace("phone", forms=phone_forms),
        Namespace("md5", lower=True),  # of an e-mail address
        Namespace("cookie"),
        Namespace("maid", lower=True),  # advertising ids of phones are written in either case
        Namespace("ss_id"),
        Namespace("twitter_id"),
        Namespace("twitter_user", lower=True),
        Namespace("ramp_id"),
        Namespace("cint_id"),
        Namespace("ma_id"),
    )
}


def namespace_of(name: str) -> Namespace:
    """Return a namespace; `external:NAME`, the ids of an outside provider, are tokens. Raises KeyError for others."""
    return Namespace(name) if name.startswith("external:") else NAMESPACES[name]


def identities(name: str, raw: str, country: str | None = None) -> tuple[str, ...]:
    """Return the values under which a raw identity is stored; none when it can identify nobody.

    A raw e-mail or phone that already is a SHA-256 hash is kept as one. `country` is where phone numbers without a
    country code belong. Raises KeyError for an unknown namespace.
    """
    namespace = namespace_of(name)
    text = raw.strip()
    if namespace.forms is None:
        return (text.lower() if namespace.lower else text,) if text else ()
    if is_sha256(text):
        return hashed(text)
    return tuple(sha256_hex(form) for form in namespace.forms(text, country))


def hashed(value: str) -> tuple[str, ...]:
    """Return a given hash as it is stored; the hash of nothing identifies nobody. Raises ValueError for no hash."""
    if not is_sha256(value.strip()):
        raise ValueError("not a SHA-256 hash")
    stored = value.strip().lower()
    return () if stored == NOTHING else (stored,)
