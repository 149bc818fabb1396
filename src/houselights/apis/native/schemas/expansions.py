"""Shapes of expansions: an audience grown by people like its members."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from houselights.apis.native.schemas.common import Id, RuleJson, Shape
from houselights.apis.native.schemas.insights import Counted
from houselights.model.build import BuildState
from houselights.services.lookalike.expand import FACTOR_MOST


class NewExpansion(Shape):
    """How an audience is to grow."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"factor": 1.5}]})

    factor: float = Field(gt=0, le=FACTOR_MOST, description="How many times as many people as the audience has.")
    name: str | None = Field(None, min_length=1, max_length=255, description="Of the new audience.")
    description: str = ""
    with_seed: bool = Field(True, description="Keep the audience's own members; the factor is at least 1 then.")
    within: RuleJson | None = Field(None, description="Take nobody new whom this rule does not hold.")


class Expansion(Shape):
    """An expansion as far as it is."""

    id: str
    state: BuildState
    reason: str | None = Field(description="Why it failed.")
    audience: Id | None = Field(description="The audience of kind lookalike that it became.")
    people: Counted | None
    lookalike: dict[str, Any] | None = Field(description="What was learnt, and how good it is; counts where you may.")
    created_at: datetime
    finished_at: datetime | None
