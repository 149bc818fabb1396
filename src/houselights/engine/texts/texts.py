"""Who wrote a phrase, in one generation of a workspace: asks the segment of every file of its `texts`.

A file of the lake never changes, so its segment is good for every version that has the file: where a few files are new,
a few segments are built. A segment that is not there is built when it is asked; an import builds them beforehand.
"""

import shutil
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Lock

import numpy as np
import pyarrow.dataset as pads

from houselights.base.logs import logger
from houselights.engine.texts.build import COLUMNS, MAKING, build_segment
from houselights.engine.texts.part import People, Window
from houselights.engine.texts.segment import Segment
from houselights.engine.workers import concurrently
from houselights.model.workspace import Generation
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import TEXTS

log = logger("texts")

MAKING_SECONDS = 24 * 3600  # after which a segment that is still being made is one whose maker died
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Texts:
    """The texts of one generation; `folder` is where segments are. Any number of threads may ask at once."""

    def __init__(self, lake: Lake, generation: Generation, folder: Path):
        self._lake = lake
        self._generation = generation
        self._folder = folder
        self._lock = Lock()
        self._segments: tuple[Segment, ...] | None = None

    def after(self, generation: Generation) -> "Texts":
        """Return the texts of another generation of the same workspace; of the same version, with what is open."""
        name = TEXTS.name
        if generation.tables.get(name) == self._generation.tables.get(name):
            return self
        return Texts(self._lake, generation, self._folder)

    def find(self, phrases: Sequence[str], fields: Sequence[str], window: tuple[datetime, datetime] | None) -> People:
        """Return the people with a text in one of the fields that holds one of the folded phrases, in any order.

        A `window` has both its ends inside; texts without a time are in none. Phrases without a word find nobody.
        """
        spoken = [each for each in phrases if each != " "]
        if not spoken:
            return np.empty(0, np.uint32)
        within = None if window is None else Window(*map(_microseconds, window))
        found = concurrently([partial(each.find, spoken, fields, within) for each in self.segments()])
        return np.concatenate(found) if found else np.empty(0, np.uint32)

    def segments(self) -> tuple[Segment, ...]:
        """Return all segments, open; those that are missing are built first."""
        if self._segments is None:
            with self._lock:
                if self._segments is None:
                    version = self._generation.tables.get(TEXTS.name)
                    files = _files_of(self._lake, self._generation.workspace_id, version)
                    self._segments = tuple(self._segment(name, files[name]) for name in sorted(files))
        return self._segments

    def _segment(self, name: str, file: pads.Fragment) -> Segment:
        folder = self._folder / name
        try:
            return Segment.open(folder)
        except (OSError, ValueError):  # not there, or of an older release
            shutil.rmtree(folder, ignore_errors=True)
        log.info("indexing texts", workspace=self._generation.workspace_id, segment=name, rows=file.count_rows())
        return build_segment(folder, file.to_batches(columns=list(COLUMNS), schema=TEXTS.schema))


def sweep_texts(lake: Lake, folder: Path, workspace_id: int, versions: Collection[int]) -> None:
    """Delete the segments of a workspace whose files none of some versions of its texts has."""
    kept = {name for version in versions for name in _files_of(lake, workspace_id, version)}
    for found in folder.glob(f"{_prefix(workspace_id)}*"):
        try:
            making = found.name.endswith(MAKING) and time.time() - found.stat().st_mtime < MAKING_SECONDS
        except OSError:
            continue
        if not making and found.name not in kept:
            shutil.rmtree(found, ignore_errors=True)


def has_texts_of(people: Collection[int], folder: Path, workspace_id: int) -> bool:
    """Say whether any segment of a workspace has a text of one of these people, whichever version it belongs to."""
    wanted = np.array(sorted(people), np.uint32)
    for found in folder.glob(f"{_prefix(workspace_id)}*"):
        try:
            if not found.name.endswith(MAKING) and np.isin(wanted, Segment.open(found).people).any():
                return True
        except (OSError, ValueError):  # swept meanwhile, or of an older release and never read again
            continue
    return False


def _files_of(lake: Lake, workspace_id: int, version: int | None) -> dict[str, pads.Fragment]:
    """Return the files of a version of the texts, each by the name of its segment."""
    if version is None:
        return {}
    dataset = lake.dataset(workspace_id, TEXTS.name, version)
    # The names of a Delta table's files are never used again.
    return {
        f"{_prefix(workspace_id)}{sha256(file.path.encode()).hexdigest()[:32]}": file
        for file in dataset.get_fragments()
    }


def _prefix(workspace_id: int) -> str:
    return f"texts-{workspace_id}-"


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
