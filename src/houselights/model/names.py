"""Finds traits by words of their names, best first: case and accents do not matter, parts of words are found too.

Best is the whole name, then a name that begins so, then one in which words begin so, then any that holds the words
somewhere; among equals the largest by what the source said of its size, then the shortest. Refuses nothing: words
without a letter or digit find nothing, and no words at all find everything.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from houselights.base.text import fold

if TYPE_CHECKING:
    from houselights.model.catalogue import Trait

# What a source calls the size of a place, a company, an account: the first of these attributes that is a number.
SIZES = ("population", "followers", "followers_count", "employees", "size")


class Found(Sequence["Trait"]):
    """Traits that were found, best first; made into a list only as far as somebody looks."""

    def __init__(self, traits: Sequence["Trait"], places: NDArray[Any]):
        self._traits = traits
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> "Trait": ...

    @overload
    def __getitem__(self, place: slice) -> "list[Trait]": ...

    def __getitem__(self, place: int | slice) -> "Trait | list[Trait]":
        if isinstance(place, slice):
            return [self._traits[each] for each in self._places[place].tolist()]
        return self._traits[int(self._places[place])]

    def __iter__(self) -> "Iterator[Trait]":
        return (self._traits[each] for each in self._places.tolist())


class TraitNames:
    """The names of some traits, to be searched. Immutable after it is made."""

    def __init__(self, traits: Iterable["Trait"]):
        # Largest first, so that of what is found equally well the order is known beforehand.
        given = list(traits)
        ids, lengths = ([each.id for each in given], [len(each.name) for each in given])
        order = np.lexsort((ids, lengths, [-_size(each) for each in given]))
        self._traits = [given[place] for place in order.tolist()]
        self._folded = pa.array([fold(trait.name) for trait in self._traits], pa.large_string())

    def search(self, words: str) -> Found:
        """Return the traits whose names hold every one of the words, best first."""
        wanted = fold(words).split()
        if not wanted:
            return Found(self._traits, np.arange(0 if words.strip() else len(self._traits)))
        # The longest word first: fewest names have it.
        places, names = np.arange(len(self._traits)), self._folded
        for word in sorted(wanted, key=len, reverse=True):
            held = pc.match_substring(names, word)
            places, names = places[np.asarray(held)], names.filter(held)
        return Found(self._traits, places[np.argsort(_rank(names, wanted), kind="stable")])


def _rank(names: pa.Array, wanted: Sequence[str]) -> NDArray[np.uint8]:
    """Return how well each folded name fits: 0 is best, 3 worst."""
    words = f" {' '.join(wanted)}"
    begins = np.ones(len(names), np.bool_)
    for word in wanted:
        begins &= np.asarray(pc.match_substring(names, f" {word}"))
    rank = np.where(begins, np.uint8(2), np.uint8(3))
    rank[np.asarray(pc.starts_with(names, words))] = 1
    rank[np.asarray(pc.equal(names, pa.scalar(f"{words} ", names.type)))] = 0
    return rank


def _size(trait: "Trait") -> float:
    for name in SIZES:
        size = trait.attributes.get(name)
        if isinstance(size, int | float) and size is not True:
            return size
    return 0.0
