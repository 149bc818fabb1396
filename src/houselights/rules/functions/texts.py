"""Functions of text. Where case is to be ignored the evaluator lowers both sides first; nothing here knows of it."""

from collections.abc import Mapping

from houselights.rules.functions.table import Function, predicate, scalar, table
from houselights.rules.patterns import capture, finds, is_like


def lowered(text: str) -> str:
    """Return text in lower case, letter by letter, so that its length stays and SQL's `lower` agrees."""
    return "".join(letter.lower()[0] for letter in text)


TEXTS: Mapping[str, Function] = table(
    predicate("like", "text, text -> boolean", "{0} is like {1}", is_like),
    predicate("starts_with", "text, text -> boolean", "{0} starts with {1}", str.startswith),
    predicate("not_starts_with", "text, text -> boolean", "{0} is known and does not start with {1}",
              lambda text, start: not text.startswith(start)),
    predicate("ends_with", "text, text -> boolean", "{0} ends with {1}", str.endswith),
    predicate("not_ends_with", "text, text -> boolean", "{0} is known and does not end with {1}",
              lambda text, end: not text.endswith(end)),
    predicate("has_text", "text, text -> boolean", "{0} contains {1}", lambda text, part: part in text),
    predicate("lacks_text", "text, text -> boolean", "{0} is known and does not contain {1}",
              lambda text, part: part not in text),
    predicate("same_text", "text, text… -> boolean", "{0} is {… or}", lambda text, *others: text in others),
    predicate("other_text", "text, text -> boolean", "{0} is known and not {1}", lambda text, other: text != other),
    predicate("finds", "text, text -> boolean", "{0} matches the pattern {1}",
              lambda text, pattern: finds(pattern, text)),
    scalar("capture", "text, text, integer -> text", "group {2} of the pattern {1} in {0}",
           lambda text, pattern, group: capture(pattern, text, group)),
)  # fmt: skip
