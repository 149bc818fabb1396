"""From a bearer token to a `Caller`. Refuses tokens that are unknown, expired or revoked, and accounts not granted."""

from collections.abc import Iterable

from houselights.base.errors import NotAllowed
from houselights.model.workspace import Account, Client
from houselights.services.access import Access
from houselights.services.caller import Caller
from houselights.storage.control.control import Control


class Callers:
    """Recognises who asks."""

    def __init__(self, access: Access, control: Control):
        self._access = access
        self._control = control

    def identify(self, token: str, *, request_id: str = "", account_id: int | None = None) -> Caller:
        """Return the caller behind an access token, acting for `account_id` when that is given.

        Raises NotAuthenticated for a token that does not (or no longer) stand for an enabled client; NotAllowed when
        the account is unknown or not granted to the client: which of the two, it does not say.
        """
        known = self._access.verify(token)
        workspace = self._control.workspaces.get(known.client.workspace_id)
        caller = Caller(client=known.client, workspace=workspace, scopes=known.scopes, request_id=request_id)
        if account_id is None:
            return caller
        return caller.acting_for(granted(self._control.clients.accounts_of(known.client), account_id))

    def accounts(self, caller: Caller) -> list[Account]:
        """Return the accounts this caller's client may act for."""
        if caller.client is None:
            return self._control.accounts.list(caller.workspace.id)
        return self._control.clients.accounts_of(caller.client)

    def reach(self, caller: Caller) -> list[Account]:
        """Return the accounts this caller's client may act for and all that stand below them, by id."""
        return within_reach(self._control, caller)


def within_reach(control: Control, caller: Caller) -> list[Account]:
    """Return the accounts a caller's client may act for and all that stand below them, by id; all, without a client."""
    return reached_by(control, caller.workspace.id, caller.client)


def reached_by(control: Control, workspace_id: int, client: Client | None) -> list[Account]:
    """Return the same for a client, or for the command line."""
    whole = control.accounts.list(workspace_id)
    if client is None:
        return whole
    reached = {account.id for account in control.clients.accounts_of(client)}
    grown = True
    while grown:
        below = {account.id for account in whole if account.parent_id in reached} - reached
        reached |= below
        grown = bool(below)
    return [account for account in whole if account.id in reached]


def granted(accounts: Iterable[Account], account_id: int) -> Account:
    """Return the account with this id from those granted. Raises NotAllowed when it is not among them."""
    for account in accounts:
        if account.id == account_id:
            return account
    raise NotAllowed("not authorized to act for this account", field="account")
