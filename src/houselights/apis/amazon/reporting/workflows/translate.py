"""Workflows of this vendor ⇄ saved queries of the house. Pure."""

from collections.abc import Sequence
from typing import Any

from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.reporting.workflows.schemas import (
    ParameterAsked,
    ParameterTold,
    WorkflowAsked,
    WorkflowTold,
)
from houselights.base.clock import Clock
from houselights.model.workflow import InputParameter, SavedQuery
from houselights.services.workflows.question import TYPES

# Our names of fields, in errors, and the caller's.
FIELDS = {"id": "workflowId", "sql": "sqlQuery", "parameters": "inputParameters", "values": "parameterValues"}
WHOLE_ROWS = {None: None, "REMOVE_ROWS": True, "REMOVE_VALUES": False}
_BEHAVIOURS = {rows: word for word, rows in WHOLE_ROWS.items()}
FORMAT, COLUMNS = "outputFormat", "outputColumns"  # attributes of a saved query


def query_of(asked: WorkflowAsked, clock: Clock, *, field: str = "") -> SavedQuery:
    """Return a workflow as a query that has no owner yet. Raises Rejected without a name or SQL."""
    if not (asked.sql_query or "").strip():
        raise Rejected([Detail(Kind.INVALID, "sqlQuery is required", f"{field}sqlQuery")])
    now = clock.now()
    attributes: dict[str, Any] = {}
    if asked.output_format is not None:
        attributes[FORMAT] = asked.output_format.model_dump(by_alias=True, exclude_none=True)
    if asked.output_columns:
        attributes[COLUMNS] = [one.model_dump(by_alias=True, exclude_none=True) for one in asked.output_columns]
    return SavedQuery(
        id=asked.workflow_id or "",
        workspace_id=0,
        account_id=0,
        client_id=None,
        sql=asked.sql_query or "",
        parameters=parameters_of(asked.input_parameters, field=f"{field}inputParameters"),
        whole_rows=WHOLE_ROWS[asked.privacy_filtering_behavior],
        discriminator=asked.filtered_metrics_discriminator_column,
        reason_column=asked.filtered_reason_column,
        attributes=attributes,
        created_at=now,
        updated_at=now,
    )


def parameters_of(asked: Sequence[ParameterAsked], *, field: str) -> tuple[InputParameter, ...]:
    """Return parameters as they are declared here. Raises Rejected for a type that no value can have."""
    return tuple(_parameter(one, f"{field}[{position}]") for position, one in enumerate(asked))


def _parameter(asked: ParameterAsked, field: str) -> InputParameter:
    kind: str | dict[str, Any] = asked.data_type
    if isinstance(kind, dict):  # rule-based audiences describe lists and decimals
        kind = str(kind.get("elementDataType", "STRING") if kind.get("type") == "ARRAY" else kind.get("type"))
    if kind not in TYPES:
        why = f"parameters of type {kind} are not supported; supported: {', '.join(sorted(TYPES))}"
        raise Rejected([Detail(Kind.INVALID, why, f"{field}.dataType")])
    attributes = {"dataType": asked.data_type, "columnType": asked.column_type, "displayName": asked.display_name}
    return InputParameter(
        name=asked.name, type=kind, default=asked.default_value, description=asked.description, attributes=attributes
    )


def workflow_told(query: SavedQuery) -> WorkflowTold:
    """Write a saved query."""
    return WorkflowTold(
        workflow_id=query.id,
        sql_query=query.sql,
        input_parameters=[parameter_told(one) for one in query.parameters] or None,
        output_columns=query.attributes.get(COLUMNS),
        output_format=query.attributes.get(FORMAT),
        privacy_filtering_behavior=_BEHAVIOURS[query.whole_rows],
        filtered_metrics_discriminator_column=query.discriminator,
        filtered_reason_column=query.reason_column,
    )


def parameter_told(parameter: InputParameter) -> ParameterTold:
    """Write a parameter as it was declared."""
    return ParameterTold(
        name=parameter.name,
        data_type=parameter.attributes.get("dataType") or parameter.type,
        column_type=parameter.attributes.get("columnType"),
        default_value=parameter.default,
        description=parameter.description,
        display_name=parameter.attributes.get("displayName"),
    )
