"""An OpenID provider as we see it: where it sends people, what a code is good for, and whether an id token is its own.

The protocol's own checks are authlib's and joserfc's. Refuses a provider that calls itself by another name, id tokens
signed by nobody's private key, of another issuer, for another client, for another sign-in, or of another time.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from houselights.base.errors import NotAuthenticated, Unavailable
from houselights.base.sign_in_settings import SignInSettings

SCOPE = "openid profile email"
# Signatures by a private key alone: what the client's secret could sign, the client could have signed.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
KNOWN_SECONDS = 3600.0  # how long the provider's addresses and keys are taken for the same
KEYS_AGAIN_SECONDS = 30.0  # how soon keys are asked for again because a token names one we do not know
CLOCKS_APART_SECONDS = 60
TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Known:
    """What a provider says of itself, and its keys."""

    about: Mapping[str, Any]
    keys: KeySet
    asked_at: float


class Provider:
    """One provider. Thread-safe."""

    def __init__(
        self,
        settings: SignInSettings,
        *,
        http: Callable[[], httpx.Client] | None = None,
        now: Callable[[], float] = time.time,
    ):
        self._settings = settings
        self._http = http or (lambda: httpx.Client(timeout=TIMEOUT_SECONDS))
        self._now = now
        self._lock = threading.Lock()
        self._known: Known | None = None

    def address(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Return where somebody signs in. Raises Unavailable when the provider cannot be asked."""
        return str(
            prepare_grant_uri(
                self._about()["authorization_endpoint"],
                client_id=self._settings.client_id,
                response_type="code",
                redirect_uri=redirect_uri,
                scope=SCOPE,
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        )

    def claims(self, code: str, *, redirect_uri: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """Return what the provider says of whom it gave `code`. Raises NotAuthenticated, Unavailable."""
        about = self._about()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        reply = self._ask("POST", about["token_endpoint"], **self._as_client(about, asked))
        if reply.status_code != 200:
            raise NotAuthenticated(f"the identity provider does not take the code: {_why(reply)}")
        told = _json(reply)
        token = told.get("id_token")
        if not isinstance(token, str):
            raise NotAuthenticated("the identity provider sent no id token")
        return self._checked(token, nonce=nonce, access_token=told.get("access_token"))

    def _checked(self, text: str, *, nonce: str, access_token: Any) -> Mapping[str, Any]:
        """Return an id token's claims once everything about it holds."""
        client_id = self._settings.client_id
        try:
            token = self._read(text)
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": self._settings.issuer},
                    "aud": {"essential": True, "value": client_id},
                    "sub": {"essential": True},
                },
                {"nonce": nonce, "client_id": client_id, "access_token": access_token},
            )
            # The provider's clock is the world's, even where the house's is held still.
            claims.validate(now=int(self._now()), leeway=CLOCKS_APART_SECONDS)
        except (JoseError, ValueError, TypeError) as error:
            raise NotAuthenticated(f"the id token is not good: {error}") from error
        if not isinstance(claims["sub"], str):
            raise NotAuthenticated("the id token is not good: its subject is no text")
        return dict(claims)

    def _read(self, text: str) -> jwt.Token:
        known = self._current()
        try:
            return jwt.decode(text, known.keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # Providers change their keys, and nobody tells us. Anybody can make us look, so not too often.
            if self._now() - known.asked_at < KEYS_AGAIN_SECONDS:
                raise
            return jwt.decode(text, self._current(again=True).keys, algorithms=ALGORITHMS)

    def _as_client(self, about: Mapping[str, Any], asked: dict[str, str]) -> dict[str, Any]:
        """Return a request that says who we are, in one of the ways the provider knows."""
        client_id, secret = self._settings.client_id, self._settings.client_secret
        ways = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if secret and "client_secret_basic" in ways:
            # RFC 6749, 2.3.1: both are form-encoded before they are put together.
            return {"data": asked, "auth": httpx.BasicAuth(quote(client_id, safe=""), quote(secret, safe=""))}
        return {"data": asked | {"client_id": client_id} | ({"client_secret": secret} if secret else {})}

    def _about(self) -> Mapping[str, Any]:
        return self._current().about

    def _current(self, *, again: bool = False) -> Known:
        with self._lock:
            if self._known is None or again or self._now() - self._known.asked_at > KNOWN_SECONDS:
                self._known = self._find()
            return self._known

    def _find(self) -> Known:
        issuer = self._settings.issuer
        about = _json(self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
        if about.get("issuer") != issuer:
            raise Unavailable("the identity provider calls itself by another name than HOUSELIGHTS_OIDC_ISSUER")
        if not all(
            isinstance(about.get(name), str) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        ):
            raise Unavailable("the identity provider does not say where it is asked")
        keys: Any = _json(self._ask("GET", about["jwks_uri"]))
        try:
            return Known(about, KeySet.import_key_set(keys), self._now())
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise Unavailable("the identity provider's keys cannot be read") from error

    def _ask(self, method: str, address: str, **more: Any) -> httpx.Response:
        try:
            with self._http() as http:
                return http.request(method, address, headers={"Accept": "application/json"}, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"the identity provider cannot be reached: {error}") from error


def _json(reply: httpx.Response) -> dict[str, Any]:
    """Return an answer's object. Raises Unavailable for anything else."""
    try:
        told = reply.raise_for_status().json()
    except (httpx.HTTPStatusError, ValueError) as error:
        raise Unavailable(f"the identity provider answers {reply.status_code}, and no object") from error
    if not isinstance(told, dict):
        raise Unavailable("the identity provider does not answer with an object")
    return told


def _why(reply: httpx.Response) -> str:
    try:
        return str(reply.json()["error"])[:100]
    except (ValueError, KeyError, TypeError):
        return str(reply.status_code)
