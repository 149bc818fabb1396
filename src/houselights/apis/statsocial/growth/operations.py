"""The operations of expansions and universes."""

from houselights.apis.statsocial.operation import Operation, platform

INSIGHTS, WRITE = "insights:read", "audiences:write"

OPERATIONS: tuple[Operation, ...] = (
    platform("POST", "/audiences/{audience_id}/expand", WRITE),
    platform("POST", "/audiences/{audience_id}/universe", WRITE),
    platform("GET", "/audiences/{audience_id}/universe", INSIGHTS),  # ours
)
