"""Audience overlap over HTTP: `GET /insights/audiences/{audienceId}/overlappingAudiences`."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.dsp.insights.translate import DECIMALS, ranked
from houselights.apis.amazon.dsp.overlap import schemas, translate
from houselights.apis.amazon.dsp.readiness import unready, why_not
from houselights.apis.amazon.dsp.translate import audience_id_of
from houselights.apis.amazon.dsp.universe import country_of, universe_of
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.openapi import ADVERTISER_DEPENDENCIES, replies
from houselights.apis.amazon.pages import Key, pager
from houselights.apis.amazon.wire import reply
from houselights.base.errors import NotFound
from houselights.model.audience import Audience, AudienceFilter, AudienceStatus
from houselights.model.insight import Insight
from houselights.rules.tree import InAudience
from houselights.services.forecasts import UNKNOWN
from houselights.services.house import House

PATH = "/insights/audiences/{audienceId}/overlappingAudiences"
Visiting = Annotated[Visit, Depends(visit_of)]
AudienceId = Annotated[str, Path(alias="audienceId", description="Canonical id from /audiences/list.")]
AdType = Annotated[Literal["DSP", "SD"], Query(alias="adType")]
MaxResults = Annotated[int, Query(alias="maxResults", ge=1, le=500)]


class OverlapRoutes:
    """The endpoint, with the house it asks."""

    def __init__(self, house: House):
        self._house = house

    def overlapping_audiences(
        self,
        visit: Visiting,
        audience_id: AudienceId,
        ad_type: AdType,
        at_least: Annotated[float | None, Query(alias="minimumOverlapAffinity", ge=0)] = None,
        at_most: Annotated[float | None, Query(alias="maximumOverlapAffinity", ge=0)] = None,
        audience_category: Annotated[list[str] | None, Query(alias="audienceCategory")] = None,
        max_results: MaxResults = 30,
        next_token: Annotated[str | None, Query(alias="nextToken")] = None,
    ) -> Response:
        """List the audiences whose members are found in this one more often than people are, by descending affinity."""
        categories = translate.categories_of(audience_category or ())
        asked = (audience_id, ad_type, at_least, at_most, sorted(categories or ()))
        pages = pager(self._house, visit, next_token, *asked)
        audience = self._audience(visit, audience_id, ad_type)
        rows = [
            row
            for row in self._overlapping(visit, audience, categories)
            if (at_least is None or _shown(row) >= at_least) and (at_most is None or _shown(row) <= at_most)
        ]
        shown, token = pages.page(rows, _by_affinity, max_results)
        ids = [audience.id, *(row.subject_id for row in shown)]
        audiences = self._house.audiences.find(visit.caller, ids)
        forecasts = self._house.forecasts.of(visit.caller, ids)
        told = schemas.OverlapTold(
            marketplace=country_of(visit.account, None, field="advertiserId"),
            requested_audience_metadata=translate.metadata_of(audience, forecasts.get(audience.id, UNKNOWN)),
            overlapping_audiences=[
                schemas.OverlapEntry(
                    affinity=_shown(row),
                    audience_metadata=translate.metadata_of(
                        audiences[row.subject_id], forecasts.get(row.subject_id, UNKNOWN)
                    ),
                )
                for row in shown
            ],
            next_token=token,
        )
        return reply(told, visit.media_type)

    def _audience(self, visit: Visit, text: str, ad_type: str) -> Audience:
        """Return the audience asked about. Raises Rejected, NotFound."""
        if ad_type == "DSP" and visit.guest is not None and visit.guest.advertiser is None:
            raise Rejected([Detail(Kind.INVALID, "advertiserId is required when adType is DSP", "advertiserId")])
        number = audience_id_of(text)
        if number is None:
            raise Rejected([Detail(Kind.INVALID, f'"{text}" is not an audience id', "audienceId")])
        audience = self._house.audiences.get(visit.caller, number)
        if audience.status is not AudienceStatus.ACTIVE:
            raise NotFound(f"audience {number} is not active", field="audienceId")
        if unready(self._house, visit.caller, [number]):
            raise NotFound(f"audience {number} {why_not(visit.caller)}", field="audienceId")
        return audience

    def _overlapping(self, visit: Visit, audience: Audience, categories: frozenset[str] | None) -> list[Insight]:
        """Return every audience that overlaps. Raises NotFound when there is too little to say anything."""
        catalogue = self._house.discovery.catalogue(visit.caller)
        universe = universe_of(catalogue, country_of(visit.account, None, field="advertiserId"))
        among = AudienceFilter(
            categories=categories,
            statuses=frozenset({AudienceStatus.ACTIVE}),
            excluding=(AudienceFilter(ids=unready(self._house, visit.caller) | {audience.id}),),
        )
        answer = self._house.insights.audiences(visit.caller, InAudience(audience.id), among=among, universe=universe)
        if not answer.rows and answer.suppressed:
            raise NotFound("overlapping audiences are not available for this audience: too few people")
        return ranked(answer.rows)


def _shown(row: Insight) -> float:
    """Return the affinity as it is written."""
    return round(row.affinity or 0.0, DECIMALS)


def _by_affinity(row: Insight) -> Key:
    """Order by affinity, descending; the id decides between equals."""
    return (-(row.affinity or 0.0), row.subject_id)


def routes(house: House) -> APIRouter:
    """Return the router of audience overlap."""
    endpoints = OverlapRoutes(house)
    router = APIRouter(tags=["Audience overlap"], dependencies=ADVERTISER_DEPENDENCIES)
    told = replies("GET", PATH.replace("{audienceId}", "0"), schemas.OverlapTold)
    router.add_api_route(PATH, endpoints.overlapping_audiences, methods=["GET"], responses=told)
    return router
