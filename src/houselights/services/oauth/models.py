"""What authlib asks of a client, a code and a refresh token, answered from our rows."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, OAuth2Request, TokenMixin
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from houselights.model.token import StoredToken
from houselights.model.workspace import Client
from houselights.services.oauth.secret_hash import SecretCheck
from houselights.services.oauth.style import TokenStyle

# authlib refuses plain http here; whether a door is served over TLS is its deployer's business, not this layer's.
_SOMEWHERE = "https://token.invalid/"


class FormRequest(OAuth2Request):  # type: ignore[misc]  # authlib ships no types
    """A request as a door parsed it: one value for each parameter, header names in any case."""

    def __init__(self, method: str, parameters: Mapping[str, str], headers: Mapping[str, str]):
        super().__init__(method, _SOMEWHERE, headers={name.title(): value for name, value in headers.items()})
        self.payload = BasicOAuth2Payload(dict(parameters))

    @property
    def form(self) -> dict[str, str]:
        data: dict[str, str] = self.payload.data
        return data

    @property
    def args(self) -> dict[str, str]:
        return self.form


class ClientModel(ClientMixin):  # type: ignore[misc]  # as above
    """A client at the token endpoint."""

    def __init__(self, client: Client, secret_hash: str, check: SecretCheck, style: TokenStyle):
        self.client = client
        self._secret_hash = secret_hash
        self._check = check
        self._style = style

    def get_client_id(self) -> str:
        return self.client.client_id

    def get_default_redirect_uri(self) -> str | None:
        # only when there is no choice: guessing among several would send the code where nobody asked for it
        return self.client.redirect_uris[0] if len(self.client.redirect_uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        known = set(self._style.honoured(self.client.scopes))
        words = self._style.words(scope)
        return " ".join(words) if known.issuperset(words) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.client.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return self._check.holds(client_secret, self._secret_hash)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in {"client_secret_basic", "client_secret_post"} and endpoint == "token"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and self.check_grant_type("authorization_code")

    def check_grant_type(self, grant_type: str) -> bool:
        if grant_type == "authorization_code":
            return bool(self.client.redirect_uris)
        return grant_type in self._style.grants


class Credential(AuthorizationCodeMixin, TokenMixin):  # type: ignore[misc]  # as above
    """An authorization code or a refresh token, found and not yet exchanged. Its scope is in the room's words."""

    def __init__(self, stored: StoredToken, style: TokenStyle):
        self.stored = stored
        self._style = style

    def check_client(self, client: ClientModel) -> bool:
        return self.stored.client_id == client.client.id

    def get_scope(self) -> str:
        return " ".join(self._style.honoured(self.stored.scopes))

    def get_redirect_uri(self) -> str | None:
        uri: Any = self.stored.details.get("redirect_uri")
        return None if uri is None else str(uri)
