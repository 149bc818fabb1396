"""Finds and opens the files of a source: a path, glob or URL, plain or packed. It reads bytes and knows no format.

URLs go through fsspec, so every store it has a plug-in for works (`s3://` with the `s3` extra). Credentials come from
the environment as the store's own tools expect them, never from the population file.
"""

import bz2
import gzip
import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import fsspec
import pyarrow as pa

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean
from houselights.services.imports.population import Source

FORMATS = {
    "csv": "csv",
    "tsv": "tsv",
    "tab": "tsv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "parquet": "parquet",
    "pq": "parquet",
}
PACKINGS = {"gz": "gzip", "zst": "zstd", "bz2": "bz2"}
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file: `name` as the user would write it, where it is, its size in bytes (packed), format and packing."""

    name: str
    path: str
    filesystem: Any
    size: int
    format: str
    packing: str | None

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        return "file" in self.filesystem.protocol

    def open(self) -> IO[bytes]:
        """Open the bytes as they are stored."""
        return cast(IO[bytes], self.filesystem.open(self.path, "rb"))

    def unpacked(self, raw: IO[bytes]) -> IO[bytes]:
        """Wrap opened bytes so that reading unpacks them."""
        match self.packing:
            case "gzip":
                return cast(IO[bytes], gzip.GzipFile(fileobj=raw, mode="rb"))
            case "bz2":
                return cast(IO[bytes], bz2.BZ2File(raw, mode="rb"))
            case "zstd":
                stream = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")
                return cast(IO[bytes], io.BufferedReader(stream, CHUNK_BYTES))
            case _:
                return raw


def find_files(source: Source, base: Path) -> list[InputFile]:
    """Return the files of a source, in the order written and each glob's by name.

    Raises InvalidInput when a path or glob matches nothing, a store cannot be reached or a format cannot be guessed.
    """
    found: list[InputFile] = []
    for position, pattern in enumerate(source.files):
        where = f"{source.where}.files" + (f"[{position}]" if len(source.files) > 1 else "")
        found += _match(pattern, base, source, where)
    return found


def _match(pattern: str, base: Path, source: Source, where: str) -> list[InputFile]:
    url = pattern if "://" in pattern else str(base / pattern)
    try:
        filesystem, path = fsspec.core.url_to_fs(url)
        filesystem.invalidate_cache()  # a process that imports every night would not see tonight's files
        paths = (
            [path]
            if filesystem.isfile(path)
            else sorted(name for name in filesystem.glob(path) if filesystem.isfile(name))
        )
    except ImportError as error:
        hint = "pip install 'houselights[s3]'" if url.startswith("s3") else str(error)
        raise InvalidInput(f"{where}: nothing here can read {pattern}", field=where, hint=hint) from error
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{where}: {pattern} cannot be reached: {error}", field=where) from error
    if not paths:
        raise InvalidInput(f"{where}: no file matches {pattern}", field=where, hint=_neighbour(url))
    shown = pattern if len(paths) == 1 and not set("*?[") & set(pattern) else None
    return [_file(shown or _name(path, pattern), path, filesystem, source, where) for path in paths]


def _neighbour(url: str) -> str | None:
    folder = Path(url).parent
    if "://" in url or not folder.is_dir():
        return f"there is no folder {folder}" if "://" not in url else None
    return did_you_mean(Path(url).name, [entry.name for entry in folder.iterdir()])


def _name(path: str, pattern: str) -> str:
    folder = pattern.rsplit("/", 1)[0] + "/" if "/" in pattern else ""
    return (folder if not set("*?[") & set(folder) else "") + path.rsplit("/", 1)[-1]


def _file(name: str, path: str, filesystem: Any, source: Source, where: str) -> InputFile:
    parts = path.rsplit("/", 1)[-1].lower().split(".")
    packing = PACKINGS.get(parts[-1])
    ending = parts[-2] if packing and len(parts) > 1 else parts[-1]
    layout = source.format or FORMATS.get(ending)
    if layout is None:
        known = ", ".join(f".{name}" for name in sorted(FORMATS))
        raise InvalidInput(
            f"{where}: what is the format of {name}?", field=where, hint=f"say format:, or end it in {known}"
        )
    return InputFile(name, path, filesystem, int(filesystem.size(path) or 0), layout, packing)


def content_hash(files: Iterable[InputFile]) -> str:
    """Return a hash of the files' names and bytes, as stored."""
    digest = hashlib.blake2b(digest_size=32)
    for file in files:
        inner = hashlib.blake2b(digest_size=32)
        with file.open() as raw:
            while chunk := raw.read(CHUNK_BYTES):
                inner.update(chunk)
        digest.update(f"{len(file.name)}:{file.name}".encode() + inner.digest())
    return digest.hexdigest()
