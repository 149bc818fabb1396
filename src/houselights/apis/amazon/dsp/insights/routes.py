"""The five insights over HTTP. Each is the same walk: expression → rule → one question to the services → rows.

POST /insights/bandedSize | demographics | topCategoriesPurchased | topOverlappingAudiences | primeVideo
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.dsp.categories import categories_of
from houselights.apis.amazon.dsp.insights import schemas, translate
from houselights.apis.amazon.dsp.question import Asking, ask_of
from houselights.apis.amazon.dsp.readiness import unready
from houselights.apis.amazon.openapi import ADVERTISER_DEPENDENCIES, replies
from houselights.apis.amazon.pages import Key, pager
from houselights.apis.amazon.wire import reply
from houselights.base.errors import NotFound
from houselights.model.audience import AudienceFilter, AudienceStatus
from houselights.model.insight import Insight, InsightList
from houselights.services.forecasts import UNKNOWN
from houselights.services.house import House

Visiting = Annotated[Visit, Depends(visit_of)]
MaxResults = Annotated[int, Query(alias="maxResults", ge=1, le=250, description="Rows in one reply.")]
NextToken = Annotated[str | None, Query(alias="nextToken", description="From the reply before; lives eight hours.")]

ACTIVE = frozenset({AudienceStatus.ACTIVE})


class InsightRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House):
        self._house = house

    def banded_size(self, asked: schemas.ExpressionAsked, visit: Visiting) -> Response:
        """Estimate how many people the expression holds: a lower bound and, unless it is open, an upper one."""
        ask = self._ask(asked, visit)
        size = self._house.insights.size(visit.caller, ask.rule, universe=ask.universe)
        bounds = schemas.SizeBounds(min=size.band.low, max=size.band.high)
        told = schemas.BandedSizeTold(estimated_size=bounds, last_updated_at=size.built_at)
        return reply(told, visit.media_type)

    def demographics(self, asked: schemas.ExpressionAsked, visit: Visiting) -> Response:
        """Compare age, gender, children, education, income and home ownership with the average of the country."""
        ask = self._ask(asked, visit)
        facets = ask.facets(translate.DEMOGRAPHIC_ROLES)
        keys = [facet.key for facet in facets.values()]
        answer = self._visible(self._house.insights.traits(visit.caller, ask.rule, facets=keys, universe=ask.universe))
        rows = translate.by_facet(ask.catalogue, answer.rows)
        told = schemas.DemographicsTold(
            demographics=translate.demographics_of(facets, rows), last_updated_at=answer.built_at
        )
        return reply(told, visit.media_type)

    def top_categories_purchased(
        self,
        asked: schemas.ExpressionAsked,
        visit: Visiting,
        max_results: MaxResults = 30,
        next_token: NextToken = None,
    ) -> Response:
        """List the retail categories that these people buy in more than others do, by descending affinity."""
        pages = pager(self._house, visit, next_token, asked)
        ask = self._ask(asked, visit)
        facets = list(ask.facets(["purchase_category"]).values())
        if not facets:
            raise NotFound("retail categories are not available: no facet of purchases has been imported")
        answer = self._visible(
            self._house.insights.traits(visit.caller, ask.rule, facets=[facets[0].key], universe=ask.universe)
        )
        shown, token = pages.page(translate.ranked(answer.rows), _by_affinity, max_results)
        told = schemas.TopCategoriesTold(
            retail_categories=[
                translate.retail_category_of(ask.catalogue.traits[row.subject_id], row) for row in shown
            ],
            last_updated_at=answer.built_at,
            next_token=token,
        )
        return reply(told, visit.media_type)

    def top_overlapping_audiences(
        self,
        asked: schemas.OverlappingAsked,
        visit: Visiting,
        max_results: MaxResults = 30,
        next_token: NextToken = None,
    ) -> Response:
        """List the audiences that these people belong to more than others do, by descending affinity.

        The audiences of the expression itself are not listed: that they overlap with it is no news.
        """
        pages = pager(self._house, visit, next_token, asked)
        ask = self._ask(asked, visit)
        among = AudienceFilter(
            categories=categories_of(asked.category_filter),
            statuses=ACTIVE,
            excluding=(AudienceFilter(ids=ask.named | unready(self._house, visit.caller)),),
        )
        answer = self._visible(
            self._house.insights.audiences(visit.caller, ask.rule, among=among, universe=ask.universe)
        )
        bounds = asked.overlap_affinity_filter or schemas.AffinityFilter()
        rows = [row for row in translate.ranked(answer.rows) if _within(bounds, row)]
        shown, token = pages.page(rows, _by_affinity, max_results)
        told = schemas.OverlappingTold(
            audiences=self._named(visit, shown), last_updated_at=answer.built_at, next_token=token
        )
        return reply(told, visit.media_type)

    def prime_video(self, asked: schemas.VideoAsked, visit: Visiting) -> Response:
        """List the actors, directors, genres, movies and series these people watch more than others do."""
        ask = self._ask(asked, visit)
        wanted = asked.category_filter or list(schemas.VideoCategory)
        by_role = ask.facets([translate.VIDEO_ROLES[category] for category in wanted])
        facets = {c: by_role[translate.VIDEO_ROLES[c]] for c in wanted if translate.VIDEO_ROLES[c] in by_role}
        keys = [facet.key for facet in facets.values()]
        answer = self._visible(self._house.insights.traits(visit.caller, ask.rule, facets=keys, universe=ask.universe))
        rows = translate.by_facet(ask.catalogue, answer.rows)
        told = schemas.VideoTold(
            prime_video_insights=translate.video_insights_of(facets, rows, answer.as_of),
            last_updated_at=answer.built_at,
        )
        return reply(told, visit.media_type)

    def _ask(self, asked: schemas.ExpressionAsked, visit: Visit) -> Asking:
        return ask_of(self._house, visit, asked.audience_targeting_expression.audiences, asked.country_codes)

    def _named(self, visit: Visit, rows: list[Insight]) -> list[schemas.OverlappingAudience]:
        """Give rows their audiences' names and forecasts."""
        ids = [row.subject_id for row in rows]
        audiences = self._house.audiences.find(visit.caller, ids)
        forecasts = self._house.forecasts.of(visit.caller, ids)
        return [
            schemas.OverlappingAudience(
                id=str(row.subject_id),
                name=audiences[row.subject_id].name,
                category=audiences[row.subject_id].category,
                insight_metrics=translate.metrics_of(row),
                forecast=translate.forecast_of(forecasts.get(row.subject_id, UNKNOWN)),
            )
            for row in rows
        ]

    @staticmethod
    def _visible(answer: InsightList) -> InsightList:
        """Return the answer. Raises NotFound when the privacy policy withheld all of it: the audience is too small."""
        if not answer.rows and answer.suppressed:
            raise NotFound("insights are not available for this expression: too few people to say anything about")
        return answer


def _by_affinity(row: Insight) -> Key:
    """Order by affinity, then overlap, both descending; the id decides between equals, so that order never varies."""
    return (-(row.affinity or 0.0), -row.overlap, row.subject_id)


def _within(bounds: schemas.AffinityFilter, row: Insight) -> bool:
    """Tell whether the affinity, as it will be shown, lies within inclusive bounds."""
    affinity = translate.metrics_of(row).affinity
    return (bounds.min is None or affinity >= bounds.min) and (bounds.max is None or affinity <= bounds.max)


def routes(house: House) -> APIRouter:
    """Return the router of the five insights."""
    endpoints = InsightRoutes(house)
    router = APIRouter(tags=["Persona Builder"], dependencies=ADVERTISER_DEPENDENCIES)
    for name, endpoint, told in (
        ("bandedSize", endpoints.banded_size, schemas.BandedSizeTold),
        ("demographics", endpoints.demographics, schemas.DemographicsTold),
        ("topCategoriesPurchased", endpoints.top_categories_purchased, schemas.TopCategoriesTold),
        ("topOverlappingAudiences", endpoints.top_overlapping_audiences, schemas.OverlappingTold),
        ("primeVideo", endpoints.prime_video, schemas.VideoTold),
    ):
        path = f"/insights/{name}"
        router.add_api_route(path, endpoint, methods=["POST"], responses=replies("POST", path, told))
    return router
