"""The operations of audiences."""

from houselights.apis.statsocial.operation import Operation, platform

READ, WRITE = "audiences:read", "audiences:write"

OPERATIONS: tuple[Operation, ...] = (
    platform("POST", "/audiences", WRITE),
    platform("GET", "/audiences", READ),
    platform("GET", "/audiences/{audience_id}", READ),
    platform("PATCH", "/audiences/{audience_id}", WRITE),
    platform("PUT", "/audiences/{audience_id}", WRITE),
    platform("DELETE", "/audiences/{audience_id}", WRITE),
    platform("POST", "/audiences/{audience_id}/regenerate", WRITE),
    platform("GET", "/audiences/{audience_id}/explain", READ),  # ours
)
