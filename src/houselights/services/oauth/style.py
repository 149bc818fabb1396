"""How one room's tokens look and what its scopes are called. Data only: the rules are the same for every room."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

GRANTS = ("authorization_code", "client_credentials", "refresh_token")
_BETWEEN = re.compile(r"[\s,&]+")  # RFC 6749 says spaces; clients in the wild also join with "," and "&"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenStyle:
    """A room's dialect of the token endpoint.

    `scopes` maps each word the room knows to our scopes (`houselights.model.workspace.SCOPES`); a word mapped to
    nothing is known and grants nothing. A request that names no scope gets all that its client or grant has.
    """

    scopes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    access_prefix: str = "hla_"
    refresh_prefix: str = "hlr_"
    code_prefix: str = "hlc_"
    token_type: str = "bearer"
    access_seconds: int = 3600
    code_seconds: int = 300
    grants: tuple[str, ...] = GRANTS

    def words(self, text: str | None) -> list[str]:
        """Split a scope parameter into words."""
        return [word for word in _BETWEEN.split(text or "") if word]

    def honoured(self, allowed: frozenset[str]) -> list[str]:
        """Return the room's words that mean something, or nothing on purpose, to a holder of these scopes of ours."""
        return [word for word, ours in self.scopes.items() if not ours or ours & allowed]

    def narrowed(self, text: str | None, allowed: frozenset[str]) -> frozenset[str]:
        """Return those of `allowed` that a scope parameter asks for; all of them when it asks for nothing."""
        words = self.words(text)
        if not words:
            return allowed
        return allowed & frozenset().union(*(self.scopes.get(word, frozenset()) for word in words))
