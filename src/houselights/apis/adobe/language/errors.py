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

# What a reader calls the grammar's words. Those of a set become one phrase when all of it is expected.
_VALUE = frozenset({"NAME", "STRING", "INTEGER"})
_JOINS = frozenset({"_AND", "_OR"})
_POSTFIX = frozenset({"DOT", "OPEN_CALL", "OPEN_LIST", "LPAR"})
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
    "_AND": "and",
    "_FROM": "from",
    "_OVER": "over",
    "_IS": "=",
    "_WHAT": "WHAT(…)",
    "_WHERE": "where",
    "IN": "in",
    "UNIT": "a unit of time, such as days",
    "SIDE": "before, after or from",
    "STRING": "text in quotes",
    "INTEGER": "a whole number",
    "NAME": "a name",
}

# Mistakes that people bring along from other languages: what the text is like at the error (or one letter before it),
# or, in the second table, just before the error, and what to say.
_HABITS: tuple[tuple[str, str], ...] = (
    (r"==", "equality is a single ="),
    (r"=>", "write >= for at least"),
    (r"=<", "write <= for at most"),
    (r"&&?", "write and"),
    (r"\|\|?", "write or"),
    (r"<>", "write != for different"),
    (r"[“”„‟«»‘’]", 'these are typographic quotes; text stands in straight quotes: "…"'),
    (r"is\s+(not\s+)?null\b", "write .isNull() or .isNotNull()"),
    (r"not\s+in\b", "write notIn"),
    (r"(contains|startsWith|endsWith|equals|matches)\b", 'this is a method: path.contains("…")'),
    (r"(within|during)\b", "write: timestamp occurs <= 24 hours before now"),
    (r"between\b", "between compares times, after occurs; of numbers write x >= 1 and x <= 5"),
    (r"\w+\s+ago\b", "write: occurs = 3 days before now"),
    (r"@\{", "references to other schemas (@{…}) are not part of audiences here"),
    (r";", "an expression has no semicolon"),
)
_HABITS_BEFORE: tuple[tuple[str, str], ...] = (
    (r"\bwhen\s*\((\s*[\w.]+)?\s*(occurs\s*)?", "WHEN takes what comes after occurs: WHEN(< 7 days before now)"),
    (r"\boccurs\s+in\s*", "a period follows occurs at once: occurs last week"),
    (r"\b(not)?in\s*\(?[^\[\]()]*", "a list stands in brackets: in [1, 2]"),
    (r"\b(last|past|next|within|during)\s*", "write: occurs <= 3 days before now"),
    (r"\bwhat\s*", "each step has a label: A: WHAT(…)"),
    (r"\bcount\s*\(\s*", "COUNT(3) means at least 3; for at most 2 write not(chain(… COUNT(3)))"),
    (r"(^|[\s(])(and|or)\s+", '"and" and "or" stand between two conditions; one is missing here'),
)


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
        wanted &= {"RPAR", "RSQB"}
    if wanted >= _JOINS:
        phrases.append("an operator (such as = or and)" if "COMPARE" in wanted else '"and", "or"')
        wanted -= {*_JOINS, *_POSTFIX, "IN", "SIDE"}
    if "$END" in wanted:
        phrases.append("the end")
    named = {each for each in wanted if each in _PHRASES}
    phrases += sorted({_PHRASES[each] for each in (named - _POSTFIX if phrases or named - _POSTFIX else named)})
    return " or ".join(phrases) if phrases else "something else"


def _quoted(found: str) -> str:
    return f"{found!r}" if '"' in found else f'"{found}"'


def _habit(text: str, start: int) -> str | None:
    """Return a hint when the text at the error, or just before it, is a habit from elsewhere."""
    for pattern, hint in _HABITS:
        habit = re.compile(pattern, re.IGNORECASE)
        if any(habit.match(text, place) for place in (start, start - 1) if place >= 0):
            return hint
    before = text[max(0, start - 200) : start]  # a window, so that no text makes this slow
    for pattern, hint in _HABITS_BEFORE:
        if re.search(f"(?:{pattern})$", before, re.IGNORECASE):
            return hint
    if text[start] in "=<>!" and re.search(r"[=<>]\s*[^=<>\s]", before):
        return "comparisons do not chain: write a < b and b < c"
    if text[start] in "\"'" and re.search(r"\.\w+\s+$", before):
        return "what a method is given stands in brackets"
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
