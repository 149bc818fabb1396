"""Patterns over text: `like`, and regular expressions in the syntax of `java.util.regex`. Runs none without a limit.

Java's syntax is read by the `regex` library after a small translation. What differs: case is ignored for all letters
of Unicode, not only for ASCII, and `\\p{…}` names follow Unicode rather than Java. `\\w`, `\\d` and `\\s` are ASCII, as
in Java.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import cast

import regex

from houselights.base.errors import InvalidRule

LONGEST_PATTERN = 1000
SECONDS_PER_SEARCH = 0.1

_ASCII_CLASSES = {
    "w": "[A-Za-z0-9_]", "W": "[^A-Za-z0-9_]", "d": "[0-9]", "D": "[^0-9]",
    "s": r"[ \t\n\x0b\f\r]", "S": r"[^ \t\n\x0b\f\r]",
    "h": r"[ \t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000]",
    "z": r"\Z", "Z": r"(?=\n?\Z)",
}  # fmt: skip


def finds(pattern: str, text: str) -> bool:
    """Say whether the pattern matches anywhere in the text. Raises InvalidRule for a pattern that is wrong or slow."""
    return _search(pattern, text) is not None


def capture(pattern: str, text: str, group: int) -> str | None:
    """Return a capture group of the first match, 0 being all of it; None without a match or without that group."""
    found = _search(pattern, text)
    if found is None or not 0 <= group <= found.re.groups:
        return None
    return cast("str | None", found.group(group))


def check_pattern(pattern: str) -> int:
    """Return how many capture groups a pattern has. Raises InvalidRule when it is not a pattern."""
    if "\b" in pattern:  # nobody looks for one; it is what became of \\b with one backslash
        raise InvalidRule("there is a backspace in this pattern", hint="the edge of a word is written \\\\b")
    return int(_compiled(pattern).groups)


@lru_cache(maxsize=1024)
def like(pattern: str) -> "regex.Pattern[str]":
    """Compile a `like` pattern: `%` any run of characters, `_` exactly one, a backslash takes the next one as it is.

    Raises InvalidRule for a pattern that is too long: compiling takes time that grows with its square.
    """
    _refuse_long(pattern)
    parts: list[str] = []
    escaped = False
    for letter in pattern:
        if escaped or letter not in "%_\\":
            parts.append(regex.escape(letter))
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == "%":
            if parts[-1:] != [".*"]:
                parts.append(".*")
        else:
            parts.append(".")
    # A backslash at the very end stands for itself.
    return regex.compile("".join(parts) + (r"\\" if escaped else ""), regex.DOTALL)


def is_like(text: str, pattern: str) -> bool:
    """Say whether the whole text is like the pattern."""
    return _within_time(like(pattern).fullmatch, text, pattern) is not None


def _search(pattern: str, text: str) -> "regex.Match[str] | None":
    return _within_time(_compiled(pattern).search, text, pattern)


def _within_time(run: Callable[..., "regex.Match[str] | None"], text: str, pattern: str) -> "regex.Match[str] | None":
    try:
        return run(text, timeout=SECONDS_PER_SEARCH)
    except TimeoutError:
        raise InvalidRule(
            f"the pattern {pattern!r} takes too long to search",
            hint="repetition inside repetition, such as (a+)+, is what makes a pattern slow",
        ) from None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> "regex.Pattern[str]":
    _refuse_long(pattern)
    try:
        # Version 1 has Java's set operations (`[a-z&&[^b]]`) and scoped flags; (?-f) turns off ß = SS.
        return regex.compile("(?-f)" + _from_java(pattern), regex.VERSION1)
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        reason = getattr(error, "msg", str(error))
        raise InvalidRule(f"{pattern!r} is not a pattern: {reason}") from error


def _refuse_long(pattern: str) -> None:
    if len(pattern) > LONGEST_PATTERN:
        raise InvalidRule(f"a pattern may have {LONGEST_PATTERN} characters; this one has {len(pattern)}")


def _from_java(pattern: str) -> str:
    """Translate what the library reads otherwise than Java: quoting, ASCII classes, the two ends of text."""
    parts: list[str] = []
    position = 0
    while position < len(pattern):
        letter = pattern[position]
        if letter != "\\" or position + 1 == len(pattern):
            parts.append(letter)
            position += 1
            continue
        name = pattern[position + 1]
        if name == "Q":
            end = pattern.find("\\E", position + 2)
            quoted = pattern[position + 2 :] if end < 0 else pattern[position + 2 : end]
            parts.append(regex.escape(quoted))
            position = len(pattern) if end < 0 else end + 2
            continue
        parts.append(_ASCII_CLASSES.get(name, letter + name))
        position += 2
    return "".join(parts)
