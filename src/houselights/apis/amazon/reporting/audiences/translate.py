"""Rule-based audiences of this vendor ⇄ the house's audiences made by queries. Pure but for the clock."""

from zoneinfo import ZoneInfo

from houselights.apis.amazon.amc.places import instance_id
from houselights.apis.amazon.errors import Detail, Kind, Rejected
from houselights.apis.amazon.reporting.audiences.schemas import RULE_BASED, AudienceTold, Chosen, State, UpdateAsked
from houselights.apis.amazon.reporting.errors import QUERY_AUDIENCES_11, QUERY_AUDIENCES_12
from houselights.apis.amazon.reporting.moments import moment, told
from houselights.apis.amazon.reporting.workflows.translate import parameter_told, parameters_of
from houselights.base.clock import Clock
from houselights.model.workflow import QueryAudience, QueryAudienceState, SavedQuery
from houselights.model.workspace import Account
from houselights.services.workflows.windows import explicit

# Where the audience stands in discovery, and how its name begins there.
SUB_CATEGORY, PREFIX = "AMC", "AMC "
WRONG_TABLES = "Invalid tables in the SQL query: Use audience-specific tables in the query."
NAMED = ("audienceName", "audienceDescription", "advertiserId", "audienceType")
STATE: dict[QueryAudienceState, State] = {
    QueryAudienceState.PENDING: "PENDING",
    QueryAudienceState.RUNNING: "RUNNING",
    QueryAudienceState.SUCCEEDED: "SUCCEEDED",
    QueryAudienceState.FAILED: "FAILED",
    QueryAudienceState.DEACTIVATED: "DEACTIVATED",
}
UTC = ZoneInfo("UTC")


def audience_of(asked: Chosen, saved: SavedQuery | None, clock: Clock, *, refresh_days: int) -> QueryAudience:
    """Return the audience that is wanted, without an owner. `saved` is the workflow it names. Raises Rejected."""
    start = moment(asked.time_window_start, UTC, "timeWindowStart")
    end = moment(asked.time_window_end, UTC, "timeWindowEnd")
    declared = parameters_of(asked.input_parameters, field="inputParameters")
    return QueryAudience(
        id="",
        workspace_id=0,
        account_id=0,
        client_id=None,
        owner_id=0,
        name=asked.audience_name,
        title=PREFIX + asked.audience_name,
        description=asked.audience_description,
        path=(SUB_CATEGORY,),
        sql=(asked.query or "") if saved is None else saved.sql,
        query_id=asked.workflow_id,
        parameters=declared or (() if saved is None else saved.parameters),
        values=asked.parameter_values,
        window=explicit(start, end, field="timeWindowEnd"),
        moves=asked.time_window_relative,
        refresh_days=refresh_days,
        created_at=clock.now(),
    )


def must_be_the_same(asked: UpdateAsked, old: QueryAudience) -> None:
    """Raise Rejected for each thing that a change must leave as it is."""
    sent = (asked.audience_name, asked.audience_description, asked.advertiser_id, asked.audience_type)
    kept = (old.name, old.description, str(old.owner_id), RULE_BASED)
    changed = [
        Detail(Kind.INVALID, f'this stays what it is: "{is_}"', field)
        for field, is_, wanted in zip(NAMED, kept, sent, strict=True)
        if is_ != wanted
    ]
    if changed:
        raise Rejected(changed)


def audience_told(kept: QueryAudience, room: Account, media_type: str, members: int | None) -> AudienceTold:
    """Write an audience in the version that a media type names. `members` is what may be known of how many."""
    latest = media_type == QUERY_AUDIENCES_12
    later = latest or media_type == QUERY_AUDIENCES_11
    dsp_id = None if kept.audience_id is None or kept.refreshed_at is None else str(kept.audience_id)
    return AudienceTold(
        audience_execution_id=kept.id,
        audience_name=kept.name,
        audience_description=kept.description,
        advertiser_id=str(kept.owner_id),
        instance_id=instance_id(room),
        query=kept.sql,
        status=STATE[kept.state],
        status_reason=WRONG_TABLES if kept.wrong_tables else kept.reason,
        create_time=told(kept.created_at),
        last_refreshed_time=None if kept.refreshed_at is None else told(kept.refreshed_at),
        refresh_rate_days=kept.refresh_days,
        time_window_start=told(kept.window.start),
        time_window_end=told(kept.window.end),
        time_window_relative=kept.moves,
        dsp_audience_id=dsp_id,
        audience_count=(members or 0) if later else None,
        dsp_canonical_id=dsp_id if later else None,
        audience_type=RULE_BASED if latest else None,
        advertiser_type="DISPLAY" if latest else None,
        workflow_id=kept.query_id if latest else None,
        input_parameters=[parameter_told(one) for one in kept.parameters] or None if latest else None,
        parameter_values=dict(kept.values) or None if latest else None,
    )
