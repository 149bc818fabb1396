"""Requests to execute → questions of the house, and executions of the house → this vendor's. Pure but for the clock."""

from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.reporting.executions.schemas import ExecuteAsked, ExecutionTold, OutputChannelTold, Status
from houselights.apis.amazon.reporting.moments import local, moment, told
from houselights.apis.amazon.reporting.workflows.translate import COLUMNS, FORMAT
from houselights.base.clock import Clock
from houselights.model.workflow import Execution, ExecutionState, SavedQuery, TimeWindow, WindowKind
from houselights.services.workflows.question import QUOTE, SEPARATOR, Asked, checked_values
from houselights.services.workflows.windows import explicit, window, zone_of

STATUS: dict[ExecutionState, Status] = {
    ExecutionState.PENDING: "PENDING",
    ExecutionState.RUNNING: "RUNNING",
    ExecutionState.SUCCEEDED: "SUCCEEDED",
    ExecutionState.FAILED: "FAILED",
    ExecutionState.CANCELLED: "CANCELLED",
}
ZONE, START, END = "timeWindowTimeZone", "timeWindowStart", "timeWindowEnd"


def asked_of(asked: ExecuteAsked, query: SavedQuery, clock: Clock, timeout_seconds: int) -> Asked:
    """Return the question. Raises Rejected and InvalidInput in the caller's names."""
    written = query.attributes.get(FORMAT, {})
    return Asked(
        sql=query.sql,
        window=window_of(asked, clock),
        values=checked_values(query.parameters, asked.parameter_values, field="parameterValues"),
        whole_rows=query.whole_rows,
        discriminator=query.discriminator,
        reason_column=query.reason_column,
        columns=tuple(one["name"] for one in query.attributes.get(COLUMNS, ())),
        timeout_seconds=asked.workflow_execution_timeout_seconds or timeout_seconds,
        is_dry=asked.dry_run,
        keeps_file=not asked.skip_publish,
        separator=written.get("separatorCharacter", SEPARATOR),
        quote=written.get("quoteCharacter", QUOTE),
        escape=written.get("escapeCharacter"),
    )


def window_of(asked: ExecuteAsked, clock: Clock) -> TimeWindow:
    """Return the window that a request names. Raises Rejected, InvalidInput."""
    zone = zone_of(asked.time_window_time_zone, field=ZONE)
    kind = WindowKind((asked.time_window_type or "MOST_RECENT_DAY").lower())
    ends = ((START, asked.time_window_start), (END, asked.time_window_end))
    if kind is not WindowKind.EXPLICIT:
        said = [field for field, text in ends if text is not None]
        if said:
            raise Rejected([Detail(Kind.INVALID, "goes with timeWindowType EXPLICIT only", field) for field in said])
        return window(kind, clock.now(), zone)
    missing = [field for field, text in ends if text is None]
    if missing:
        raise Rejected([Detail(Kind.INVALID, "is required by timeWindowType EXPLICIT", field) for field in missing])
    start, end = (moment(text or "", zone, field) for field, text in ends)
    return explicit(start, end, zone.key, field=END)


def execution_told(execution: Execution, *, with_sql: bool = False) -> ExecutionTold:
    """Write an execution."""
    asked = Asked.from_json(execution.asked)
    zone = asked.window.zone
    return ExecutionTold(
        workflow_execution_id=execution.id,
        workflow_id=execution.query_id or execution.id,
        status=STATUS[execution.state],
        create_time=told(execution.created_at),
        last_updated_time=told(execution.updated_at),
        time_window_start=told(asked.window.start),
        time_window_end=told(asked.window.end),
        time_window_start_original=local(asked.window.start, zone),
        time_window_end_original=local(asked.window.end, zone),
        time_window_time_zone_original=zone,
        workflow_execution_timeout_seconds=asked.timeout_seconds,
        output_channels=[_channel(execution, asked)],
        sql_query=asked.sql if with_sql else None,
    )


def _channel(execution: Execution, asked: Asked) -> OutputChannelTold:
    match execution.state:
        case ExecutionState.PENDING | ExecutionState.RUNNING:
            return OutputChannelTold(status="PENDING")
        case ExecutionState.FAILED:
            return OutputChannelTold(status="FAILED", status_reason=execution.error)
        case ExecutionState.CANCELLED:
            return OutputChannelTold(status="UNAVAILABLE", status_reason="The execution was cancelled.")
        case ExecutionState.SUCCEEDED if execution.outcome.get("files"):
            return OutputChannelTold(status="AVAILABLE")
    if asked.is_dry:
        return OutputChannelTold(status="UNAVAILABLE", status_reason="A dry run has no results.")
    if not asked.keeps_file:
        return OutputChannelTold(status="UNAVAILABLE", status_reason="skipPublish: no results were written.")
    return OutputChannelTold(status="UNAVAILABLE", status_reason="The results were deleted; execute the query again.")
