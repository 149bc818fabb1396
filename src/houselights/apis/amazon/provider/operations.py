"""The operations of this product, with the limits its specification publishes."""

from dataclasses import replace

from houselights.apis.amazon.media import Media
from houselights.apis.amazon.operation import Entry, Operation
from houselights.apis.amazon.provider.errors import HASHED_REPLY, hashed_family, provider_family
from houselights.apis.amazon.sizes import MEGABYTE, WHOLE_ROOM, Size

HASHED = Operation(
    method="POST",
    path="/dp/records/hashed",
    family=hashed_family,
    entry=Entry.CLIENT,
    media=Media(
        request="application/vnd.dpuploadhashedrecordsrequest.v3+json",
        reply=HASHED_REPLY,
        accepted=("application/vnd.dpuploadhashedrecordsresponse.v3.1+json",),
    ),
    size=Size(bytes_most=5 * MEGABYTE),
    too_large="The request exceeded the max size acceptable by the API. Max request size is {megabytes} MB.",
)


def _operation(method: str, path: str, rate: str | None = None, size: Size = WHOLE_ROOM) -> Operation:
    """Describe one of the others, which share an envelope and speak plain JSON."""
    return Operation(
        method=method,
        path=path,
        family=provider_family,
        entry=Entry.CLIENT,
        rate=rate,
        size=size,
        too_large="The input payload exceeds {megabytes}MB limit.",
    )


CREATE = _operation("POST", "/v2/dp/audiencemetadata", "1/second")
READ = _operation("GET", "/v2/dp/audiencemetadata/{audienceId}", "1/second")
UPDATE = replace(READ, method="PUT")
PATCH = _operation("PATCH", "/v2/dp/audience", "100/second", Size(bytes_most=6 * MEGABYTE, entries_most=2000))
DELETE_USERS = _operation("PATCH", "/v2/dp/users", "1/second", Size(bytes_most=1 * MEGABYTE, entries_most=1000))
JOB = _operation("GET", "/v2/dp/jobs/{jobId}")

OPERATIONS: tuple[Operation, ...] = (HASHED, CREATE, READ, UPDATE, PATCH, DELETE_USERS, JOB)
