"""Times as reporting writes them: `2026-11-01T00:00:00` in a zone that stands beside it, `…Z` in replies."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from houselights.apis.amazon.errors import Detail, Kind, Rejected


def moment(text: str, zone: ZoneInfo, field: str) -> datetime:
    """Read a time; one without an offset is of `zone`. Raises Rejected."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        why = f'expected a time such as 2026-11-01T00:00:00, found "{text}"'
        raise Rejected([Detail(Kind.INVALID, why, field)]) from None
    return read.replace(tzinfo=zone) if read.tzinfo is None else read


def told(instant: datetime) -> str:
    """Write an instant in UTC: `2026-11-01T00:00:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(instant: datetime, zone: str) -> str:
    """Write an instant as clocks of a zone show it, without an offset."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")
