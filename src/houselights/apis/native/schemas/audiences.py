"""Shapes of audiences."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from houselights.apis.native.schemas.common import RULE, Id, RuleJson, Shape
from houselights.model.audience import AudienceKind, AudienceStatus, Evaluation


class NewAudience(Shape):
    """An audience to make."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "Women", "description": "Everyone who says she is one.", "rule": RULE}]
        },
    )

    name: str = Field(min_length=1, max_length=255)
    description: str = Field("", max_length=4000)
    rule: RuleJson
    category: str = Field("Custom-built", max_length=255, description="Where it stands in discovery.")
    path: list[str] = Field(default_factory=list, max_length=16, description="Nodes below the category.")
    evaluation: Evaluation = Field(Evaluation.BATCH, description="How soon its members follow a person's changes.")
    exclude_opted_out: bool = Field(False, description="Leave out people who opted out of being addressed.")


class AudienceChange(Shape):
    """What to change; what is absent stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"description": "As of this spring.", "expected_version": 1}]}
    )

    name: str | None = Field(None, min_length=1, max_length=255)
    description: str | None = Field(None, max_length=4000)
    rule: RuleJson | None = None
    category: str | None = Field(None, max_length=255)
    path: list[str] | None = Field(None, max_length=16)
    evaluation: Evaluation | None = None
    exclude_opted_out: bool | None = None
    expected_version: int | None = Field(None, description="Refuse (409) when it has another version by now.")


class Audience(BaseModel):
    """An audience as it is now."""

    id: Id
    kind: AudienceKind
    name: str
    description: str
    rule: dict[str, Any] = Field(description="The rule tree, in JSON.")
    category: str
    path: list[str]
    account_id: str | None = Field(description="The account that owns it; null when the whole workspace may use it.")
    status: AudienceStatus
    version: int
    evaluation: Evaluation
    exclude_opted_out: bool
    lookalike: dict[str, Any] | None = Field(
        description="Of an audience of kind lookalike: what it grew from, how, and how good the model is."
    )
    created_at: datetime
    updated_at: datetime


class AudienceVersion(BaseModel):
    """One form an audience has had."""

    version: int
    name: str
    description: str
    rule: dict[str, Any]
    created_at: datetime
