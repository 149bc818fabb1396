"""Shapes of workflow executions. Times in replies are in UTC, `2026-11-01T00:00:00Z`, but those called original."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from houselights.apis.amazon.reporting.workflows.schemas import WorkflowAsked
from houselights.apis.amazon.wire import Asked, Text, Told

Status = Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]
WindowType = Literal["ALL", "CURRENT_MONTH", "EXPLICIT", "MOST_RECENT_DAY", "MOST_RECENT_WEEK", "PREVIOUS_MONTH"]
TIMEOUT_LEAST, TIMEOUT_MOST = 900, 86_400


class ExecuteAsked(Asked):
    """What to execute: a workflow in the body, or the id of one that was saved."""

    workflow: WorkflowAsked | None = None
    workflow_id: Text | None = None
    parameter_values: Annotated[dict[str, Any], Field(default_factory=dict)]
    time_window_type: WindowType | None = None
    time_window_start: str | None = None
    time_window_end: str | None = None
    time_window_time_zone: str = "UTC"
    workflow_execution_timeout_seconds: Annotated[int, Field(ge=TIMEOUT_LEAST, le=TIMEOUT_MOST)] | None = None
    dry_run: bool = False
    skip_publish: bool = False
    require_synthetic_data: bool = False
    disable_aggregation_controls: bool = False
    max_certified_time: str | None = None
    max_dimension_time: str | None = None
    advertisers: list[Any] | None = None
    additional_acr_results_receivers: list[str] | None = None

    @model_validator(mode="before")
    @classmethod
    def _take_an_id_inside(cls, content: Any) -> Any:
        """Take a workflow that has an id and no query, as some send it, for the saved one of that id."""
        inner = content.get("workflow") if isinstance(content, dict) else None
        if not isinstance(inner, dict) or inner.get("sqlQuery") is not None or "workflowId" in content:
            return content
        return {**content, "workflow": None, "workflowId": inner["workflowId"]} if "workflowId" in inner else content

    @field_validator("require_synthetic_data")
    @classmethod
    def _nothing_is_synthetic(cls, given: bool) -> bool:
        if given:
            raise ValueError("no data set here is known to be synthetic")
        return given

    @field_validator("disable_aggregation_controls")
    @classmethod
    def _always_controlled(cls, given: bool) -> bool:
        if given:
            raise ValueError("aggregation controls are never off: that is for synthetic data, of which there is none")
        return given

    @field_validator("max_certified_time", "max_dimension_time")
    @classmethod
    def _newest(cls, given: str | None) -> str | None:
        if given:
            raise ValueError("queries ask the newest data; older versions cannot be named")
        return given

    @field_validator("advertisers")
    @classmethod
    def _whole(cls, given: list[Any] | None) -> list[Any] | None:
        if given:
            raise ValueError("data is not kept by advertiser; a query asks the whole instance")
        return given

    @field_validator("additional_acr_results_receivers")
    @classmethod
    def _downloads(cls, given: list[str] | None) -> list[str] | None:
        if given:
            raise ValueError("results are downloaded, and delivered nowhere else")
        return given


class ChangeAsked(Asked):
    """A change of an execution: it can be cancelled, and nothing else."""

    status: Status


class ChannelTold(Told):
    """A way to get results."""

    type: str = "DOWNLOAD"


class OutputChannelTold(Told):
    """Whether the results can be had that way, and if not, why not: of a failed execution, what went wrong."""

    channel: ChannelTold = ChannelTold()
    status: Literal["PENDING", "AVAILABLE", "UNAVAILABLE", "FAILED"]
    status_reason: str | None = None


class ExecutionTold(Told):
    """One execution."""

    workflow_execution_id: str
    workflow_id: str
    status: Status
    create_time: str
    last_updated_time: str
    time_window_start: str
    time_window_end: str
    time_window_start_original: str
    time_window_end_original: str
    time_window_time_zone_original: str
    workflow_execution_timeout_seconds: int
    require_synthetic_data: bool = False
    disable_aggregation_controls: bool = False
    output_channels: list[OutputChannelTold]
    sql_query: str | None = None


class OneTold(Told):
    """Reply of a start and of a read."""

    workflow_execution: ExecutionTold


class ListTold(Told):
    """One page."""

    executions: list[ExecutionTold]
    next_token: str | None = None


class NothingTold(Told):
    """The empty object that says that something was done."""


class LinksTold(Told):
    """Links to the files of an execution; each works for a while and needs no credentials."""

    download_urls: list[str]
    metadata_download_urls: list[str]
