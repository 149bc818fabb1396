"""Clients as an operator manages them: made, listed, turned away. Shows a secret once, and never again.

Refuses everything to those without the scope "operator", and to give a client a scope its maker does not have.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from houselights.base.errors import InvalidInput, NotAllowed
from houselights.model.workspace import SCOPES, Client
from houselights.services.access import Access
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.storage.control.columns import storable
from houselights.storage.control.control import Control

NAME_CHARACTERS = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a new client was given. `token` is a bearer token without an end, None when none was asked for."""

    client: Client
    secret: str
    refresh_token: str
    token: str | None


class Clients:
    """The clients of a workspace."""

    def __init__(self, access: Access, control: Control, audit: Audit):
        self._access = access
        self._control = control
        self._audit = audit

    def list(self, caller: Caller) -> Sequence[Client]:
        """Return all clients of the workspace, disabled ones included, oldest first."""
        caller.require("operator")
        return self._control.clients.list(caller.workspace.id)

    def create(
        self,
        caller: Caller,
        *,
        name: str,
        scopes: Collection[str],
        redirect_uris: Sequence[str] = (),
        accounts: Collection[int] = (),
        token: bool = False,
    ) -> Credentials:
        """Make a client. Raises InvalidInput for an unknown scope, a bad name or URI, NotFound for an account."""
        caller.require("operator")
        if not name.strip() or len(name) > NAME_CHARACTERS:
            raise InvalidInput(f"a client needs a name of 1 to {NAME_CHARACTERS} characters", field="name")
        for field, texts in (("name", (name,)), ("redirect_uris", redirect_uris)):
            if not all(map(storable, texts)):
                raise InvalidInput("the text holds a character that cannot be stored", field=field)
        made = self._access.create_client(
            workspace_id=caller.workspace.id,
            name=name.strip(),
            scopes=self._within_reach(caller, scopes),
            redirect_uris=tuple(redirect_uris),
            accounts=tuple(accounts),
        )
        bearer = self._access.static_token(made.client) if token else None
        self._audit.record(caller, "client.create", made.client.client_id, scopes=sorted(scopes), token=token)
        return Credentials(client=made.client, secret=made.secret, refresh_token=made.refresh_token, token=bearer)

    def disable(self, caller: Caller, number: int) -> None:
        """Turn a client away and end its tokens. Raises NotFound, and NotAllowed for one's own client."""
        caller.require("operator")
        if caller.client is not None and caller.client.id == number:
            raise NotAllowed("a client does not disable itself", hint="use another client, or the command line")
        self._access.disable_client(caller.workspace.id, number)
        self._audit.record(caller, "client.disable", str(number))

    @staticmethod
    def _within_reach(caller: Caller, scopes: Collection[str]) -> Collection[str]:
        """Return the scopes. Raises NotAllowed for one the maker lacks: no client makes a stronger one than itself."""
        beyond = sorted(set(scopes) - caller.scopes) if caller.client is not None else []
        known = [scope for scope in beyond if scope in SCOPES]
        if known:
            raise NotAllowed(f'you do not have the scope "{known[0]}" to give', field="scopes")
        return scopes
