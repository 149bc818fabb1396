"""The operations of insights. Their answers are of our own design; links and clusters are named by the vendor."""

from houselights.apis.statsocial.operation import Operation, platform

INSIGHTS, WRITE = "insights:read", "audiences:write"
SHARED = "/statsocial/insights"

OPERATIONS: tuple[Operation, ...] = (
    platform("POST", "/audiences/{audience_id}/insight", WRITE),
    platform("GET", "/audiences/{audience_id}/insight", INSIGHTS),
    platform("GET", "/audiences/{audience_id}/insight/public-link", INSIGHTS),
    platform("POST", "/audiences/{audience_id}/insight/public-link", INSIGHTS),
    platform("POST", "/audiences/{audience_id}/insight/clusters/{cluster}", WRITE),
    platform("POST", "/audiences/{audience_id}/insights/{cluster}", WRITE),
    Operation(method="GET", path=SHARED + "/{insights_hash}", scope=None),
)
