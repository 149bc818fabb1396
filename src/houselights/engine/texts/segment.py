"""The full-text index of one file of texts: words in SQLite's FTS5, and whose texts they are, in arrays beside it.

Texts are folded (`base/text.py`), so a word is whatever stands between two spaces; FTS5 finds runs of them and keeps
no text. It names texts by their place in the file. Built beside its place and put there with one rename; refuses, as
Unavailable, an SQLite without FTS5 and files of another format.
"""

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from houselights.base.errors import Unavailable

FORMAT = 1
MAKING = ".making"  # how the name of a folder ends whose segment is being made
COLUMNS = ("person_id", "field", "time", "folded")
# SQLite answers in one text of places, which may not be longer than a billion letters.
ROWS_AT_ONCE = 1 << 23
ROWS_A_BATCH = 1 << 14
NO_TIME = np.iinfo(np.int64).min
WORDS, PEOPLE, FIELDS, TIMES, ABOUT = "words.sqlite", "people.npy", "fields.npy", "times.npy", "about.json"

# FTS5 cuts words at 32 kB. Longer ones than this stand there as a hash, behind a sign that no folded word has.
_LONG = re.compile(r"[^ ]{1001,}")
_TABLE = "CREATE VIRTUAL TABLE words USING fts5(text, content='', columnsize=0, tokenize=\"ascii tokenchars '_'\")"
_FIND = "SELECT group_concat(rowid, ' ') FROM words WHERE words MATCH ?"
_FIND_WITHIN = f"{_FIND} AND rowid >= ? AND rowid < ?"

People = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Window:
    """Instants in microseconds, both ends inside."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment, open: of each text, by its place, the person, the number of its field in `names`, and its time."""

    words: Path
    people: People
    fields: NDArray[np.int32]
    times: NDArray[np.int64]
    names: tuple[str, ...]

    @classmethod
    def open(cls, folder: Path) -> "Segment":
        """Open a folder. Raises OSError where it is missing, ValueError where it is of another format."""
        about = json.loads((folder / ABOUT).read_text())
        if about["format"] != FORMAT:
            raise ValueError(f"{folder.name} has format {about['format']}, not {FORMAT}")
        people, fields, times = (np.load(folder / name, mmap_mode="r") for name in (PEOPLE, FIELDS, TIMES))
        return cls(folder / WORDS, people, fields, times, tuple(about["fields"]))

    def find(self, phrases: Sequence[str], fields: Sequence[str], window: Window | None) -> People:
        """Return who wrote one of the folded phrases in one of the fields, within the window; in any order, repeated.

        No phrase may be without a word.
        """
        wanted = np.array([name in fields for name in self.names], np.bool_)
        if not wanted.any():
            return np.empty(0, np.uint32)
        found: list[People] = []
        connection = _connect(self.words, readonly=True)
        try:
            for phrase in phrases:
                for places in self._places(connection, f'"{_shortened(phrase)}"'):
                    found.append(self._kept(np.fromstring(places, np.int64, sep=" "), wanted, window))
        finally:
            connection.close()
        return np.concatenate(found) if found else np.empty(0, np.uint32)

    def _places(self, connection: sqlite3.Connection, phrase: str) -> Iterator[str]:
        """Yield the places where a phrase stands, in digits with spaces between them."""
        rows = len(self.people)
        if rows <= ROWS_AT_ONCE:  # twice as fast as within bounds
            asked: list[tuple[str, tuple[str | int, ...]]] = [(_FIND, (phrase,))]
        else:
            firsts = range(0, rows, ROWS_AT_ONCE)
            asked = [(_FIND_WITHIN, (phrase, first, first + ROWS_AT_ONCE)) for first in firsts]
        for statement, given in asked:
            (places,) = connection.execute(statement, given).fetchone()
            if places is not None:
                yield places

    def _kept(self, places: NDArray[np.int64], wanted: NDArray[np.bool_], window: Window | None) -> People:
        if not wanted.all():
            places = places[wanted[self.fields[places]]]
        if window is not None:
            times = self.times[places]
            places = places[(times >= window.first) & (times <= window.last)]
        return self.people[places]


def build_segment(folder: Path, batches: Iterable[pa.RecordBatch]) -> Segment:
    """Index batches of COLUMNS, in their order, into `folder` and open it.

    Where another process has put the same folder meanwhile, that one is used.
    """
    making = folder.with_name(f"{folder.name}.{uuid4().hex}{MAKING}")
    making.mkdir(parents=True)
    try:
        _write(making, batches)
        try:
            os.rename(making, folder)
        except OSError:
            if not folder.exists():
                raise
        return Segment.open(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _write(folder: Path, batches: Iterable[pa.RecordBatch]) -> None:
    people: list[NDArray[Any]] = []
    fields: list[NDArray[Any]] = []
    times: list[NDArray[Any]] = []
    names: dict[str, int] = {}
    rows = 0
    connection = _connect(folder / WORDS)
    try:
        connection.execute("BEGIN")
        for whole in batches:
            for start in range(0, len(whole), ROWS_A_BATCH):
                batch = whole.slice(start, ROWS_A_BATCH)
                # delta-rs rewrites files with other kinds of Arrow text than ours.
                texts = map(_shortened, batch["folded"].cast(pa.string()).to_pylist())
                connection.execute(
                    "INSERT INTO words (rowid, text) SELECT key + ?, value FROM json_each(?)",
                    (rows, msgspec.json.encode(list(texts))),
                )
                rows += len(batch)
            people.append(whole["person_id"].to_numpy(zero_copy_only=False).astype(np.uint32))
            times.append(np.asarray(pc.fill_null(whole["time"].cast(pa.int64()), NO_TIME)))
            fields.append(_numbers(whole["field"].cast(pa.string()), names))
        connection.execute("COMMIT")
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")
    finally:
        connection.close()
    for name, parts, kind in ((PEOPLE, people, np.uint32), (FIELDS, fields, np.int32), (TIMES, times, np.int64)):
        np.save(folder / name, np.concatenate([np.empty(0, kind), *parts]))
    (folder / ABOUT).write_text(json.dumps({"format": FORMAT, "fields": list(names)}))


def _numbers(texts: pa.Array, names: dict[str, int]) -> NDArray[np.int32]:
    """Return the number of each text, giving new ones the next."""
    encoded = texts.dictionary_encode()
    numbers = [names.setdefault(name, len(names)) for name in encoded.dictionary.to_pylist()]
    found: NDArray[np.int32] = np.array(numbers, np.int32)[np.asarray(encoded.indices)]
    return found


def _shortened(folded: str) -> str:
    if len(folded) <= 1000:
        return folded
    return _LONG.sub(lambda word: f"_{sha256(word[0].encode()).hexdigest()}", folded)


def _connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    if readonly:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        connection.execute("PRAGMA mmap_size = 1073741824")
        return connection
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "page_size = 16384", "cache_size = -65536"):
        connection.execute(f"PRAGMA {pragma}")
    try:
        connection.execute(_TABLE)
        connection.execute("INSERT INTO words (words, rank) VALUES ('hashsize', 16777216)")
    except sqlite3.OperationalError as error:
        connection.close()
        raise Unavailable(f"this Python's SQLite ({sqlite3.sqlite_version}) has no FTS5: {error}") from error
    return connection
