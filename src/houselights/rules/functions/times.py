"""Functions of time, in UTC. A date is the instant it begins. Nothing here asks a clock: now is an argument."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from houselights.rules.calendar import floor, instant
from houselights.rules.date_patterns import formatted
from houselights.rules.functions.table import Function, scalar, table
from houselights.rules.values import Unit

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _years_between(start: Any, end: Any) -> int | None:
    """Whole years from one time to another, as ages are counted: born on 29 February, a year older on 1 March."""
    born, now = instant(start), instant(end)
    if born > now:
        return None
    return now.year - born.year - ((now.month, now.day) < (born.month, born.day))


def _with_day(moment: Any, day: int) -> datetime | None:
    try:
        return instant(moment).replace(day=day)
    except ValueError:
        return None


def _with_hour(moment: Any, hour: int) -> datetime | None:
    return instant(moment).replace(hour=hour) if 0 <= hour < 24 else None


def _quarter(moment: Any) -> datetime:
    start = floor(instant(moment), Unit.MONTH)
    return start.replace(month=(start.month - 1) // 3 * 3 + 1)


def _milliseconds(moment: Any) -> int:
    since = instant(moment) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def date_of(year: int, month: int, day: int) -> date | None:
    """Return a date, or None when the calendar has no such day."""
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


TIMES: Mapping[str, Function] = table(
    scalar("year_of", "time -> integer", "the year of {0}", lambda at: instant(at).year),
    scalar("month_of", "time -> integer", "the month of {0}", lambda at: instant(at).month),
    scalar("day_of_month", "time -> integer", "the day of the month of {0}", lambda at: instant(at).day),
    scalar("day_of_week", "time -> integer", "the day of the week of {0}", lambda at: instant(at).isoweekday()),
    scalar("day_of_year", "time -> integer", "the day of the year of {0}",
           lambda at: instant(at).timetuple().tm_yday),
    scalar("week_of_year", "time -> integer", "the week of {0}", lambda at: instant(at).isocalendar().week),
    scalar("date_of", "integer, integer, integer -> time", "the date {0}-{1}-{2}", date_of),
    scalar("milliseconds", "time -> integer", "{0} in milliseconds since 1970", _milliseconds),
    scalar("years_between", "time, time -> integer", "the whole years from {0} to {1}", _years_between),
    scalar("days_between", "time, time -> integer", "the days from {0} to {1}",
           lambda start, end: (floor(instant(end), Unit.DAY) - floor(instant(start), Unit.DAY)).days),
    scalar("start_of_week", "time -> time", "the start of the week of {0}", lambda at: floor(instant(at), Unit.WEEK)),
    scalar("start_of_quarter", "time -> time", "the start of the quarter of {0}", _quarter),
    scalar("start_of_year", "time -> time", "the start of the year of {0}", lambda at: floor(instant(at), Unit.YEAR)),
    scalar("at_day", "time, integer -> time", "{0} moved to day {1} of its month", _with_day),
    scalar("at_hour", "time, integer -> time", "{0} moved to hour {1} of its day", _with_hour),
    scalar("in_utc", "time -> time", "{0} in UTC", instant),
    scalar("formatted", "time, text -> text", "{0} written as {1}", formatted),
)  # fmt: skip
