"""`GET /amc/accounts`, `GET /amc/instances`, `GET /amc/instances/{instanceId}/advertisers`."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from houselights.apis.amazon.amc.accounts import schemas, translate
from houselights.apis.amazon.amc.places import Places, marketplace_of, places_of
from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.openapi import client_headers, replies
from houselights.apis.amazon.pages import offset_pager
from houselights.apis.amazon.wire import reply
from houselights.base.errors import NotFound
from houselights.model.workspace import Account
from houselights.services.house import House

Visiting = Annotated[Visit, Depends(visit_of)]
NextToken = Annotated[str | None, Query(alias="nextToken")]
Limit = Annotated[int, Query(ge=1, le=100)]
ACCOUNT_HEADER, MARKETPLACE_HEADER = "Amazon-Advertising-API-AdvertiserId", "Amazon-Advertising-API-MarketplaceId"
AccountId = Annotated[str | None, Header(alias=ACCOUNT_HEADER, description="accountId from /amc/accounts.")]
MarketplaceId = Annotated[str | None, Header(alias=MARKETPLACE_HEADER, description="marketplaceId of that account.")]
# What a page holds when no limit is given: instances as the guide says, the rest as the specification does.
INSTANCES_SHOWN, OTHERS_SHOWN = 10, 100


class AmcAccountRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House):
        self._house = house

    def list_accounts(self, visit: Visiting, next_token: NextToken = None) -> Response:
        """List the AMC accounts that the client may use."""
        shown, token, _ = self._page(visit, places_of(self._house, visit.caller).accounts, OTHERS_SHOWN, next_token)
        told = schemas.AmcAccountsTold(
            amc_accounts=[translate.account_told(account) for account in shown], next_token=token
        )
        return reply(told, visit.media_type)

    def list_instances(
        self,
        visit: Visiting,
        account_id: AccountId = None,
        marketplace_id: MarketplaceId = None,
        limit: Limit = INSTANCES_SHOWN,
        next_token: NextToken = None,
    ) -> Response:
        """List the instances of the AMC account that the headers name; of every account when they name none."""
        places = places_of(self._house, visit.caller)
        accounts = self._accounts(places, account_id, marketplace_id)
        found = [one for one in places.instances if one.parent_id in accounts]
        shown, token, _ = self._page(visit, found, limit, next_token, account_id, marketplace_id)
        settings, workspace = self._house.settings, visit.caller.workspace
        told = schemas.InstancesTold(
            instances=[
                translate.instance_told(
                    one, places.account_of(one), base_url=settings.base_url, since=workspace.created_at
                )
                for one in shown
            ],
            next_token=token,
        )
        return reply(told, visit.media_type)

    def list_advertisers(
        self,
        visit: Visiting,
        instance: Annotated[str, Path(alias="instanceId")],
        account_id: AccountId = None,
        marketplace_id: MarketplaceId = None,
        kind: Annotated[str | None, Query(alias="type", description="DISPLAY is the only type here.")] = None,
        limit: Limit = OTHERS_SHOWN,
        next_token: NextToken = None,
    ) -> Response:
        """List the advertisers whose data an instance holds."""
        places = places_of(self._house, visit.caller)
        accounts = self._accounts(places, account_id, marketplace_id)
        try:
            room = places.instance(instance, "instanceId")
        except Rejected as error:
            raise NotFound(error.message, field="instanceId") from error
        if room.parent_id not in accounts:
            raise NotFound(f"account {account_id} has no instance {instance}", field="instanceId")
        found = places.advertisers_in(room) if kind in (None, "DISPLAY") else []
        shown, token, total = self._page(visit, found, limit, next_token, instance, account_id, marketplace_id, kind)
        told = schemas.InstanceAdvertisersTold(
            advertisers=[translate.advertiser_told(one) for one in shown], total_count=total, next_token=token
        )
        return reply(told, visit.media_type)

    @staticmethod
    def _accounts(places: Places, sent: str | None, marketplace: str | None) -> set[int]:
        """Return the ids of the accounts that the headers mean. Raises Rejected."""
        if not sent:
            return {one.id for one in places.accounts if not marketplace or marketplace_of(one) == marketplace}
        account = places.account(sent.strip(), ACCOUNT_HEADER)
        if marketplace and marketplace.strip() != marketplace_of(account):
            why = f"the account is in marketplace {marketplace_of(account)}, not in {marketplace}"
            raise Rejected([Detail(Kind.INVALID, why, MARKETPLACE_HEADER)])
        return {account.id}

    def _page(
        self, visit: Visit, rows: Sequence[Account], limit: int, token: str | None, *asked: object
    ) -> tuple[Sequence[Account], str | None, int]:
        """Return one page of accounts by id, the token for the next, and how many there are in all."""
        pages = offset_pager(self._house, visit, token, *asked)
        shown = rows[pages.offset : pages.offset + limit]
        return shown, pages.token(len(shown), len(rows)), len(rows)


def routes(house: House) -> APIRouter:
    """Return the router of accounts and instances."""
    endpoints = AmcAccountRoutes(house)
    router = APIRouter(tags=["Marketing Cloud: accounts"], dependencies=[Depends(client_headers)])
    for path, endpoint, told in (
        ("/amc/accounts", endpoints.list_accounts, schemas.AmcAccountsTold),
        ("/amc/instances", endpoints.list_instances, schemas.InstancesTold),
        ("/amc/instances/{instanceId}/advertisers", endpoints.list_advertisers, schemas.InstanceAdvertisersTold),
    ):
        router.add_api_route(path, endpoint, methods=["GET"], responses=replies("GET", path, told))
    return router
