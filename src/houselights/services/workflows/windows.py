"""Windows of time by name: the most recent day, this month, all there is. Refuses windows that end before they begin.

A window is half open: it holds its start and not its end. Days and months are those of a time zone; a day is as long as
the zone makes it, 23 hours when summer time begins. The most recent day is the last whole one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from houselights.base.errors import InvalidInput
from houselights.model.workflow import TimeWindow, WindowKind

# Before anything was ever measured; not datetime.min, which has no place in most zones.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
WEEK_DAYS = 7


def zone_of(name: str, *, field: str) -> ZoneInfo:
    """Return an IANA time zone. Raises InvalidInput, naming `field`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(f'there is no time zone "{name}"', field=field, hint="as in America/New_York") from error


def explicit(start: datetime, end: datetime, zone: str = "UTC", *, field: str = "end") -> TimeWindow:
    """Return the window between two instants. Raises InvalidInput unless it ends after it begins."""
    if end <= start:
        raise InvalidInput("a window of time ends after it begins", field=field)
    return TimeWindow(kind=WindowKind.EXPLICIT, start=start.astimezone(UTC), end=end.astimezone(UTC), zone=zone)


def window(kind: WindowKind, now: datetime, zone: ZoneInfo) -> TimeWindow:
    """Return a window that is named by its relation to now. Raises ValueError for an explicit one, which is not."""
    local = now.astimezone(zone)
    today = _midnight(local, zone)
    month = _midnight(local.replace(day=1), zone)
    match kind:
        case WindowKind.MOST_RECENT_DAY:
            start, end = _days_before(today, 1, zone), today
        case WindowKind.MOST_RECENT_WEEK:
            start, end = _days_before(today, WEEK_DAYS, zone), today
        case WindowKind.CURRENT_MONTH:
            start, end = month, now
        case WindowKind.PREVIOUS_MONTH:
            start, end = _midnight(_days_before(month, 1, zone).replace(day=1), zone), month
        case WindowKind.ALL:
            start, end = BEGINNING, now
        case WindowKind.EXPLICIT:
            raise ValueError("an explicit window is made of its two ends")
    if end <= start:  # the very first instant of a month
        end = start + timedelta(microseconds=1)
    return TimeWindow(kind=kind, start=start.astimezone(UTC), end=end.astimezone(UTC), zone=zone.key)


def window_json(window: TimeWindow) -> dict[str, str]:
    """Return a window as it is kept."""
    start, end = window.start.isoformat(), window.end.isoformat()
    return {"kind": window.kind.value, "start": start, "end": end, "zone": window.zone}


def read_window(kept: Mapping[str, str]) -> TimeWindow:
    """Read a window that was kept."""
    start, end = datetime.fromisoformat(kept["start"]), datetime.fromisoformat(kept["end"])
    return TimeWindow(kind=WindowKind(kept["kind"]), start=start, end=end, zone=kept["zone"])


def _midnight(local: datetime, zone: ZoneInfo) -> datetime:
    return datetime(local.year, local.month, local.day, tzinfo=zone)


def _days_before(midnight: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Go back by days of the calendar, not by 24 hours each."""
    return _midnight(midnight - timedelta(days=days), zone)
