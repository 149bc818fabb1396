"""Shapes of workflows."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from houselights.apis.amazon.wire import Asked, Text, Told

DataType = Literal[
    "BINARY", "BOOLEAN", "BYTE", "CALENDAR_INTERVAL", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "INTEGER", "LONG", "SHORT",
    "STRING", "TIMESTAMP",
]  # fmt: skip
ColumnType = Literal["DIMENSION", "METRIC"]
COLUMNS_MOST = 100
OneCharacter = Annotated[str, Field(min_length=1, max_length=1)]


class ParameterAsked(Asked):
    """One parameter that the SQL names as CUSTOM_PARAMETER('name')."""

    name: Annotated[Text, Field(min_length=1, max_length=128)]
    data_type: DataType | dict[str, Any] = "STRING"
    column_type: ColumnType | None = None
    default_value: Text | None = None
    description: Text | None = None
    display_name: Text | None = None


class OutputFormat(Asked):
    """How CSV is written: a character each."""

    separator_character: OneCharacter = ","
    quote_character: OneCharacter = '"'
    escape_character: OneCharacter | None = None


class OutputColumn(Asked):
    """A column that the answer must have, in this place."""

    name: Annotated[Text, Field(min_length=1)]
    data_type: DataType | None = None
    column_type: ColumnType | None = None
    description: Text | None = None


class WorkflowAsked(Asked):
    """A workflow. `filteredReasonColumn` stands in the guides and not in the specification."""

    workflow_id: Annotated[Text, Field(min_length=1, max_length=256)] | None = None
    sql_query: Text | None = None
    input_parameters: Annotated[list[ParameterAsked], Field(default_factory=list, max_length=COLUMNS_MOST)]
    output_columns: Annotated[list[OutputColumn], Field(default_factory=list, max_length=COLUMNS_MOST)]
    output_format: OutputFormat | None = None
    privacy_filtering_behavior: Literal["REMOVE_ROWS", "REMOVE_VALUES"] | None = None
    filtered_metrics_discriminator_column: Annotated[Text, Field(min_length=1)] | None = None
    filtered_reason_column: Annotated[Text, Field(min_length=1)] | None = None
    input_schema: str | None = None
    query: list[Any] | None = None

    @field_validator("query")
    @classmethod
    def _no_operations(cls, given: list[Any] | None) -> list[Any] | None:
        if given:
            raise ValueError("lists of operations are not understood here; write sqlQuery")
        return given

    @field_validator("input_schema")
    @classmethod
    def _one_schema(cls, given: str | None) -> str | None:
        if given:
            raise ValueError("there is one schema here; leave inputSchema out")
        return given


class ParameterTold(Told):
    """One parameter, as it was declared."""

    name: str
    data_type: str | dict[str, Any]
    column_type: str | None = None
    default_value: str | None = None
    description: str | None = None
    display_name: str | None = None


class WorkflowTold(Told):
    """A workflow, as it was saved."""

    workflow_id: str
    sql_query: str
    input_parameters: list[ParameterTold] | None = None
    output_columns: list[dict[str, Any]] | None = None
    output_format: dict[str, Any] | None = None
    privacy_filtering_behavior: str | None = None
    filtered_metrics_discriminator_column: str | None = None
    filtered_reason_column: str | None = None


class NothingTold(Told):
    """The empty object that says that something was done."""


class OneTold(Told):
    """Reply of a read."""

    workflow: WorkflowTold


class ListTold(Told):
    """One page."""

    workflows: list[WorkflowTold]
    next_token: str | None = None
