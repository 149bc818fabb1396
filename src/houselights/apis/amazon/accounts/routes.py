"""Accounts over HTTP: `GET /v2/profiles[/{profileId}]`, `GET /dsp/advertisers[/{advertiserId}]`."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import TypeAdapter

from houselights.apis.amazon.accounts import schemas, translate
from houselights.apis.amazon.admission import PROFILE_KINDS, advertisers_below, kind_of_id, reachable
from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.openapi import client_headers, profile_headers, replies
from houselights.apis.amazon.wire import JSON, reply
from houselights.base.errors import NotFound
from houselights.model.workspace import Account
from houselights.services.house import House

Visiting = Annotated[Visit, Depends(visit_of)]
Program = Literal["billing", "campaign", "paymentMethod", "store", "report", "account", "posts"]
Level = Literal["edit", "view"]
PROFILES = TypeAdapter(list[schemas.ProfileTold])


class AccountRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House):
        self._house = house

    def list_profiles(
        self,
        visit: Visiting,
        _program: Annotated[Program, Query(alias="apiProgram")] = "campaign",
        level: Annotated[Level, Query(alias="accessLevel")] = "view",
        types: Annotated[
            str | None, Query(alias="profileTypeFilter", description="Any of seller,vendor,agency.")
        ] = None,
        payment: Annotated[Literal["true", "false"] | None, Query(alias="validPaymentMethodFilter")] = None,
    ) -> Response:
        """List the profiles that the access token may act for.

        Here every profile has a valid payment method, so asking for those without one finds none; every program is
        open to every profile; `edit` needs a token that may change audiences.
        """
        kinds = _kinds(types)
        may_edit = "audiences:write" in visit.caller.scopes
        shown = [
            translate.profile_told(account)
            for account in self._profiles(visit)
            if account.kind in kinds and payment != "false" and (level == "view" or may_edit)
        ]
        body = PROFILES.dump_json(shown, by_alias=True, exclude_none=True)
        return Response(body, media_type=JSON)

    def get_profile(self, visit: Visiting, profile_id: Annotated[str, Path(alias="profileId")]) -> Response:
        """Return one profile."""
        for account in self._profiles(visit):
            if str(account.id) == profile_id:
                return reply(translate.profile_told(account))
        received = kind_of_id(profile_id, reachable(self._house, visit.caller))
        hint = None if received is None else f"received {received}, expected a profileId"
        raise NotFound(f"no profile {profile_id}", field="profileId", hint=hint)

    def list_advertisers(
        self,
        visit: Visiting,
        start_index: Annotated[int, Query(alias="startIndex", ge=0, le=29_900)] = 0,
        count: Annotated[int, Query(ge=1, le=100)] = 100,
        only: Annotated[str | None, Query(alias="advertiserIdFilter", description="Ids, separated by commas.")] = None,
    ) -> Response:
        """List the DSP advertisers below the profile of the Scope header."""
        found = advertisers_below(self._house, visit.caller, visit.profile)
        if only:
            wanted = self._ids(visit, only)
            found = [account for account in found if str(account.id) in wanted]
        page = found[start_index : start_index + count]
        told = schemas.AdvertisersTold(
            total_results=len(found), response=[translate.advertiser_told(account) for account in page]
        )
        return reply(told)

    def get_advertiser(self, visit: Visiting, advertiser_id: Annotated[str, Path(alias="advertiserId")]) -> Response:
        """Return one DSP advertiser."""
        for account in advertisers_below(self._house, visit.caller, visit.profile):
            if str(account.id) == advertiser_id:
                return reply(translate.advertiser_told(account))
        received = kind_of_id(advertiser_id, reachable(self._house, visit.caller))
        hint = None if received is None else f"received {received}, expected a DSP advertiserId"
        raise NotFound(f"no advertiser {advertiser_id}", field="advertiserId", hint=hint)

    def _profiles(self, visit: Visit) -> list[Account]:
        """Return the profiles granted to the caller's client, by id."""
        accounts = self._house.callers.accounts(visit.caller)
        return sorted((one for one in accounts if one.kind in PROFILE_KINDS), key=lambda one: one.id)

    def _ids(self, visit: Visit, csv: str) -> frozenset[str]:
        """Read a list of advertiser ids. Raises Rejected for what is not a number, saying what it is."""
        ids = [part.strip() for part in csv.split(",") if part.strip()]
        accounts = reachable(self._house, visit.caller)
        faults = [
            Detail(Kind.INVALID, f"received {kind_of_id(one, accounts)}, expected advertiser ids", "advertiserIdFilter")
            for one in ids
            if not (one.isascii() and one.isdigit())
        ]
        if faults:
            raise Rejected(faults)
        return frozenset(ids)


def _kinds(csv: str | None) -> frozenset[str]:
    """Read `profileTypeFilter`; all kinds when it was not given. Raises Rejected for an unknown kind."""
    if not csv:
        return PROFILE_KINDS
    wanted = frozenset(part.strip() for part in csv.split(","))
    if not wanted <= PROFILE_KINDS:
        why = f"profileTypeFilter takes {', '.join(sorted(PROFILE_KINDS))}; found {csv}"
        raise Rejected([Detail(Kind.INVALID, why, "profileTypeFilter")])
    return wanted


def routes(house: House) -> APIRouter:
    """Return the router of profiles and advertisers."""
    endpoints = AccountRoutes(house)
    router = APIRouter(tags=["Accounts"], dependencies=[Depends(client_headers)])
    profile = [Depends(profile_headers)]
    listed = replies("GET", "/v2/profiles", schemas.ProfileTold)
    router.add_api_route("/v2/profiles", endpoints.list_profiles, methods=["GET"], responses=listed)
    one = replies("GET", "/v2/profiles/0", schemas.ProfileTold)
    router.add_api_route("/v2/profiles/{profileId}", endpoints.get_profile, methods=["GET"], responses=one)
    below = replies("GET", "/dsp/advertisers", schemas.AdvertisersTold)
    router.add_api_route(
        "/dsp/advertisers", endpoints.list_advertisers, methods=["GET"], responses=below, dependencies=profile
    )
    single = replies("GET", "/dsp/advertisers/0", schemas.AdvertiserTold)
    router.add_api_route(
        "/dsp/advertisers/{advertiserId}",
        endpoints.get_advertiser,
        methods=["GET"],
        responses=single,
        dependencies=profile,
    )
    return router
