"""Writes DIR/credentials.json: what clients of each API need to be let into the demo. Readable by its owner only.

Each room gets a client of its own, so that one can be turned away without the others noticing. A file whose clients
are still good is left as it is: credentials that were pasted into a script keep working.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from houselights.apis.adobe.login.style import ROOM_SCOPES as ADOBE_SCOPES
from houselights.apis.amazon.amc.places import entity_id, instance_id
from houselights.apis.amazon.login.style import TOKEN_STYLE as AMAZON_TOKENS
from houselights.base.errors import Conflict, NotAuthenticated
from houselights.base.ids import stable_id
from houselights.model.workspace import SCOPES, Workspace
from houselights.services.caller import Caller
from houselights.services.demo.accounts import DemoAccounts, demo_accounts, demo_client, demo_place
from houselights.services.house import House
from houselights.services.operators import PREFIX

CREDENTIALS = "credentials.json"
ASKING = ("audiences:read", "audiences:write", "insights:read")
COUNTING = (*ASKING, "counts:exact", "profiles:read")  # this room tells counts, and gives lists of ids out


def write_credentials(house: House, workspace: Workspace, folder: Path, *, base_url: str) -> Path:
    """Make the demo's clients, write their credentials, and return the file (mode 0600).

    When the file is there and every client in it is known and enabled, only `base_url` and the names of the demo's
    accounts are brought up to date.
    Raises NotFound when the demo world has not been imported.
    """
    file = folder / CREDENTIALS
    kept, accounts = _still_good(house, workspace, file), demo_accounts(house, workspace)
    if kept is None:
        kept = {
            "amazon": _amazon(house, workspace, accounts),
            "adobe": _adobe(house, workspace),
            "statsocial": {"token": _token(house, workspace, "StatSocial demo", COUNTING)},
            "native": {"token": _token(house, workspace, "Native demo", tuple(SCOPES))},
            "web": _person(house, workspace),
        }
    kept["amazon"] |= _amazon_places(accounts)
    _write(file, {"base_url": base_url} | {name: part for name, part in kept.items() if name != "base_url"})
    return file


def _amazon(house: House, workspace: Workspace, accounts: DemoAccounts) -> dict[str, str]:
    made = demo_client(
        house,
        workspace,
        name="Amazon Ads demo",
        scopes=(*ASKING, "imports:write"),
        accounts=(accounts.agency, *accounts.advertisers),
        client_id=f"amzn1.application-oa2-client.{secrets.token_hex(16)}",
        style=AMAZON_TOKENS,
    )
    return {
        "client_id": made.client.client_id,
        "client_secret": made.secret,
        "refresh_token": made.refresh_token,
    }


def _amazon_places(accounts: DemoAccounts) -> dict[str, str]:
    """Return what the client may act for, as that API calls it."""
    return {
        "profile_id": str(accounts.agency.id),
        "advertiser_id": str(accounts.advertisers[0].id),
        "entity_id": accounts.agency.external_id,
        "amc_account_id": entity_id(accounts.cleanroom_account),
        "amc_instance_id": instance_id(accounts.cleanrooms[0]),
    }


def _adobe(house: House, workspace: Workspace) -> dict[str, str]:
    organization = demo_place(
        house,
        workspace,
        kind="organization",
        name=f"{workspace.name} organisation",
        external_id=f"{stable_id('organization', workspace.name):X}".rjust(24, "0") + "@AdobeOrg",
    )
    sandbox = demo_place(house, workspace, kind="sandbox", name="prod", external_id="prod", parent=organization)
    made = demo_client(
        house,
        workspace,
        name="Adobe Experience Platform demo",
        scopes=sorted(ADOBE_SCOPES),
        accounts=(sandbox,),
        client_id=secrets.token_hex(16),
    )
    return {
        "org_id": organization.external_id,
        "client_id": made.client.client_id,
        "client_secret": made.secret,
        "scopes": "openid,AdobeID,read_organizations,additional_info.projectedProductContext",
        "sandbox": sandbox.name,
    }


def _token(house: House, workspace: Workspace, name: str, scopes: tuple[str, ...]) -> str:
    return house.access.static_token(demo_client(house, workspace, name=name, scopes=scopes).client)


def _person(house: House, workspace: Workspace) -> dict[str, str]:
    """Let somebody sign in to the web app; who could before gets another password, since the old one is lost."""
    caller, name, password = Caller.local(workspace), workspace.name, secrets.token_urlsafe(12)
    try:
        house.operators.add(caller, name=name, password=password, role="operator")
    except Conflict:
        house.operators.set_password(caller, name, password)
    return {"name": name, "password": password}


def _still_good(house: House, workspace: Workspace, file: Path) -> dict[str, Any] | None:
    """Return the file's sections when all are there and their clients are enabled in this workspace."""
    try:
        sections: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        for name in ("amazon", "adobe"):
            client = house.access.authenticate_client(sections[name]["client_id"], sections[name]["client_secret"])
            if client.workspace_id != workspace.id:
                return None
            kinds = {account.kind for account in house.control.clients.accounts_of(client)}
            if name == "adobe" and "sandbox" not in kinds:
                return None  # written before there were sandboxes; such a client is let in nowhere
        for name in ("statsocial", "native"):
            if house.access.verify(sections[name]["token"]).client.workspace_id != workspace.id:
                return None
        house.access.authenticate_client(PREFIX + sections["web"]["name"], sections["web"]["password"])
    except (OSError, ValueError, KeyError, TypeError, NotAuthenticated):
        return None
    return sections


def _write(file: Path, content: dict[str, Any]) -> None:
    """Replace the file in one step; it is never readable by others, not even for a moment."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(json.dumps(content, indent=2) + "\n")
    draft.replace(file)
