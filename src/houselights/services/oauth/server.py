"""The token endpoint of one room: a parsed form and headers in, status, body and headers out. Speaks no HTTP itself.

Errors come out as RFC 6749 §5.2 has them: `error`, always an `error_description`, 401 for `invalid_client` and 400
for the others.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError, InvalidRequestError

from houselights.base.clock import Clock
from houselights.model.token import TokenKind
from houselights.services.oauth.grants import BY_NAME
from houselights.services.oauth.models import ClientModel, FormRequest
from houselights.services.oauth.secret_hash import SecretCheck
from houselights.services.oauth.style import TokenStyle
from houselights.services.oauth.tokens import draw_token, token_hash
from houselights.storage.control.control import Control

DESCRIPTIONS = {
    "invalid_grant": "The refresh token or authorization code is invalid, expired, revoked or another client's.",
}
PURGE_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TokenReply:
    """What the door answers: a JSON object, or for an authorization a redirect (302, `Location`, empty body)."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def error(self) -> str | None:
        """The OAuth error code, None for a success."""
        return self.body.get("error")


class TokenServer(AuthorizationServer):  # type: ignore[misc]  # authlib ships no types
    """One room's authorization server over the control database. Thread-safe: it keeps nothing about a request."""

    def __init__(self, control: Control, clock: Clock, check: SecretCheck, style: TokenStyle):
        super().__init__()
        self.control = control
        self.clock = clock
        self.style = style
        self._check = check
        self._purged_at: datetime | None = None
        for name in style.grants:
            self.register_grant(BY_NAME[name])

    def exchange(self, form: Mapping[str, str], headers: Mapping[str, str]) -> TokenReply:
        """Answer a token request. Credentials come as `client_id` and `client_secret` in the form, or as HTTP Basic;
        an empty `Authorization` header counts as none. Raises nothing that is the caller's fault."""
        request = FormRequest("POST", self._normal(form), _sound(headers))
        if not request.payload.grant_type:
            missing: TokenReply = self.handle_error_response(
                request, InvalidRequestError("Missing 'grant_type' in request.")
            )
            return missing
        reply: TokenReply = self.create_token_response(request)
        self._purge()
        return reply

    def authorize(self, query: Mapping[str, str], granted_by: str | None) -> TokenReply:
        """Answer an authorization request that somebody granted (or, with None, denied): a redirect to the client."""
        request = FormRequest("GET", self._normal(query), {})
        try:
            grant = self.get_authorization_grant(request)
        except OAuth2Error as error:
            refused: TokenReply = self.handle_error_response(request, error)
            return refused
        reply: TokenReply = self.create_authorization_response(request, grant_user=granted_by, grant=grant)
        return reply

    def draw(self, prefix: str) -> str:
        """Draw a token."""
        return draw_token(prefix)

    # ── what authlib asks ───────────────────────────────────────────────────────────────────────────────────────────

    def query_client(self, client_id: str) -> ClientModel | None:
        found = self.control.clients.by_client_id(client_id)
        if found is None or found[0].disabled:
            return None
        return ClientModel(found[0], found[1], self._check, self.style)

    def authenticate_client(self, request: FormRequest, methods: list[str], endpoint: str = "token") -> ClientModel:
        """Know the client or raise one and the same 401, so that nobody learns which client ids exist."""
        try:
            client: ClientModel = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError as error:
            named = request.form.get("client_id")
            if named and self.query_client(named) is None:
                self._check.holds(request.form.get("client_secret", ""), None)  # takes as long as a wrong secret
            raise InvalidClientError("Client authentication failed.", status_code=401) from error
        return client

    def generate_token(self, grant_type: str, **given: Any) -> dict[str, Any]:
        token = {
            "access_token": self.draw(self.style.access_prefix),
            "token_type": self.style.token_type,
            "expires_in": self.style.access_seconds,
        }
        if grant_type == "authorization_code" and given.get("include_refresh_token"):
            token["refresh_token"] = self.draw(self.style.refresh_prefix)
        return token

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Store what was made; finish the reply with the refresh token that came in, and the scope if one was asked."""
        owner = request.client.client
        credential = request.authorization_code or request.refresh_token
        # a client whose scopes were narrowed since does not get the old ones back through an old grant
        allowed = owner.scopes if credential is None else credential.stored.scopes & owner.scopes
        asked = None if request.authorization_code is not None else request.payload.scope
        origin = token_hash(request.form["code"]) if request.authorization_code is not None else None
        now = self.clock.now()
        common = {"client_id": owner.id, "created_at": now, "origin": origin}
        with self.control.transaction() as conn:
            self.control.tokens.put(
                token_hash(token["access_token"]),
                kind=TokenKind.ACCESS,
                scopes=self.style.narrowed(asked, allowed),
                expires_at=now + timedelta(seconds=self.style.access_seconds),
                conn=conn,
                **common,
            )
            if "refresh_token" in token:
                self.control.tokens.put(
                    token_hash(token["refresh_token"]),
                    kind=TokenKind.REFRESH,
                    scopes=allowed,
                    expires_at=None,
                    conn=conn,
                    **common,
                )
        if request.refresh_token is not None:
            token["refresh_token"] = request.form["refresh_token"]
        if asked:
            token["scope"] = asked

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, headers: Any) -> TokenReply:
        content = dict(body) if body else {}
        if "error" in content and not content.get("error_description"):
            content["error_description"] = DESCRIPTIONS.get(content["error"], "The request was refused.")
        return TokenReply(status, content, dict(headers))

    # ── our own ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _normal(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Leave out empty parameters, as RFC 6749 §3.2 asks, and join scopes with spaces, as authlib expects."""
        kept = {name: value for name, value in parameters.items() if value}
        if "scope" in kept:
            kept["scope"] = " ".join(self.style.words(kept["scope"]))
        return kept

    def _purge(self) -> None:
        """Throw expired tokens away now and then; two threads doing it at once do no harm."""
        now = self.clock.now()
        if self._purged_at is None or now - self._purged_at >= PURGE_EVERY:
            self._purged_at = now
            self.control.tokens.purge_expired(now)


def _sound(headers: Mapping[str, str]) -> dict[str, str]:
    """Return only an `Authorization` header that authlib can read without failing; a broken one counts as none."""
    given = next((value.strip() for name, value in headers.items() if name.lower() == "authorization"), "")
    scheme, _, encoded = given.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        base64.b64decode(encoded.strip()).decode()
    except (binascii.Error, ValueError):
        return {}
    return {"Authorization": given}
