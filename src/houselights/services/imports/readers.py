"""One door to all formats: a source's files as batches. Turns damage into an error that names the file."""

import zlib
from collections.abc import Iterator, Sequence

import pyarrow as pa

from houselights.base.errors import InvalidInput
from houselights.services.imports.batches import Batch
from houselights.services.imports.population import Column
from houselights.services.imports.progress import Progress
from houselights.services.imports.read_csv import read_csv
from houselights.services.imports.read_jsonl import read_jsonl
from houselights.services.imports.read_parquet import read_parquet
from houselights.services.imports.rejects import Rejects
from houselights.services.imports.sources import InputFile


def read_batches(
    files: Sequence[InputFile], columns: Sequence[Column], rejects: Rejects, progress: Progress
) -> Iterator[Batch]:
    """Yield the rows of all files in order; `columns` without a column name (constants) are not looked for.

    Raises InvalidInput when a file is damaged or lacks a column, TooManyRejects when the limit is passed.
    """
    named = [column for column in columns if column.column is not None]
    whole = sum(file.size for file in files) or 1
    behind = 0
    for file in files:
        try:
            for batch in _open(file, named, rejects):
                progress.move(len(batch), min(1.0, (behind + batch.share * file.size) / whole))
                yield batch
        except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
            raise InvalidInput(f"{file.name} cannot be read: {error}", field="files") from error
        behind += file.size


def _open(file: InputFile, columns: Sequence[Column], rejects: Rejects) -> Iterator[Batch]:
    match file.format:
        case "csv":
            return read_csv(file, columns, rejects, ",")
        case "tsv":
            return read_csv(file, columns, rejects, "\t")
        case "jsonl":
            return read_jsonl(file, columns, rejects)
        case _:
            return read_parquet(file, columns)
