"""Takes rows out of the files of a Delta table, by writing the files that have some of them anew. Commits nothing.

delta-rs could do that itself. But it writes text as another kind of Arrow's than ours (`string_view`), and Arrow, that
reads the files, cannot compare the statistics of that kind with a filter: a question that names a text would fail.
"""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
from deltalake import DeltaTable
from deltalake.transaction import AddAction, RemoveAction

from houselights.storage.lake.shard_files import write_files

READ_AHEAD = 2  # batches; a file may have millions of rows


def without_rows(
    table: DeltaTable, dataset: pads.Dataset, where: pc.Expression, storage_options: Mapping[str, str], location: str
) -> tuple[list[AddAction | RemoveAction], int]:
    """Write anew each file that has rows for which `where` holds, without them; return what to commit, and how many
    rows those are. A row about which `where` says neither yes nor no stays. Rows keep their order.
    """
    known = {unquote(action["path"]).rsplit("/", 1)[-1]: action for action in _actions(table)}
    stays = ~where | where.is_null()
    actions: list[AddAction | RemoveAction] = []
    gone = 0
    for fragment in dataset.get_fragments(filter=where):
        hit = fragment.scanner(schema=dataset.schema, filter=where, columns=[]).count_rows()
        if not hit:
            continue
        gone += hit
        old = known[unquote(fragment.path).rsplit("/", 1)[-1]]
        kept = fragment.scanner(
            schema=dataset.schema, filter=stays, batch_readahead=READ_AHEAD, fragment_readahead=1
        ).to_reader()
        actions += write_files(location, storage_options, kept)
        partition: dict[str, str | None] = {
            name[len(_PARTITION) :]: str(old[name]) for name in old if name.startswith(_PARTITION)
        }
        actions.append(
            RemoveAction(
                path=old["path"], data_change=True, deletion_timestamp=int(time.time() * 1000),
                size=old["size_bytes"], partition_values=partition,
            )
        )  # fmt: skip
    return actions, gone


_PARTITION = "partition."


def _actions(table: DeltaTable) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    return found
