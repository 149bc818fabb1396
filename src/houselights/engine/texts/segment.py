"""The full-text index of one file of texts, opened: asks every part of it at once. Builds nothing.

Parts hold postings with positions: for each word every place where it stands, so that a phrase is words whose places
follow each other. `build.py` writes them; refuses, by ValueError, folders of another format.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from houselights.engine.texts.part import Part, People, Window
from houselights.engine.workers import concurrently

FORMAT = 2
ABOUT = "about.json"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment, open. `names` are the fields of its texts; parts know them by number."""

    parts: tuple[Part, ...]
    names: tuple[str, ...]

    @classmethod
    def open(cls, folder: Path) -> "Segment":
        """Open a folder. Raises OSError where it is missing, ValueError where it is of another format."""
        about = json.loads((folder / ABOUT).read_text())
        if about["format"] != FORMAT:
            raise ValueError(f"{folder.name} has format {about['format']}, not {FORMAT}")
        parts = tuple(Part.open(folder / str(number)) for number in range(about["parts"]))
        return cls(parts, tuple(about["fields"]))

    @property
    def people(self) -> People:
        """Whose texts they are, in the order of the file."""
        return np.concatenate([np.empty(0, np.uint32), *(part.people for part in self.parts)])

    def find(self, phrases: Sequence[str], fields: Sequence[str], window: Window | None) -> People:
        """Return who wrote one of the folded phrases in one of the fields, within the window; in any order, repeated.

        No phrase may be without a word.
        """
        wanted = np.array([name in fields for name in self.names], np.bool_)
        if not wanted.any():
            return np.empty(0, np.uint32)
        spoken = [phrase.encode().split() for phrase in phrases]
        found = concurrently([partial(part.find, spoken, wanted, window) for part in self.parts])
        return np.concatenate([np.empty(0, np.uint32), *(each for some in found for each in some)])
