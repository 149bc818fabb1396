"""Arithmetic of calendar time, in UTC: starts of units, distances, and the stretches of time that a `When` means.

Weeks are ISO weeks, Monday to Sunday. Months and longer are added by the calendar, and a day that the target month does
not have becomes its last: 31 March minus one month is 28 or 29 February. Nothing leaves the years 1 to 9999; a distance
that would stops at the edge. A date is its whole day; an instant has no length.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias

from houselights.rules.values import Comparison, Side, Unit, Which

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)

_FIXED = {
    Unit.MILLISECOND: timedelta(milliseconds=1),
    Unit.SECOND: timedelta(seconds=1),
    Unit.MINUTE: timedelta(minutes=1),
    Unit.HOUR: timedelta(hours=1),
    Unit.DAY: timedelta(days=1),
    Unit.WEEK: timedelta(weeks=1),
}
_MONTHS = {
    Unit.MONTH: 1,
    Unit.YEAR: 12,
    Unit.DECADE: 120,
    Unit.CENTURY: 1200,
    Unit.MILLENNIUM: 12000,
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time: `start` included, `end` not, unless `closed`; an instant is a closed stretch of no length."""

    start: datetime
    end: datetime
    closed: bool = False

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment and (moment <= self.end if self.closed else moment < self.end)


Moment: TypeAlias = datetime | date | Stretch


def instant(moment: Moment) -> datetime:
    """Return the instant at which a time begins; a naive datetime is read as UTC."""
    match moment:
        case Stretch(start=start):
            return start
        case datetime():
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        case _:
            return datetime.combine(moment, time.min, UTC)


def stretch(moment: Moment) -> Stretch:
    """Return the time as a stretch: a date its day, an instant itself."""
    match moment:
        case Stretch():
            return moment
        case datetime():
            at = instant(moment)
            return Stretch(at, at, closed=True)
        case _:
            return _unit_at(instant(moment), Unit.DAY)


def period(now: datetime, which: Which, unit: Unit) -> Stretch:
    """Return the last, this or the next unit of the calendar, as seen from `now`."""
    shift = {Which.LAST: -1, Which.THIS: 0, Which.NEXT: 1}[which]
    return _unit_at(add(floor(instant(now), unit), shift, unit), unit)


def add(moment: datetime, amount: int, unit: Unit) -> datetime:
    """Return the instant `amount` units later (earlier when negative)."""
    if unit in _FIXED:
        try:
            return moment + amount * _FIXED[unit]
        except OverflowError:
            return LATEST if amount > 0 else EARLIEST
    months = moment.year * 12 + moment.month - 1 + amount * _MONTHS[unit]
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        return LATEST if amount > 0 else EARLIEST
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def floor(moment: datetime, unit: Unit) -> datetime:
    """Return the start of the unit of the calendar that the instant lies in."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case Unit.MILLISECOND:
            return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        case Unit.SECOND:
            return moment.replace(microsecond=0)
        case Unit.MINUTE:
            return moment.replace(second=0, microsecond=0)
        case Unit.HOUR:
            return moment.replace(minute=0, second=0, microsecond=0)
        case Unit.DAY:
            return midnight
        case Unit.WEEK:
            return add(midnight, -midnight.weekday(), Unit.DAY)
        case Unit.MONTH:
            return midnight.replace(day=1)
        case _:
            # Decades are 2020–2029, centuries 2000–2099, millennia 2000–2999: as people say it.
            years = _MONTHS[unit] // 12
            return midnight.replace(year=max(1, moment.year // years * years), month=1, day=1)


def lies_at_distance(
    moment: datetime, compare: Comparison, amount: int, unit: Unit, side: Side, anchor: datetime
) -> bool:
    """Say whether an instant lies `compare` `amount` units on a side of the anchor.

    `at_most` 3 days before T is T − 3 d ≤ t ≤ T; `less` leaves the far end out; `greater` and `at_least` are beyond
    it. `equal` compares units of the calendar, not instants: `equal` 3 days before is any time on the day three days
    before the anchor's. `from` is either side; `not_equal` is everything that `equal` is not.
    """
    if compare is Comparison.NOT_EQUAL:
        return not lies_at_distance(moment, Comparison.EQUAL, amount, unit, side, anchor)
    if side is Side.FROM:
        return any(lies_at_distance(moment, compare, amount, unit, each, anchor) for each in (Side.BEFORE, Side.AFTER))
    edge = add(anchor, -amount if side is Side.BEFORE else amount, unit)
    # Mirror the far side onto the near one, so that each comparison is written once.
    far, near, at = (edge, anchor, moment) if side is Side.BEFORE else (_flip(edge), _flip(anchor), _flip(moment))
    match compare:
        case Comparison.EQUAL:
            return moment in _unit_at(edge, unit)
        case Comparison.LESS:
            return far < at <= near
        case Comparison.AT_MOST:
            return far <= at <= near
        case Comparison.GREATER:
            return at < far
        case _:
            return at <= far


def lies_beside(moment: datetime, side: Side, anchor: Moment) -> bool:
    """Say whether an instant lies before a time begins, after it has ended, or (`from`) at or after its beginning."""
    span = stretch(anchor)
    match side:
        case Side.BEFORE:
            return moment < span.start
        case Side.AFTER:
            return moment > span.end if span.closed else moment >= span.end
        case _:
            return moment >= span.start


def lies_during(moment: datetime, anchor: Moment) -> bool:
    """Say whether an instant lies in a period, or on the day of a date or of another instant."""
    span = stretch(anchor)
    return moment in (_unit_at(span.start, Unit.DAY) if span.closed else span)


def lies_between(moment: datetime, low: Moment, high: Moment) -> bool:
    """Say whether an instant lies from the start of one time to the end of another, both included."""
    last = stretch(high)
    return stretch(low).start <= moment and (moment <= last.end if last.closed else moment < last.end)


def _unit_at(moment: datetime, unit: Unit) -> Stretch:
    start = floor(moment, unit)
    end = add(start, 1, unit)
    return Stretch(start, end, closed=end == LATEST)


def _flip(moment: datetime) -> datetime:
    """Mirror an instant within the calendar: earlier becomes later."""
    return EARLIEST + (LATEST - moment)
