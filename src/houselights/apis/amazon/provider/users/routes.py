"""`PATCH /v2/dp/users` over HTTP: users that this client brought are forgotten, everywhere or for one advertiser.

When the reply leaves, nobody finds them in the client's audiences any more; that they are gone from every file, too,
is told by the job with the id of the request.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from houselights.apis.amazon.admission import pick_advertiser
from houselights.apis.amazon.bodies import body_documented, body_of, decoded
from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.openapi import client_headers, replies
from houselights.apis.amazon.provider.caller import namespace_of
from houselights.apis.amazon.provider.operations import DELETE_USERS
from houselights.apis.amazon.provider.records.routes import must_be_few
from houselights.apis.amazon.provider.records.schemas import RequestTold, UsersAsked
from houselights.apis.amazon.provider.users.requests import UserRequests
from houselights.apis.amazon.provider.users.translate import Forgetting, forgettings_of
from houselights.apis.amazon.wire import JSON, reply
from houselights.model.erasure import ErasureScope
from houselights.services.erasure.erase import IDENTITIES_MOST
from houselights.services.house import House

Visiting = Annotated[Visit, Depends(visit_of)]
_USERS = msgspec.json.Decoder(UsersAsked)


class UserRoutes:
    """The endpoint, with the house it asks."""

    def __init__(self, house: House):
        self._house = house
        self._requests = UserRequests(house)

    async def delete(self, request: Request, visit: Visiting) -> Response:
        """Forget users: what this client brought of them, for one advertiser when it is named.

        `consentTime` spares what was brought later.
        """
        return await run_in_threadpool(self._delete, await body_of(request, visit), visit)

    def _delete(self, body: bytes, visit: Visit) -> Response:
        asked = decoded(_USERS, body)
        must_be_few(len(asked.users), visit, "users")
        forgettings = forgettings_of(asked.users, namespace_of(visit.caller))
        advertisers = self._advertisers(visit, asked)
        erasures = []
        for same, identities in forgettings.items():
            account_id = None if same.advertiser is None else advertisers[same.advertiser]
            for start in range(0, len(identities), IDENTITIES_MOST):
                part = identities[start : start + IDENTITIES_MOST]
                erasures.append(self._forget(visit, same, account_id, part))
        request_id = self._requests.keep(visit.caller, erasures, len(asked.users))
        return reply(RequestTold(request_id=request_id), visit.media_type, status=202)

    def _forget(self, visit: Visit, same: Forgetting, account_id: int | None, identities: list[tuple[str, str]]) -> str:
        return self._house.erasing.request(
            visit.caller,
            identities,
            scope=ErasureScope.CLIENT if account_id is None else ErasureScope.ACCOUNT,
            account_id=account_id,
            collected_until=same.collected_until,
        )

    def _advertisers(self, visit: Visit, asked: UsersAsked) -> Mapping[str, int]:
        """Return the account of each advertiser that is named. Raises Rejected, before anybody is forgotten."""
        named = dict.fromkeys(str(user.advertiser_id) for user in asked.users if user.advertiser_id is not None)
        if not named:
            return {}
        accounts = self._house.callers.reach(visit.caller)
        advertisers = [account for account in accounts if account.kind == "advertiser"]
        return {sent: pick_advertiser(sent, advertisers, accounts).id for sent in named}


def routes(house: House) -> APIRouter:
    """Return the router of users."""
    router = APIRouter(tags=["Provider users"], dependencies=[Depends(client_headers)])
    router.add_api_route(
        DELETE_USERS.path,
        UserRoutes(house).delete,
        methods=[DELETE_USERS.method],
        status_code=202,
        responses=replies(DELETE_USERS.method, DELETE_USERS.path, RequestTold, 202),
        openapi_extra=body_documented(UsersAsked, JSON),
    )
    return router
