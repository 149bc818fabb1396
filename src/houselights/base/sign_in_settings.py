"""The outside identity provider of the web app, as `HOUSELIGHTS_OIDC_…` variables say. Refuses half of one.

`_ISSUER`, `_CLIENT_ID` and `_NAME` (what the button says) belong together; `_CLIENT_SECRET` is left out by clients that
have none. `_WORKSPACE` is where people sign in, the only one there is when it is left out. `_ROLE_CLAIM` names a claim
of the id token, and `_ROLES="admins=operator,analysts=builder,*=viewer"` says which role each of its values gives; "*"
stands for everybody else, who without it are refused.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from houselights.base.errors import InvalidInput

PREFIX = "HOUSELIGHTS_OIDC_"
ANYBODY = "*"
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSettings:
    """An OpenID provider. `roles` are names of roles by value of the claim `role_claim`, or by ANYBODY."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    name: str = "single sign-on"
    workspace: str = ""
    role_claim: str = ""
    roles: Mapping[str, str] = field(default_factory=lambda: {ANYBODY: "viewer"})

    def __post_init__(self) -> None:
        """Raises InvalidInput for an issuer whose answers anybody on the way could change."""
        place = urlsplit(self.issuer)
        if place.scheme != "https" and not (place.scheme == "http" and place.hostname in _HERE):
            raise InvalidInput("an issuer is an https address", field=f"{PREFIX}ISSUER")

    @classmethod
    def from_environment(cls) -> "SignInSettings | None":
        """Read the variables; None without an issuer. Raises InvalidInput naming the one at fault."""

        def given(name: str) -> str:
            return os.environ.get(PREFIX + name, "").strip()

        if not given("ISSUER"):
            if given("CLIENT_ID"):
                raise InvalidInput("whose client that is must be said too", field=f"{PREFIX}ISSUER")
            return None
        if not given("CLIENT_ID"):
            raise InvalidInput("an issuer knows us by a client id", field=f"{PREFIX}CLIENT_ID")
        roles = _roles(given("ROLES"))
        if any(value != ANYBODY for value in roles) and not given("ROLE_CLAIM"):
            raise InvalidInput("which claim has these values must be said too", field=f"{PREFIX}ROLE_CLAIM")
        return cls(
            issuer=given("ISSUER"),
            client_id=given("CLIENT_ID"),
            client_secret=given("CLIENT_SECRET"),
            name=given("NAME") or "single sign-on",
            workspace=given("WORKSPACE"),
            role_claim=given("ROLE_CLAIM"),
            roles=roles,
        )


def _roles(text: str) -> Mapping[str, str]:
    roles: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        # Values may hold "=", as names in a directory do; roles do not.
        value, between, role = (part.strip() for part in pair.rpartition("="))
        if not (value and between and role):
            raise InvalidInput(f'"{pair}" is not "value=role"', field=f"{PREFIX}ROLES")
        roles[value] = role
    return roles or {ANYBODY: "viewer"}
