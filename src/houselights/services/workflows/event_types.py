"""Which types of events a workspace has, and which attributes events of each type are ever given. Remembers no event.

Looked up by reading the columns of attributes once for each version of the events; in a workspace whose events change
all the time, at most once in LOOK_SECONDS, because a type or attribute that was never seen before is rare.
"""

from collections.abc import Mapping
from threading import Lock
from time import monotonic

import pyarrow as pa
from sqlglot import exp

from houselights.engine.sql.tables import Tables
from houselights.model.workspace import Generation
from houselights.services.workflows.event_columns import Path, attributes, lists_of_objects
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import EVENTS

LOOK_SECONDS = 60.0
MEMORY, THREADS = "2GB", 2

Given = Mapping[str, frozenset[Path]]


class EventTypes:
    """Event types of workspaces, remembered. Thread-safe."""

    def __init__(self, lake: Lake):
        self._lake = lake
        self._known: dict[int, tuple[int, float, Given]] = {}
        self._lock = Lock()

    def of(self, generation: Generation) -> Given:
        """Return for each type the ways to the attributes that any event of the type has."""
        version = generation.tables.get(EVENTS.name)
        if version is None:
            return {}
        with self._lock:
            known = self._known.get(generation.workspace_id)
            if known is not None and (known[0] == version or monotonic() - known[1] < LOOK_SECONDS):
                return known[2]
            given = self._look(generation, version)
            self._known[generation.workspace_id] = version, monotonic(), given
            return given

    def _look(self, generation: Generation, version: int) -> Given:
        fields = fields_of(self._lake.schema(generation.workspace_id, EVENTS.name, version))
        paths = [each.path for each in attributes(fields)] + [path for path, _ in lists_of_objects(fields)]
        counts = [f"count({reach(path)})" for path in paths]
        with Tables(self._lake, generation).open(MEMORY, THREADS, None) as connection:
            Tables(self._lake, generation).view(connection, {EVENTS.name})
            rows = connection.sql(f"select {', '.join(['type', *counts])} from events group by type").fetchall()
        return {
            row[0]: frozenset(path for path, count in zip(paths, row[1:], strict=True) if count) for row in sorted(rows)
        }


def fields_of(schema: pa.Schema) -> dict[str, pa.DataType]:
    """Return the attributes of events: the columns that are a workspace's own."""
    own = {"shard", *EVENTS.schema.names}
    return {each.name: each.type for each in schema if each.name not in own}


def reach(path: Path, inside: str | None = None) -> str:
    """Return the SQL of the value at the end of a way, in a row or in a struct."""
    quoted = [exp.to_identifier(step, quoted=True).sql("duckdb") for step in path]
    return ".".join([*([] if inside is None else [inside]), *quoted])
