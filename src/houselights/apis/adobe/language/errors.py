"""Turns a parser's complaint into an error that a person can act on: where, what was expected, and a hint.

The error is `InvalidRule` with a span; the room puts it into its own envelope. Nothing here decides what is wrong.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Protocol, TypeAlias

from lark import Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.tree import Meta

from houselights.base.errors import InvalidRule, Span


class Parse(Protocol):
    """A tree of the parser: a rule of the grammar, and trees, tokens, or None where nothing was written."""

    @property
    def data(self) -> str: ...
    @property
    def children(self) -> list[Any]: ...
    @property
    def meta(self) -> Meta: ...


Place: TypeAlias = Parse | Token

# What a reader calls the grammar's words. A set of them becomes one phrase when all of it is expected.
_VALUE = frozenset({"NAME", "STRING", "INTEGER"})
_OPERATORS = frozenset({"COMPARE", "_AND", "_OR", "ADD"})
_PHRASES: Mapping[str, str] = {
    "RPAR": "a closing )",
    "RSQB": "a closing ]",
    "RBRACE": "a closing }",
    "COMMA": "a comma",
    "COLON": "a colon",
    "DOT": "a dot",
    "LPAR": "an opening (",
    "OPEN_CALL": "an opening (",
    "OPEN_LIST": "an opening [",
    "_FROM": "from",
    "_OVER": "over",
    "_IS": "=",
    "IN": "in",
    "_WHAT": "WHAT(…)",
    "UNIT": "a unit of time, such as days",
    "SIDE": "before, after or from",
    "STRING": "text in quotes",
    "INTEGER": "a whole number",
    "NAME": "a name",
    "_ARROW": "=>",
}

# Mistakes that people bring along from other languages: the text at the error, and what to say.
_HABITS: tuple[tuple[str, str], ...] = (
    (r"==", "equality is a single ="),
    (r"&&?", "write and"),
    (r"\|\|?", "write or"),
    (r"<>", "write != for different"),
    (r"[“”„‟«»‘’]", "these are typographic quotes; text stands in straight quotes: \"…\""),
    (r"(?i)is\s+(not\s+)?null", "write .isNull() or .isNotNull()"),
    (r"(?i)in\b.*", "a list stands in brackets: in [1, 2]"),
    (r"(?i)(contains|startsWith|endsWith|equals|matches)\b", "this is a method: path.contains(\"…\")"),
    (r"(?i)(within|during)\b", "write: timestamp occurs <= 24 hours before now"),
    (r"@\{", "references to other schemas (@{…}) are not part of audiences here"),
    (r";", "an expression has no semicolon"),
    (r"(?i)ago\b", "write: before now"),
    (r"(?i)count\b", "COUNT(5) comes after WHAT(…), inside the same step"),
)  # fmt: skip


def error_at(text: str, start: int, end: int, message: str, hint: str | None = None) -> InvalidRule:
    """Make an error for a stretch of the text."""
    return InvalidRule(message, span=Span(text, start, max(end, start)), hint=hint)


def error_on(text: str, place: Place, message: str, hint: str | None = None) -> InvalidRule:
    """Make an error for a token or a tree of the parser."""
    if isinstance(place, Token):
        return error_at(text, place.start_pos or 0, place.end_pos or 0, message, hint)
    return error_at(text, place.meta.start_pos, place.meta.end_pos, message, hint)


def syntax_error(text: str, error: UnexpectedInput) -> InvalidRule:
    """Make an error of the parser's complaint about a text."""
    if isinstance(error, UnexpectedToken):
        start = len(text.rstrip()) if error.token.type == "$END" else error.token.start_pos or 0
        expected = _expected(error.accepts or error.expected)
        if error.token.type == "$END":
            opened = opened_at(text)
            hint = None if opened is None else f"the {text[opened]} at {place_of(text, opened)} is not closed"
            return error_at(text, start, start, f"the expression ends too early: expected {expected}", hint)
        found = str(error.token)
        return error_at(
            text, start, start + len(found), f"unexpected {_quoted(found)}: expected {expected}", _habit(text, start)
        )
    assert isinstance(error, UnexpectedCharacters)
    return _bad_character(text, error.pos_in_stream or 0)


def place_of(text: str, start: int) -> str:
    """Say in words where in the text an offset lies."""
    span = Span(text, start, start)
    return f"line {span.line}, column {span.column}" if "\n" in text else f"column {span.column}"


def _bad_character(text: str, start: int) -> InvalidRule:
    letter = text[start]
    line_end = text.find("\n", start)
    end = len(text) if line_end < 0 else line_end
    if letter in "\"'":
        return error_at(text, start, end, "this text has no closing quote", 'a quote inside text is written \\"')
    if letter == "`":
        return error_at(text, start, end, "this name has no closing backquote")
    return error_at(text, start, start + 1, f"{_quoted(letter)} does not belong here", _habit(text, start))


def _expected(terminals: Collection[str]) -> str:
    wanted = set(terminals)
    phrases: list[str] = []
    if wanted >= _VALUE:
        phrases.append("a value")
        wanted -= _VALUE
        wanted &= {"RPAR", "RSQB"}
    if wanted >= _OPERATORS:
        phrases.append("an operator (such as = or and)")
        wanted -= {"DOT", "OPEN_CALL", "OPEN_LIST", "LPAR", "IN", "SIDE"}
    if "$END" in wanted:
        phrases.append("the end")
    phrases += sorted({_PHRASES[each] for each in wanted if each in _PHRASES})
    return " or ".join(phrases) if phrases else "something else"


def _quoted(found: str) -> str:
    return f"{found!r}" if '"' in found else f'"{found}"'


def _habit(text: str, start: int) -> str | None:
    """Return a hint when the text at the error, or one letter before it, is a habit from elsewhere."""
    for pattern, hint in _HABITS:
        for place in (start, start - 1):
            if place >= 0 and re.compile(pattern).match(text, place):
                return hint
    return None


def opened_at(text: str) -> int | None:
    """Return where the innermost bracket that is never closed stands; brackets inside text do not count."""
    open_places: list[int] = []
    for match in re.finditer(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|`[^`\n]*`|[()\[\]{}]', text):
        if match.group() in "([{":
            open_places.append(match.start())
        elif match.group() in ")]}" and open_places:
            open_places.pop()
    return open_places[-1] if open_places else None
