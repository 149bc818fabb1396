"""Sorts by person more rows than fit in memory: rows are dealt into files by ranges of person ids, then one range at a
time is read back and sorted. One pass out, one pass in, whatever the order in which they came.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from houselights.services.imports.keys import NOBODY, PersonIds
from houselights.services.imports.staging import PACKED

BUCKETS_MAX = 384  # open files at a time
BUCKET_BITS = 17  # 131,072 people: 40 traits each are 40 MB of pairs
BUCKET_ROWS = 1 << 20  # rows of one table, events with their attributes being the largest


def bucket_bits(capacity: int, rows: int) -> int:
    """Return how many low bits of a person id lie inside a bucket: few rows a bucket, but not too many buckets.

    `rows` is how many rows the largest table has.
    """
    bits = BUCKET_BITS
    while bits > 0 and rows // _count(capacity, bits) > BUCKET_ROWS and _count(capacity, bits - 1) <= BUCKETS_MAX:
        bits -= 1
    while _count(capacity, bits) > BUCKETS_MAX:
        bits += 1
    return bits


def _count(capacity: int, bits: int) -> int:
    return (capacity >> bits) + 1


class Buckets:
    """Rows of one kind, by ranges of 2**bits person ids."""

    def __init__(self, folder: Path, name: str, capacity: int, bits: int):
        self.bits = bits
        self.count = _count(capacity, bits)
        self._folder = folder / f"by-person-{name}"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._writers: dict[int, Any] = {}

    def add(self, people: PersonIds, columns: dict[str, pa.Array]) -> None:
        """Add rows that belong to `people`; rows of NOBODY are left out."""
        batch = pa.record_batch({"person_id": pa.array(people, pa.uint32()), **columns})
        known = people != NOBODY
        if not known.all():
            batch, people = batch.filter(pa.array(known)), people[known]
        if not len(people):
            return
        numbers = people >> self.bits
        if numbers[0] == numbers[-1] and (numbers == numbers[0]).all():  # rows mostly come in the order of people
            self._write(int(numbers[0]), batch)
            return
        order = np.argsort(numbers, kind="stable")
        batch, numbers = batch.take(pa.array(order)), numbers[order]
        starts = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1])))
        for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
            self._write(int(numbers[start]), batch.slice(start, end - start))

    def _write(self, number: int, batch: pa.RecordBatch) -> None:
        if number not in self._writers:
            self._writers[number] = pa.ipc.new_stream(str(self._path(number)), batch.schema, options=PACKED)
        self._writers[number].write_batch(batch)

    def close(self) -> None:
        """End writing; reading may begin."""
        for writer in self._writers.values():
            writer.close()

    def rows(self, number: int) -> pa.Table | None:
        """Return a bucket's rows in the order added; None for an empty one. Its file goes."""
        if number not in self._writers:
            return None
        path = self._path(number)
        with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as reader:
            table = reader.read_all().combine_chunks()
        path.unlink()
        return table

    def sorted_rows(self, number: int) -> pa.Table | None:
        """Return a bucket's rows sorted by person, those of one person in the order added. Its file goes."""
        table = self.rows(number)
        if table is None:
            return None
        people = table["person_id"].to_numpy()
        if (people[1:] >= people[:-1]).all():
            return table
        return table.take(pa.array(np.argsort(people, kind="stable")))

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:05}.arrow"
