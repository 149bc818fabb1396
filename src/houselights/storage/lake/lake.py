"""Reads and writes versions of lake tables through delta-rs. Knows tables and files; never what a column means.

A write is one Delta commit: readers see the version before or the version after, never half. Which versions belong
together is not said here but by a published generation in the control database, so a table may be ahead of what is
being served and nobody notices.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
from deltalake import CommitProperties, DeltaTable, Schema, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import create_table_with_add_actions

from houselights.base.errors import NotFound
from houselights.storage.lake.removal import without_rows
from houselights.storage.lake.shard_files import filesystem_of, write_files
from houselights.storage.lake.superseded import Superseded
from houselights.storage.lake.tables import TABLES, LakeTable

NOTE = "note."  # our keys in the commit's metadata, told apart from those delta-rs writes itself
# An old version must stay readable for as long as a generation names it; `vacuum` decides about that, not a timer.
CONFIGURATION = {"delta.logRetentionDuration": "interval 36500 days"}
COMPACT_BYTES = 32 << 20
_PUT_TOGETHER = "OPTIMIZE"
_REMOVED = "removed"  # the note of commits that took rows away
_NEUTRAL = frozenset({"CREATE TABLE", "ADD COLUMN", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", _PUT_TOGETHER})
ORPHAN_HOURS = 24  # a file no commit names may belong to a write still under way, unless it is this old


@dataclass(frozen=True, slots=True)
class Commit:
    """One version of a table: when it was written and the note its writer left."""

    version: int
    at: datetime
    note: dict[str, str]


class Lake:
    """Delta tables below `url`, a folder or an object-store URL, one folder for each workspace.

    `storage_options` are delta-rs's (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, …).
    """

    def __init__(self, url: str, storage_options: Mapping[str, str] | None = None):
        self.url = url.removeprefix("file://").rstrip("/")
        self.storage_options = dict(storage_options or {})

    @property
    def is_remote(self) -> bool:
        """Whether the lake is on object storage, and not a folder."""
        return "://" in self.url

    def location(self, workspace_id: int, table: str) -> str:
        """Where a table's files are, for another engine to read."""
        return f"{self.url}/{workspace_id}/{table}"

    def write(
        self,
        workspace_id: int,
        table: str,
        batches: pa.RecordBatchReader | pa.Table,
        *,
        mode: Literal["overwrite", "append"] = "overwrite",
        note: Mapping[str, str] | None = None,
    ) -> int:
        """Write a new version and return its number, or a later one when others wrote too; `note` is kept in it.

        Streams: a reader is consumed batch by batch, and memory holds about one row group for each shard. Rows of a
        sharded table keep their order within their shard. An error while reading `batches` leaves the table as it
        was. Raises ValueError when the columns are not those of the table.
        """
        shape = TABLES[table]
        refusal = shape.refusal(batches.schema)
        if refusal is not None:
            raise ValueError(refusal)
        properties = CommitProperties(custom_metadata={NOTE + key: value for key, value in (note or {}).items()})
        location = self.location(workspace_id, table)
        if shape.partition_by:
            reader = batches.to_reader() if isinstance(batches, pa.Table) else batches
            self._write_sharded(workspace_id, shape, reader, mode, properties)
        else:
            write_deltalake(
                location,
                batches,
                mode=mode,
                schema_mode="overwrite" if mode == "overwrite" else None,
                configuration=CONFIGURATION,
                storage_options=self.storage_options,
                commit_properties=properties,
            )
        return int(self._open(workspace_id, table).version())

    def add(
        self,
        workspace_id: int,
        table: str,
        rows: pa.Table,
        *,
        upon: int | None,
        instead_of: Collection[int] = (),
        note: Mapping[str, str] | None = None,
    ) -> int:
        """Append rows upon version `upon` (None: there is none yet), in place of all rows of the people `instead_of`.

        Whatever was committed after `upon` is undone first: it belongs to a change that was never published. So only
        one process at a time may add to a workspace's tables, and only the published version may be built upon.
        Returns the new version, or `upon` when there is nothing to do.
        """
        latest = self.version(workspace_id, table)
        if latest is not None and upon is None:
            return self.write(workspace_id, table, rows, note=note)
        if latest is not None and upon is not None:
            self.back_to(workspace_id, table, upon)
            if instead_of:
                upon, _ = self.remove(workspace_id, table, pc.field("person_id").isin(sorted(instead_of)), upon=upon)
        if not rows.num_rows and upon is not None:
            now = self.version(workspace_id, table)
            return upon if now is None else now
        return self.write(workspace_id, table, rows, mode="append", note=note)

    def remove(self, workspace_id: int, table: str, where: pc.Expression, *, upon: int) -> tuple[int, int]:
        """Write a version without some rows upon the version `upon`; return it, and how many rows went.

        Files without such a row stay as they are. Rules of `add` about others apply.
        """
        self.back_to(workspace_id, table, upon)
        opened = self._open(workspace_id, table)
        dataset = self.dataset(workspace_id, table, int(opened.version()))
        location = self.location(workspace_id, table)
        actions, gone = without_rows(opened, dataset, where, self.storage_options, location)
        if not gone:
            return upon, 0
        properties = CommitProperties(custom_metadata={NOTE + _REMOVED: str(gone)})
        partition_by = list(TABLES[table].partition_by)
        opened.create_write_transaction(actions, "append", opened.schema(), partition_by, commit_properties=properties)
        return int(self._open(workspace_id, table).version()), gone

    def back_to(self, workspace_id: int, table: str, version: int) -> None:
        """Undo what was committed after a version. Commits that changed nothing, such as a vacuum's, are left alone."""
        if self.is_ahead(workspace_id, table, version):
            self._open(workspace_id, table).restore(version)

    def is_ahead(self, workspace_id: int, table: str, version: int) -> bool:
        """Say whether the latest version has other rows or columns than this one; to undo that takes a commit."""
        opened = self._open(workspace_id, table)
        if opened.version() == version:
            return False
        wanted = self._open(workspace_id, table, version)
        return bool(set(opened.file_uris()) != set(wanted.file_uris()) or opened.schema() != wanted.schema())

    def compact(self, workspace_id: int, table: str, version: int) -> int:
        """Put the small files of a version together, as `add` leaves one behind each time; return the new version.

        The rows stay the same. Files that are large already stay as they are. Rules of `add` about others apply.
        """
        self.back_to(workspace_id, table, version)
        self._open(workspace_id, table).optimize.compact(target_size=COMPACT_BYTES)
        return int(self._open(workspace_id, table).version())

    def added(
        self,
        workspace_id: int,
        table: str,
        before: int | None,
        after: int,
        *,
        columns: Sequence[str],
        where: pc.Expression | None = None,
    ) -> pa.Table | None:
        """Return the rows that were added between two versions (None: the table did not exist), and only they.

        Putting files together adds nothing. None when rows also went, or when nobody can tell any more.
        """
        steps: list[int] = []
        first = -1 if before is None else before
        if after < first:
            return None
        try:
            history = self._open(workspace_id, table, after).history(after - first)
            for entry in history:
                if not _only_adds(entry):
                    return None
                if entry["operation"] == "WRITE":
                    steps.append(int(entry["version"]))
            if len(history) != after - first:
                return None
            found = [self._added_by(workspace_id, table, step, columns, where) for step in sorted(steps)]
        except (DeltaError, NotFound, FileNotFoundError):
            return None  # the files of a version in between were cleared away
        empty = self.schema(workspace_id, table, after).empty_table().select(list(columns))
        return pa.concat_tables([empty, *found], promote_options="default")

    def _added_by(
        self, workspace_id: int, table: str, version: int, columns: Sequence[str], where: pc.Expression | None
    ) -> pa.Table:
        dataset = self.dataset(workspace_id, table, version)
        known = set(self._open(workspace_id, table, version - 1).file_uris()) if version else set()
        names = {unquote(uri).rsplit("/", 1)[-1] for uri in known}
        new = [each for each in dataset.get_fragments() if unquote(each.path).rsplit("/", 1)[-1] not in names]
        added = pads.FileSystemDataset(new, dataset.schema, dataset.format, dataset.filesystem)
        return added.to_table(columns=list(columns), filter=where)

    def _write_sharded(
        self,
        workspace_id: int,
        shape: LakeTable,
        batches: pa.RecordBatchReader,
        mode: Literal["overwrite", "append"],
        properties: CommitProperties,
    ) -> None:
        location = self.location(workspace_id, shape.name)
        actions = write_files(location, self.storage_options, batches)
        schema, partition_by = Schema.from_arrow(batches.schema), list(shape.partition_by)
        try:
            opened = self._open(workspace_id, shape.name)
        except NotFound:
            create_table_with_add_actions(
                location,
                schema,
                actions,
                partition_by=partition_by,
                configuration=CONFIGURATION,
                storage_options=self.storage_options,
                commit_properties=properties,
            )
            return
        if mode == "append":
            # An append may bring attributes that no row had so far: an open table gets them as new columns first.
            known = {field.name for field in opened.schema().fields}
            new = [field for field in schema.fields if field.name not in known]
            if new:
                opened.alter.add_columns(new)
            schema = opened.schema()
        opened.create_write_transaction([*actions], mode, schema, partition_by, commit_properties=properties)

    def version(self, workspace_id: int, table: str) -> int | None:
        """Return the latest version, or None when nothing was ever written."""
        try:
            return int(self._open(workspace_id, table).version())
        except NotFound:
            return None

    def files(self, workspace_id: int, table: str, version: int, *, shard: int | None = None) -> list[str]:
        """Return the Parquet files of a version, or of one shard of it: absolute paths or URLs, as DuckDB takes them.

        The partition column is not inside the files but in their names (`shard=3/`), Hive fashion. A shard without
        people has no files. Raises NotFound when there is no such version.
        """
        opened = self._open(workspace_id, table, version)
        wanted = None if shard is None else [("shard", "=", shard)]
        names = sorted(opened.file_uris(file_pruning_predicate=wanted))
        # delta-rs escapes names as in URLs, even those of plain files: a space in a folder's name arrives as %20
        return [unquote(name) for name in names]

    def shards(self, workspace_id: int, table: str, version: int) -> list[int]:
        """Return the shards a version has files for, ascending. Raises NotFound when there is no such version."""
        return sorted({int(part["shard"]) for part in self._open(workspace_id, table, version).partitions()})

    def dataset(self, workspace_id: int, table: str, version: int) -> pads.Dataset:
        """Return a version as an Arrow dataset, which reads lazily. Raises NotFound when there is no such version."""
        return _promising_little(self._open(workspace_id, table, version))

    def schema(self, workspace_id: int, table: str, version: int) -> pa.Schema:
        """Return the columns of a version. Raises NotFound when there is no such version."""
        return pa.schema(self._open(workspace_id, table, version).schema().to_arrow())

    def commits(self, workspace_id: int, table: str, limit: int | None = None) -> list[Commit]:
        """Return the versions of a table with their notes, newest first; empty when nothing was ever written."""
        try:
            history = self._open(workspace_id, table).history(limit)
        except NotFound:
            return []
        return [
            Commit(
                int(entry["version"]),
                datetime.fromtimestamp(entry["timestamp"] / 1000, UTC),
                {key[len(NOTE) :]: value for key, value in entry.items() if key.startswith(NOTE)},
            )
            for entry in history
        ]

    def vacuum(self, workspace_id: int, table: str, keep: Collection[int]) -> list[str]:
        """Delete the files that neither the latest version nor those in `keep` need; return what was deleted.

        The log is left whole, so version numbers go on; a version not kept can no longer be read. Files that no
        commit ever named (a writer died) go too once they are a day old, since a younger one may still be committed.
        """
        try:
            opened = self._open(workspace_id, table)
        except NotFound:
            return []
        versions = sorted({*keep, opened.version()})
        removed: list[str] = opened.vacuum(
            retention_hours=0, dry_run=False, enforce_retention_duration=False, keep_versions=versions
        )
        removed += self._open(workspace_id, table).vacuum(
            retention_hours=ORPHAN_HOURS,
            dry_run=False,
            enforce_retention_duration=False,
            full=True,
            keep_versions=versions,
        )
        return removed

    def _open(self, workspace_id: int, table: str, version: int | None = None) -> DeltaTable:
        if table not in TABLES:
            raise ValueError(f"the lake has no table {table}")
        location = self.location(workspace_id, table)
        try:
            return DeltaTable(location, version=version, storage_options=self.storage_options)
        except DeltaError as error:
            # delta-rs has one error for "no such version", for a log whose past went away while it was read, and for a
            # damaged one; what the latest version rests on tells them apart.
            try:
                latest = DeltaTable(location, storage_options=self.storage_options)
            except TableNotFoundError:
                raise NotFound(f"no data in table {table} of workspace {workspace_id}") from error
            if version is None:
                return latest
            if version > latest.version():
                raise NotFound(f"table {table} of workspace {workspace_id} has no version {version}") from error
            if version < self._oldest(location):
                raise Superseded(f"version {version} of table {table} is kept no more; ask again") from error
            raise

    def _oldest(self, location: str) -> int:
        """Return the version of the last checkpoint: nothing older can be read once somebody was forgotten."""
        files = filesystem_of(f"{location}/_delta_log", self.storage_options)
        try:
            with files.open_input_file("_last_checkpoint") as file:
                return int(json.loads(file.read())["version"])
        except FileNotFoundError:
            return 0


def _only_adds(entry: Mapping[str, Any]) -> bool:
    """Say whether a commit left every row that there was where it was."""
    match entry["operation"]:
        case "WRITE" if NOTE + _REMOVED in entry:
            return False
        case "WRITE":
            return bool(entry["version"] == 0 or entry.get("operationParameters", {}).get("mode") == "Append")
        case operation:
            return str(operation) in _NEUTRAL


def _promising_little(table: DeltaTable) -> pads.Dataset:
    """Return the table as a dataset that promises of each file its shard and range of person ids, and no more.

    delta-rs promises what the commit's statistics say of every column, and of a column they leave out that it
    compares with null: no filter on that column would find a row. Arrow skips row groups by the files' own statistics.
    """
    dataset = table.to_pyarrow_dataset()
    actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    if not actions:
        return dataset
    return pads.FileSystemDataset(
        [
            dataset.format.make_fragment(
                unquote(action["path"]), filesystem=dataset.filesystem, partition_expression=_promise(action)
            )
            for action in actions
        ],
        dataset.schema,
        dataset.format,
        dataset.filesystem,
    )


def _promise(action: Mapping[str, Any]) -> pc.Expression:
    """Return what a commit says of one file, as an expression that holds for each of its rows."""
    promise = pc.scalar(True)
    if "partition.shard" in action:
        promise = pc.field("shard") == int(action["partition.shard"])
    low, high = action.get("min.person_id"), action.get("max.person_id")
    if low is not None and high is not None:
        promise &= (pc.field("person_id") >= low) & (pc.field("person_id") <= high)
    return promise
