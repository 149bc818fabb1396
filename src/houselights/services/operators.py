"""People who sign in: local accounts with a password and one of three roles, or known by an outside identity provider.

A person is a client of the workspace (`model.workspace.Client`) whose scopes are those of a role: whatever holds for
clients, such as the audit log, being turned away or the accounts granted, holds for people without a second
mechanism. A session is an access token of that client. Refuses short passwords, and to say whether it was the name or
the password that is wrong.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, InvalidInput, NotAllowed, NotAuthenticated, NotFound
from houselights.base.suggest import did_you_mean
from houselights.model.token import TokenKind
from houselights.model.workspace import SCOPES, Client
from houselights.services.access import Access
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.oauth.secret_hash import hash_secret
from houselights.services.oauth.tokens import draw_token, token_hash
from houselights.services.throttle import Throttle
from houselights.storage.control.columns import storable
from houselights.storage.control.control import Control

PREFIX = "person:"
OUTSIDE = "outside:"
PASSWORD_CHARACTERS = 10
NAME_CHARACTERS = 200
SESSION = timedelta(hours=12)
SESSION_PREFIX = "hlp_"
ATTEMPTS = "10/minute"

VIEWER = frozenset({"audiences:read", "insights:read"})
BUILDER = VIEWER | {"audiences:write", "imports:write"}
ROLES: Mapping[str, frozenset[str]] = {
    "viewer": VIEWER,  # looks
    "builder": BUILDER,  # makes audiences and uploads lists
    "operator": frozenset(SCOPES),  # sees exact counts and people, manages clients
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in. `role` is the strongest of ROLES whose scopes they have."""

    client: Client
    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A sign-in that was good. `token` is shown once; whoever has it is this person until `expires_at`."""

    person: Person
    token: str
    expires_at: datetime


class Operators:
    """The people of a house."""

    def __init__(self, control: Control, access: Access, clock: Clock, audit: Audit, throttle: Throttle):
        self._control = control
        self._access = access
        self._audit = audit
        self._throttle = throttle
        self._clock = clock

    def add(self, caller: Caller, *, name: str, password: str, role: str = "viewer") -> Person:
        """Let somebody sign in as `name` with a password.

        The name is one for the whole deployment, case ignored. Raises InvalidInput, Conflict for a name that is taken.
        """
        caller.require("operator")
        return _person(self._make(caller, PREFIX + _name(name), name.strip(), _password(password), role))

    def list(self, caller: Caller) -> Sequence[Person]:
        """Return the people of the workspace, oldest first, those turned away included."""
        caller.require("operator")
        found = self._control.clients.list(caller.workspace.id)
        return [_person(client) for client in found if client.client_id.startswith(PREFIX)]

    def set_password(self, caller: Caller, name: str, password: str) -> None:
        """Give somebody another password and end their sessions. Raises NotFound, InvalidInput."""
        caller.require("operator")
        found = self._control.clients.by_client_id(PREFIX + _name(name))
        if found is None or found[0].workspace_id != caller.workspace.id:
            raise NotFound(f'nobody signs in as "{name}"')
        secret_hash = hash_secret(_password(password))
        with self._control.transaction() as conn:
            self._control.clients.set_secret(found[0].id, secret_hash, conn=conn)
            self._control.tokens.revoke_all(found[0].id, conn=conn)
        self._access.forget()
        self._audit.record(caller, "operator.password", found[0].client_id)

    def set_role(self, caller: Caller, name: str, role: str) -> Person:
        """Give somebody another role and end their sessions. Raises NotFound, InvalidInput, NotAllowed for oneself."""
        caller.require("operator")
        found = self._control.clients.by_client_id(PREFIX + _name(name))
        if found is None or found[0].workspace_id != caller.workspace.id:
            raise NotFound(f'nobody signs in as "{name}"')
        if caller.client is not None and caller.client.id == found[0].id:
            raise NotAllowed("nobody changes their own role", hint="ask another operator, or use the command line")
        with self._control.transaction() as conn:
            self._control.clients.set_scopes(found[0].id, scopes_of(role), conn=conn)
            self._control.tokens.revoke_all(found[0].id, conn=conn)
        self._access.forget()
        self._audit.record(caller, "operator.role", found[0].client_id, role=role)
        return _person(self._control.clients.get(found[0].id))

    def sign_in(self, name: str, password: str, *, came_from: str = "") -> Session:
        """Begin a session. Raises NotAuthenticated; TooManyRequests when a name or an address keeps guessing."""
        known = name.strip().casefold()
        self._throttle.check(f"sign-in name:{known}", ATTEMPTS)
        self._throttle.check(f"sign-in from:{came_from}", ATTEMPTS)
        try:
            client = self._access.authenticate_client(PREFIX + known, password)
        except NotAuthenticated as error:
            raise NotAuthenticated("this name and password do not go together", field="password") from error
        return self._begin(client)

    def vouched_for(self, caller: Caller, *, issuer: str, subject: str, name: str, role: str) -> Session:
        """Begin a session of somebody an identity provider vouches for, with the role it says; new people are added.

        Who they are is what the provider calls `subject`, whatever their `name` is today: a name says nothing about
        who has a password here under the same one. With another role the sessions they had end.
        """
        scopes, known = scopes_of(role), _outside(issuer, subject)
        found = self._control.clients.by_client_id(known)
        if found is None:
            with suppress(Conflict):  # they came through another door at the same moment
                self._make(caller, known, _shown(name), secrets.token_hex(32), role)
            found = self._control.clients.by_client_id(known)
        assert found is not None
        client = found[0]
        if client.disabled or client.workspace_id != caller.workspace.id:
            raise NotAuthenticated(f'"{name}" may not sign in here')
        if client.scopes != scopes:
            with self._control.transaction() as conn:
                self._control.clients.set_scopes(client.id, scopes, conn=conn)
                self._control.tokens.revoke_all(client.id, conn=conn)
            self._access.forget()
            self._audit.record(caller, "operator.role", client.client_id, role=role)
        return self._begin(self._control.clients.get(client.id))

    def sign_out(self, token: str) -> None:
        """End a session; ending it twice changes nothing."""
        self._access.revoke(token)

    def person(self, client: Client | None) -> Person | None:
        """Return who signed in as this client, None for software."""
        return None if client is None or not client.client_id.startswith(PREFIX) else _person(client)

    def _make(self, caller: Caller, client_id: str, name: str, secret: str, role: str) -> Client:
        made = self._access.create_client(
            workspace_id=caller.workspace.id,
            name=name,
            scopes=scopes_of(role),
            client_id=client_id,
            accounts=[account.id for account in self._control.accounts.list(caller.workspace.id)],
        )
        self._access.revoke(made.refresh_token)  # people have sessions, and nothing to refresh them with
        self._control.clients.set_secret(made.client.id, hash_secret(secret))
        self._audit.record(caller, "operator.add", client_id, role=role)
        return made.client

    def _begin(self, client: Client) -> Session:
        now = self._clock.now()
        token = draw_token(SESSION_PREFIX)
        self._control.tokens.put(
            token_hash(token),
            client_id=client.id,
            kind=TokenKind.ACCESS,
            scopes=client.scopes,
            created_at=now,
            expires_at=now + SESSION,
        )
        workspace = self._control.workspaces.get(client.workspace_id)
        itself = Caller(client=client, workspace=workspace, scopes=client.scopes)
        self._audit.record(itself, "operator.sign_in", client.client_id)
        return Session(person=_person(client), token=token, expires_at=now + SESSION)


def scopes_of(role: str) -> frozenset[str]:
    """Return what a role allows. Raises InvalidInput for an unknown one."""
    if role not in ROLES:
        raise InvalidInput(f'there is no role "{role}"', field="role", hint=did_you_mean(role, ROLES))
    return ROLES[role]


def role_of(scopes: Collection[str]) -> str:
    """Return the strongest role whose scopes are all among these; "viewer" when none is."""
    held = frozenset(scopes)
    return next((role for role in reversed(tuple(ROLES)) if ROLES[role] <= held), "viewer")


def _person(client: Client) -> Person:
    return Person(client=client, name=client.name, role=role_of(client.scopes))


def _name(name: str) -> str:
    known = name.strip().casefold()
    if not known or len(known) > NAME_CHARACTERS or not storable(known):
        raise InvalidInput(f"a name has 1 to {NAME_CHARACTERS} characters that can be stored", field="name")
    if known.startswith(OUTSIDE):
        raise InvalidInput(f'a name does not begin with "{OUTSIDE}"', field="name")
    return known


def _outside(issuer: str, subject: str) -> str:
    """Return the client id of somebody an identity provider vouches for; theirs whatever they are called."""
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode(errors="surrogatepass")).hexdigest()
    return f"{PREFIX}{OUTSIDE}{digest[:40]}"


def _shown(name: str) -> str:
    """Return a provider's name of somebody as one that can be stored."""
    kept = name.strip()[:NAME_CHARACTERS]
    return kept if kept and storable(kept) else "somebody"


def _password(password: str) -> str:
    if len(password) < PASSWORD_CHARACTERS:
        raise InvalidInput(f"a password has at least {PASSWORD_CHARACTERS} characters", field="password")
    return password
