"""Checked rows of one source on local disk, in the order read, until it is known who they belong to.

Row numbers count from 0 over all files of the source and leave out rejected rows. `keys` holds the person key of each
row and where it came from; further streams hold what the row says, each with a `row` column.
"""

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from houselights.base.errors import InvalidInput

KEYS = pa.schema([pa.field("key", pa.string()), pa.field("file", pa.int32()), pa.field("line", pa.int64())])
PACKED = pa.ipc.IpcWriteOptions(compression="lz4")
ROWS_MAX = 2**32 - 1


class Stage:
    """Writes one source's rows. `where` is the source's path in the population file."""

    def __init__(self, folder: Path, where: str):
        self.where = where
        self.rows = 0
        self.files: list[str] = []
        self._folder = folder / where.replace("[", "-").replace("]", "")
        self._folder.mkdir(parents=True, exist_ok=True)
        # Keys hardly repeat: looking for a dictionary or for bounds among them takes longer than writing them.
        self._keys = pq.ParquetWriter(
            self.keys_path, KEYS, compression="lz4", use_dictionary=["file"], write_statistics=False
        )
        self._streams: dict[str, tuple[pa.Schema, Any]] = {}

    @property
    def keys_path(self) -> str:
        """The Parquet file with the key, file number and line of each row."""
        return str(self._folder / "keys.parquet")

    def __enter__(self) -> "Stage":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keys.close()
        for _, writer in self._streams.values():
            writer.close()

    def add_keys(self, keys: pa.Array, file: str, lines: npt.NDArray[np.int64]) -> int:
        """Add rows and return the number of the first. Raises InvalidInput at more rows than can be numbered."""
        first = self.rows
        self.rows += len(keys)
        if self.rows > ROWS_MAX:
            raise InvalidInput(f"{self.where} has more than {ROWS_MAX:,} rows; split it", field=self.where)
        if not self.files or self.files[-1] != file:
            self.files.append(file)
        number = pa.repeat(pa.scalar(len(self.files) - 1, pa.int32()), len(keys))
        self._keys.write_batch(pa.record_batch([keys, number, pa.array(lines)], schema=KEYS))
        return first

    def add(self, stream: str, rows: npt.NDArray[np.int64], columns: dict[str, pa.Array]) -> None:
        """Add to a stream what `rows` (ascending) say. A stream's first batch decides its columns' types.

        Raises InvalidInput when a later file has another type in the same column.
        """
        if not len(rows):
            return
        batch = pa.record_batch({"row": pa.array(rows, pa.uint32()), **columns})
        if stream not in self._streams:
            writer = pa.ipc.new_stream(str(self._path(stream)), batch.schema, options=PACKED)
            self._streams[stream] = (batch.schema, writer)
        schema, writer = self._streams[stream]
        if batch.schema != schema:
            odd = next(field for field in batch.schema if field != schema.field(field.name))
            raise InvalidInput(
                f'{self.where}: "{odd.name}" is {odd.type} in {self.files[-1]}, {schema.field(odd.name).type} before',
                field=self.where, hint="say its type:",
            )  # fmt: skip
        writer.write_batch(batch)

    def schema(self, stream: str) -> pa.Schema | None:
        """Return the columns of a stream, or None when nothing was added to it."""
        return self._streams[stream][0] if stream in self._streams else None

    def read(self, stream: str) -> "pa.RecordBatchReader | tuple[()]":
        """Return the batches of a stream, after the stage is closed."""
        if stream not in self._streams:
            return ()
        return pa.ipc.open_stream(pa.memory_map(str(self._path(stream))))

    def _path(self, stream: str) -> Path:
        return self._folder / f"{stream}.arrow"


def numbers_of(good: npt.NDArray[np.bool_], first: int) -> npt.NDArray[np.int64]:
    """Return the stage's numbers of a batch's good rows, the first of which has the number `first`."""
    return first + np.arange(np.count_nonzero(good), dtype=np.int64)
