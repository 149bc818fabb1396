"""Files as their senders read of them."""

from typing import Any

from houselights.apis.statsocial.operation import BASE
from houselights.base.clock import iso_instant
from houselights.services.house import House
from houselights.services.id_lists.id_lists import IdList, Invitation


def invited(house: House, invitation: Invitation) -> dict[str, Any]:
    """Return what a client needs to send a file later. The key is good once the file is there."""
    return {
        "key": invitation.key,
        "status": "waiting",
        "method": "PUT",
        "url": f"{house.settings.base_url}{BASE}/uploads/{invitation.token}",
        "expires_at": iso_instant(invitation.ends_at),
    }


def upload_told(found: IdList) -> dict[str, Any]:
    """Return what was in a file; the first bad lines by their numbers, from 1, and never by what they say."""
    tally = found.tally
    return {
        "key": found.key,
        "type": found.kind,
        "status": "ready",
        "lines": tally.lines,
        "ids": tally.ids,
        "blank_lines": tally.blank,
        "heading": tally.heading,
        "bad_lines": tally.bad,
        "errors": [{"line": number, "message": why} for number, why in tally.faults],
        "created_at": iso_instant(found.created_at),
        "expires_at": iso_instant(found.ends_at),
    }
