"""Credentials as they are kept: never the word itself, only its hash."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class TokenKind(StrEnum):
    """What a token is good for."""

    ACCESS = "access"  # a bearer token of an hour
    STATIC = "static"  # a bearer token that lives until it is revoked
    REFRESH = "refresh"  # exchanged for access tokens
    CODE = "code"  # an authorization code: exchanged once, within minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    """A token's row. `client_id` is the client's number, not its public name; `expires_at` None means never.

    `origin` is the hash of the authorization code that the token came from, so that a code used twice can take back
    what it gave. `details` is what the grant needs to remember, such as the redirect URI of a code.
    """

    hash: str
    client_id: int
    kind: TokenKind
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    origin: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
