"""One part of a segment: a million texts or so, each word with every place where it stands. Asked by one thread.

All of it is mapped, not read: what a question touches is the words it names and whose texts their places are in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from houselights.engine.index.files import map_array, save_array
from houselights.engine.kernels.words import authors, meet

People = NDArray[np.uint32]
Places = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Window:
    """Instants in microseconds, both ends inside."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part, open. Word w is `letters[word_ends[w - 1]:word_ends[w]]`, words in the order of their UTF-8 bytes, and
    stands at `places[place_ends[w - 1]:place_ends[w]]`. Text t ends before place `text_ends[t]`;
    `texts_by_stride` has the text of every place that a stride begins with.
    """

    letters: NDArray[np.uint8]
    word_ends: NDArray[np.int64]
    places: Places
    place_ends: NDArray[np.int64]
    text_ends: Places
    texts_by_stride: NDArray[np.uint32]
    people: People
    fields: NDArray[np.int32]
    times: NDArray[np.int64]

    @classmethod
    def open(cls, folder: Path) -> "Part":
        """Map a folder. Raises OSError where a file is missing."""
        return cls(**{each.name: map_array(folder / f"{each.name}.npy") for each in fields(cls)})

    def save(self, folder: Path) -> None:
        """Write it into a new folder."""
        folder.mkdir()
        for each in fields(self):
            save_array(folder / f"{each.name}.npy", getattr(self, each.name))

    def find(
        self, phrases: Sequence[Sequence[bytes]], wanted: NDArray[np.bool_], window: Window | None
    ) -> list[People]:
        """Return, for each phrase of words, who wrote it in a wanted field and the window, in any order, repeated."""
        first, last = (0, 0) if window is None else (window.first, window.last)
        found = []
        for phrase in phrases:
            starts = self._starts(phrase)
            if starts.size:
                out = np.empty(starts.size, np.uint32)
                many = authors(
                    starts, self.text_ends, self.texts_by_stride, self.fields, wanted, self.times, window is not None,
                    first, last, self.people, out,
                )  # fmt: skip
                found.append(out[:many])
        return found

    def _starts(self, phrase: Sequence[bytes]) -> Places:
        """Return the places where a phrase begins, ascending: the rarest word's, of which the others leave some."""
        stands = [self._places(word) for word in phrase]
        rarest, *others = sorted(range(len(phrase)), key=lambda at: stands[at].size)
        places = stands[rarest]
        if not others or not places.size:
            return places
        # No text begins before place 0, and every word stands behind the start of its phrase.
        starts = places[np.searchsorted(places, np.uint32(rarest)) :] - np.uint32(rarest)
        for at in others:
            starts = starts[: meet(starts, at, stands[at], starts)]
        return starts

    def _places(self, word: bytes) -> Places:
        """Return where a word stands."""
        low, high = 0, len(self.word_ends)
        while low < high:
            middle = (low + high) // 2
            if self._word(middle) < word:
                low = middle + 1
            else:
                high = middle
        if low == len(self.word_ends) or self._word(low) != word:
            return np.empty(0, np.uint32)
        return self.places[_start(self.place_ends, low) : self.place_ends[low]]

    def _word(self, number: int) -> bytes:
        return self.letters[_start(self.word_ends, number) : self.word_ends[number]].tobytes()


def _start(ends: NDArray[Any], number: int) -> int:
    return int(ends[number - 1]) if number else 0
