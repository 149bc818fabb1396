"""The query language of searches, as Lucene has it: words, `field:word`, "phrases", *; AND, OR, NOT, +, -, brackets.

Words that follow one another must all occur, anywhere and in any case; an asterisk stands for any letters. Ranges,
distances and weights are refused: what is found here has no rank.
"""

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Never, TypeAlias

from houselights.base.errors import InvalidInput

# Says whether something with these texts, by field, is found.
Query: TypeAlias = Callable[[Mapping[str, Any]], bool]

LONGEST = 1000
DEEPEST = 30
ANYWHERE = ("name", "description")  # where a word without a field is looked for
_TOKEN = re.compile(
    r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<phrase>"[^"]*")|(?P<field>\w+):(?=[^\s:)])'
    r"|(?P<and>AND\b|&&)|(?P<or>OR\b|\|\|)|(?P<not>NOT\b|[!-](?=\S))|(?P<must>\+(?=\S))"
    r'|(?P<word>[^\s"():~^{}]+)(?=[\s")(]|$))'
)


def read_query(text: str) -> Query:
    """Read a query; an empty one finds everything. Raises InvalidInput for other grammar."""
    if len(text) > LONGEST:
        raise InvalidInput(f"a query has at most {LONGEST} characters", field="s")
    if not text.strip():
        return lambda _: True
    reader = _Reader(text.rstrip())
    found = reader.either("", 0)
    if reader.place < len(reader.text):
        reader.fail()
    return found


class _Reader:
    def __init__(self, text: str):
        self.text = text
        self.place = 0

    def either(self, field: str, depth: int) -> Query:
        parts = [self.all(field, depth)]
        while self.take("or"):
            parts.append(self.all(field, depth))
        return parts[0] if len(parts) == 1 else lambda texts: any(part(texts) for part in parts)

    def all(self, field: str, depth: int) -> Query:
        parts = [self.one(field, depth)]
        while self.take("and") or self.kind() not in {"or", "close", ""}:
            parts.append(self.one(field, depth))
        return parts[0] if len(parts) == 1 else lambda texts: all(part(texts) for part in parts)

    def one(self, field: str, depth: int) -> Query:
        if depth > DEEPEST:
            raise InvalidInput(f"a query nests at most {DEEPEST} deep", field="s")
        match self.kind():
            case "not":
                self.take("not")
                refused = self.one(field, depth + 1)
                return lambda texts: not refused(texts)
            case "must":
                self.take("must")
                return self.one(field, depth + 1)
            case "field":
                return self.one(self.take("field"), depth + 1)
            case "open":
                self.take("open")
                inside = self.either(field, depth + 1)
                if not self.take("close"):
                    self.fail()
                return inside
            case "phrase":
                return _occurs(field, self.take("phrase")[1:-1])
            case "word":
                return _occurs(field, self.take("word"))
            case _:
                return self.fail()

    def kind(self) -> str:
        """Return the kind of the next token, empty at the end and before what is none."""
        match = _TOKEN.match(self.text, self.place)
        return "" if match is None else str(match.lastgroup)

    def take(self, kind: str) -> str:
        """Return the next token when it is of a kind, and go on; else nothing."""
        match = _TOKEN.match(self.text, self.place)
        if match is None or match.lastgroup != kind:
            return ""
        self.place = match.end()
        return match.group(kind)

    def fail(self) -> Never:
        rest = self.text[self.place :].strip()
        message = f'this is not understood: "{rest}"' if rest else "the query ends too early"
        raise InvalidInput(message, field="s", hint='words, name:word, "phrases", *, AND, OR, NOT and brackets')


def _occurs(field: str, word: str) -> Query:
    wanted = f"*{word.casefold().replace('[', '[[]')}*"

    def found(texts: Mapping[str, Any]) -> bool:
        values = [texts.get(name) for name in ((field,) if field else ANYWHERE)]
        return any(fnmatchcase(str(value).casefold(), wanted) for value in values if value is not None)

    return found
