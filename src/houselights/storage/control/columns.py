"""Column types that behave the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes of any zone, gives back aware datetimes in UTC.

    SQLite has no time zones: there the text is always UTC, so its order is the order of time. Raises ValueError for
    a naive datetime, which names no instant.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime names no instant: {value}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


# SQLite counts up only in a column that is called INTEGER; its integers have 64 bits anyway.
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Places are compared as prefixes, which needs byte order; PostgreSQL's default collation is a language's.
PlaceText = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def storable(text: str) -> bool:
    """Say whether both databases can keep this text: PostgreSQL takes no NUL, and neither takes half a character."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def fits(number: int) -> bool:
    """Say whether a number can be an id at all. SQLite's driver raises for wider ones instead of finding nothing."""
    return -(1 << 63) <= number < 1 << 63


def plain(value: Any) -> Any:
    """Turn mappings and sets into what JSON has; for the driver's serializer. Raises TypeError for anything else."""
    if hasattr(value, "keys"):
        return {key: value[key] for key in value.keys()}  # noqa: SIM118 - a Mapping need not iterate like a dict
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"not JSON: {type(value).__name__}")
