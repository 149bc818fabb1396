"""Who is at the door: token, API key, organisation, sandbox. Refuses in the gateway's words.

An organisation is an account of kind "organization" whose `external_id` is its id; a sandbox is an account of kind
"sandbox" below it, by name. Both belong to a workspace, and a client acts for the sandboxes it was granted: so one
organisation and sandbox lead to one workspace, and to no other.
"""

import os
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers

from houselights.apis.adobe.errors import AtTheGateway
from houselights.apis.adobe.ids import uuid_of
from houselights.apis.adobe.operations import Operation
from houselights.base.errors import NotAuthenticated
from houselights.model.workspace import Account
from houselights.services.caller import Caller
from houselights.services.house import House

API_KEY = "x-api-key"
ORGANIZATION = "x-gw-ims-org-id"
SANDBOX = "x-sandbox-name"
DEFAULT_SANDBOX = "prod"
# How many requests a client may make to one operation, in the grammar of the `limits` library.
RATE = "HOUSELIGHTS_ADOBE_RATE"
DEFAULT_RATE = "200/second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody let in: the caller, who acts for the workspace as a whole, and the place they named."""

    caller: Caller
    organization: Account
    sandbox: Account

    @property
    def place(self) -> dict[str, Any]:
        """The two fields that say on nearly every reply where it comes from."""
        name = self.sandbox.name
        return {
            "imsOrgId": self.organization.external_id,
            "sandbox": {
                "sandboxId": uuid_of(self.sandbox.id),
                "sandboxName": name,
                "type": "production" if name == DEFAULT_SANDBOX else "development",
                "default": name == DEFAULT_SANDBOX,
            },
        }


class Admission:
    """Lets callers in."""

    def __init__(self, house: House, rate: str | None = None):
        self._house = house
        self._rate = rate or os.environ.get(RATE) or DEFAULT_RATE

    def admit(self, operation: Operation, headers: Headers, request_id: str) -> Guest:
        """Return who asks. Raises AtTheGateway, TooManyRequests."""
        caller = self._client(headers, request_id)
        client = caller.client
        name = "" if client is None else client.client_id
        self._house.throttle.check(f"{name} {operation.method} {operation.path}", self._rate)
        organization_id = headers.get(ORGANIZATION, "").strip()
        if not organization_id:
            raise AtTheGateway("400003", f"Missing header: {ORGANIZATION}")
        granted = self._house.callers.accounts(caller)
        organizations = {
            account.id: account
            for account in self._house.control.accounts.list(caller.workspace.id)
            if account.kind == "organization" and account.external_id == organization_id
        }
        sandboxes = [account for account in granted if account.kind == "sandbox" and account.parent_id in organizations]
        if not sandboxes:
            raise AtTheGateway("403025", "Profile is not valid: the client may not act for this organisation")
        wanted = headers.get(SANDBOX, "").strip() or DEFAULT_SANDBOX
        sandbox = next((account for account in sandboxes if account.name == wanted), None)
        if sandbox is None or sandbox.parent_id is None:
            known = ", ".join(sorted(account.name for account in sandboxes))
            raise AtTheGateway("403025", f'Profile is not valid: no sandbox "{wanted}"; this client has {known}')
        return Guest(caller=caller, organization=organizations[sandbox.parent_id], sandbox=sandbox)

    def _client(self, headers: Headers, request_id: str) -> Caller:
        """Return the caller behind the token, if the API key names the same client."""
        scheme, _, token = headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise AtTheGateway("403010", "Oauth token is missing.")
        try:
            caller = self._house.callers.identify(token.strip(), request_id=request_id)
        except NotAuthenticated as error:
            raise AtTheGateway("401013", "Oauth token is not valid") from error
        key = headers.get(API_KEY, "").strip()
        if not key:
            raise AtTheGateway("403000", "Api Key is required")
        if caller.client is None or key != caller.client.client_id:
            raise AtTheGateway("403003", "Api Key is invalid")
        return caller
