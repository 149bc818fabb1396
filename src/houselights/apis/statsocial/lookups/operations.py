"""The operations of look-ups."""

from houselights.apis.statsocial.operation import Operation, platform

READ = "audiences:read"

OPERATIONS: tuple[Operation, ...] = (
    platform("GET", "/affinities", READ),
    platform("GET", "/b2b/job-titles", READ),
    platform("GET", "/b2b/employers", READ),
    platform("GET", "/personality-types", READ),
    platform("GET", "/location/cities", READ),
    platform("GET", "/location/countries", READ),
    platform("GET", "/location/dmas", READ),
    platform("GET", "/location/regions", READ),
    platform("GET", "/credits", READ),
)
