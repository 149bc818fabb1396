"""The job of an erasure, in steps that each begin where the one before has ended, whatever ended between them.

    waiting    → the lake and the index are rewritten without the person; that generation, what the control database
                 held of them and the hashes to hold them back by change in one transaction
    rewritten  → older files and logs are deleted, a generation that names what is left is published; every file is
                 looked into; names in the erasure itself are dropped, with what was found in the same transaction
    done

A workspace's erasures are worked on one after another, under the lock of imports.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from houselights.base.errors import HouselightsError, Unavailable
from houselights.base.logs import logger
from houselights.engine.snapshot import LOOK_SECONDS, Snapshots
from houselights.engine.texts import sweep_texts
from houselights.model.erasure import Erasure, ErasureScope, ErasureState
from houselights.model.upload import UploadState
from houselights.services.erasure.erase import meant
from houselights.services.erasure.held_back import hash_of, salt
from houselights.services.erasure.leftovers import clear_leftovers
from houselights.services.erasure.look import (
    Findings,
    Search,
    look_into_database,
    look_into_file,
    look_into_folders,
    look_into_lake,
)
from houselights.services.erasure.rewrite import OF_PEOPLE, rewrite, rows_of
from houselights.services.erasure.scrub import Names, scrub, scrub_uploads
from houselights.services.imports.lock import only_import
from houselights.services.imports.parts import Parts
from houselights.services.imports.tidy import clear_the_dead, clear_the_old
from houselights.services.matching import Matching, sweep_lookups
from houselights.storage.control.database import compact
from houselights.storage.lake.forget import forget_before, settle
from houselights.storage.lake.tables import IDENTITIES, MEMBERSHIPS, TEXTS

log = logger("erasure")

OF_CLIENTS = (MEMBERSHIPS.name, IDENTITIES.name)
UNFINISHED = "control database: its files were not looked into, as the look was interrupted; erase once more to do so"
COMPACT_ATTEMPTS = 12  # each waits for as long as any statement does


class Postponed(HouselightsError):
    """It cannot be done yet: uploads that were accepted before it still wait."""


class Job:
    """Works on erasures. Any process may: they take turns by the lock of imports."""

    def __init__(
        self, parts: Parts, snapshots: Snapshots, matching: Matching, sleep: Callable[[float], None] = time.sleep
    ):
        self._parts = parts
        self._snapshots = snapshots
        self._matching = matching
        self._sleep = sleep

    def work(self, workspace_id: int) -> int:
        """Finish the erasures of a workspace in their order; return how many that were.

        Raises Conflict while an import has the workspace, Postponed while an upload that came before has not ended.
        """
        done = 0
        with only_import(self._parts.settings.data / "locks", workspace_id):
            for erasure in self._parts.control.erasures.list(
                workspace_id, states=[ErasureState.WAITING, ErasureState.REWRITTEN]
            ):
                self._finish(erasure)
                done += 1
        return done

    def _finish(self, erasure: Erasure) -> None:
        started = time.monotonic()
        if erasure.state is ErasureState.WAITING:
            self._rewrite(erasure)
        found = self._parts.control.erasures.get(erasure.workspace_id, erasure.id)
        self._prove(found)
        log.info("erased", erasure=erasure.id, scope=erasure.scope.value, seconds=round(time.monotonic() - started, 1))

    # ── waiting → rewritten ─────────────────────────────────────────────────────────────────────────────────────────

    def _rewrite(self, erasure: Erasure) -> None:
        parts, control, workspace_id = self._parts, self._parts.control, erasure.workspace_id
        everything = erasure.scope is ErasureScope.EVERYTHING
        for upload_id in erasure.uploads:
            if control.uploads.get(workspace_id, upload_id).state is UploadState.WAITING:
                raise Postponed(f"upload {upload_id} came before the erasure, and still waits")
        before = self._snapshots.newest(workspace_id)
        again = meant(parts, self._matching, before, erasure.identities, alone=everything)
        people = sorted({*erasure.people, *again})
        rewritten = rewrite(parts, before, erasure, people)
        names = rewritten.names
        drawn = salt(control)
        with control.transaction() as conn:
            control.workspaces.lock(workspace_id, conn=conn)
            control.generations.publish(conn, rewritten.generation)
            if everything:
                scrubbed = scrub(conn, workspace_id, Names(names, frozenset(people)))
                control.erasures.hold_back(
                    conn, workspace_id, (hash_of(drawn, *name) for name in names), parts.clock.now()
                )
            elif erasure.client_id is not None:
                scrubbed = scrub_uploads(conn, workspace_id, erasure.client_id, erasure.until, Names(names))
            else:
                scrubbed = {}
            control.erasures.change(
                erasure.id, conn=conn, state=ErasureState.REWRITTEN.value, people=people,
                needles=sorted(names), generation=rewritten.generation.number,
                report={
                    "people": len(people), "shared_names": rewritten.shared, "rows": rewritten.rows,
                    "control_rows": scrubbed,
                },
            )  # fmt: skip
        self._snapshots.forget(workspace_id)

    # ── rewritten → done ────────────────────────────────────────────────────────────────────────────────────────────

    def _prove(self, erasure: Erasure) -> None:
        control = self._parts.control
        if erasure.needles or erasure.people or "looked" not in erasure.report:
            self._sleep(2 * LOOK_SECONDS)  # other processes move on to what was published before its past is deleted
            self._settle(erasure)
            search = self._search(erasure)
            if erasure.scope is ErasureScope.EVERYTHING:
                erasure = replace(
                    erasure, report={
                        **erasure.report,
                        "copies": clear_leftovers(self._parts.settings.data, erasure.workspace_id, search),
                    },
                )  # fmt: skip
            found = self._looked(erasure, search)
            report = {**erasure.report, "looked": asdict(found), "clean": False, "unfinished": UNFINISHED}
            report["not_looked_into"] = [str(folder) for folder in self._company_files(erasure.workspace_id)]
            control.erasures.change(erasure.id, needles=[], identities=[], people=[], uploads=[], report=report)
            # The names above were in the database's own files until now: those are written anew, and looked into last.
            self._compact()
            for file in self._database_files():
                look_into_file(file, file.name, search, found)
        else:
            self._compact()
            found = Findings(
                **{**erasure.report["looked"], "traces": [*erasure.report["looked"]["traces"], UNFINISHED]}
            )
        report = {**control.erasures.get(erasure.workspace_id, erasure.id).report, "looked": asdict(found)}
        report.pop("unfinished", None)
        report["clean"] = not found.traces
        control.erasures.change(
            erasure.id, state=ErasureState.DONE.value, report=report, finished_at=self._parts.clock.now()
        )

    def _compact(self) -> None:
        """Write the control database anew, however often others get in the way: the names are known only here now."""
        for _ in range(COMPACT_ATTEMPTS - 1):
            with suppress(Unavailable):
                compact(self._parts.control.database)
                return
        compact(self._parts.control.database)

    def _settle(self, erasure: Erasure) -> None:
        """Delete all that is older than what is being served, and publish the versions that are left."""
        parts, workspace_id = self._parts, erasure.workspace_id
        everything = erasure.scope is ErasureScope.EVERYTHING
        before = self._snapshots.newest(workspace_id)
        generation = before.generation
        touched = [table for table in (OF_PEOPLE if everything else OF_CLIENTS) if table in generation.tables]
        settled = {table: settle(parts.lake, workspace_id, table, generation.tables[table]) for table in touched}
        after = replace(
            generation, number=generation.number + 1, tables={**generation.tables, **settled},
            built_at=parts.clock.now(),
        )  # fmt: skip
        with parts.control.transaction() as conn:
            parts.control.workspaces.lock(workspace_id, conn=conn)
            parts.control.generations.publish(conn, after)
            parts.control.erasures.change(erasure.id, conn=conn, generation=after.number)
        self._snapshots.forget(workspace_id)
        self._sleep(2 * LOOK_SECONDS)  # questions under way, and other processes, still read by the log that goes now
        for table, version in settled.items():
            forget_before(parts.lake, workspace_id, table, version)
        clear_the_dead(parts, workspace_id)
        clear_the_old(parts, workspace_id)
        if IDENTITIES.name in settled:
            sweep_lookups(parts.lake, parts.settings.index_folder, workspace_id, [settled[IDENTITIES.name]])
        if TEXTS.name in settled:
            sweep_texts(parts.lake, parts.settings.index_folder, workspace_id, [settled[TEXTS.name]])

    def _search(self, erasure: Erasure) -> Search:
        return Search(
            erasure.needles,
            rows_of(erasure, erasure.people),
            everything=erasure.scope is ErasureScope.EVERYTHING,
        )

    def _looked(self, erasure: Erasure, search: Search) -> Findings:
        parts, found = self._parts, Findings()
        look_into_lake(parts.lake, erasure.workspace_id, search, found)
        own = self._company_files(erasure.workspace_id)
        look_into_folders(parts.settings, parts.lake, search, found, leave=[*self._database_files(), *own])
        if erasure.scope is ErasureScope.EVERYTHING:
            look_into_database(parts.control, search, found)
            index = self._snapshots.newest(erasure.workspace_id).index
            if any(person in index.everyone or index.traits_of(person) for person in erasure.people):
                found.found("index", "the person")
        return found

    def _company_files(self, workspace_id: int) -> list[Path]:
        """Return the folders that populations were imported from, which are the company's own."""
        data = self._parts.settings.data
        folders = {Path(run.population).absolute().parent for run in self._parts.control.imports.list(workspace_id)}
        return sorted(folder for folder in folders if not data.is_relative_to(folder))

    def _database_files(self) -> list[Path]:
        url = self._parts.control.database.url
        if url.get_backend_name() != "sqlite":
            return []
        path = Path(str(url.database)).absolute()
        return [path.with_name(path.name + ending) for ending in ("", "-wal", "-shm")]
