"""Shapes of combined audiences, Combined Audience API 3.0."""

from typing import Annotated, Any

from pydantic import Field

from houselights.apis.amazon.dsp.discovery.schemas import InventoryForecast
from houselights.apis.amazon.dsp.expression import CombinedExpression
from houselights.apis.amazon.wire import UUID, Asked, Instant, Told


class InputExpression(Asked):
    """The wrapper that the expression of a combined audience stands in."""

    audience_targeting_expression: CombinedExpression


class CreateAsked(Asked):
    """Body of a creation. The same idempotency key with the same body makes one audience, however often it is sent."""

    name: Annotated[str, Field(min_length=1, max_length=128)]
    description: Annotated[str, Field(min_length=1, max_length=1000)]
    idempotency_key: Annotated[str, Field(pattern=UUID)]
    input_expression: InputExpression


class CreateTold(Told):
    """Reply of a creation."""

    audience_id: str


class DetailsTold(Told):
    """One combined audience; `expression` is what was sent when it was made, word for word.

    An audience that is out of use has no forecast.
    """

    audience_id: str
    audience_name: str
    category: str
    sub_category: str | None = None
    create_date: Instant
    update_date: Instant
    description: str
    expression: dict[str, Any]
    status: str
    forecast: InventoryForecast | None = None
