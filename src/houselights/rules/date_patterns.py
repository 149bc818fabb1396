"""Writes times by Java's date patterns, in UTC and in English. Refuses letters that it does not know.

The patterns are those of `java.text.SimpleDateFormat`: a run of one letter is a field, text stands between single
quotes, and everything else stands for itself.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from houselights.base.errors import InvalidRule
from houselights.rules.calendar import instant

# A quoted text, a run of one letter, or anything else.
_PART = re.compile(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|(')|([^A-Za-z']+)")


def _digits(least: int, of: Callable[[datetime], int]) -> Callable[[datetime], str]:
    return lambda at: str(of(at)).zfill(least)


def _named(form: str) -> Callable[[datetime], str]:
    return lambda at: at.strftime(form)


def _field(letter: str, most: int, of: Callable[[datetime], int]) -> dict[str, Callable[[datetime], str]]:
    return {letter * width: _digits(width, of) for width in range(1, most + 1)}


_FIELDS: Mapping[str, Callable[[datetime], str]] = {
    "y": _digits(1, lambda at: at.year),
    "yy": _digits(2, lambda at: at.year % 100),
    "yyyy": _digits(4, lambda at: at.year),
    **_field("M", 2, lambda at: at.month), "MMM": _named("%b"), "MMMM": _named("%B"),
    **_field("d", 2, lambda at: at.day),
    **_field("D", 3, lambda at: at.timetuple().tm_yday),
    **_field("H", 2, lambda at: at.hour),
    **_field("h", 2, lambda at: at.hour % 12 or 12), "a": _named("%p"),
    **_field("m", 2, lambda at: at.minute),
    **_field("s", 2, lambda at: at.second),
    **_field("S", 3, lambda at: at.microsecond // 1000),
    "E": _named("%a"), "EE": _named("%a"), "EEE": _named("%a"), "EEEE": _named("%A"),
    "u": _digits(1, lambda at: at.isoweekday()),
    "Z": lambda _: "+0000", "X": lambda _: "Z", "XX": lambda _: "Z", "XXX": lambda _: "Z",
}  # fmt: skip


def formatted(moment: Any, pattern: str) -> str | None:
    """Write a time by a pattern; None for a pattern with letters that are not known, or a quote that does not end."""
    at, parts = instant(moment), list[str]()
    for match in _PART.finditer(pattern):
        quoted, run, _, open_quote, other = match.groups()
        if open_quote is not None or (run is not None and run not in _FIELDS):
            return None
        if quoted is not None:
            parts.append(quoted.replace("''", "'") or "'")
        else:
            parts.append(_FIELDS[run](at) if run is not None else other)
    return "".join(parts)


def check_date_pattern(pattern: str) -> None:
    """Raise InvalidRule for a pattern by which no time can be written."""
    for match in _PART.finditer(pattern):
        _, run, _, open_quote, _ = match.groups()
        if open_quote is not None:
            raise InvalidRule("a quote in this date pattern does not end", hint="text stands between single quotes")
        if run is not None and run not in _FIELDS:
            raise InvalidRule(f'"{run}" means nothing in a date pattern', hint="such as yyyy-MM-dd HH:mm:ss")
