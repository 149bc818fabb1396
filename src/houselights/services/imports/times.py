"""Instants and dates from cells. A time without an offset is in the source's zone; where clocks go back, the first of
the two instants is meant; where they go forward, the hour that never was is bad. Everything ends as UTC microseconds
of the years 1 to 9999, all that Python's own instants can hold; what lies outside is bad.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

INSTANT = pa.timestamp("us", tz="UTC")
LOCAL = pa.timestamp("us")
UNIX_UNITS = {"unix": 1_000_000, "unix_ms": 1_000, "unix_us": 1}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
_OUTSIDE = "not in the years 1 to 9999"
Answer = tuple[pa.Array, npt.NDArray[np.bool_] | None, str]


def instants(array: pa.Array, zone: str, form: str | None) -> Answer:
    """Return (UTC instants, which cells were bad or None, reason).

    `form` is None for ISO 8601, one of UNIX_UNITS, or a strptime pattern.
    """
    values, bad, reason = _anywhen(array, zone, form)
    outside = pc.or_(pc.less(values, pa.scalar(_EARLIEST, INSTANT)), pc.greater(values, pa.scalar(_LATEST, INSTANT)))
    if not pc.any(outside).as_py():
        return values, bad, reason
    far = np.asarray(pc.fill_null(outside, False))
    return _without(values, far), far if bad is None else bad | far, reason if bad is not None else _OUTSIDE


def _without(array: pa.Array, bad: npt.NDArray[np.bool_]) -> pa.Array:
    return pc.if_else(pa.array(bad), pa.scalar(None, array.type), array)


def _anywhen(array: pa.Array, zone: str, form: str | None) -> Answer:
    """Do as `instants` does, for instants of any year."""
    kind = array.type
    if pa.types.is_timestamp(kind):
        return (array.cast(INSTANT, safe=False), None, "") if kind.tz else _placed(array.cast(LOCAL, safe=False), zone)
    if pa.types.is_date(kind):
        return _placed(array.cast(pa.timestamp("s")).cast(LOCAL), zone)
    if form in UNIX_UNITS:
        return _unix(array, UNIX_UNITS[form])
    if not pa.types.is_string(kind):
        blank = pa.nulls(len(array), INSTANT)
        return (
            blank,
            np.asarray(pc.is_valid(array)),
            "a number is an instant only with format: unix, unix_ms or unix_us",
        )
    if form is not None:
        return _one_by_one(array, lambda cell: datetime.strptime(cell, form), zone, f"not of the form {form}")  # noqa: DTZ007  # placed in `zone` below
    try:
        return array.cast(INSTANT), None, ""  # every one with an offset
    except pa.ArrowInvalid:
        pass
    try:
        return _placed(array.cast(LOCAL), zone)  # none with an offset
    except pa.ArrowInvalid:
        return _one_by_one(array, datetime.fromisoformat, zone, "not an ISO 8601 instant")


def _placed(local: pa.Array, zone: str) -> Answer:
    """Put local times into a zone; times that the clocks skipped are bad."""
    if zone == "UTC":
        return local.cast(INSTANT), None, ""
    first = pc.assume_timezone(local, zone, ambiguous="earliest", nonexistent="earliest").cast(INSTANT)
    last = pc.assume_timezone(local, zone, ambiguous="earliest", nonexistent="latest").cast(INSTANT)
    skipped = pc.fill_null(pc.not_equal(first, last), False)
    if not pc.any(skipped).as_py():
        return first, None, ""
    return (
        pc.if_else(skipped, pa.scalar(None, INSTANT), first),
        np.asarray(skipped),
        f"no such time in {zone}: clocks skip it",
    )


def _unix(array: pa.Array, microseconds: int) -> Answer:
    if pa.types.is_string(array.type):
        return _one_by_one(
            array,
            lambda cell: _EPOCH + timedelta(microseconds=round(float(cell) * microseconds)),
            "UTC",
            "not a number",
        )
    # What would not fit 64 bits goes before it is multiplied: it would wrap round to an instant nobody meant.
    size = pc.abs(array.cast(pa.float64(), safe=False))
    far = np.asarray(pc.fill_null(pc.greater(size, _LATEST.timestamp() * 1_000_000 / microseconds), False))
    near = _without(array, far)
    if pa.types.is_integer(array.type):
        ticks = pc.multiply(near.cast(pa.int64()), microseconds)
    else:
        ticks = pc.round(pc.multiply(near.cast(pa.float64()), float(microseconds))).cast(pa.int64())
    return ticks.cast(INSTANT), far if far.any() else None, _OUTSIDE


def _one_by_one(array: pa.Array, parse: Callable[[str], datetime], zone: str, reason: str) -> Answer:
    """Read cells singly: the slow way, for columns with mixed or bad cells. What is not read is bad."""
    place = ZoneInfo(zone)
    found: list[datetime | None] = []
    bad = np.zeros(len(array), dtype=bool)
    for position, cell in enumerate(array.to_pylist()):
        moment = None if cell is None else _read(cell.strip(), lambda text: _in_utc(parse(text), place))
        bad[position] = cell is not None and moment is None
        found.append(moment)
    return pa.array(found, INSTANT), bad if bad.any() else None, reason


def _read(cell: str, parse: Callable[[str], datetime | None]) -> datetime | None:
    """Return what `parse` makes of a cell, None when it is no instant or, somewhere on earth, not of this calendar."""
    try:
        return parse(cell)
    except (ValueError, OverflowError):
        return None


def _in_utc(moment: datetime, place: ZoneInfo) -> datetime | None:
    """Return the instant, or None when the zone's clocks skip it: then it does not survive the way to UTC and back.

    A time without an offset is in `place`. Raises OverflowError at the ends of the calendar.
    """
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    instant = moment.replace(tzinfo=place).astimezone(UTC)
    return instant if instant.astimezone(place).replace(tzinfo=None) == moment else None


def dates(array: pa.Array, form: str | None) -> Answer:
    """Return (dates, which cells were bad or None, reason); ISO 8601 or a strptime pattern."""
    kind = array.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return array.cast(pa.date32(), safe=False), None, ""
    if not pa.types.is_string(kind):
        return pa.nulls(len(array), pa.date32()), np.asarray(pc.is_valid(array)), "not a date"
    if form is None:
        try:
            return array.cast(pa.date32()), None, ""
        except pa.ArrowInvalid:
            pass
    found = [None if cell is None else _date(cell.strip(), form) for cell in array.to_pylist()]
    values = pa.array(found, pa.date32())
    bad = np.asarray(pc.and_(pc.is_valid(array), pc.is_null(values)))
    return values, bad if bad.any() else None, f"not a date of the form {form}" if form else "not an ISO 8601 date"


def _date(cell: str, form: str | None) -> date | None:
    moment: Any = _read(cell, lambda text: datetime.strptime(text, form) if form else datetime.fromisoformat(text))  # noqa: DTZ007  # a date has no zone
    return None if moment is None else moment.date()
