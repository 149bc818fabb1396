"""The three grants, each finding its credential in the control database. The protocol's own checks are authlib's."""

from datetime import timedelta
from typing import Any, Protocol

from authlib.oauth2.rfc6749 import InvalidScopeError, grants

from houselights.base.clock import Clock
from houselights.model.token import StoredToken, TokenKind
from houselights.services.oauth.models import ClientModel, Credential
from houselights.services.oauth.style import TokenStyle
from houselights.services.oauth.tokens import token_hash
from houselights.storage.control.control import Control

METHODS = ["client_secret_basic", "client_secret_post"]


class Endpoint(Protocol):
    """What a grant needs of the server it was registered with."""

    control: Control
    clock: Clock
    style: TokenStyle

    def draw(self, prefix: str) -> str: ...


class _OurGrant:
    """What the grants share. Nobody but the client itself is asked, so the client stands where authlib has a user."""

    request: Any
    server: Endpoint

    def authenticate_user(self, _credential: Credential) -> Any:
        return self.request.client

    def _live(self, stored: StoredToken | None) -> StoredToken | None:
        if stored is None or (stored.expires_at is not None and stored.expires_at <= self.server.clock.now()):
            return None
        return stored


class AuthorizationCode(_OurGrant, grants.AuthorizationCodeGrant):  # type: ignore[misc]  # authlib ships no types
    """A code of five minutes, exchanged once by the client it was made for."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def generate_authorization_code(self) -> str:
        return self.server.draw(self.server.style.code_prefix)

    def save_authorization_code(self, code: str, request: Any) -> None:
        now = self.server.clock.now()
        owner = request.client.client
        self.server.control.tokens.put(
            token_hash(code),
            client_id=owner.id,
            kind=TokenKind.CODE,
            scopes=self.server.style.narrowed(request.scope, owner.scopes),
            created_at=now,
            expires_at=now + timedelta(seconds=self.server.style.code_seconds),
            details={"redirect_uri": request.payload.redirect_uri, "granted_by": str(request.user)},
        )

    def query_authorization_code(self, code: str, client: ClientModel) -> Credential | None:
        """Take the code: whatever is wrong with the rest of the request, it cannot be tried again.

        A code that is no longer there may have been used before, perhaps by a thief; then the tokens it gave are
        revoked (RFC 6749 §4.1.2). Another client's code is left alone.
        """
        tokens, hashed = self.server.control.tokens, token_hash(code)
        seen = tokens.find(hashed, TokenKind.CODE)
        if seen is not None and seen.client_id != client.client.id:
            return None
        taken = tokens.take(hashed, TokenKind.CODE)
        if taken is None:
            tokens.revoke_from(hashed)
        live = self._live(taken)
        return None if live is None else Credential(live, self.server.style)

    def delete_authorization_code(self, authorization_code: Credential) -> None:
        """Nothing is left to delete: `query_authorization_code` took it."""


class RefreshToken(_OurGrant, grants.RefreshTokenGrant):  # type: ignore[misc]  # as above
    """A refresh token, good until it is revoked; the same one goes back with every access token."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def authenticate_refresh_token(self, refresh_token: str) -> Credential | None:
        live = self._live(self.server.control.tokens.find(token_hash(refresh_token), TokenKind.REFRESH))
        return None if live is None else Credential(live, self.server.style)

    def revoke_old_credential(self, _refresh_token: Credential) -> None:
        """Refresh tokens are not rotated: clients keep the one they were given in their configuration."""


class ClientCredentials(_OurGrant, grants.ClientCredentialsGrant):  # type: ignore[misc]  # as above
    """An access token for the client itself, and no refresh token: the client has its secret."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_requested_scope(self) -> None:
        if self.request.client.get_allowed_scope(self.request.payload.scope) is None:
            raise InvalidScopeError


BY_NAME = {
    "authorization_code": AuthorizationCode,
    "client_credentials": ClientCredentials,
    "refresh_token": RefreshToken,
}
