"""Finds whom the ids of a kept file mean, a stretch of lines at a time. An id of several people means nobody."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from houselights.engine.snapshot import Snapshot
from houselights.identity.lookup import NOBODY, Finder, text_keys
from houselights.services.id_lists.kinds import Kind

LINES_AT_ONCE = 100_000

Array = np.ndarray[Any, Any]


class Interrupted(Exception):
    """Somebody asked to stop."""


def people_in(file: Path, kind: Kind, finder: Finder, snapshot: Snapshot, stop: Event) -> Array:
    """Return the ids of the people, ascending, each once; nobody who is being erased. Raises Interrupted."""
    found = [np.empty(0, np.int64)]
    for lines in _stretches(file):
        if stop.is_set():
            raise Interrupted
        found.append(_people(lines, kind, finder))
    people = np.unique(np.concatenate(found))
    return np.setdiff1d(people, snapshot.withheld.ids().astype(np.int64), assume_unique=True)


def _people(lines: list[str], kind: Kind, finder: Finder) -> Array:
    """Return whom lines mean; the forms of one line stand in it parted by spaces, and mean one person or nobody."""
    forms = [line.split(" ") for line in lines]
    meant = finder.find(kind.namespace, text_keys(kind.namespace, [form for each in forms for form in each]))
    counts = np.array([len(each) for each in forms], np.int64)
    if counts.max() > 1:
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        most = np.maximum.reduceat(meant, starts)
        # NOBODY is below every person: where it is the least, the least of the others counts. SEVERAL is lower still.
        least = np.minimum.reduceat(np.where(meant == NOBODY, np.iinfo(np.int64).max, meant), starts)
        meant = np.where(most == least, most, NOBODY)
    return np.unique(meant[meant >= 0])


def _stretches(file: Path) -> Iterator[list[str]]:
    with file.open(encoding="utf-8", newline="\n") as lines:
        while stretch := [line.rstrip("\n") for line, _ in zip(lines, range(LINES_AT_ONCE), strict=False)]:
            yield stretch
