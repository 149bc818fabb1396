"""Audience discovery over HTTP: `POST /audiences/list` and `POST /audiences/taxonomy/list`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.dsp.categories import category_of
from houselights.apis.amazon.dsp.discovery import schemas, translate
from houselights.apis.amazon.dsp.readiness import unready
from houselights.apis.amazon.dsp.universe import country_of
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.openapi import ADVERTISER_DEPENDENCIES, replies
from houselights.apis.amazon.pages import offset_pager
from houselights.apis.amazon.wire import reply
from houselights.services.forecasts import UNKNOWN
from houselights.services.house import House

Visiting = Annotated[Visit, Depends(visit_of)]
NextToken = Annotated[str | None, Query(alias="nextToken")]
ListResults = Annotated[int, Query(alias="maxResults", ge=1, le=250)]
CanTarget = Annotated[bool, Query(alias="canTarget", description="Only audiences that can be targeted now.")]


class DiscoveryRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House):
        self._house = house

    def list_audiences(
        self,
        asked: schemas.ListAsked,
        visit: Visiting,
        can_target: CanTarget = False,
        next_token: NextToken = None,
        max_results: ListResults = 10,
    ) -> Response:
        """List the audiences that match every filter, earliest created first."""
        self._check_account(visit, asked.ad_type, asked.countries)
        pages = offset_pager(self._house, visit, next_token, asked, can_target)
        where = translate.filter_of(
            asked.filters or (),
            targetable_only=can_target,
            unready=lambda: unready(self._house, visit.caller),
        )
        found, total = self._house.discovery.audiences(visit.caller, where, pages.offset, max_results)
        small = unready(self._house, visit.caller, [audience.id for audience in found])
        forecasts = self._house.forecasts.of(visit.caller, [audience.id for audience in found])
        with_impressions = asked.ad_type == "DSP"
        told = schemas.ListTold(
            audiences=[
                translate.audience_told(
                    audience,
                    forecasts.get(audience.id, UNKNOWN),
                    with_impressions=with_impressions,
                    is_ready=audience.id not in small,
                )
                for audience in found
            ],
            match_count=total,
            next_token=pages.token(len(found), total),
        )
        return reply(told, visit.media_type)

    def list_taxonomy(
        self,
        asked: schemas.TaxonomyAsked,
        visit: Visiting,
        next_token: NextToken = None,
        max_results: ListResults = 250,
    ) -> Response:
        """List the nodes right below a path of the taxonomy, each with the number of audiences in its sub-tree."""
        self._check_account(visit, asked.ad_type, asked.countries)
        pages = offset_pager(self._house, visit, next_token, asked)
        path = list(asked.category_path or ())
        wanted = [category_of(path[0]), *path[1:]] if path else []
        nodes = self._house.discovery.taxonomy(visit.caller, wanted)
        shown = nodes[pages.offset : pages.offset + max_results]
        told = schemas.TaxonomyTold(
            category_path=path,
            categories=[schemas.TaxonomyNode(category=name, audience_count=count) for name, count in shown],
            next_token=pages.token(len(shown), len(nodes)),
        )
        return reply(told, visit.media_type)

    @staticmethod
    def _check_account(visit: Visit, ad_type: str, countries: list[str] | None) -> None:
        """Raise Rejected unless DSP requests name an advertiser, and somebody names a country."""
        if ad_type == "DSP" and visit.guest is not None and visit.guest.advertiser is None:
            raise Rejected([Detail(Kind.INVALID, "advertiserId is required when adType is DSP", "advertiserId")])
        country_of(visit.account, countries, field="countries")


def routes(house: House) -> APIRouter:
    """Return the router of audience discovery."""
    endpoints = DiscoveryRoutes(house)
    router = APIRouter(tags=["Audience discovery"], dependencies=ADVERTISER_DEPENDENCIES)
    for path, endpoint, told in (
        ("/audiences/list", endpoints.list_audiences, schemas.ListTold),
        ("/audiences/taxonomy/list", endpoints.list_taxonomy, schemas.TaxonomyTold),
    ):
        router.add_api_route(path, endpoint, methods=["POST"], responses=replies("POST", path, told))
    return router
