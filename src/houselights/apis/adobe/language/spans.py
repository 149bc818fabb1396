"""Where the nodes of a tree stood in the text. Nodes are known by identity: the same `1` may be written twice."""

from houselights.base.errors import Span
from houselights.rules.values import Node


class Spans:
    """The places of the nodes of one text. Keeps the nodes alive, so that an identity is never reused."""

    def __init__(self, text: str):
        self.text = text
        self._places: dict[int, tuple[Node, int, int]] = {}

    def mark(self, node: Node, start: int, end: int) -> None:
        """Remember where a node stood; the first place told counts, it is the narrowest."""
        self._places.setdefault(id(node), (node, start, end))

    def of(self, node: Node) -> Span | None:
        """Return where a node stood, or None for a node that nobody wrote."""
        place = self._places.get(id(node))
        return None if place is None else Span(self.text, place[1], place[2])
