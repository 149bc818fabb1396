"""Text to tree. Says where every node stood; decides nothing that needs a schema.

Names are resolved here: inside a filter they are fields of its item, `^` climbs out, everything else belongs to the
person. Forms that mean the same become the same tree.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from lark import Lark, UnexpectedInput

from houselights.apis.adobe.language.build import Builder
from houselights.apis.adobe.language.errors import error_at, syntax_error
from houselights.apis.adobe.language.spans import Spans
from houselights.rules.values import Value

LONGEST_TEXT = 65_536


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression: its tree, and where in the text each node stood."""

    text: str
    tree: Value
    spans: Spans


def parse(text: str) -> Parsed:
    """Read an expression. Raises InvalidRule, with the place, what was expected and a hint, when it is none."""
    if len(text) > LONGEST_TEXT:
        message = f"an expression may have {LONGEST_TEXT} characters; this one has {len(text)}"
        raise error_at(text, LONGEST_TEXT, LONGEST_TEXT, message)
    if not text.strip():
        raise error_at(text, 0, 0, "the expression is empty")
    try:
        found = _grammar().parse(text)
    except UnexpectedInput as error:
        raise syntax_error(text, error) from None
    spans = Spans(text)
    return Parsed(text, Builder(text, spans).query(found), spans)


@cache
def _grammar() -> Lark:
    source = resources.files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(source, parser="lalr", propagate_positions=True, maybe_placeholders=True)
