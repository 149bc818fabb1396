"""Reads a tree of traits from a catalogue table. Leaves are text: a share in percent, extras, and what draws people.

`~` holds words that everything below inherits, `^` the brands of a department; see catalogue/interests.yaml.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from houselights.services.demo.draws import COLUMN, Floats, loads

INHERITED = None  # how YAML reads the key "~"
BRANDS = "^"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of a trait tree. `share` is a fraction of 1, None for inner nodes; `extras` what else the leaf says."""

    key: str
    name: str
    path: tuple[str, ...]
    parent: str | None
    share: float | None = None
    loads: Floats = field(default_factory=lambda: np.zeros(len(COLUMN), np.float32))
    extras: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()

    @property
    def leaf(self) -> bool:
        """Whether people are drawn to it directly."""
        return self.share is not None


def slug(name: str) -> str:
    """Write a name as a key: "Headphones and earbuds" becomes headphones-and-earbuds."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def read_tree(tree: Mapping[str, Any]) -> list[Node]:
    """Return all nodes, parents before children. Keys are slugs; a name met again is joined to its parent's."""
    taken: set[str] = set()
    return list(_walk(tree, (), None, "", (), taken))


def _walk(
    tree: Mapping[Any, Any],
    path: tuple[str, ...],
    parent: str | None,
    words: str,
    brands: tuple[str, ...],
    taken: set[str],
) -> Iterator[Node]:
    words = f"{words} {tree.get(INHERITED, '')}"
    brands = tuple(tree.get(BRANDS, brands))
    for name, below in tree.items():
        if name in (INHERITED, BRANDS):
            continue
        here = (*path, str(name))
        key = slug(str(name))
        key = key if key not in taken else f"{parent}-{key}"
        if key in taken:
            raise ValueError(f"two nodes would have the key {key}")
        taken.add(key)
        if isinstance(below, Mapping):
            yield Node(key=key, name=str(name), path=here, parent=parent, brands=brands)
            yield from _walk(below, here, key, words, brands, taken)
        else:
            yield _leaf(str(below), key, here, parent, words, brands)


def _leaf(text: str, key: str, path: tuple[str, ...], parent: str | None, words: str, brands: tuple[str, ...]) -> Node:
    share, *rest = text.split()
    extras = tuple(word for word in rest if not _is_feature(word))
    drawn = " ".join(word for word in rest if _is_feature(word))
    return Node(
        key=key,
        name=path[-1],
        path=path,
        parent=parent,
        share=float(share) / 100,
        loads=loads(f"{words} {drawn}"),
        extras=extras,
        brands=brands,
    )


def _is_feature(word: str) -> bool:
    return word.strip("-0123456789") in COLUMN
