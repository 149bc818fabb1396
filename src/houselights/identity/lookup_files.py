"""Lookups on disk: built from any number of rows in bounded memory, opened by mapping, whole or not at all.

Rows are dealt into files by the first bits of their keys, then one file at a time is read back, sorted and appended to
its namespace's section. All is written beside the place it belongs in, and takes that place with one rename at the end.
"""

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from houselights.identity.kernels.keys import keys_of_texts
from houselights.identity.lookup import (
    HASHED,
    Folded,
    Keys,
    Lookup,
    Section,
    bucket_bits,
    bucket_counts,
    bucket_starts,
)

FORMAT = 1
CONTENTS = "contents.json"
MAKING = ".making"  # how the name of a folder ends whose lookup is being made
PART_ROWS = 1 << 21  # rows that are sorted at a time; they take about 200 MB on the way
PARTS_MOST = 256
ROW_WORDS = 6  # of a row on its way: the number of its namespace, four words of key, the person


def batch_keys(namespace: str, values: pa.Array) -> Keys:
    """Return the keys of a column of stored values without nulls."""
    texts = values.cast(pa.large_string())  # delta-rs rewrites files with other kinds of Arrow text
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
    content = texts.buffers()[2]
    keys = np.empty((len(texts), 2), np.uint64)
    if len(texts):
        held = np.frombuffer(content, np.uint8) if content is not None and content.size else np.empty(0, np.uint8)
        keys_of_texts(held, offsets, namespace in HASHED, keys)
    return keys


def keyed(batch: pa.RecordBatch) -> Iterable[tuple[str, Keys, NDArray[np.uint32]]]:
    """Yield the namespaces of a batch of (person_id, namespace, value), each with its keys and people."""
    names = batch["namespace"].cast(pa.string()).dictionary_encode()
    people = batch["person_id"].to_numpy(zero_copy_only=False).astype(np.uint32)
    numbers = np.asarray(names.indices)
    for number, name in enumerate(names.dictionary.to_pylist()):
        rows = np.flatnonzero(numbers == number)
        values = batch["value"] if rows.size == len(numbers) else pc.take(batch["value"], pa.array(rows))
        yield name, batch_keys(name, values), people[rows]


def build_lookup(
    folder: Path, batches: Iterable[pa.RecordBatch], rows: int, about: Mapping[str, Any], *, part_rows: int = PART_ROWS
) -> Lookup:
    """Write a lookup of batches of (person_id, namespace, value) into `folder` and open it.

    `rows` is about how many there are; `about` is kept with it and returned by `about_lookup`. Memory holds a batch and
    `part_rows` rows, whatever `rows` is. Where another process has put the same folder meanwhile, that one is used.
    """
    making = folder.with_name(f"{folder.name}.{uuid4().hex}{MAKING}")
    making.mkdir(parents=True)
    try:
        _Builder(making, rows, part_rows).build(batches, about)
        return _placed(making, folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _placed(making: Path, folder: Path) -> Lookup:
    """Give a lookup its place, unless there is a whole one already."""
    try:
        making.rename(folder)
    except OSError:
        try:
            return open_lookup(folder)
        except ValueError:
            shutil.rmtree(folder, ignore_errors=True)
            making.rename(folder)
    return open_lookup(folder)


def open_lookup(folder: Path) -> Lookup:
    """Map a lookup. Raises ValueError for one of another format or one that is not whole."""
    contents = _contents(folder)
    return Lookup({name: _opened(folder, number) for number, name in enumerate(contents["namespaces"])})


def about_lookup(folder: Path) -> dict[str, Any]:
    """Return what was said about a lookup when it was built. Raises ValueError as `open_lookup` does."""
    about: dict[str, Any] = _contents(folder)["about"]
    return about


def _contents(folder: Path) -> dict[str, Any]:
    try:
        contents: dict[str, Any] = json.loads((folder / CONTENTS).read_bytes())
    except (OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{folder.name} is no lookup") from error
    if contents.get("format") != FORMAT:
        raise ValueError(f"{folder.name} is a lookup of another format")
    return contents


def _opened(folder: Path, number: int) -> Section:
    arrays = [
        np.asarray(np.load(folder / f"{number}.{part}.npy", mmap_mode="r", allow_pickle=False))
        for part in ("starts", "shared_places", "shared_starts", "shared_people")
    ]
    entries = folder / f"{number}.entries"
    if entries.stat().st_size != 20 * int(arrays[0][-1]):
        raise ValueError(f"{folder.name} is not whole")
    mapped = np.asarray(np.memmap(entries, "<u4", "r")) if entries.stat().st_size else np.empty(0, np.uint32)
    return Section(mapped.reshape(-1, 5), *arrays)


class _Builder:
    """One lookup being written."""

    def __init__(self, folder: Path, rows: int, part_rows: int):
        self._folder = folder
        self._part_bits = min(max(1, -(-rows // part_rows)), PARTS_MOST).bit_length() - 1
        self._numbers: dict[str, int] = {}
        self._rows: list[int] = []  # by number of the namespace

    def build(self, batches: Iterable[pa.RecordBatch], about: Mapping[str, Any]) -> None:
        parts = [(self._folder / f"part-{number}").open("w+b") for number in range(1 << self._part_bits)]
        try:
            for batch in batches:
                for name, keys, people in keyed(batch):
                    self._deal(name, keys, people, parts)
            sections = [_Writer(self._folder, number, rows) for number, rows in enumerate(self._rows)]
            for part in parts:
                self._finish(part, sections)
        finally:
            for part in parts:
                part.close()
        for number in range(len(parts)):
            (self._folder / f"part-{number}").unlink()
        for section in sections:
            section.close()
        contents = {"format": FORMAT, "namespaces": list(self._numbers), "about": about}
        with (self._folder / CONTENTS).open("wb") as file:
            file.write(json.dumps(contents).encode())
            _sync(file)

    def _deal(self, name: str, keys: Keys, people: NDArray[np.uint32], parts: Sequence[BinaryIO]) -> None:
        number = self._numbers.setdefault(name, len(self._numbers))
        if number == len(self._rows):
            self._rows.append(0)
        self._rows[number] += len(people)
        rows = np.empty((len(people), ROW_WORDS), np.uint32)
        rows[:, 0], rows[:, 5] = number, people
        rows[:, 1:5] = keys.view(np.uint32)[:, [1, 0, 3, 2]]
        if not self._part_bits:
            parts[0].write(rows.tobytes())
            return
        places = (rows[:, 1] >> np.uint32(32 - self._part_bits)).astype(np.uint8)
        rows = rows[np.argsort(places, kind="stable")]
        ends = np.cumsum(np.bincount(places, minlength=len(parts)))
        for part, begin, end in zip(parts, [0, *ends[:-1]], ends, strict=True):
            part.write(rows[begin:end].tobytes())

    @staticmethod
    def _finish(part: BinaryIO, sections: list["_Writer"]) -> None:
        """Sort one part's rows and append them to their sections. Its file is emptied at once, to spare the disk."""
        part.seek(0)
        rows = np.frombuffer(part.read(), np.uint32).reshape(-1, ROW_WORDS)
        part.truncate(0)
        for number, section in enumerate(sections):
            own = rows if len(sections) == 1 else rows[rows[:, 0] == number]
            words = own.astype(np.uint64)
            keys = np.stack([words[:, 1] << 32 | words[:, 2], words[:, 3] << 32 | words[:, 4]], axis=1)
            section.append(Folded.of(keys, np.ascontiguousarray(own[:, 5])))


class _Writer:
    """The section of one namespace being written, in the order of its keys."""

    def __init__(self, folder: Path, number: int, rows: int):
        self._folder = folder
        self._number = number
        self._bits = bucket_bits(rows)
        self._counts = np.zeros(1 << self._bits, np.int64)
        self._entries = (folder / f"{number}.entries").open("wb")
        self._written = self._shared_people = 0
        self._shared: list[Folded] = []

    def append(self, folded: Folded) -> None:
        self._entries.write(folded.entries.astype("<u4").tobytes())
        self._counts += bucket_counts(folded.entries, self._bits)
        places, starts = folded.shared_places + self._written, folded.shared_starts + self._shared_people
        self._shared.append(Folded(np.empty((0, 5), np.uint32), places, starts, folded.shared_people))
        self._written += len(folded.entries)
        self._shared_people += len(folded.shared_people)

    def close(self) -> None:
        _sync(self._entries)
        self._entries.close()
        self._save("starts", bucket_starts(self._counts))
        self._save("shared_places", np.concatenate([each.shared_places for each in self._shared]))
        self._save("shared_starts", np.concatenate([each.shared_starts for each in self._shared]))
        self._save("shared_people", np.concatenate([each.shared_people for each in self._shared]))

    def _save(self, part: str, array: NDArray[Any]) -> None:
        with (self._folder / f"{self._number}.{part}.npy").open("wb") as file:
            np.save(file, array, allow_pickle=False)
            _sync(file)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
