"""The tree of affinities as a client sees it: the seven roots, and below them the paths to what was asked for.

Shows no more of the tree than that: a category on the way has the children that lead on, and no others.
"""

from collections.abc import Iterable
from typing import Any

from houselights.apis.statsocial.vocabulary import ROOTS, Book
from houselights.base.errors import NotFound
from houselights.base.text import fold
from houselights.model.catalogue import Trait

MATCHES_MOST = 500


def affinity_tree(book: Book, *, query: str, parent_id: str, rollups_only: bool) -> list[dict[str, Any]]:
    """Return the roots, each expanded down to what matches.

    `query` finds names that hold its words, and ids; `parent_id` shows what stands directly below one node, and with
    both, what matches anywhere below it. `rollups_only` leaves out what is no category. Raises NotFound.
    """
    shown: set[str] = set()
    matches: set[str] = set()
    found: list[Trait] = []
    if parent_id and parent_id not in ROOTS and parent_id not in book.parents:
        raise NotFound(f'there is no affinity "{parent_id}"', field="parent_id")
    if query.strip():
        found = [each for each in _matching(book, query) if not parent_id or parent_id in _above(book, each.key)]
    elif parent_id:
        found = book.children.get(parent_id, [])
    kept = [each for each in found if not rollups_only or book.is_category(each)]
    for trait in kept[:MATCHES_MOST] if query.strip() else kept:
        shown.update((trait.key, *_above(book, trait.key)))
        if query.strip():
            matches.add(trait.key)
    if parent_id:
        shown.update((parent_id, *_above(book, parent_id)))
    if query.strip():
        matches |= {key for key, name in ROOTS.items() if fold(query) in fold(name) or query.strip() == key}
    return [_root(book, key, shown, matches) for key in ROOTS]


def _matching(book: Book, query: str) -> Iterable[Trait]:
    """Return the affinities, best first, that have this id or hold these words in their name."""
    named = book.search("affinity", query)
    by_id = book.keyed("affinity", query.strip())
    found = named if by_id is None else [by_id, *(each for each in named if each is not by_id)]
    return [each for each in found if each.key not in ROOTS]


def _above(book: Book, key: str) -> Iterable[str]:
    """Yield the keys from just above an affinity up to its root."""
    seen = {key}
    while (above := book.parents.get(key)) is not None and above not in seen:
        yield above
        seen.add(above)
        key = above


def _root(book: Book, key: str, shown: set[str], matches: set[str]) -> dict[str, Any]:
    node = {"id": key, "name": ROOTS[key], "is_category": True, "can_add": False}
    return _finished(book, key, node, shown, matches)


def _node(book: Book, trait: Trait, shown: set[str], matches: set[str]) -> dict[str, Any]:
    node: dict[str, Any] = {"id": trait.key, "name": trait.name, "is_category": book.is_category(trait)}
    followers = trait.attributes.get("followers_count")
    if followers is not None:
        node["followers_count"] = followers
    node["can_add"] = can_add(trait)
    return _finished(book, trait.key, node, shown, matches)


def _finished(book: Book, key: str, node: dict[str, Any], shown: set[str], matches: set[str]) -> dict[str, Any]:
    if key in matches:
        node["is_match"] = True
    node["kind"] = "affinity"
    below = [_node(book, each, shown, matches) for each in book.children.get(key, ()) if each.key in shown]
    if below:
        node["children"] = below
    return node


def can_add(trait: Trait) -> bool:
    """Tell whether an affinity may stand in an audience: all but the roots, unless it says otherwise."""
    return trait.key not in ROOTS and bool(trait.attributes.get("can_add", True))
