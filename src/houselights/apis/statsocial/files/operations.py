"""The operations of files. The vendor documents none of them but the form of a key."""

from houselights.apis.statsocial.operation import Body, Operation, platform

READ, WRITE = "audiences:read", "audiences:write"

OPERATIONS: tuple[Operation, ...] = (
    platform("POST", "/uploads", WRITE, Body.STREAM),
    platform("GET", "/uploads", READ),
    platform("GET", "/uploads/{day}/{name}", READ),
    platform("DELETE", "/uploads/{day}/{name}", WRITE),
    platform("PUT", "/uploads/{link}", None, Body.STREAM),
    platform("GET", "/downloads/{link}", None),
)
