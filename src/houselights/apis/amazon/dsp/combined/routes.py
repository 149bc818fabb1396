"""Combined audiences over HTTP: `POST /dsp/audiences/combinedAudiences` and `GET …/{audienceId}`.

A combined audience is an ordinary audience of the house: afterwards it is listed, sized and named in other expressions
like any other. It can name only audiences that exist before it, so no circle can be made here.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from houselights.apis.amazon.door import Visit, visit_of
from houselights.apis.amazon.dsp.categories import COMBINED
from houselights.apis.amazon.dsp.combined import schemas
from houselights.apis.amazon.dsp.discovery.translate import STATUS_WORDS, inventory_of
from houselights.apis.amazon.dsp.question import EXPRESSION, known_rule
from houselights.apis.amazon.dsp.translate import COMBINED_LIMITS, audience_id_of, expression_of
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.openapi import ADVERTISER_DEPENDENCIES, replies
from houselights.apis.amazon.wire import reply
from houselights.base.errors import Conflict, NotFound
from houselights.model.audience import Audience, AudienceKind
from houselights.rules.json_form import from_json
from houselights.services.house import House

PATH = "/dsp/audiences/combinedAudiences"
Visiting = Annotated[Visit, Depends(visit_of)]
AudienceId = Annotated[str, Path(alias="audienceId")]
# Where an audience keeps the expression it was made from, to be given back verbatim.
EXPRESSION_ATTRIBUTE = "expression"


class CombinedRoutes:
    """The endpoints, with the house they ask."""

    def __init__(self, house: House):
        self._house = house

    def create(self, asked: schemas.CreateAsked, visit: Visiting) -> Response:
        """Save an expression as an audience of the advertiser, and return its id."""
        expression = asked.input_expression.audience_targeting_expression
        rule = known_rule(
            self._house, visit, expression.audiences, COMBINED_LIMITS, field=f"inputExpression.{EXPRESSION}"
        )
        try:
            audience = self._house.audiences.create(
                visit.caller,
                name=asked.name,
                description=asked.description,
                rule=rule,
                kind=AudienceKind.COMBINED,
                category=COMBINED,
                account_id=visit.advertiser.id,
                attributes={EXPRESSION_ATTRIBUTE: asked.input_expression.model_dump(mode="json", by_alias=True)},
                idempotency_key=asked.idempotency_key.lower(),
            )
        except Conflict as error:
            if error.field != "idempotency_key":
                raise
            why = "this idempotencyKey was used with another body; use a new key for a new audience"
            raise Conflict(why, field="idempotencyKey") from error
        return reply(schemas.CreateTold(audience_id=str(audience.id)), visit.media_type)

    def details(self, visit: Visiting, audience_id: AudienceId) -> Response:
        """Return one combined audience as it was saved, with its status and forecast."""
        audience = self._combined(visit, audience_id)
        forecast = self._house.forecasts.of(visit.caller, [audience.id]).get(audience.id)
        told = schemas.DetailsTold(
            audience_id=str(audience.id),
            audience_name=audience.name,
            category=audience.category,
            sub_category=audience.path[0] if audience.path else None,
            create_date=audience.created_at,
            update_date=audience.updated_at,
            description=audience.description,
            expression=expression_told(audience),
            status=STATUS_WORDS[audience.status],
            forecast=None if forecast is None else inventory_of(forecast, with_impressions=True),
        )
        return reply(told, visit.media_type)

    def _combined(self, visit: Visit, text: str) -> Audience:
        """Return the combined audience with this id. Raises Rejected, NotFound; another kind of audience is none."""
        number = audience_id_of(text)
        if number is None:
            raise Rejected([Detail(Kind.INVALID, f'"{text}" is not an audience id', "audienceId")])
        audience = self._house.audiences.find(visit.caller, [number]).get(number)
        if audience is None or audience.kind is not AudienceKind.COMBINED:
            raise NotFound(f"no combined audience {number}", field="audienceId")
        return audience


def expression_told(audience: Audience) -> dict[str, Any]:
    """Return the expression an audience was made from; of one made elsewhere, its rule in this dialect.

    Raises NotFound when the rule cannot be said in this dialect.
    """
    stored = audience.attributes.get(EXPRESSION_ATTRIBUTE)
    if isinstance(stored, dict):
        return stored
    members = expression_of(from_json(audience.rule))
    if members is None:
        raise NotFound(f"audience {audience.id} is not a combination of audiences", field="audienceId")
    return {EXPRESSION: {"audiences": [member.model_dump(mode="json", by_alias=True) for member in members]}}


def routes(house: House) -> APIRouter:
    """Return the router of combined audiences."""
    endpoints = CombinedRoutes(house)
    router = APIRouter(tags=["Combined audiences"], dependencies=ADVERTISER_DEPENDENCIES)
    created = replies("POST", PATH, schemas.CreateTold)
    router.add_api_route(PATH, endpoints.create, methods=["POST"], responses=created)
    details = replies("GET", f"{PATH}/0", schemas.DetailsTold)
    router.add_api_route(f"{PATH}/{{audienceId}}", endpoints.details, methods=["GET"], responses=details)
    return router
