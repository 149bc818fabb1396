"""The job of an erasure, in steps that each begin where the one before has ended, whatever ended between them.

    waiting    → the lake and the index are rewritten without the person; that generation, what the control database
                 held of them and the hashes to hold them back by change in one transaction
    rewritten  → older files and logs are deleted, a generation that names what is left is published; every file is
                 looked into; names in the erasure itself are dropped, with what was found in the same transaction
    done

A workspace's erasures are worked on under the lock of imports, those of one scope and client in one pass.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from sqlalchemy.engine import Connection

from houselights.base.errors import HouselightsError, Unavailable
from houselights.base.logs import logger
from houselights.engine.snapshot import LOOK_SECONDS, Snapshots
from houselights.engine.texts import has_texts_of, sweep_texts
from houselights.model.erasure import Erasure, ErasureState
from houselights.model.upload import UploadState
from houselights.services.erasure.erase import meant
from houselights.services.erasure.group import Group, grouped
from houselights.services.erasure.held_back import hash_of, salt
from houselights.services.erasure.leftovers import clear_leftovers
from houselights.services.erasure.look import (
    Findings,
    Search,
    look_into_database,
    look_into_database_file,
    look_into_file,
    look_into_folders,
    look_into_lake,
)
from houselights.services.erasure.rewrite import rewrite
from houselights.services.erasure.scrub import Name, Names, scrub, scrub_uploads
from houselights.services.imports.lock import only_import
from houselights.services.imports.parts import Parts
from houselights.services.imports.tidy import clear_the_dead, clear_the_old
from houselights.services.matching import Matching, sweep_lookups
from houselights.storage.control.database import compact
from houselights.storage.lake.forget import forget_before, settle
from houselights.storage.lake.tables import IDENTITIES, TEXTS

log = logger("erasure")

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
        """Finish the erasures of a workspace, as many in one pass as can be; return how many that were.

        Raises Conflict while an import has the workspace, Postponed when all that is left waits for an upload.
        """
        erasures, done = self._parts.control.erasures, 0
        with only_import(self._parts.settings.data / "locks", workspace_id):
            waiting = erasures.list(workspace_id, states=[ErasureState.WAITING])
            ready = [each for each in waiting if not self._must_wait(each)]
            for group in grouped(ready):
                self._rewrite(group)
            for group in grouped(erasures.list(workspace_id, states=[ErasureState.REWRITTEN])):
                self._prove(group)
                done += len(group.erasures)
        if waiting and not done:
            raise Postponed("an upload that came before the erasure still waits")
        return done

    def _must_wait(self, erasure: Erasure) -> bool:
        """Say whether an upload that came before has not ended: its lines are part of what goes."""
        uploads = self._parts.control.uploads
        return any(
            uploads.get(erasure.workspace_id, upload_id).state is UploadState.WAITING for upload_id in erasure.uploads
        )

    # ── waiting → rewritten ─────────────────────────────────────────────────────────────────────────────────────────

    def _rewrite(self, group: Group) -> None:
        parts, control, workspace_id = self._parts, self._parts.control, group.first.workspace_id
        started = time.monotonic()
        before = self._snapshots.newest(workspace_id)
        if group.everything:  # an import may have made somebody known by what was given
            again = {
                each.id: meant(parts, self._matching, before, each.identities, alone=True) for each in group.erasures
            }
            group = Group(
                tuple(replace(each, people=tuple({*each.people, *again[each.id]})) for each in group.erasures)
            )
        rewritten = rewrite(parts, before, group)
        drawn = salt(control)
        with control.transaction() as conn:
            control.workspaces.lock(workspace_id, conn=conn)
            control.generations.publish(conn, rewritten.generation)
            scrubbed = self._scrub(conn, group, rewritten.names)
            if group.everything:
                hashes = (hash_of(drawn, *name) for name in rewritten.names)
                control.erasures.hold_back(conn, workspace_id, hashes, parts.clock.now())
            for each in group.erasures:
                report = {
                    "people": len(each.people), "erasures_at_once": len(group.erasures), "rows": rewritten.rows,
                    "shared_names": rewritten.shared, "control_rows": scrubbed,
                }  # fmt: skip
                control.erasures.change(
                    each.id, conn=conn, state=ErasureState.REWRITTEN.value, people=sorted(each.people),
                    needles=sorted(rewritten.names) if each is group.erasures[0] else [],
                    generation=rewritten.generation.number, report=report,
                )  # fmt: skip
        self._snapshots.forget(workspace_id)
        seconds = round(time.monotonic() - started, 1)
        log.info("rewritten", erasures=len(group.erasures), people=len(group.people), seconds=seconds)

    def _scrub(self, conn: Connection, group: Group, names: frozenset[Name]) -> dict[str, int]:
        first = group.first
        if group.everything:
            return scrub(conn, first.workspace_id, Names(names, frozenset(group.people)))
        if first.client_id is None:
            return {}
        until = max(each.until for each in group.erasures)
        return scrub_uploads(conn, first.workspace_id, first.client_id, until, Names(names))

    # ── rewritten → done ────────────────────────────────────────────────────────────────────────────────────────────

    def _prove(self, group: Group) -> None:
        control = self._parts.control
        reports = {each.id: dict(each.report) for each in group.erasures}
        if "unfinished" not in group.first.report:
            self._sleep(2 * LOOK_SECONDS)  # other processes move on to what was published before its past is deleted
            self._settle(group)
            search = Search(group.needles, group.rows, everything=group.everything)
            copies = self._clear_leftovers(group, search)
            found = self._looked(group, search)
            left = [str(folder) for folder in self._company_files(group.first.workspace_id)]
            with control.transaction() as conn:
                for each in group.erasures:
                    reports[each.id] |= {"copies": copies, "looked": asdict(found), "not_looked_into": left}
                    control.erasures.change(
                        each.id, conn=conn, needles=[], identities=[], people=[], uploads=[],
                        report={**reports[each.id], "clean": False, "unfinished": UNFINISHED},
                    )  # fmt: skip
            # The names above were in the database's own files until now: those are written anew, and looked into last.
            self._compact()
            if files := self._database_files():
                main, log_ahead, _numbers_of_pages = files
                look_into_database_file(main, search, found)
                look_into_file(log_ahead, log_ahead.name, search, found)  # SQLite has no locks on this one
        else:
            self._compact()
            looked = group.first.report["looked"]
            found = Findings(**{**looked, "traces": [*looked["traces"], UNFINISHED]})
        for each in group.erasures:
            report = {**reports[each.id], "looked": asdict(found), "clean": not found.traces}
            report.pop("unfinished", None)
            now = self._parts.clock.now()
            control.erasures.change(each.id, state=ErasureState.DONE.value, report=report, finished_at=now)
        log.info("erased", erasures=len(group.erasures), traces=len(found.traces))

    def _clear_leftovers(self, group: Group, search: Search) -> dict[str, int]:
        if not group.everything:
            return {}
        return clear_leftovers(self._parts.settings.data, group.first.workspace_id, search)

    def _compact(self) -> None:
        """Write the control database anew, however often others get in the way: the names are known only here now."""
        for _ in range(COMPACT_ATTEMPTS - 1):
            with suppress(Unavailable):
                compact(self._parts.control.database)
                return
        compact(self._parts.control.database)

    def _settle(self, group: Group) -> None:
        """Delete all that is older than what is being served, and publish the versions that are left."""
        parts, workspace_id = self._parts, group.first.workspace_id
        before = self._snapshots.newest(workspace_id)
        generation = before.generation
        touched = [table for table in group.tables if table in generation.tables]
        settled = {table: settle(parts.lake, workspace_id, table, generation.tables[table]) for table in touched}
        after = replace(
            generation, number=generation.number + 1, tables={**generation.tables, **settled},
            built_at=parts.clock.now(),
        )  # fmt: skip
        with parts.control.transaction() as conn:
            parts.control.workspaces.lock(workspace_id, conn=conn)
            parts.control.generations.publish(conn, after)
            for each in group.erasures:
                parts.control.erasures.change(each.id, conn=conn, generation=after.number)
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

    def _looked(self, group: Group, search: Search) -> Findings:
        parts, found, workspace_id = self._parts, Findings(), group.first.workspace_id
        look_into_lake(parts.lake, workspace_id, search, found)
        own = self._company_files(workspace_id)
        look_into_folders(parts.settings, parts.lake, search, found, leave=[*self._database_files(), *own])
        if group.everything:
            look_into_database(parts.control, search, found)
            index = self._snapshots.newest(workspace_id).index
            if any(person in index.everyone or index.traits_of(person) for person in group.people):
                found.found("index", "the person")
            if has_texts_of(group.people, parts.settings.index_folder, workspace_id):
                found.found("index of texts", "a text of the person")
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
