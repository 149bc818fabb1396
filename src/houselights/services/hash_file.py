"""Hashes a whole customer file: read in pieces, hashed by several processes, written in order. It stays on the machine.

Memory holds a few pieces, however long the file is. The result takes its place with one rename, so a file that stands
there is whole. Cells that could not be hashed go to a list beside it, with their values: it is as private as the input.
"""

import csv
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from houselights.base.errors import InvalidInput
from houselights.identity.tables import TablePlan, Unhashed, hash_table

PIECE_BYTES = 4 << 20  # of a file at a time
PIECE_ROWS = 1 << 16
WAITING = 2  # pieces for each process
PARQUET = (".parquet", ".pq")


@dataclass(slots=True, kw_only=True)
class HashedFile:
    """What came of hashing a file. `unhashed` counts cells by column, `unhashed_rows` the rows they are in.

    `torn` counts lines with too many or too few cells, which are left out; `list_file` lists the cells, if any.
    """

    rows: int = 0
    unhashed: dict[str, int] = field(default_factory=dict)
    unhashed_rows: int = 0
    torn: int = 0
    list_file: Path | None = None


class Table:
    """A CSV, TSV or Parquet file, packed or not, to be read in pieces of text columns."""

    def __init__(self, path: Path):
        self.path = path
        self.torn = 0
        self._read = 0
        if not path.is_file():
            raise InvalidInput(f"{path} is not there", field="file")
        self._size = max(1, path.stat().st_size)
        suffixes = [suffix.lower() for suffix in path.suffixes]
        self._parquet = suffixes[-1:] and suffixes[-1] in PARQUET
        self._delimiter = "\t" if {".tsv", ".tab"} & set(suffixes) else ","
        self.header = self._columns()

    @property
    def share(self) -> float:
        """How much of the file has been read, of 1."""
        return min(1.0, self._read / self._size)

    def pieces(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows, every cell as text. Raises InvalidInput for a file that is not what its name says."""
        self.torn = 0
        if self._parquet:
            yield from self._row_groups()
            return
        with ExitStack() as stack:
            raw = stack.enter_context(pa.OSFile(str(self.path)))
            unpacked = self._unpacked(raw)
            try:
                for batch in self._reader(unpacked):
                    self._read = raw.tell()
                    if len(batch):
                        yield batch
            except pa.ArrowInvalid as error:
                raise InvalidInput(f"{self.path.name} cannot be read: {error}", field="file") from error
        self._read = self._size

    def _columns(self) -> list[str]:
        try:
            if self._parquet:
                return list(pq.read_schema(self.path).names)
            with pa.OSFile(str(self.path)) as raw:
                header = list(self._reader(self._unpacked(raw)).schema.names)
        except pa.ArrowInvalid as error:
            raise InvalidInput(f"{self.path.name} cannot be read: {error}", field="file") from error
        twice = next((name for name in header if header.count(name) > 1), None)
        if twice is not None:
            raise InvalidInput(f'{self.path.name} has two columns "{twice}"', field="file")
        return header

    def _unpacked(self, raw: pa.NativeFile) -> pa.NativeFile:
        packing = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}.get(self.path.suffix.lower())
        return raw if packing is None else pa.CompressedInputStream(raw, packing)

    def _reader(self, source: pa.NativeFile) -> pacsv.CSVStreamingReader:
        return pacsv.open_csv(
            source,
            read_options=pacsv.ReadOptions(block_size=PIECE_BYTES, use_threads=False),
            parse_options=pacsv.ParseOptions(
                delimiter=self._delimiter, newlines_in_values=True, invalid_row_handler=self._skip
            ),
            convert_options=pacsv.ConvertOptions(default_column_type=pa.string()),
        )

    def _skip(self, _: Any) -> str:
        self.torn += 1
        return "skip"

    def _row_groups(self) -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(self.path) as file:
            whole = max(1, file.metadata.num_rows)
            done = 0
            for batch in file.iter_batches(PIECE_ROWS):
                done += len(batch)
                self._read = self._size * done // whole
                yield batch


def hash_file(
    table: Table, target: Path, plan: TablePlan, *, processes: int, moved: Callable[[int, float], None]
) -> HashedFile:
    """Hash a table into `target`, Parquet or CSV by its name; `moved` hears of rows done and the share read.

    Raises InvalidInput for a file that is not what its name says; then `target` is as it was.
    """
    done = HashedFile()
    making = target.with_name(f".{target.name}.making")
    list_file = target.with_name(f"{target.name}.unhashed.csv")
    list_file.unlink(missing_ok=True)
    try:
        with _writer(making, target.suffix.lower() in PARQUET) as write, ExitStack() as stack:
            listed: Any = None
            for batch, bad in _in_order(table, plan, processes):
                write(batch)
                if bad and listed is None:
                    done.list_file = list_file
                    listed = csv.writer(stack.enter_context(list_file.open("w", newline="", encoding="utf-8")))
                    listed.writerow(["row", "column", "value", "reason"])
                for each in bad:
                    listed.writerow([done.rows + each.row + 1, each.column, each.value, each.reason])
                    done.unhashed[each.column] = done.unhashed.get(each.column, 0) + 1
                done.unhashed_rows += len({each.row for each in bad})
                done.rows += len(batch)
                moved(len(batch), table.share)
        done.torn = table.torn
        if not done.rows:
            raise InvalidInput(f"{table.path.name} has no rows", field="file")
        os.replace(making, target)
    finally:
        making.unlink(missing_ok=True)
    return done


def _in_order(table: Table, plan: TablePlan, processes: int) -> Iterator[tuple[pa.RecordBatch, list[Unhashed]]]:
    """Yield what hashing makes of each piece, in the order of pieces. A file of one piece needs no other process."""
    needed = [*dict.fromkeys([*plan.columns.values(), *plan.keep])]
    pieces = (piece.select(needed) for piece in table.pieces())
    first = list(islice(pieces, 2))
    if len(first) < 2 or processes < 2:
        yield from (hash_table(piece, plan) for piece in chain(first, pieces))
        return
    # Spawned and not forked: the reader's threads do not survive a fork, and what they hold would never be let go.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting: deque[Future[tuple[pa.RecordBatch, list[Unhashed]]]] = deque()
        try:
            for piece in chain(first, pieces):
                waiting.append(pool.submit(hash_table, piece, plan))
                if len(waiting) > WAITING * processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()


@contextmanager
def _writer(path: Path, as_parquet: bool) -> Iterator[Callable[[pa.RecordBatch], None]]:
    """Yield what writes batches to a file, whose columns the first batch decides."""
    made: Any = None

    def write(batch: pa.RecordBatch) -> None:
        nonlocal made
        if made is None and as_parquet:
            made = pq.ParquetWriter(path, batch.schema, compression="zstd", use_dictionary=False)
        elif made is None:
            made = pacsv.CSVWriter(path, batch.schema, write_options=pacsv.WriteOptions(quoting_style="needed"))
        made.write_batch(batch)

    try:
        yield write
    finally:
        if made is not None:
            made.close()
