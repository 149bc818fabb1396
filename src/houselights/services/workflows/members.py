"""Sets who is on a list, all at once: whoever is new is put on it, whoever is not meant is taken off. One commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from houselights.engine.snapshot import Snapshots
from houselights.model.workspace import Workspace
from houselights.services.imports.lock import waiting_for_import
from houselights.services.imports.parts import Parts
from houselights.services.intake.commit import minor_successor
from houselights.services.motion.place import logged, next_log_time
from houselights.storage.lake.tables import MEMBERSHIPS

WAIT_SECONDS = 120.0

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """How many people came and went, and how many are on the list now."""

    added: int
    removed: int
    members: int


class Members:
    """Lists whose members are worked out, not uploaded."""

    def __init__(self, parts: Parts, snapshots: Snapshots):
        self._parts = parts
        self._snapshots = snapshots

    def replace(self, workspace: Workspace, list_id: int, people: Array, source: str) -> Changed:
        """Make `people` (ids) exactly those on a list; `source` stands in the log. When this returns, it is served.

        The same again changes nothing, so it may be repeated after a crash. Raises Unavailable while an import has the
        workspace for long.
        """
        return self.replace_all(workspace, {list_id: people}, source)[list_id]

    def replace_all(self, workspace: Workspace, lists: Mapping[int, Array], source: str) -> dict[int, Changed]:
        """Do the same for several lists in one commit."""
        parts = self._parts
        with waiting_for_import(parts.settings.data / "locks", workspace.id, WAIT_SECONDS):
            before = self._snapshots.newest(workspace.id)
            at = next_log_time(before.generation, parts.clock.now())
            lines: list[pa.Table] = []
            changed: dict[int, Changed] = {}
            for list_id, people in lists.items():
                there, _ = before.list_log(list_id).standing()
                added, removed = np.setdiff1d(people, there), np.setdiff1d(there, people)
                changed[list_id] = Changed(len(added), len(removed), len(there) + len(added) - len(removed))
                if len(added) + len(removed):
                    lines.append(_lines(list_id, added, removed, at, source))
            if lines:
                generation = minor_successor(before.generation, parts.clock.now())
                version = parts.lake.add(
                    workspace.id, MEMBERSHIPS.name, pa.concat_tables(lines),
                    upon=before.generation.tables.get(MEMBERSHIPS.name), note={"source": source},
                )  # fmt: skip
                after = before.after(logged(generation, version, at))
                with parts.control.transaction() as conn:
                    parts.control.workspaces.lock(workspace.id, conn=conn)
                    parts.control.generations.publish(conn, after.generation)
                self._snapshots.adopt(after)
        return changed


def _lines(list_id: int, added: Array, removed: Array, at: Any, source: str) -> pa.Table:
    people = np.concatenate((removed, added)).astype(np.int64)
    count = len(people)
    instant = MEMBERSHIPS.schema.field("time").type
    columns = {
        "audience_id": pa.array(np.full(count, list_id, np.int64)),
        "person_id": pa.array(people),
        "action": pa.array(["DELETE"] * len(removed) + ["CREATE"] * len(added), pa.string()),
        "time": pa.array(np.full(count, pa.scalar(at, instant).value, np.int64)).cast(instant),
        "country": pa.nulls(count, pa.string()),
        "upload_id": pa.repeat(pa.scalar(source), count),
    }
    return pa.table([columns[name] for name in MEMBERSHIPS.schema.names], schema=MEMBERSHIPS.schema)
