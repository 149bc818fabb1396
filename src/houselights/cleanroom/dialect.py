"""The grammar: text to a sqlglot tree. Functions stay names with arguments; what they mean is said in our own tables.

Accepts more than the dialect has. What reads the tree goes by lists of what is allowed, so what is left over there is
refused by name; only what is no SQL at all is refused here.
"""

import re
from functools import lru_cache
from typing import Any, ClassVar

from sqlglot import exp, parser, tokens
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.duckdb import DuckDBParser

from houselights.base.errors import InvalidInput, Span
from houselights.cleanroom.refusal import FIELD, Refused

LONGEST = 200_000  # characters
DEEPEST = 150  # of brackets: the tree is walked by recursion

_HALF_QUOTED = re.compile(r"(EXTEND_TIME_WINDOW\s*\(\s*)([A-Za-z_]\w*)'(?=\s*,)", re.IGNORECASE)
_SPECIAL = ("CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "TRY_CAST")


class CleanRoom(Dialect):
    """SQL in which no function is known but those whose arguments have words between them."""

    class Tokenizer(tokens.Tokenizer):
        """The standard's tokens."""

    class Parser(parser.Parser):
        """The standard's grammar with a function table of our own, elsewhere."""

        FUNCTIONS = {}  # noqa: RUF012  sqlglot's way of configuring
        FUNCTION_PARSERS = {  # noqa: RUF012
            name: parse for name, parse in parser.Parser.FUNCTION_PARSERS.items() if name in _SPECIAL
        }


def parse(text: str) -> exp.Expr:
    """Return the tree of the one statement in `text`. Raises InvalidInput."""
    if len(text) > LONGEST:
        raise InvalidInput(f"the query has more than {LONGEST:,} characters", field=FIELD)
    if "\0" in text:
        raise InvalidInput("the query contains a NUL character", field=FIELD)
    if _depth(text) > DEEPEST:
        raise InvalidInput(f"the query has brackets nested deeper than {DEEPEST}", field=FIELD)
    try:
        _only_queries(text)
        found = [each for each in CleanRoom().parse(text) if each is not None]
    except ParseError as error:
        raise _unreadable(text, error) from None
    except TokenError:
        raise InvalidInput("the query cannot be read: a quote or comment is not closed", field=FIELD) from None
    except RecursionError:
        raise InvalidInput("the query is nested too deeply", field=FIELD) from None
    if not found:
        raise InvalidInput("there is no query", field=FIELD)
    if len(found) > 1:
        raise Refused(found[1], "only one statement may be sent", hint="Remove what follows the first semicolon.")
    return found[0]


def mended(text: str) -> str:
    """Return the text with the quote that a much copied query lacks before a table's name, if that is all it lacks.

    A text with an odd number of quotes cannot be read, so nothing that can be is changed.
    """
    return text if text.count("'") % 2 == 0 else _HALF_QUOTED.sub(r"\1'\2'", text, count=1)


def _only_queries(text: str) -> None:
    """Refuse by its first word what is no query, so that nothing else is even parsed."""
    first = next((token for token in CleanRoom().tokenize(text) if token.text != "("), None)
    if first is not None and first.text.upper() not in ("SELECT", "WITH"):
        span = Span(text, first.start, first.end + 1)
        message = f"line {span.line}, column {span.column}: only SELECT queries may be sent, not {first.text.upper()}"
        raise InvalidInput(message, field=FIELD, span=span)


def _depth(text: str) -> int:
    deepest = depth = 0
    for letter in text:
        if letter in "([":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in ")]":
            depth -= 1
    return deepest


def _unreadable(text: str, error: ParseError) -> InvalidInput:
    first = error.errors[0] if error.errors else {}
    line, column, word = first.get("line"), first.get("col"), first.get("highlight") or ""
    if line is None or column is None:
        return InvalidInput("the query cannot be read", field=FIELD)
    lines = text.split("\n")
    # sqlglot tells the column of a token's last character
    end = sum(len(each) + 1 for each in lines[: line - 1]) + column
    span = Span(text, max(0, end - max(1, len(word))), end)
    return InvalidInput(
        f"line {span.line}, column {span.column}: the query cannot be read here", field=FIELD, span=span
    )


class _OurParser(DuckDBParser):
    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    FUNCTION_PARSERS = CleanRoom.Parser.FUNCTION_PARSERS


class _Ours(DuckDB):
    """DuckDB's SQL as this program writes it, with functions left as they are written."""

    Parser = _OurParser


@lru_cache(maxsize=1024)
def _template(text: str) -> exp.Expr:
    return _Ours().parse_into(exp.Condition, text)[0] or exp.null()


def snippet(text: str, **parts: exp.Expr) -> exp.Expr:
    """Return an expression written as DuckDB SQL in this program, with parts put in where their names stand.

    Parts are copied, so one may be used many times. Never call this with text that came from elsewhere.
    """

    def put(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and not node.table and node.name in parts:
            part = parts[node.name].copy()
            return exp.Paren(this=part) if isinstance(part, exp.Binary | exp.Not | exp.Unary) else part
        return node

    return _template(text).copy().transform(put, copy=False)
