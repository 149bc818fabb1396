"""Windows named by days and months begin and end where the zone's own days do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from houselights.base.errors import InvalidInput
from houselights.model.workflow import WindowKind
from houselights.services.workflows.windows import explicit, window, zone_of

BERLIN = ZoneInfo("Europe/Berlin")
NAMED = [kind for kind in WindowKind if kind is not WindowKind.EXPLICIT]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        # 03:30 on 1 November in UTC is still October in New York, and daylight saving time
        (WindowKind.MOST_RECENT_DAY, "2026-10-30T04:00Z", "2026-10-31T04:00Z"),
        (WindowKind.MOST_RECENT_WEEK, "2026-10-24T04:00Z", "2026-10-31T04:00Z"),
        (WindowKind.CURRENT_MONTH, "2026-10-01T04:00Z", "2026-11-01T03:30Z"),
        (WindowKind.PREVIOUS_MONTH, "2026-09-01T04:00Z", "2026-10-01T04:00Z"),
        (WindowKind.ALL, "1970-01-01T00:00Z", "2026-11-01T03:30Z"),
    ],
)
def test_windows_are_a_zones_own(kind: WindowKind, start: str, end: str) -> None:
    found = window(kind, at("2026-11-01T03:30Z"), ZoneInfo("America/New_York"))
    assert (found.start, found.end, found.zone) == (at(start), at(end), "America/New_York")


def test_the_day_the_clocks_change_is_longer_or_shorter() -> None:
    spring = window(WindowKind.MOST_RECENT_DAY, at("2026-03-30T12:00Z"), BERLIN)
    autumn = window(WindowKind.MOST_RECENT_DAY, at("2026-10-26T12:00Z"), BERLIN)
    assert spring.end - spring.start == timedelta(hours=23)
    assert autumn.end - autumn.start == timedelta(hours=25)


def test_months_before_january() -> None:
    found = window(WindowKind.PREVIOUS_MONTH, at("2027-01-15T00:00Z"), ZoneInfo("UTC"))
    assert (found.start, found.end) == (at("2026-12-01T00:00Z"), at("2027-01-01T00:00Z"))


@given(
    some.sampled_from(NAMED),
    some.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=some.just(UTC)),  # noqa: DTZ001
    some.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_a_window_is_never_empty_and_never_in_the_future(kind: WindowKind, now: datetime, zone: str) -> None:
    found = window(kind, now, ZoneInfo(zone))
    assert found.start < found.end <= now + timedelta(microseconds=1)


def test_explicit_windows_end_after_they_begin() -> None:
    found = explicit(at("2026-10-01T00:00+02:00"), at("2026-10-02T00:00+02:00"), "Europe/Berlin")
    assert (found.start, found.end) == (at("2026-09-30T22:00Z"), at("2026-10-01T22:00Z"))
    with pytest.raises(InvalidInput, match="ends after it begins"):
        explicit(at("2026-10-02T00:00Z"), at("2026-10-02T00:00Z"))


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "EST5EDT6\x00"])
def test_there_are_no_other_zones(name: str) -> None:
    with pytest.raises(InvalidInput, match="no time zone"):
        zone_of(name, field="timeWindowTimeZone")
