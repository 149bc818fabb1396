"""How a part of a query is refused: by name, with line, column and caret."""

from sqlglot import exp

from houselights.base.errors import InvalidInput, Span

FIELD = "sql"


class Refused(Exception):
    """A node of the tree that may not stand where it stands. Becomes InvalidInput where the text is known."""

    def __init__(self, node: exp.Expr | None, message: str, hint: str | None = None):
        super().__init__(message)
        self.node = node
        self.message = message
        self.hint = hint

    def told(self, text: str) -> InvalidInput:
        """Return the error for the caller who sent `text`."""
        span = None if self.node is None else place(self.node, text)
        if span is None:
            return InvalidInput(self.message, field=FIELD, hint=self.hint)
        message = f"line {span.line}, column {span.column}: {self.message}"
        return InvalidInput(message, field=FIELD, hint=self.hint, span=span)


class NotForAudiences(Refused):
    """A query for an audience reads a table that audiences may not be chosen from. Becomes WrongTable."""

    def told(self, text: str) -> InvalidInput:
        """Return the error for the caller."""
        told = super().told(text)
        return WrongTable(told.message, field=told.field, hint=told.hint, span=told.span)


class WrongTable(InvalidInput):
    """A query for an audience reads a table that audiences may not be chosen from."""


def place(node: exp.Expr, text: str) -> Span | None:
    """Return the stretch of text a node was read from, as far as its words tell; None when none do."""
    spots = [each.meta for each in node.walk() if "start" in each.meta and "end" in each.meta]
    if not spots:
        return place(node.parent, text) if node.parent is not None else None
    return Span(text, min(spot["start"] for spot in spots), max(spot["end"] for spot in spots) + 1)


def only(node: exp.Expr, *allowed: str) -> None:
    """Refuse a node that has any part but those named."""
    for part, value in node.args.items():
        if part not in allowed and value not in (None, False, []):
            inner = value[0] if isinstance(value, list) else value
            if isinstance(inner, exp.Expr):
                raise unknown(inner)
            raise unknown(node, called=f"{node.key} {part}".upper())


def unknown(node: exp.Expr, called: str | None = None) -> Refused:
    """Return the refusal of a kind of node that is not part of the dialect, by the name SQL gives it."""
    name, hint = _NAMES.get(type(node), (called or node.key.replace("_", " ").upper(), None))
    return Refused(node, f"{name} is not supported", hint=hint)


_NAMES: dict[type[exp.Expr], tuple[str, str | None]] = {
    exp.Star: ("SELECT *", "Name the columns."),
    exp.Limit: ("LIMIT", "Rank the rows with RANK() OVER (ORDER BY …) and filter on the rank."),
    exp.Fetch: ("FETCH", "Rank the rows with RANK() OVER (ORDER BY …) and filter on the rank."),
    exp.Order: (
        "ORDER BY outside OVER",
        "Results have an order of their own; rank rows with RANK() OVER (ORDER BY …).",
    ),
    exp.Placeholder: ("a placeholder", "Use CUSTOM_PARAMETER('name')."),
    exp.Parameter: ("a placeholder", "Use CUSTOM_PARAMETER('name')."),
    exp.Exists: ("EXISTS", "Join the tables on their user ids."),
    exp.Except: ("EXCEPT", "Use a LEFT JOIN and IS NULL."),
    exp.Intersect: ("INTERSECT", "Use an INNER JOIN."),
}
