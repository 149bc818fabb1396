"""Takes rows out of lake tables for good: out of the version being served, then out of every older one and the log.

A Delta table remembers: old files until they are vacuumed, and in its log the least and greatest value of each column
of every file there ever was. So after rows are removed the table is *settled* on a version that rests on a checkpoint,
and once a generation names that version, everything older is deleted. Refuses nothing; whoever calls holds the lock.
"""

import pyarrow.fs as pafs
from deltalake import DeltaTable

from houselights.base.errors import NotFound
from houselights.storage.lake.lake import CONFIGURATION, ORPHAN_HOURS, Lake
from houselights.storage.lake.shard_files import filesystem_of

LOG = "_delta_log"
VERSION_DIGITS = 20


def settle(lake: Lake, workspace_id: int, table: str, version: int) -> int:
    """Delete the files that a version does not need, and return an equal version that rests on a checkpoint.

    From then on no older version can be read. Files no commit names go too: at once where the lake is a folder, of
    which we hold the lock; on object storage when they are a day old, since another machine may be writing them.
    """
    lake.back_to(workspace_id, table, version)
    hours = ORPHAN_HOURS if lake.is_remote else 0
    for retention, whole in ((0, False), (hours, True)):
        _open(lake, workspace_id, table).vacuum(
            retention_hours=retention, dry_run=False, enforce_retention_duration=False, full=whole
        )
    # The last commit stays in the log. This one says nothing about anybody.
    _open(lake, workspace_id, table).alter.set_table_properties(CONFIGURATION)
    opened = _open(lake, workspace_id, table)
    opened.create_checkpoint()
    return int(opened.version())


def forget_before(lake: Lake, workspace_id: int, table: str, version: int) -> int:
    """Delete the log before a version that was settled on; return how many files that were."""
    files = filesystem_of(f"{lake.location(workspace_id, table)}/{LOG}", lake.storage_options)
    gone = 0
    for name in _names(files):
        number = name[:VERSION_DIGITS]
        if number.isdigit() and int(number) < version:
            files.delete_file(name)
            gone += 1
    return gone


def _names(files: pafs.FileSystem) -> list[str]:
    return [each.base_name for each in files.get_file_info(pafs.FileSelector("")) if each.is_file]


def _open(lake: Lake, workspace_id: int, table: str) -> DeltaTable:
    if lake.version(workspace_id, table) is None:
        raise NotFound(f"no data in table {table} of workspace {workspace_id}")
    return DeltaTable(lake.location(workspace_id, table), storage_options=lake.storage_options)
