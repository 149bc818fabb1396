"""Who is asking: clients, their secrets, and the bearer tokens they come with.

Keeps hashes only: a secret or token is shown once, when it is made. A token that was good stays good for up to
`CACHE_SECONDS` after another process revoked it, so that a busy API does not ask the database about every request;
in the process that revoked it, it ends at once. Refuses to say more about a bad token than that it is bad.
"""

import secrets
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from houselights.base.clock import Clock
from houselights.base.errors import InvalidInput, NotAuthenticated
from houselights.base.suggest import did_you_mean
from houselights.model.token import StoredToken, TokenKind
from houselights.model.workspace import SCOPES, Client
from houselights.services.oauth.secret_hash import SecretCheck, hash_secret
from houselights.services.oauth.server import TokenServer
from houselights.services.oauth.style import TokenStyle
from houselights.services.oauth.tokens import draw_token, token_hash
from houselights.storage.control.control import Control

CACHE_SECONDS = 5.0
CACHED_MAX = 10_000
STATIC_PREFIX = "hls_"


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """A bearer token that is good now: whose it is, what it allows, until when (None: until it is revoked)."""

    client: Client
    scopes: frozenset[str]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client just made, with the two things that will never be shown again."""

    client: Client
    secret: str
    refresh_token: str


class Access:
    """Makes clients, gives out tokens and recognises them. Thread-safe."""

    def __init__(self, control: Control, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic):
        self._control = control
        self._clock = clock
        self._monotonic = monotonic
        self._check = SecretCheck()
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, VerifiedToken]] = {}
        self._revocations = 0  # so that a look-up under way does not bring back what was revoked meanwhile

    # ── clients ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def create_client(
        self,
        *,
        workspace_id: int,
        name: str,
        scopes: Collection[str],
        redirect_uris: Sequence[str] = (),
        accounts: Collection[int] = (),
        client_id: str | None = None,
        style: TokenStyle | None = None,
    ) -> NewClient:
        """Make a client that may act for `accounts`; its refresh token looks as `style` says.

        Raises InvalidInput for a scope we do not have, Conflict when `client_id` is taken, NotFound for an account
        that is not in the workspace; nothing is made then.
        """
        self._check_scopes(scopes)
        secret, refresh = secrets.token_urlsafe(32), draw_token((style or TokenStyle()).refresh_prefix)
        secret_hash, now = hash_secret(secret), self._clock.now()
        with self._control.transaction() as conn:
            client = self._control.clients.create(
                workspace_id=workspace_id,
                client_id=client_id or f"hl-{secrets.token_hex(16)}",
                name=name,
                secret_hash=secret_hash,
                scopes=scopes,
                redirect_uris=redirect_uris,
                created_at=now,
                conn=conn,
            )
            for account_id in accounts:
                self._control.clients.grant(client.id, account_id, conn=conn)
            self._control.tokens.put(
                token_hash(refresh),
                client_id=client.id,
                kind=TokenKind.REFRESH,
                scopes=client.scopes,
                created_at=now,
                expires_at=None,
                conn=conn,
            )
        return NewClient(client, secret, refresh)

    def authenticate_client(self, client_id: str, secret: str) -> Client:
        """Return the client with these credentials. Raises NotAuthenticated, the same for whatever is wrong."""
        found = self._control.clients.by_client_id(client_id)
        right = self._check.holds(secret, None if found is None else found[1])
        if found is None or not right or found[0].disabled:
            raise NotAuthenticated("client authentication failed")
        return found[0]

    def disable_client(self, workspace_id: int, number: int) -> None:
        """Turn a client away and revoke its tokens. Raises NotFound."""
        with self._control.transaction() as conn:
            self._control.clients.disable(workspace_id, number, conn=conn)
            self._control.tokens.revoke_all(number, conn=conn)
        self.forget()

    def forget(self) -> None:
        """Ask the database again about every token: some were revoked, or a client's scopes changed."""
        with self._lock:
            self._revocations += 1
            self._known.clear()

    # ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def token_endpoint(self, style: TokenStyle) -> TokenServer:
        """Return the token endpoint of a room whose tokens look like this. Make it once, when the room is made."""
        return TokenServer(self._control, self._clock, self._check, style)

    def static_token(self, client: Client, *, scopes: Collection[str] | None = None) -> str:
        """Make a bearer token of a client that lives until it is revoked, and return it, once.

        Raises InvalidInput for a scope the client does not have.
        """
        wanted = client.scopes if scopes is None else frozenset(scopes)
        if not wanted <= client.scopes:
            raise InvalidInput(f"client {client.name} does not have {min(wanted - client.scopes)}", field="scopes")
        token = draw_token(STATIC_PREFIX)
        self._control.tokens.put(
            token_hash(token),
            client_id=client.id,
            kind=TokenKind.STATIC,
            scopes=wanted,
            created_at=self._clock.now(),
            expires_at=None,
        )
        return token

    def revoke(self, token: str) -> bool:
        """End a token of any kind; return whether there was one."""
        hashed = token_hash(token)
        revoked = self._control.tokens.revoke(hashed)
        with self._lock:
            self._revocations += 1
            self._known.pop(hashed, None)
        return revoked

    def verify(self, token: str) -> VerifiedToken:
        """Return whose bearer token this is and what it allows. Raises NotAuthenticated."""
        hashed = token_hash(token)
        cached = self._known.get(hashed)
        if cached is not None and self._monotonic() - cached[0] < CACHE_SECONDS:
            return self._unexpired(cached[1])
        asked_at, revocations = self._monotonic(), self._revocations
        found = self._control.tokens.find_bearer(hashed)
        if found is None or found[1].disabled:
            with self._lock:
                self._known.pop(hashed, None)
            raise NotAuthenticated("the access token is not known")
        verified = self._unexpired(_verified(*found))
        with self._lock:
            if len(self._known) >= CACHED_MAX:
                self._known.clear()
            if revocations == self._revocations:
                self._known[hashed] = (asked_at, verified)
        return verified

    def _unexpired(self, verified: VerifiedToken) -> VerifiedToken:
        if verified.expires_at is not None and verified.expires_at <= self._clock.now():
            raise NotAuthenticated("the access token has expired")
        return verified

    @staticmethod
    def _check_scopes(scopes: Collection[str]) -> None:
        for scope in scopes:
            if scope not in SCOPES:
                raise InvalidInput(f"there is no scope {scope}", field="scopes", hint=did_you_mean(scope, SCOPES))


def _verified(stored: StoredToken, client: Client) -> VerifiedToken:
    # a client whose scopes were narrowed does not keep the old ones through an old token
    return VerifiedToken(client, stored.scopes & client.scopes, stored.expires_at)
