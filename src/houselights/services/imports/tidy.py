"""Clears away what no generation names: staging and indexes of imports that died, old versions of lake tables.

Runs only while the workspace's lock is held, so nothing it sees is somebody's work under way.
"""

import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from houselights.base.errors import Conflict
from houselights.engine.texts import sweep_texts
from houselights.model.imports import ImportState
from houselights.model.workspace import is_passing
from houselights.services.imports.lock import only_import
from houselights.services.imports.parts import Parts
from houselights.services.imports.publish import index_prefix
from houselights.services.matching import sweep_lookups
from houselights.storage.lake.tables import IDENTITIES, TABLES, TEXTS

GENERATIONS_KEPT = 2  # the one being served, and the one before for those who are still reading it
READING_SPAN = timedelta(
    minutes=15
)  # of live data and of lists there are many generations, and a question may take that long
RUNS_LOOKED_AT = 1000


def staging_folder(parts: Parts, workspace_id: int) -> Path:
    """Return where imports of a workspace put their rows before they know whose they are."""
    return parts.settings.data / "staging" / f"workspace-{workspace_id}"


def clear_the_dead(parts: Parts, workspace_id: int) -> None:
    """Remove what a crashed import left behind, and say of its run that it failed."""
    shutil.rmtree(staging_folder(parts, workspace_id), ignore_errors=True)
    for run in parts.control.imports.list(workspace_id, limit=RUNS_LOOKED_AT):
        if run.state is ImportState.RUNNING:
            parts.control.imports.finish(
                workspace_id, run.id, state=ImportState.FAILED, finished_at=parts.clock.now(),
                rows_read=run.rows_read, rows_rejected=run.rows_rejected, error="it stopped before its end",
            )  # fmt: skip


def bury_the_dead(parts: Parts, workspace_id: int) -> None:
    """Say of an import that is said to run, but holds no lock, that it failed: its process is gone."""
    newest = parts.control.imports.list(workspace_id, limit=1)
    if newest and newest[0].state is ImportState.RUNNING:
        with suppress(Conflict), only_import(parts.settings.data / "locks", workspace_id):
            clear_the_dead(parts, workspace_id)


def clear_the_old(parts: Parts, workspace_id: int) -> None:
    """Remove indexes and versions of tables that the newest generations do not name."""
    # What an erasure has deleted cannot be kept: nothing older than it can be read.
    first = parts.control.erasures.first_generation(workspace_id)
    generations = [one for one in parts.control.generations.list(workspace_id) if one.number >= first]
    recent = parts.clock.now() - READING_SPAN
    kept = [
        one
        for place, one in enumerate(generations)
        if place < GENERATIONS_KEPT or (is_passing(one.details) and one.built_at > recent)
    ]
    indexes = {generation.index for generation in kept}
    for folder in parts.settings.index_folder.glob(f"*{index_prefix(workspace_id)}*"):
        if not any(index in folder.name for index in indexes):  # one that is being built has its name in it too
            shutil.rmtree(folder, ignore_errors=True)
    for table in TABLES:
        versions = {generation.tables[table] for generation in kept if table in generation.tables}
        if versions:
            parts.lake.vacuum(workspace_id, table, versions)
            if table == IDENTITIES.name:
                sweep_lookups(parts.lake, parts.settings.index_folder, workspace_id, versions)
            if table == TEXTS.name:
                sweep_texts(parts.lake, parts.settings.index_folder, workspace_id, versions)
    if kept:
        parts.control.generations.forget(workspace_id, min(one.number for one in kept))
