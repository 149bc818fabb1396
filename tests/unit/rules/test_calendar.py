"""Units of the calendar, distances, stretches of time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.rules.calendar import (
    EARLIEST,
    LATEST,
    add,
    floor,
    instant,
    lies_at_distance,
    lies_beside,
    lies_between,
    lies_during,
    period,
)
from houselights.rules.values import Comparison, Side, Unit, Which


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = at("2026-11-01T15:30")
moments = st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2026-03-31", -1, Unit.MONTH, "2026-02-28"),
        ("2024-03-31", -1, Unit.MONTH, "2024-02-29"),
        ("2024-02-29", 1, Unit.YEAR, "2025-02-28"),
        ("2024-02-29", 4, Unit.YEAR, "2028-02-29"),
        ("2024-02-29", -1, Unit.CENTURY, "1924-02-29"),
        ("2026-12-31", 2, Unit.MONTH, "2027-02-28"),
        ("2026-01-01", -1, Unit.DAY, "2025-12-31"),
        ("2026-11-01", 1, Unit.WEEK, "2026-11-08"),
        ("2026-11-01", 36, Unit.HOUR, "2026-11-02T12:00"),
    ],
)
def test_adding_units(start: str, amount: int, unit: Unit, end: str) -> None:
    assert add(at(start), amount, unit) == at(end)


@pytest.mark.parametrize(
    ("unit", "start"),
    [
        (Unit.MINUTE, "2026-11-01T15:30"),
        (Unit.HOUR, "2026-11-01T15:00"),
        (Unit.DAY, "2026-11-01"),
        (Unit.WEEK, "2026-10-26"),  # a Monday: 1 November 2026 is a Sunday
        (Unit.MONTH, "2026-11-01"),
        (Unit.YEAR, "2026-01-01"),
        (Unit.DECADE, "2020-01-01"),
        (Unit.CENTURY, "2000-01-01"),
        (Unit.MILLENNIUM, "2000-01-01"),
    ],
)
def test_starts_of_units(unit: Unit, start: str) -> None:
    assert floor(at("2026-11-01T15:30:42.123456").replace(second=0, microsecond=0), unit) == at(start)


def test_last_week_is_the_iso_week_before_this_one() -> None:
    week = period(NOW, Which.LAST, Unit.WEEK)
    assert (week.start, week.end) == (at("2026-10-19"), at("2026-10-26"))


def test_the_edges_of_the_calendar_hold() -> None:
    assert add(NOW, 10**30, Unit.YEAR) == LATEST
    assert add(NOW, -(10**30), Unit.MILLISECOND) == EARLIEST
    assert add(NOW, 8, Unit.MILLENNIUM) == LATEST
    assert LATEST in period(LATEST, Which.THIS, Unit.MILLENNIUM)
    assert EARLIEST in period(EARLIEST, Which.LAST, Unit.CENTURY)


@given(moments, st.sampled_from(Unit))
def test_an_instant_lies_in_its_own_unit(moment: datetime, unit: Unit) -> None:
    assert floor(moment, unit) <= moment
    assert floor(floor(moment, unit), unit) == floor(moment, unit)
    assert moment in period(moment, Which.THIS, unit)


@given(moments, moments, st.integers(0, 400), st.sampled_from(Unit), st.sampled_from((Side.BEFORE, Side.AFTER)))
def test_within_and_beyond_a_distance_are_the_side(
    moment: datetime, anchor: datetime, amount: int, unit: Unit, side: Side
) -> None:
    def lies(compare: Comparison) -> bool:
        return lies_at_distance(moment, compare, amount, unit, side, anchor)

    on_the_side = moment <= anchor if side is Side.BEFORE else moment >= anchor
    if amount:  # at distance 0 the near end is the far end
        assert (lies(Comparison.LESS) or lies(Comparison.AT_LEAST)) == on_the_side
        assert (lies(Comparison.AT_MOST) or lies(Comparison.GREATER)) == on_the_side
    assert not (lies(Comparison.LESS) and lies(Comparison.AT_LEAST))
    assert lies(Comparison.EQUAL) != lies(Comparison.NOT_EQUAL)


@given(moments, moments, st.integers(0, 50), st.sampled_from(Unit), st.sampled_from(Comparison))
def test_from_is_either_side(moment: datetime, anchor: datetime, amount: int, unit: Unit, compare: Comparison) -> None:
    sides = [lies_at_distance(moment, compare, amount, unit, side, anchor) for side in (Side.BEFORE, Side.AFTER)]
    either = all(sides) if compare is Comparison.NOT_EQUAL else any(sides)
    assert lies_at_distance(moment, compare, amount, unit, Side.FROM, anchor) == either


def test_a_date_is_its_day() -> None:
    day = date(2026, 11, 1)
    assert instant(day) == at("2026-11-01")
    assert lies_during(NOW, day)
    assert not lies_beside(NOW, Side.AFTER, day)
    assert lies_beside(NOW, Side.FROM, day)
    assert lies_beside(NOW + timedelta(days=1), Side.AFTER, day)
    assert lies_between(NOW, day, day)
    assert not lies_between(at("2026-11-02"), day, day)


def test_an_instant_is_closed() -> None:
    assert lies_between(NOW, NOW, NOW)
    assert not lies_beside(NOW, Side.BEFORE, NOW)
    assert not lies_beside(NOW, Side.AFTER, NOW)
    assert lies_during(at("2026-11-01T00:00"), NOW)
