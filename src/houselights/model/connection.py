"""Where a client sends its lists to: an advertiser, a clean room, or both under one name."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A link from one client to the places its lists are sent to; at least one of the two places is there.

    `id` is chosen by the client, or drawn for it, and means nothing to another client. `client_number` is
    `Client.id`; `cleanroom_id` and `advertiser_id` are accounts. Of a client's connections exactly one is the default.
    """

    id: str
    client_number: int
    cleanroom_id: int | None = None
    advertiser_id: int | None = None
    is_default: bool = False
    created_at: datetime
    updated_at: datetime
