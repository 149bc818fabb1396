"""Writes and maps the files of an index: numpy's own format, raw bytes and JSON. Refuses a file that is not whole."""

import json
import os
import shutil
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
# numpy reads a header as Python text, and Python 3.11 counts the depth of what it parses for all threads together: two
# that read at once can find the count wrong (SystemError, "AST constructor recursion depth mismatch").
_HEADERS = Lock()


def save_array(path: Path, array: Array) -> None:
    """Write an array in .npy format and force it to the disk."""
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        _sync(file.fileno(), file)


def save_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write raw bytes and force them to the disk."""
    with path.open("wb") as file:
        file.write(content)
        _sync(file.fileno(), file)


def save_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys, so that equal values are equal bytes."""
    save_bytes(path, (json.dumps(value, sort_keys=True, indent=1) + "\n").encode())


def _sync(descriptor: int, file: Any) -> None:
    file.flush()
    os.fsync(descriptor)


def map_array(path: Path) -> Array:
    """Map an .npy file read-only. Raises ValueError when it is cut short."""
    with _HEADERS:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def map_bytes(path: Path) -> Array:
    """Map a raw file read-only as uint8; an empty file is an empty array, which no system call can map."""
    if path.stat().st_size == 0:
        return np.empty(0, np.uint8)
    return np.asarray(np.memmap(path, np.uint8, "r"))


def link_folder(old: Path, new: Path) -> None:
    """Make `new` hold the same files as `old`, by hard links where the file system has them."""
    new.mkdir()
    for source in sorted(old.iterdir()):
        try:
            os.link(source, new / source.name)
        except OSError:
            shutil.copy2(source, new / source.name)
    sync_folder(new)


def sync_folder(folder: Path) -> None:
    """Force a folder's own entries to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
