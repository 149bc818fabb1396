"""Where an audience stands in discovery, as one text whose prefixes are its ancestors. Refuses names that break it."""

from houselights.base.errors import InvalidInput
from houselights.storage.control.columns import storable

MARK = "\x1f"  # ASCII's own "unit separator": ends each node, so that "Home" is no prefix of "Homes"
AFTER_MARK = "\x20"  # the next code point: everything below a node sorts before it
PLACE_BYTES = 2000  # PostgreSQL refuses index rows of more than about 2,700 bytes


def place_of(category: str, path: tuple[str, ...]) -> str:
    """Write a category and path as one text.

    Raises InvalidInput when a name cannot be kept, or all together are too long.
    """
    nodes = (category, *path)
    for name in nodes:
        if MARK in name or not storable(name):
            raise InvalidInput("a category or path may not hold control characters or half characters", field="path")
    place = "".join(name + MARK for name in nodes)
    if len(place.encode()) > PLACE_BYTES:
        raise InvalidInput(f"category and path together are longer than {PLACE_BYTES} bytes", field="path")
    return place


def below(nodes: tuple[str, ...]) -> tuple[str, str]:
    """Return the half-open range of texts that stand at these nodes or anywhere below them; nodes are not empty."""
    prefix = "".join(name + MARK for name in nodes)
    return prefix, prefix[: -len(MARK)] + AFTER_MARK


def child(place: str, depth: int) -> str | None:
    """Return the node at `depth` (0 is the category) of a place, or None when the place ends before."""
    nodes = place.split(MARK)[:-1]
    return nodes[depth] if len(nodes) > depth else None
