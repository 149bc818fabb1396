"""Patterns as DuckDB's engine, RE2, reads them, for the syntax on which both engines agree. Refuses the rest.

Letters whose case is to be ignored are written out as classes, because the two engines fold a few letters of Unicode
apart. `$` is refused but at the very end, where it also stands before a last line break.
"""

import re

from houselights.base.errors import InvalidRule
from houselights.engine.sql.terms import Unsupported
from houselights.rules.patterns import check_pattern

# What `(?i)` makes of ASCII letters beyond the other case.
_FOLDED = {"i": "İ", "k": "\u212a", "s": "ſ"}
_CLASSES = {"w": "A-Za-z0-9_", "d": "0-9", "s": r" \t\n\x0b\f\r"}
_PUNCTUATION = frozenset(".^$*+?()[]{}|\\/-@#&_'\"<>=!%~`,;: ")
_QUANTIFIER = re.compile(r"[*+?]|\{[0-9]{1,3}(,[0-9]{0,3})?\}")


def re2(pattern: str) -> str:
    """Return a pattern with the same meaning for RE2. Raises Unsupported where that is not certain."""
    try:
        check_pattern(pattern)
    except InvalidRule:
        raise Unsupported("a pattern that is none") from None
    ignore_case = pattern.startswith("(?i)")
    return _Reader(pattern[4:] if ignore_case else pattern, ignore_case).read()


def has_plain_group(pattern: str, group: int) -> bool:
    """Say whether a group is matched whenever the pattern is: it is not repeated, optional, or one of alternatives."""
    if "|" in pattern or pattern.count("(") != pattern.count("(?:") + pattern.count("(?i)") + check_pattern(pattern):
        return False
    closed = [place for place, letter in enumerate(pattern) if letter == ")"]
    is_repeated = any(_QUANTIFIER.match(pattern, place + 1) for place in closed)
    return "\\(" not in pattern and "[" not in pattern and not is_repeated and group <= check_pattern(pattern)


class _Reader:
    def __init__(self, text: str, ignore_case: bool):
        self.text, self.ignore_case, self.place = text, ignore_case, 0

    def read(self) -> str:
        parts: list[str] = []
        while self.place < len(self.text):
            parts.append(self.atom())
            found = _QUANTIFIER.match(self.text, self.place)
            if found:
                self.place = found.end()
                if self.text[self.place : self.place + 1] in {"?", "+", "*", "{"}:
                    raise Unsupported("lazy and possessive patterns")
                parts.append(found.group())
        return "".join(parts)

    def atom(self) -> str:
        letter = self.text[self.place]
        self.place += 1
        match letter:
            case "(":
                if self.text.startswith("?:", self.place):
                    self.place += 2
                    return "(?:"
                if self.text.startswith("?", self.place):
                    raise Unsupported("patterns that look around")
                return "("
            case ")" | "|" | "^":
                return letter
            case ".":
                return r"[^\n]"
            case "$":
                if self.place < len(self.text):
                    raise Unsupported("an end inside a pattern")
                return r"\n?\z"
            case "[":
                return self.of_class()
            case "\\":
                name = self.escaped()
                return f"[{_CLASSES[name]}]" if name in _CLASSES else re.escape(name)
            case "*" | "+" | "?" | "{" | "}" | "]":
                raise Unsupported("a pattern that the engines may read apart")
            case _:
                return f"[{self.cases(letter)}]" if self.ignore_case and letter.isalpha() else re.escape(letter)

    def escaped(self) -> str:
        name = self.text[self.place : self.place + 1]
        self.place += 1
        if name in _CLASSES or name in _PUNCTUATION:
            return name
        raise Unsupported(f"\\{name} in a pattern")

    def cases(self, letter: str) -> str:
        """Return the letters that a letter stands for, as inside a class."""
        if not letter.isalpha() or not self.ignore_case:
            return letter if letter.isalnum() else "\\" + letter
        if not letter.isascii():
            raise Unsupported("case of letters beyond ASCII in a pattern")
        return letter.lower() + letter.upper() + _FOLDED.get(letter.lower(), "")

    def of_class(self) -> str:
        end = self.text.find("]", self.place + 1)
        inner = self.text[self.place : end]
        is_negated = inner.startswith("^")
        inner = inner[1:] if is_negated else inner
        if end < 0 or not re.fullmatch(r"(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9_ .,@])+", inner):
            raise Unsupported("a class of letters that the engines may read apart")
        self.place = end + 1
        parts = [self.span(part) for part in re.findall(r"[A-Za-z0-9]-[A-Za-z0-9]|.", inner)]
        return f"[{'^' if is_negated else ''}{''.join(parts)}]"

    def span(self, part: str) -> str:
        if len(part) == 1:
            return self.cases(part)
        first, last = part[0], part[2]
        if not self.ignore_case or (first.isdigit() and last.isdigit()):
            return part
        if first.isalpha() and last.isalpha() and first.isupper() == last.isupper():
            return "".join(self.cases(chr(code)) for code in range(ord(first), ord(last) + 1))
        raise Unsupported("a class of letters that the engines may read apart")
