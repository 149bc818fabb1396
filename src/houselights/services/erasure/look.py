"""Looks into every file of a workspace, and every row of the control database, for somebody who was erased.

Parquet files are read value by value: rows of the people, and texts that are one of their names. All other files are
searched byte by byte. It tells where a trace is and of what kind, never what it says. Files that are the company's own,
below the folders that imports are read from, are not looked into: they are not the house's.
"""

import json
import mmap
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq
import sqlalchemy as sa

from houselights.base.settings import Settings
from houselights.services.erasure.held_back import BETWEEN, KEY
from houselights.services.erasure.scrub import LETTERS_LEAST, PASSING, Name
from houselights.storage.control.control import Control
from houselights.storage.control.schema import erasure, held_back, metadata
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.shard_files import filesystem_of
from houselights.storage.lake.tables import IDENTITIES, PEOPLE

ROWS_AT_ONCE = 1 << 16
TRACES_TOLD = 100
BYTES_AT_ONCE, BYTES_OVER = 1 << 24, 1 << 16  # a name is shorter than what two pieces share
PARQUET, LOG = ".parquet", "_delta_log/"
WORDS = frozenset({".json", ".jsonl", ".csv", ".tsv", ".txt", ".log", ".yaml", ".yml"})

_kept_open: dict[tuple[int, int], int] = {}  # descriptors of databases by device and inode; see look_into_database_file


@dataclass(slots=True)
class Findings:
    """What was looked into, and where something was found."""

    parquet_files: int = 0
    rows: int = 0
    other_files: int = 0
    bytes: int = 0
    database_rows: int = 0
    traces: list[str] = field(default_factory=list)

    def found(self, where: str, what: str) -> None:
        """Note a trace, once a place and kind."""
        told = f"{where}: {what}"
        if told not in self.traces and len(self.traces) < TRACES_TOLD:
            self.traces.append(told)


class Search:
    """What to look for: `names`, (namespace, value) pairs with keys in the namespace "key", and the `rows` that went
    from each table of the lake. Unless it is about `everything` of a person, other rows may well have a name.
    """

    def __init__(self, names: Collection[Name], rows: Mapping[str, pc.Expression], *, everything: bool = True):
        self.rows = rows
        self.everything = everything
        values = {value for _, value in names}
        self.short = frozenset(value for value in values if len(value) < LETTERS_LEAST)
        self.long = pa.array(sorted(values - self.short), pa.string())
        self.keys = pa.array(sorted(value for namespace, value in names if namespace == KEY), pa.string())
        self.identities = pa.array(sorted(f"{namespace}{BETWEEN}{value}" for namespace, value in names), pa.string())
        forms = sorted({form for name in values for form in (name, json.dumps(name)[1:-1])}, key=len, reverse=True)
        long = [re.escape(form.encode()) for form in forms if len(form) >= LETTERS_LEAST]
        short = [re.escape(form.encode()) for form in forms if len(form) < LETTERS_LEAST]
        self.anywhere = re.compile(b"|".join(long)) if long else None
        # A few letters stand by chance in bytes that are no text, and in texts about something else.
        self.as_words = re.compile(rb"(?<![\w.@-])(?:" + b"|".join(short) + rb")(?![\w@-])") if short else None

    def is_in(self, content: "bytes | mmap.mmap", *, words: bool) -> bool:
        """Say whether bytes hold one of the names; short names count only in text, standing alone."""
        if self.anywhere is not None and self.anywhere.search(content):
            return True
        return words and self.as_words is not None and self.as_words.search(content) is not None


def look_into_lake(lake: Lake, workspace_id: int, search: Search, found: Findings) -> None:
    """Look into every file below the workspace's part of the lake, those of its log too."""
    location = f"{lake.url}/{workspace_id}"
    files = filesystem_of(location, lake.storage_options)
    for each in files.get_file_info(pafs.FileSelector("", recursive=True, allow_not_found=True)):
        if not each.is_file:
            continue
        with files.open_input_file(each.path) as file:
            if each.path.endswith(PARQUET) and LOG not in each.path:
                _look_into_parquet(file, each.path, each.path.lstrip("/").split("/")[0], search, found)
                continue
            content = file.read()
        found.other_files += 1
        found.bytes += len(content)
        # A checkpoint is Parquet, compressed; its texts are JSON that holds the bounds of columns.
        whole = _texts_of(content) if each.path.endswith(PARQUET) else content
        if search.is_in(whole, words=True):
            found.found(f"lake/{workspace_id}/{each.path}", "a name")


def look_into_folders(
    settings: Settings, lake: Lake, search: Search, found: Findings, *, leave: Collection[Path]
) -> None:
    """Look into every file of the data and index folders but those to `leave`, the company's own, and the lake."""
    skipped = [*settings.import_folders, *leave, *([] if lake.is_remote else [Path(lake.url)])]
    for folder in dict.fromkeys((settings.data, settings.index_folder)):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not any(path == each or path.is_relative_to(each) for each in skipped):
                look_into_file(path, path.relative_to(folder).as_posix(), search, found)


def look_into_file(path: Path, name: str, search: Search, found: Findings) -> None:
    """Look into one file: Parquet by its values, any other by its bytes. One that is gone by now has no trace."""
    try:
        if path.suffix == PARQUET:
            with path.open("rb") as file:
                _look_into_parquet(file, name, "", search, found)
            return
        size = path.stat().st_size
        found.other_files += 1
        found.bytes += size
        if not size:
            return
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if search.is_in(content, words=path.suffix in WORDS):
                found.found(name, "a name")
    except FileNotFoundError:
        return


def look_into_database_file(path: Path, search: Search, found: Findings) -> None:
    """Look into the main file of an SQLite database that this process has open, and never close it.

    POSIX drops all locks of a process on a file when it closes any descriptor of it. SQLite's would be gone; the next
    process to close the database would believe itself the last, and take the write-ahead log away under us, with all
    that is written to it from then on.
    """
    file = os.stat(path)
    descriptor = _kept_open.get((file.st_dev, file.st_ino))
    if descriptor is None:
        descriptor = _kept_open[file.st_dev, file.st_ino] = os.open(path, os.O_RDONLY)
    found.other_files += 1
    found.bytes += file.st_size
    for start in range(0, file.st_size, BYTES_AT_ONCE):
        if search.is_in(os.pread(descriptor, BYTES_AT_ONCE + BYTES_OVER, start), words=False):
            found.found(path.name, "a name")
            return


def look_into_database(control: Control, search: Search, found: Findings) -> None:
    """Look into every text of every table but the two that erasures are kept in."""
    with control.database.connect() as connection:
        for table in metadata.sorted_tables:
            if table in (erasure, held_back):
                continue
            columns = [column for column in table.c if isinstance(column.type, sa.Text | sa.JSON)]
            if not columns:
                continue
            for row in connection.execute(sa.select(*columns).execution_options(yield_per=1_000)):
                found.database_rows += 1
                for column, value in zip(columns, row, strict=True):
                    for text in _texts(value):
                        is_long = search.anywhere is not None and search.anywhere.search(text.encode()) is not None
                        if is_long or (table.name in PASSING and text in search.short):
                            found.found(f"control database, {table.name}.{column.name}", "a name")


def _look_into_parquet(file: Any, name: str, table: str, search: Search, found: Findings) -> None:
    try:
        parquet = pq.ParquetFile(file)
    except pa.ArrowInvalid:
        found.found(name, "it cannot be read")
        return
    found.parquet_files += 1
    rows_of = search.rows.get(table)
    for batch in parquet.iter_batches(ROWS_AT_ONCE):
        found.rows += len(batch)
        whole = pa.Table.from_batches([batch])
        if rows_of is not None and _plain(whole.select(_asked_of(whole))).filter(rows_of).num_rows:
            found.found(name, "a row of the person")
        if search.everything and _has_name(whole, table, search):
            found.found(name, "a name")


def _asked_of(rows: pa.Table) -> list[str]:
    """Return the columns by which rows that ought to be gone are told."""
    return [
        name for name in ("person_id", "audience_id", "time", "upload_id", "namespace") if name in rows.column_names
    ]


def _plain(rows: pa.Table) -> pa.Table:
    """Return rows with Arrow's plain kind of text: delta-rs writes another, which filters do not take."""
    fields = [field.with_type(pa.string()) if pa.types.is_string_view(field.type) else field for field in rows.schema]
    return rows.cast(pa.schema(fields))


def _has_name(rows: pa.Table, table: str, search: Search) -> bool:
    """Say whether some text in the rows is a name; a short one counts only where names stand."""
    if table == PEOPLE.name and pc.any(pc.is_in(rows["key"].cast(pa.string()), search.keys)).as_py():
        return True
    if table == IDENTITIES.name:
        both = pc.binary_join_element_wise(*(rows[name].cast(pa.string()) for name in ("namespace", "value")), BETWEEN)
        if pc.any(pc.is_in(both, search.identities)).as_py():
            return True
    return any(
        pc.any(pc.is_in(texts, search.long)).as_py()
        for column in (rows.columns if len(search.long) else ())
        for texts in _leaves(column)
    )


def _leaves(array: Any) -> Iterator[pa.Array]:
    """Yield the arrays of text inside an array, however deep, dictionaries decoded."""
    if isinstance(array, pa.ChunkedArray):
        for chunk in array.chunks:
            yield from _leaves(chunk)
        return
    kind = array.type
    if pa.types.is_string(kind):
        yield array
    elif pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        yield array.cast(pa.string())
    elif pa.types.is_dictionary(kind):
        yield from _leaves(array.dictionary)
    elif pa.types.is_struct(kind):
        for inner in array.flatten():
            yield from _leaves(inner)
    elif pa.types.is_map(kind):
        yield from _leaves(array.keys)
        yield from _leaves(array.items)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _leaves(array.flatten())


def _texts_of(content: bytes) -> bytes:
    """Return all texts of a Parquet file, one a line."""
    table = pq.read_table(pa.BufferReader(content))
    lines = (
        text for column in table.columns for chunk in column.chunks for leaf in _leaves(chunk)
        for text in leaf.drop_null().to_pylist()
    )  # fmt: skip
    return "\n".join(lines).encode()


def _texts(given: Any) -> Iterator[str]:
    """Yield the texts inside a JSON value, keys of objects included."""
    match given:
        case str():
            yield given
        case list():
            for each in given:
                yield from _texts(each)
        case dict():
            for key, value in given.items():
                yield key
                yield from _texts(value)
        case _:
            return
