"""The demo's own clients: software that may act for its agency and advertisers. The accounts come with the import.

Secrets are made here and handed out once; whoever wants them a second time must have kept them.
"""

from collections.abc import Collection
from dataclasses import dataclass

from houselights.base.errors import NotFound
from houselights.base.ids import stable_id
from houselights.model.workspace import Account, Workspace
from houselights.services.access import NewClient
from houselights.services.demo.advertisers import accounts as declared
from houselights.services.house import House
from houselights.services.oauth.style import TokenStyle


@dataclass(frozen=True, slots=True)
class DemoAccounts:
    """The agency and, in the order of the population file, its advertisers and clean rooms; who these belong to."""

    agency: Account
    advertisers: tuple[Account, ...]
    cleanroom_account: Account
    cleanrooms: tuple[Account, ...]


def demo_accounts(house: House, workspace: Workspace) -> DemoAccounts:
    """Return the accounts that the import of the demo world made. Raises NotFound when it has not been imported."""
    by_name = {account.name: account for account in house.control.accounts.list(workspace.id)}
    wanted = [row["name"] for row in declared()]
    missing = [name for name in wanted if name not in by_name]
    if missing:
        raise NotFound(f"workspace {workspace.name} has no account {missing[0]}", hint="import the demo world first")
    found = [by_name[name] for name in wanted]
    return DemoAccounts(
        agency=next(account for account in found if account.kind == "agency"),
        advertisers=tuple(account for account in found if account.kind == "advertiser"),
        cleanroom_account=next(account for account in found if account.kind == "cleanroom-account"),
        cleanrooms=tuple(account for account in found if account.kind == "cleanroom"),
    )


def demo_place(
    house: House, workspace: Workspace, *, kind: str, name: str, external_id: str, parent: Account | None = None
) -> Account:
    """Make an account that names the workspace for clients of an API: an organisation, or a sandbox below one."""
    number = stable_id(kind, workspace.name, external_id)
    place = Account(
        id=number,
        workspace_id=workspace.id,
        kind=kind,
        name=name,
        external_id=external_id,
        parent_id=None if parent is None else parent.id,
    )
    return house.control.accounts.put(place)


def demo_client(
    house: House,
    workspace: Workspace,
    *,
    name: str,
    scopes: Collection[str],
    accounts: Collection[Account] = (),
    client_id: str | None = None,
    style: TokenStyle | None = None,
) -> NewClient:
    """Make a client that may act for `accounts`. Raises Conflict when `client_id` is taken."""
    return house.access.create_client(
        workspace_id=workspace.id,
        name=name,
        scopes=scopes,
        accounts=[account.id for account in accounts],
        client_id=client_id,
        style=style,
    )
