"""Times of day as this vendor writes them: Quartz expressions of 6 or 7 fields, UTC. Reads those that mean once a day.

Everybody is evaluated once a day at most; a schedule that means anything else is refused, not rounded.
"""

from houselights.base.errors import InvalidInput

FIELD = "schedule"


def minute_of(schedule: object) -> int:
    """Return the minute of the day (UTC) at which a schedule is due. Raises InvalidInput for one that is not daily."""
    if not isinstance(schedule, str) or len(schedule.split()) not in {6, 7}:
        raise InvalidInput(
            "a schedule is a Quartz expression of 6 or 7 fields", field=FIELD, hint='such as "0 0 1 * * ?"'
        )
    second, minute, hour, day, month, weekday, *year = schedule.split()
    every_day = month == "*" and {day, weekday} <= {"*", "?"} and year in ([], ["*"])
    if not every_day:
        raise InvalidInput("people are evaluated every day, not on some days only", field=FIELD,
                           hint='write "0 M H * * ?"')  # fmt: skip
    if not (second.isdigit() and minute.isdigit() and hour.isdigit()):
        raise InvalidInput(
            "people are evaluated once a day, at one time of day", field=FIELD, hint='write "0 M H * * ?"'
        )
    if int(second) > 59 or int(minute) > 59 or int(hour) > 23:
        raise InvalidInput(f'there is no time of day "{hour}:{minute}:{second}"', field=FIELD)
    return int(hour) * 60 + int(minute)


def schedule_of(minute: int) -> str:
    """Return the expression for a minute of the day."""
    return f"0 {minute % 60} {minute // 60} * * ?"
