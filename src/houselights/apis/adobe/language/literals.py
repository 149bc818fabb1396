"""Reads what is written out: text, numbers, dates, instants, units of time. Refuses what no 64-bit machine holds."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

from lark import Token

from houselights.apis.adobe.language.errors import Parse, Place, error_at, error_on
from houselights.apis.adobe.language.words import PLURALS
from houselights.rules.functions.times import date_of
from houselights.rules.values import Period, Unit, Which

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\\": "\\", '"': '"', "'": "'", "/": "/"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_string(text: str, token: Token) -> str:
    """Read a quoted text. A backslash escapes; an escape that is none is refused, for it is a forgotten backslash."""
    start = token.start_pos or 0

    def character(match: re.Match[str]) -> str:
        name = match.group(1)
        if len(name) == 5:
            return chr(int(name[1:], 16))
        if name not in _ESCAPES:
            place = start + 1 + match.start()
            hint = f"for a backslash itself, as in a pattern, write \\\\{name}"
            raise error_at(text, place, place + 2, f"\\{name} means nothing inside text", hint)
        return _ESCAPES[name]

    read = _ESCAPE.sub(character, token[1:-1])
    if _SURROGATE.search(read):  # \ud83d\ude00 is one character; half of it is none
        try:
            read = read.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            message = "this text holds one half of a character that is written in two"
            raise error_on(text, token, message) from None
    return read


def read_integer(text: str, token: Token, *, negative: bool = False) -> int:
    """Read a whole number of 64 bits."""
    value = -int(token) if negative and len(token) < 30 else int(token) if len(token) < 30 else 2**64
    if not -(2**63) <= value < 2**63:
        raise error_on(text, token, "this whole number is too large", "write it as a decimal: 1e30")
    return value


def read_decimal(text: str, token: Token) -> float:
    """Read a double."""
    value = float(token)
    if not math.isfinite(value):
        raise error_on(text, token, "this number is too large")
    return value


def read_date(text: str, place: Place, arguments: Sequence[Parse]) -> date:
    """Read `date(2020, 3, 14)`."""
    if len(arguments) != 3:
        raise error_on(text, place, "a date has a year, a month and a day", "as in date(2020, 3, 14)")
    year, month, day = (read_integer(text, each.children[0]) for each in arguments)
    made = date_of(year, month, day)
    if made is None:
        raise error_on(text, place, "the calendar has no such day", "the order is year, month, day")
    return made


def read_timestamp(text: str, place: Place, arguments: Sequence[Parse]) -> datetime:
    """Read `timestamp("2026-10-01T08:00:00Z")`, our own way to write an instant out; without a zone it is UTC."""
    if len(arguments) == 1 and arguments[0].data == "string":
        try:
            made = datetime.fromisoformat(read_string(text, arguments[0].children[0]))
            return made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise error_on(text, place, "this is not an instant", 'as in timestamp("2026-10-01T08:00:00Z")')


def read_unit(token: str) -> Unit:
    """Read a unit of time, singular or plural."""
    return Unit(unit_word(token))


def unit_word(text: str) -> str:
    """Return the singular of a unit of time, in lower case."""
    word = text.lower()
    return PLURALS.get(word, word.removesuffix("s"))


def read_relative(token: str) -> Period:
    """Read `last month`."""
    which, unit = token.lower().split()
    return Period(Which(which), Unit(unit))
