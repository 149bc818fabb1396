"""The operations of this product. None of them has a Scope header: a client speaks for all it is granted."""

from houselights.apis.amazon.amc.errors import (
    AUDIENCES,
    CONNECTIONS,
    INSTANCES,
    audiences_family,
    connections_family,
    instances_family,
)
from houselights.apis.amazon.errors import Family
from houselights.apis.amazon.media import Media
from houselights.apis.amazon.operation import Entry, Operation
from houselights.apis.amazon.sizes import WHOLE_ROOM, Size

METADATA, RECORDS = "/amc/audiences/metadata", "/amc/audiences/records"
# The specification's maxItems; the guide recommends 6,000.
RECORDS_MOST = 10_000


def _operation(method: str, path: str, family: Family, media_type: str, size: Size = WHOLE_ROOM) -> Operation:
    media = Media(request=None if method in {"GET", "DELETE"} else media_type, reply=media_type)
    return Operation(method=method, path=path, family=family, entry=Entry.CLIENT, media=media, size=size)


OPERATIONS: tuple[Operation, ...] = (
    _operation("GET", "/amc/accounts", connections_family, CONNECTIONS),
    _operation("GET", "/amc/instances", instances_family, INSTANCES),
    _operation("GET", "/amc/instances/{instanceId}/advertisers", instances_family, INSTANCES),
    *(_operation(method, "/amc/audiences/connections", connections_family, CONNECTIONS)
      for method in ("POST", "GET", "DELETE")),
    *(_operation(method, "/amc/audiences/connections/terms", connections_family, CONNECTIONS)
      for method in ("GET", "PATCH")),
    _operation("POST", METADATA, audiences_family, AUDIENCES),
    *(_operation(method, f"{METADATA}/{{audienceId}}", audiences_family, AUDIENCES)
      for method in ("GET", "PUT")),
    _operation("POST", RECORDS, audiences_family, AUDIENCES, Size(entries_most=RECORDS_MOST)),
    _operation("GET", f"{RECORDS}/{{jobRequestId}}", audiences_family, AUDIENCES),
)  # fmt: skip
