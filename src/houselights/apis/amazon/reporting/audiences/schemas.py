"""Shapes of rule-based audiences in three versions, each with more fields than the one before."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from houselights.apis.amazon.reporting.workflows.schemas import ParameterAsked, ParameterTold
from houselights.apis.amazon.wire import Asked, IdText, Text, Told

State = Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "DEACTIVATED"]
Name = Annotated[Text, Field(min_length=1, max_length=128)]
REFRESH_DEFAULT, REFRESH_MOST = 21, 21
RULE_BASED = "RULE_BASED"


class Chosen(Asked):
    """By what, and over which time, an audience is chosen."""

    audience_name: Name
    advertiser_id: IdText
    audience_description: Text | None = None
    time_window_start: str
    time_window_end: str
    time_window_relative: bool = False
    query: Text | None = None
    workflow_id: Text | None = None
    input_parameters: Annotated[list[ParameterAsked], Field(default_factory=list, max_length=100)]
    parameter_values: Annotated[dict[str, Any], Field(default_factory=dict, max_length=100)]

    @model_validator(mode="after")
    def _one_query(self) -> "Chosen":
        if (self.query is None) == (self.workflow_id is None):
            raise ValueError("one of query and workflowId is required, and not both")
        return self


class CreateAsked(Chosen):
    """Body of a creation."""

    refresh_rate_days: Annotated[int, Field(ge=0, le=REFRESH_MOST)] = REFRESH_DEFAULT
    country_code: str | None = None


class UpdateAsked(Chosen):
    """Body of a change. Name, description, advertiser and type are sent again, and stay what they are."""

    audience_type: str


class StartedTold(Told):
    """Reply of a creation and of a change."""

    audience_execution_description: str
    audience_execution_id: str
    status: State


class AudienceTold(Told):
    """One audience. What only later versions have is None in the earlier ones, and left out."""

    audience_execution_id: str
    audience_name: str
    audience_description: str | None = None
    advertiser_id: str
    instance_id: str
    query: str
    status: State
    status_reason: str | None = None
    create_time: str
    last_refreshed_time: str | None = None
    refresh_rate_days: int
    time_window_start: str
    time_window_end: str
    time_window_relative: bool
    dsp_audience_id: str | None = None
    # v1.1
    audience_count: int | None = None
    dsp_canonical_id: str | None = None
    # v1.2
    audience_type: str | None = None
    advertiser_type: str | None = None
    workflow_id: str | None = None
    input_parameters: list[ParameterTold] | None = None
    parameter_values: dict[str, Any] | None = None


class ListTold(Told):
    """One page."""

    execution_metadata: list[AudienceTold]
    next_token: str | None = None
