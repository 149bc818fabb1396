"""Which instance a request is about, and which account it must belong to. Refuses instances of other clients.

Reporting has the instance in its path and the account in headers; rule-based audiences have both in headers.
"""

from typing import Annotated

from fastapi import Header, Path

from houselights.apis.amazon.amc.places import marketplace_of, places_of
from houselights.apis.amazon.door import Visit
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.model.workspace import Account
from houselights.services.house import House

ACCOUNT_HEADER, MARKETPLACE_HEADER = "Amazon-Advertising-API-AdvertiserId", "Amazon-Advertising-API-MarketplaceId"
ENTITY_HEADER, INSTANCE_HEADER = "Amazon-Advertising-API-EntityId", "Amazon-Marketing-Cloud-Audience-InstanceId"

InstanceId = Annotated[str, Path(alias="instanceId", description="instanceId from /amc/instances.")]
AccountId = Annotated[str | None, Header(alias=ACCOUNT_HEADER, description="accountId from /amc/accounts.")]
MarketplaceId = Annotated[str | None, Header(alias=MARKETPLACE_HEADER, description="marketplaceId of that account.")]
EntityId = Annotated[str | None, Header(alias=ENTITY_HEADER, description="accountId from /amc/accounts.")]
AudienceInstanceId = Annotated[
    str | None, Header(alias=INSTANCE_HEADER, description="instanceId from /amc/instances; required.")
]


class Asking:
    """The headers and the path of one request to reporting. For `Depends`."""

    def __init__(self, instance: InstanceId, account: AccountId = None, marketplace: MarketplaceId = None):
        self._instance = instance
        self._account = account
        self._marketplace = marketplace

    def room(self, house: House, visit: Visit) -> Account:
        """Return the instance. Raises Rejected: 400 for a missing header, 403 for what the client does not reach."""
        missing = [
            Detail(Kind.INVALID, f"the header {header} is required", header)
            for header, sent in ((ACCOUNT_HEADER, self._account), (MARKETPLACE_HEADER, self._marketplace))
            if not (sent or "").strip()
        ]
        if missing:
            raise Rejected(missing)
        places = places_of(house, visit.caller)
        account = places.account((self._account or "").strip(), ACCOUNT_HEADER)
        marketplace = (self._marketplace or "").strip()
        if marketplace_of(account) not in (None, marketplace):
            why = f"the account is in marketplace {marketplace_of(account)}, not in {marketplace}"
            raise Rejected([Detail(Kind.INVALID, why, MARKETPLACE_HEADER)])
        return _of_account(places.instance(self._instance, "instanceId"), account, ACCOUNT_HEADER)


class AskingAudience:
    """The headers of one request about rule-based audiences. For `Depends`."""

    def __init__(self, instance: AudienceInstanceId = None, entity: EntityId = None):
        self._instance = instance
        self._entity = entity

    def room(self, house: House, visit: Visit) -> Account:
        """Return the instance. Raises Rejected, always 400: the specification has nothing else for everybody."""
        if not (self._instance or "").strip():
            raise Rejected([Detail(Kind.INVALID, f"the header {INSTANCE_HEADER} is required", INSTANCE_HEADER)])
        places = places_of(house, visit.caller)
        try:
            room = places.instance((self._instance or "").strip(), INSTANCE_HEADER)
            if (self._entity or "").strip():
                _of_account(room, places.account((self._entity or "").strip(), ENTITY_HEADER), ENTITY_HEADER)
        except Rejected as error:
            raise Rejected(error.details) from error
        return room


def _of_account(room: Account, account: Account, header: str) -> Account:
    if room.parent_id != account.id:
        why = f"the instance belongs to another account than {header} names"
        raise Rejected([Detail(Kind.INVALID, why, header)], status=403)
    return room
