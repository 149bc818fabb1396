"""What time it is. Everything that says "now" asks a clock it was given, so a workspace can be held at a date."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """Return an aware datetime in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still, for tests, demos and reproducible reports."""

    at: datetime

    def now(self) -> datetime:
        return self.at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class TickingClock:
    """A clock driven by a function of epoch seconds, for tests that let time pass."""

    seconds: Callable[[], float]

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds(), UTC)


def iso_instant(moment: datetime) -> str:
    """Write an aware datetime as `2026-04-03T19:35:20.567Z`: UTC, milliseconds, `Z`.

    Raises ValueError when the datetime is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive datetime names no instant; attach a time zone first")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
