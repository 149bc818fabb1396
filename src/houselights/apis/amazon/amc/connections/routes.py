"""Connections over HTTP, `/amc/audiences/connections`, and the terms of uploading, `…/terms`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from houselights.apis.amazon.amc.connections import schemas
from houselights.apis.amazon.amc.connections.translate import connection_told
from houselights.apis.amazon.amc.places import Places, marketplace_of, places_of
from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.openapi import client_headers, replies
from houselights.apis.amazon.policy import Policy
from houselights.apis.amazon.wire import reply
from houselights.base.errors import Conflict, InvalidInput
from houselights.model.workspace import Account
from houselights.services.connections import client_of
from houselights.services.house import House

PATH = "/amc/audiences/connections"
TERMS = f"{PATH}/terms"
# What the terms are about, in the store of agreements.
SUBJECT = "uploads to clean rooms"
Visiting = Annotated[Visit, Depends(visit_of)]
ConnectionId = Annotated[str | None, Query(alias="connectionId")]


class ConnectionRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House, policy: Policy):
        self._house = house
        self._policy = policy

    def create(self, asked: schemas.ConnectionAsked, visit: Visiting) -> Response:
        """Connect an AMC instance, a DSP advertiser, or both; the first connection is the default."""
        places = places_of(self._house, visit.caller)
        instance, advertiser = _instance_of(places, asked), _advertiser_of(places, asked)
        if instance is None and advertiser is None:
            why = "a connection needs an amcInstanceId with its amcAccountId, a dspAdvertiserId, or both"
            raise Rejected([Detail(Kind.INVALID, why)])
        try:
            made = self._house.connections.create(
                visit.caller,
                cleanroom_id=None if instance is None else instance.id,
                advertiser_id=None if advertiser is None else advertiser.id,
                is_default=asked.is_default,
                connection_id=asked.connection_id or None,
            )
        except (Conflict, InvalidInput) as error:  # this product has no 409
            field = "connectionId" if error.field == "connection_id" else None
            raise Rejected([Detail(Kind.INVALID, error.message, field)]) from error
        return reply(schemas.ConnectionMade(connection_id=made.id), visit.media_type, 201)

    def list(
        self,
        visit: Visiting,
        connection_id: ConnectionId = None,
        only_default: Annotated[bool, Query(alias="isDefault")] = False,
    ) -> Response:
        """List one connection, the default one, or all, newest first."""
        if connection_id:
            found = [self._house.connections.get(visit.caller, connection_id)]
        else:
            found = list(self._house.connections.list(visit.caller))
        places, client = places_of(self._house, visit.caller), client_of(visit.caller)
        told = schemas.ConnectionsTold(
            connections=[connection_told(one, client, places) for one in found if one.is_default or not only_default]
        )
        return reply(told, visit.media_type)

    def remove(self, visit: Visiting, connection_id: ConnectionId = None) -> Response:
        """Take away one connection; all of them when none is named."""
        self._house.connections.remove(visit.caller, connection_id or None)
        return Response(status_code=204)

    def terms(self, visit: Visiting) -> Response:
        """Return the terms with the token that accepts them; once accepted, only that they are."""
        offered = self._house.agreements.offered(visit.caller, SUBJECT, self._policy.terms)
        told = schemas.TermsTold(
            agreement_content=None if offered.accepted else offered.text,
            agreement_token=None if offered.accepted else offered.token,
            has_accepted=offered.accepted,
        )
        return reply(told, visit.media_type)

    def answer(self, asked: schemas.TermsAnswer, visit: Visiting) -> Response:
        """Accept the terms, or take the acceptance back."""
        try:
            self._house.agreements.answer(
                visit.caller,
                SUBJECT,
                self._policy.terms,
                token=asked.agreement_token,
                accepted=asked.has_accepted,
            )
        except InvalidInput as error:
            why = f'{error.message}; take the one of "GET {TERMS}"'
            raise Rejected([Detail(Kind.INVALID, why, "agreementToken")]) from error
        return Response(status_code=204)


def _instance_of(places: Places, asked: schemas.ConnectionAsked) -> Account | None:
    """Return the instance that a creation names, whose account must be named with it. Raises Rejected."""
    if not asked.amc_instance_id:
        if asked.amc_account_id:
            raise Rejected([Detail(Kind.INVALID, "an amcAccountId needs an amcInstanceId", "amcInstanceId")])
        return None
    if not asked.amc_account_id:
        raise Rejected([Detail(Kind.INVALID, "an amcInstanceId needs its amcAccountId", "amcAccountId")])
    account = places.account(asked.amc_account_id, "amcAccountId")
    instance = places.instance(asked.amc_instance_id, "amcInstanceId")
    if instance.parent_id != account.id:
        why = f"account {asked.amc_account_id} has no instance {asked.amc_instance_id}"
        raise Rejected([Detail(Kind.INVALID, why, "amcInstanceId")])
    marketplace = marketplace_of(account)
    if asked.amc_account_marketplace_id and asked.amc_account_marketplace_id != marketplace:
        why = f"the account is in marketplace {marketplace}, not in {asked.amc_account_marketplace_id}"
        raise Rejected([Detail(Kind.INVALID, why, "amcAccountMarketplaceId")])
    return instance


def _advertiser_of(places: Places, asked: schemas.ConnectionAsked) -> Account | None:
    """Return the advertiser that a creation names, which must be of the profile when one is named. Raises Rejected."""
    if not asked.dsp_advertiser_id:
        return None
    advertiser = places.advertiser(asked.dsp_advertiser_id, "dspAdvertiserId")
    if asked.dsp_profile_id and asked.dsp_profile_id != str(advertiser.parent_id):
        why = f"advertiser {advertiser.id} is not of profile {asked.dsp_profile_id}"
        raise Rejected([Detail(Kind.INVALID, why, "dspProfileId")])
    return advertiser


def routes(house: House, policy: Policy) -> APIRouter:
    """Return the router of connections and terms."""
    endpoints = ConnectionRoutes(house, policy)
    router = APIRouter(tags=["Marketing Cloud: connections"], dependencies=[Depends(client_headers)])
    made = replies("POST", PATH, schemas.ConnectionMade, 201)
    router.add_api_route(PATH, endpoints.create, methods=["POST"], responses=made, status_code=201)
    router.add_api_route(PATH, endpoints.list, methods=["GET"], responses=replies("GET", PATH, schemas.ConnectionsTold))
    router.add_api_route(PATH, endpoints.remove, methods=["DELETE"], status_code=204)
    router.add_api_route(TERMS, endpoints.terms, methods=["GET"], responses=replies("GET", TERMS, schemas.TermsTold))
    router.add_api_route(TERMS, endpoints.answer, methods=["PATCH"], status_code=204)
    return router
