"""Sizes, insights, overlaps, forecasts and explanations: what is said about people, within the privacy policy."""

from collections.abc import Sequence

from fastapi import APIRouter

from houselights.apis.native.asking import CallerIn, HouseIn, Paging
from houselights.apis.native.schemas import insights as shapes
from houselights.apis.native.translate import (
    asked,
    audience_subject,
    band_shape,
    counted_shape,
    explanation_shape,
    filter_of,
    insights_shape,
    rule_of,
    trait_subject,
)
from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean
from houselights.model.catalogue import ROLES
from houselights.model.insight import InsightList
from houselights.rules.json_form import node_from_json
from houselights.services.caller import Caller
from houselights.services.house import House

router = APIRouter(tags=["insights"])


@router.post("/v1/size")
def size(house: HouseIn, caller: CallerIn, body: shapes.SizeQuestion) -> shapes.Size:
    """Say how many people a rule or an audience holds: a band, and the number for those who may see it."""
    rule, universe = asked(body)
    answer = house.insights.size(caller, rule, universe=universe)
    return shapes.Size(
        band=band_shape(answer.band),
        exact=answer.exact,
        universe=answer.universe,
        as_of=answer.as_of,
        built_at=answer.built_at,
    )


@router.post("/v1/insights")
def insights(house: HouseIn, caller: CallerIn, body: shapes.InsightQuestion) -> shapes.Insights:
    """Compare people with the traits of facets, or with other audiences, beside a universe.

    Rows of a facet with one answer a person (age, gender) divide by the people whose answer is known; `coverage` says
    how many those are. Rows that rest on too few people are withheld and counted in `suppressed`.
    """
    question = body.model_dump(exclude={"page_token"})
    paging = Paging(house, question, limit=body.limit, token=body.page_token)
    if body.audiences is not None:
        if body.facets is not None or body.roles is not None:
            raise InvalidInput("compare with facets, with roles or with audiences: one of them", field="audiences")
        answer = _with_audiences(house, caller, body, paging)
        found = house.audiences.find(caller, [row.subject_id for row in answer.rows])
        return insights_shape(
            answer,
            lambda row: audience_subject(found[row.subject_id]),
            known=found,
            next_page_token=paging.next(answer.total),
        )
    answer = _with_traits(house, caller, body, paging)
    traits = house.discovery.catalogue(caller).traits
    return insights_shape(
        answer,
        lambda row: trait_subject(traits[row.subject_id]),
        known=traits,
        next_page_token=paging.next(answer.total),
    )


@router.post("/v1/explain")
def explain(house: HouseIn, caller: CallerIn, body: shapes.RuleQuestion) -> shapes.Explanation:
    """Say how a rule is understood: English, the plan, and how many people each clause leaves.

    With the scopes operator and counts:exact also two people who match and one who nearly does.
    """
    told = house.explain.explain(caller, rule_of(body))
    return explanation_shape(told, None if body.audience is None else house.audiences.get(caller, int(body.audience)))


@router.post("/v1/forecast")
def forecast(house: HouseIn, caller: CallerIn, body: shapes.SizeQuestion) -> shapes.Forecast:
    """Say how many ad opportunities, and unique people, to expect on one day."""
    rule, universe = asked(body)
    answer = house.forecasts.forecast(caller, rule, universe)
    return shapes.Forecast(
        daily_reach=band_shape(answer.daily_reach), daily_impressions=band_shape(answer.daily_impressions)
    )


@router.post("/v1/overlap")
def overlap(house: HouseIn, caller: CallerIn, body: shapes.OverlapQuestion) -> shapes.Overlap:
    """Lay 2 to 50 audiences over one another: every pair; and every exclusive region, for up to six of them."""
    universe = None if body.universe is None else node_from_json(body.universe, "universe")
    answer = house.overlaps.among(caller, [int(one) for one in body.audiences], universe=universe)
    return shapes.Overlap(
        sizes=[shapes.Sized(audience=str(one), people=counted_shape(people)) for one, people in answer.sizes.items()],
        pairs=[
            shapes.Pair(
                first=str(pair.first),
                second=str(pair.second),
                both=counted_shape(pair.both),
                jaccard=pair.jaccard,
                share_of_first=pair.share_of_first,
                share_of_second=pair.share_of_second,
            )
            for pair in answer.pairs
        ],
        regions=None
        if answer.regions is None
        else [
            shapes.Region(inside=[str(one) for one in region.inside], people=counted_shape(region.people))
            for region in answer.regions
        ],
        as_of=answer.as_of,
        built_at=answer.built_at,
    )


def _with_audiences(house: House, caller: Caller, body: shapes.InsightQuestion, paging: Paging) -> InsightList:
    rule, universe = asked(body)
    return house.insights.audiences(
        caller,
        rule,
        among=filter_of(body.audiences or shapes.AudienceChoice()),
        universe=universe,
        rank=body.rank,
        minimum_affinity=body.minimum_affinity,
        maximum_affinity=body.maximum_affinity,
        offset=paging.offset,
        limit=paging.limit,
    )


def _with_traits(house: House, caller: Caller, body: shapes.InsightQuestion, paging: Paging) -> InsightList:
    rule, universe = asked(body)
    return house.insights.traits(
        caller,
        rule,
        facets=_facets(house, caller, body),
        universe=universe,
        rank=body.rank,
        known_only=True,
        minimum_affinity=body.minimum_affinity,
        maximum_affinity=body.maximum_affinity,
        offset=paging.offset,
        limit=paging.limit,
    )


def _facets(house: House, caller: Caller, body: shapes.InsightQuestion) -> Sequence[str]:
    """Return the keys of the facets asked for. Raises InvalidInput when none is, or a role nobody plays."""
    if body.facets is None and body.roles is None:
        raise InvalidInput("say what to compare with: facets, roles or audiences", field="facets")
    keys = list(body.facets or ())
    for role in body.roles or ():
        playing = house.discovery.facets(caller, role=role)
        if not playing:
            raise InvalidInput(f'no facet plays the role "{role}"', field="roles", hint=did_you_mean(role, ROLES))
        keys += [facet.key for facet in playing]
    return list(dict.fromkeys(keys))
