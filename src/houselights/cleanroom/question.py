"""What is asked besides the SQL: when, with which parameters, what for, under which thresholds. Computes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from houselights.cleanroom.tables import Class

Scalar = str | int | float | bool
Parameter = Scalar | Sequence[Scalar]
Parameters = Mapping[str, Parameter]

THRESHOLDS: Mapping[Class, int] = MappingProxyType({Class.NONE: 1, Class.LOW: 2, Class.MEDIUM: 100, Class.HIGH: 100})
"""How many distinct users must stand behind a value of each class. Higher classes have no number: they stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The events that count: from `start` up to, not including, `end`, both aware. "Today" is said in `zone`."""

    start: datetime
    end: datetime
    zone: str = "UTC"

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if self.start.astimezone(UTC) > self.end.astimezone(UTC):
            raise ValueError("the window ends before it starts")


class Behaviour(Enum):
    """What becomes of a row with too few users behind it."""

    REMOVE_VALUES = "REMOVE_VALUES"  # the values that say too much become NULL, and such rows are put together
    REMOVE_ROWS = "REMOVE_ROWS"


class Purpose(Enum):
    """What the answer is for."""

    REPORT = "REPORT"  # rows that leave
    AUDIENCE = "AUDIENCE"  # a set of people that stays


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """The thresholds and what happens below them.

    `discriminator` and `reason` name columns to add: whether values were removed from the row, and which. Without a
    `behaviour` it is REMOVE_VALUES where there is a discriminator, else REMOVE_ROWS. `floor` is the least number of
    users behind any row whatever its classes.
    """

    behaviour: Behaviour | None = None
    discriminator: str | None = None
    reason: str | None = None
    thresholds: Mapping[Class, int] = field(default_factory=lambda: THRESHOLDS)
    floor: int = 1

    @property
    def removes_values(self) -> bool:
        """Whether rows are kept without their values."""
        if self.behaviour is None:
            return self.discriminator is not None
        return self.behaviour is Behaviour.REMOVE_VALUES
