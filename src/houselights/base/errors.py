"""The tree of errors. A room turns each kind into its own envelope; nothing below a room knows HTTP.

HouselightsError
├─ InvalidInput         the caller sent something wrong; names the field, may carry a hint and a span of text
│  └─ InvalidRule       a rule that cannot be checked or planned
├─ NotAuthenticated     no, unknown or expired credentials
├─ NotAllowed           known caller, missing scope or foreign account
├─ NotFound             no such thing, or none this caller may see
├─ Conflict             the request contradicts what is stored
├─ TooManyRequests      slow down; says for how long
├─ TooLarge             the body is over a documented limit
└─ Unavailable          we cannot answer now; nothing was half done
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of parsed text: zero-based offsets, end exclusive, and the text itself for the caret."""

    text: str
    start: int
    end: int

    @property
    def line(self) -> int:
        """One-based line of the start."""
        return self.text.count("\n", 0, self.start) + 1

    @property
    def column(self) -> int:
        """One-based column of the start."""
        return self.start - (self.text.rfind("\n", 0, self.start) + 1) + 1

    def caret(self) -> str:
        """Return the line at fault and a second line with carets under the span."""
        begin = self.text.rfind("\n", 0, self.start) + 1
        stop = self.text.find("\n", self.start)
        line = self.text[begin:] if stop < 0 else self.text[begin:stop]
        width = max(1, min(self.end, begin + len(line)) - self.start)
        return f"{line}\n{' ' * (self.start - begin)}{'^' * width}"


class HouselightsError(Exception):
    """Something this program refuses or cannot do. `message` is fit to show to the caller."""

    def __init__(self, message: str, *, field: str | None = None, hint: str | None = None, span: Span | None = None):
        super().__init__(message)
        self.message = message
        self.field = field
        self.hint = hint
        self.span = span

    def __str__(self) -> str:
        lines = [self.message]
        if self.span is not None:
            lines.append(self.span.caret())
        if self.hint is not None:
            lines.append(self.hint)
        return "\n".join(lines)


class InvalidInput(HouselightsError):
    """The caller sent something that cannot be accepted; `field` names it."""


class InvalidRule(InvalidInput):
    """A rule that names unknown things, turns in a circle or breaks a limit; `field` is the path in the tree."""


class NotAuthenticated(HouselightsError):
    """No, unknown or expired credentials."""


class NotAllowed(HouselightsError):
    """A known caller without the scope or the account that this needs."""


class NotFound(HouselightsError):
    """No such thing, or none that this caller may see."""


class Conflict(HouselightsError):
    """The request contradicts what is stored."""


class TooLarge(HouselightsError):
    """The request is over a documented size."""


class Unavailable(HouselightsError):
    """There is no answer now; nothing was half done."""


class TooManyRequests(HouselightsError):
    """The caller is over its rate; `retry_after_seconds` is a whole number of at least 1."""

    def __init__(self, message: str, *, retry_after_seconds: int):
        super().__init__(message)
        self.retry_after_seconds = max(1, retry_after_seconds)
