"""Who is asking: a client in a workspace, perhaps on behalf of an account. Nothing is answered without one."""

from dataclasses import dataclass, replace
from typing import Self

from houselights.base.errors import NotAllowed
from houselights.model.audience import Audience
from houselights.model.workspace import SCOPES, Account, Client, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One asker, made by a room from credentials it has verified (`services.callers.Callers`), or by the CLI.

    `client` is None on the command line, where whoever can read the data folder is the operator. `scopes` are the
    words of `model.workspace.SCOPES`. `account` is the party acted for; None means the workspace as a whole.
    """

    client: Client | None
    workspace: Workspace
    scopes: frozenset[str]
    account: Account | None = None
    request_id: str = ""

    @classmethod
    def local(cls, workspace: Workspace, request_id: str = "") -> Self:
        """Return the caller at the command line: every scope, no client."""
        return cls(client=None, workspace=workspace, scopes=frozenset(SCOPES), request_id=request_id)

    @property
    def exact(self) -> bool:
        """Whether exact counts, however small, may be shown."""
        return "counts:exact" in self.scopes

    @property
    def account_id(self) -> int | None:
        """Id of the account acted for, None for the workspace as a whole."""
        return None if self.account is None else self.account.id

    def require(self, scope: str) -> None:
        """Raise NotAllowed unless the caller holds `scope`."""
        if scope not in self.scopes:
            raise NotAllowed(f'this needs the scope "{scope}": {SCOPES.get(scope, "unknown to this version")}')

    def acting_for(self, account: Account | None) -> Self:
        """Return the same caller on behalf of `account`. That the client may is for `Callers` to check."""
        return replace(self, account=account)

    def may_see(self, audience: Audience) -> bool:
        """Tell whether an audience exists for this caller.

        An audience without an account is the whole workspace's; one with an account is seen by those who act for
        that account, and by an operator who acts for none.
        """
        if audience.workspace_id != self.workspace.id:
            return False
        if audience.account_id is None or audience.account_id == self.account_id:
            return True
        return self.account is None and "operator" in self.scopes
