"""The kinds of ids that a list may hold, what one looks like, and how it is kept. Matches nobody.

E-mail addresses are kept as hashes of their normal forms only; everything else as it is stored of people.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from houselights.identity.namespaces import identities

TOKEN = re.compile(r"[^\s,;\"'<>\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,128}")
NUMBER = re.compile(r"[0-9]{1,20}")
HANDLE = re.compile(r"@?([A-Za-z0-9_]{1,50})")
MD5 = re.compile(r"[0-9a-fA-F]{32}")
MD5_OF_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"
ADDRESS = re.compile(r"[^\s,;\"'<>\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,254}")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `stored` returns the forms under which an id is stored of people, parted by a space, and "" for what is
    none; `looks_like` says what one looks like, and `headers` what the first line may be called instead.
    """

    name: str
    extension: str
    namespace: str
    looks_like: str
    stored: Callable[[str], str]
    headers: frozenset[str]


def _token(text: str) -> str:
    return text if TOKEN.fullmatch(text) else ""


def _number(text: str) -> str:
    return text if NUMBER.fullmatch(text) else ""


def _handle(text: str) -> str:
    found = HANDLE.fullmatch(text)
    return found[1].lower() if found else ""


def _md5(text: str) -> str:
    lower = text.lower()
    return lower if MD5.fullmatch(text) and lower != MD5_OF_NOTHING else ""


def _email(text: str) -> str:
    return " ".join(identities("email", text)) if ADDRESS.fullmatch(text) else ""


def _kind(name: str, extension: str, looks_like: str, stored: Callable[[str], str], *headers: str) -> Kind:
    namespace = "email" if name == "email_raw" else name
    spelled = {name, name.replace("_", ""), name.replace("_", " "), name.replace("_", "-"), *headers}
    return Kind(name, extension, namespace, looks_like, stored, frozenset(spelled))


_WORD = "1 to 128 characters without spaces, commas and quotes"
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind("ss_id", "ssid", _WORD, _token),
        _kind("twitter_id", "twitterid", "up to 20 digits", _number, "id", "user_id"),
        _kind("twitter_user", "twitteruser", "1 to 50 letters, digits, _", _handle, "screen_name", "twitter_name"),
        _kind("md5", "md5", "32 hexadecimal digits, not the hash of nothing", _md5, "email_md5", "hash", "md5_email"),
        _kind("email_raw", "email", "an e-mail address", _email, "email", "e-mail", "mail", "email_address"),
        _kind("ramp_id", "rampid", _WORD, _token),
        _kind("cint_id", "cintid", _WORD, _token),
        _kind("ma_id", "maid", _WORD, _token),
    )
}  # fmt: skip
