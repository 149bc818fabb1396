"""SQL of the table's functions of time, and of when something occurs. All in UTC: the session's time zone is set to it.

Anchors that are the same for everybody are reckoned by `rules/calendar.py` itself and written as instants; only an
anchor that is a field is reckoned in SQL.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeAlias

from sqlglot import exp

from houselights.engine.sql.terms import (
    Term,
    Unsupported,
    as_instant,
    bare,
    call,
    conjunction,
    disjunction,
    negation,
    operand,
    present,
)
from houselights.model.schema import Scalar
from houselights.rules.calendar import EARLIEST, LATEST, Moment, Stretch, add, floor, instant, stretch
from houselights.rules.values import Comparison, Side, Unit

Sql: TypeAlias = exp.Expr
Anchor: TypeAlias = "Moment | Term"

_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12, Unit.DECADE: 120, Unit.CENTURY: 1200, Unit.MILLENNIUM: 12_000}
_MICROSECONDS = {Unit.MILLISECOND: 1_000, Unit.SECOND: 10**6, Unit.MINUTE: 60 * 10**6, Unit.HOUR: 3600 * 10**6}
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}
_FIXED = {**_MICROSECONDS, Unit.DAY: 86_400 * 10**6, Unit.WEEK: 7 * 86_400 * 10**6}
_FAR = 2**61  # in microseconds, and further than the calendar reaches
_YEARS_FAR = 10_000  # further than the calendar reaches from anywhere


def _number(value: int) -> Sql:
    literal = exp.Literal.number(str(abs(value)))
    return exp.Neg(this=literal) if value < 0 else literal


def _interval(amount: int, unit: Unit) -> Sql:
    for sizes, name, most in (
        (_MONTHS, "to_months", _YEARS_FAR * 12),
        (_DAYS, "to_days", _YEARS_FAR * 366),
        (_MICROSECONDS, "to_microseconds", _YEARS_FAR * 366 * 86_400 * 10**6),
    ):
        if unit in sizes:
            return call(name, _number(max(-most, min(most, amount * sizes[unit]))))
    raise Unsupported(f"the unit {unit}")


def later(at: Sql, amount: int, unit: Unit) -> Sql:
    """Return the instant some units later, at the edge of the calendar when it would lie beyond."""
    moved = exp.Add(this=operand(at), expression=_interval(amount, unit))
    inside = call("least", call("greatest", moved, bare(EARLIEST)), bare(LATEST))
    return exp.Case().when(present(at), inside)  # the two look past a NULL


def floored(at: Sql, unit: Unit) -> Sql:
    """Return the start of the unit of the calendar that an instant lies in."""
    if unit not in _MONTHS or unit in {Unit.MONTH, Unit.YEAR}:
        return call("date_trunc", exp.Literal.string(unit.value), at)
    years = _number(_MONTHS[unit] // 12)
    whole = exp.Mul(this=exp.paren(exp.IntDiv(this=call("year", at), expression=years)), expression=years.copy())
    day = call("make_date", call("greatest", whole, _number(1)), _number(1), _number(1))
    return exp.cast(exp.Case().when(present(at), day), "timestamptz")  # greatest looks past a NULL


def at_distance(at: Sql, compare: Comparison, amount: int, unit: Unit, side: Side, anchor: Anchor) -> Sql:
    """Return `calendar.lies_at_distance` of an instant."""
    if compare is Comparison.NOT_EQUAL:
        other = negation(at_distance(at, Comparison.EQUAL, amount, unit, side, anchor))
        known = [present(each) for each in (at, *([anchor.sql] if isinstance(anchor, Term) else []))]
        return conjunction([*known, other])
    if side is Side.FROM:
        sides = (at_distance(at, compare, amount, unit, each, anchor) for each in (Side.BEFORE, Side.AFTER))
        return disjunction(list(sides))
    if isinstance(anchor, Term) and unit in _FIXED and compare is not Comparison.EQUAL:
        return _by_difference(at, compare, amount * _FIXED[unit], side, as_instant(anchor))
    signed = -amount if side is Side.BEFORE else amount
    near: Sql
    if isinstance(anchor, Term):
        near = as_instant(anchor)
        edge = later(near, signed, unit)
        low, high = (bounds := floored(edge.copy(), unit)), later(bounds.copy(), 1, unit)
        in_unit = conjunction([_at_least(at, low), disjunction([_less(at, high), _is_last(at, high)])])
    else:
        near = bare(instant(anchor))
        moment = add(instant(anchor), signed, unit)
        edge = bare(moment)
        start = floor(moment, unit)
        end = add(start, 1, unit)
        in_unit = within(at, Stretch(start, end, closed=end == LATEST))
    is_before = side is Side.BEFORE
    match compare:
        case Comparison.EQUAL:
            return in_unit
        case Comparison.LESS | Comparison.AT_MOST:
            inner = _at_most(at, near) if is_before else _at_least(at, near)
            strict = compare is Comparison.LESS
            far = (_greater if strict else _at_least) if is_before else (_less if strict else _at_most)
            return conjunction([far(at, edge), inner])
        case Comparison.GREATER:
            return _less(at, edge) if is_before else _greater(at, edge)
        case _:
            return _at_most(at, edge) if is_before else _at_least(at, edge)


def _by_difference(at: Sql, compare: Comparison, microseconds: int, side: Side, anchor: Sql) -> Sql:
    """Compare the distance of two instants with a length, in whole microseconds.

    Adding to an instant with a time zone is by far the dearest thing here. Where the far end would lie beyond the
    calendar it is the calendar's last instant, which matters to that instant alone.
    """
    early, late, last = (at, anchor, EARLIEST) if side is Side.BEFORE else (anchor, at, LATEST)
    distance = exp.Sub(this=call("epoch_us", late.copy()), expression=call("epoch_us", early.copy()))
    length = _number(max(-_FAR, min(_FAR, microseconds)))
    is_last = exp.EQ(this=at.copy(), expression=bare(last))
    is_near = _at_least(late, early.copy())
    match compare:
        case Comparison.LESS:
            return conjunction([_less(distance, length), is_near, exp.Not(this=exp.paren(is_last))])
        case Comparison.AT_MOST:
            return conjunction([_at_most(distance, length), is_near])
        case Comparison.GREATER:
            return _greater(distance, length)
        case _:
            return disjunction([_at_least(distance, length), conjunction([is_last, present(anchor)])])


def _is_last(at: Sql, end: Sql) -> Sql:
    """The very last unit of the calendar ends with its last instant, which belongs to it."""
    return conjunction(
        [exp.EQ(this=at.copy(), expression=end.copy()), exp.EQ(this=end.copy(), expression=bare(LATEST))]
    )


def _bounds(anchor: Anchor) -> tuple[Sql, Sql, bool]:
    """Return where an anchor starts and ends, and whether it is an instant or otherwise closed."""
    if not isinstance(anchor, Term):
        span = stretch(anchor)
        return bare(span.start), bare(span.end), span.closed
    at = as_instant(anchor)
    if anchor.kind is Scalar.DATE:
        # Not brought back to the edge: the day after the last one is later than every instant, as it should be.
        return at, exp.paren(exp.Add(this=at.copy(), expression=_interval(1, Unit.DAY))), False
    return at, at.copy(), True


def beside(at: Sql, side: Side, anchor: Anchor) -> Sql:
    """Return `calendar.lies_beside` of an instant."""
    start, end, closed = _bounds(anchor)
    match side:
        case Side.BEFORE:
            return _less(at, start)
        case Side.AFTER:
            return _greater(at, end) if closed else _at_least(at, end)
        case _:
            return _at_least(at, start)


def during(at: Sql, anchor: Anchor) -> Sql:
    """Return `calendar.lies_during` of an instant."""
    if not isinstance(anchor, Term):
        span = stretch(anchor)
        return within(at, stretch(span.start.date()) if span.closed else span)
    start = call("date_trunc", exp.Literal.string("day"), as_instant(anchor))
    end = exp.paren(exp.Add(this=start.copy(), expression=_interval(1, Unit.DAY)))
    return conjunction([_at_least(at, start), _less(at, end)])


def between(at: Sql, low: Anchor, high: Anchor) -> Sql:
    """Return `calendar.lies_between` of an instant."""
    start, _, _ = _bounds(low)
    _, end, closed = _bounds(high)
    return conjunction([_at_least(at, start), _at_most(at, end) if closed else _less(at, end)])


def within(at: Sql, span: Stretch) -> Sql:
    """Return whether an instant lies in a stretch of time that is the same for everybody."""
    end = bare(span.end)
    return conjunction([_at_least(at, bare(span.start)), _at_most(at, end) if span.closed else _less(at, end)])


def _less(one: Sql, other: Sql) -> Sql:
    return exp.LT(this=one.copy(), expression=other)


def _at_most(one: Sql, other: Sql) -> Sql:
    return exp.LTE(this=one.copy(), expression=other)


def _greater(one: Sql, other: Sql) -> Sql:
    return exp.GT(this=one.copy(), expression=other)


def _at_least(one: Sql, other: Sql) -> Sql:
    return exp.GTE(this=one.copy(), expression=other)


def _part(name: str) -> Callable[[list[Term]], Term]:
    return lambda terms: Term(call(name, as_instant(terms[0])), Scalar.INTEGER)


def _truncated(unit: str) -> Callable[[list[Term]], Term]:
    return lambda terms: Term(call("date_trunc", exp.Literal.string(unit), as_instant(terms[0])), Scalar.TIMESTAMP)


def _milliseconds(terms: list[Term]) -> Term:
    whole = call("date_trunc", exp.Literal.string("millisecond"), as_instant(terms[0]))
    return Term(exp.paren(exp.IntDiv(this=call("epoch_us", whole), expression=_number(1000))), Scalar.INTEGER)


def _days_between(terms: list[Term]) -> Term:
    return Term(call("date_diff", exp.Literal.string("day"), *(as_instant(each) for each in terms)), Scalar.INTEGER)


def _years_between(terms: list[Term]) -> Term:
    born, now = (as_instant(each) for each in terms)
    in_year = [
        exp.Add(this=exp.Mul(this=call("month", each.copy()), expression=_number(100)),
                expression=call("dayofmonth", each.copy())) for each in (now, born)
    ]  # fmt: skip
    early = exp.Case().when(exp.LT(this=in_year[0], expression=in_year[1]), _number(1)).else_(_number(0))
    years = exp.Sub(this=call("year", now.copy()), expression=call("year", born.copy()))
    age = exp.Sub(this=years, expression=exp.paren(early))
    return Term(exp.Case().when(exp.LTE(this=born.copy(), expression=now.copy()), age), Scalar.INTEGER)


def _date_of(terms: list[Term]) -> Term:
    year, month, day = (each.sql for each in terms)
    in_calendar = exp.Between(this=year.copy(), low=_number(date.min.year), high=_number(date.max.year))
    made = call("try", call("make_date", year, month, day))
    return Term(exp.Case().when(in_calendar, made), Scalar.DATE)


TIME_VALUES: Mapping[str, Callable[[list[Term]], Term]] = {
    "year_of": _part("year"),
    "month_of": _part("month"),
    "day_of_month": _part("dayofmonth"),
    "day_of_week": _part("isodow"),
    "day_of_year": _part("dayofyear"),
    "week_of_year": _part("weekofyear"),
    "milliseconds": _milliseconds,
    "days_between": _days_between,
    "years_between": _years_between,
    "start_of_week": _truncated("week"),
    "start_of_quarter": _truncated("quarter"),
    "start_of_year": _truncated("year"),
    "in_utc": lambda terms: Term(as_instant(terms[0]), Scalar.TIMESTAMP),
    "date_of": _date_of,
}
