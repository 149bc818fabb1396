"""Works on what waits in one workspace: batch after batch is resolved and put in its place, while the lease lasts.

A lock of the operating system tells the workers of one machine apart, a lease in the control database those of several.
Whoever gets the lock knows that earlier workers of this machine are dead, and takes over at once what they left; the
lease of another machine must run out first.
"""

import fcntl
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from houselights.base.clock import Clock
from houselights.base.errors import HouselightsError
from houselights.base.logs import logger
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.model.upload import UploadState
from houselights.services.imports.lock import waiting_for_import
from houselights.services.imports.parts import Parts
from houselights.services.imports.tidy import clear_the_old
from houselights.services.intake.commit import Committing
from houselights.services.intake.intake import lists_of
from houselights.services.intake.lists import Parties, destinations
from houselights.services.intake.payload import MemberUpload, Payload, Unreadable, unpack
from houselights.services.intake.resolve import Opened, Resolved, resolve
from houselights.services.matching import Matching
from houselights.storage.control.uploads import Outcome, WaitingUpload
from houselights.storage.lake.tables import IDENTITIES

log = logger("uploads")

BATCH_UPLOADS = 1_000  # their ids stand in one commit's note
TIDY_EVERY = 64  # generations
WAIT_SECONDS = 20.0  # for an import, or another change, of the workspace; well within a lease

UNREADABLE = "what was kept of it cannot be read"
UNWORKABLE = "it cannot be worked on; the log of the server says why"
# What faulty data makes code raise. A disk that is full, a database that is gone: those are no fault of the data.
DATA_FAULTS = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is worked on at once: ids of uploads by number, those that were opened, outcomes of those that cannot be."""

    ids: Mapping[int, str]
    opened: tuple[Opened, ...]
    spoilt: tuple[Outcome, ...]

    @property
    def names(self) -> list[str]:
        """The ids of those that were opened, in their order."""
        return [self.ids[each.number] for each in self.opened]

    def alone(self) -> Iterator["Batch"]:
        """Yield each upload as a batch of its own, in their order."""
        for number, upload_id in self.ids.items():
            yield Batch(
                {number: upload_id},
                tuple(each for each in self.opened if each.number == number),
                tuple(each for each in self.spoilt if each.number == number),
            )


class Working:
    """The work of one worker. `stopping` asks it to end after the batch under way."""

    def __init__(self, parts: Parts, snapshots: Snapshots, matching: Matching, machine: Clock):
        self._parts = parts
        self._snapshots = snapshots
        self._matching = matching
        self._machine = machine
        self._committing = Committing(parts, snapshots)
        self._locks = parts.settings.data / "locks"
        self._place = _place(self._locks)
        self.owner = f"{self._place}{uuid.uuid4()}"

    def work(self, workspace_id: int, stopping: Callable[[], bool] = lambda: False) -> int:
        """Work until nothing waits, and return how many uploads were finished; none when another worker has them.

        Raises Unavailable when the workspace is busy for too long, NotFound before the first import; what waits goes
        on waiting then.
        """
        done = 0
        with _only_worker(self._locks, workspace_id) as is_alone:
            try:
                while is_alone and not stopping() and self._lease(workspace_id):
                    batch = self._next(workspace_id)
                    if not batch.ids:
                        break
                    self._do(workspace_id, batch, stopping)
                    done += len(batch.ids)
            finally:
                if is_alone:
                    with suppress(HouselightsError):
                        self._parts.control.uploads.release(workspace_id, self.owner)
        return done

    def _lease(self, workspace_id: int) -> bool:
        return self._parts.control.uploads.lease(
            workspace_id, self.owner, instead_of=self._place, now=self._machine.now(),
            seconds=self._parts.settings.uploads.lease_seconds,
        )  # fmt: skip

    def _next(self, workspace_id: int) -> Batch:
        """Return the oldest uploads that wait, opened."""
        control, knobs = self._parts.control, self._parts.settings.uploads
        waiting = control.uploads.waiting(
            workspace_id, uploads=BATCH_UPLOADS, records=knobs.batch_records, size=knobs.batch_bytes
        )
        payloads = [_unpacked(each) for each in waiting]
        named = {audience_id for payload in payloads if payload is not None for audience_id in lists_of(payload)}
        audiences = control.audiences.find(workspace_id, sorted(named))
        parties = Parties(control, workspace_id)
        opened = []
        for each, payload in zip(waiting, payloads, strict=True):
            if payload is None:
                continue
            origin, targets = (payload.origin, payload.targets) if isinstance(payload, MemberUpload) else (None, ())
            opened.append(
                Opened(
                    number=each.number,
                    upload=payload,
                    destinations=destinations(audiences, lists_of(payload), each.owners, origin),
                    targets=parties.outcomes(each.client_id, targets),
                )
            )
        spoilt = [
            _failed(each.number, UNREADABLE)
            for each, payload in zip(waiting, payloads, strict=True)
            if payload is None
        ]  # fmt: skip
        return Batch({each.number: each.id for each in waiting}, tuple(opened), tuple(spoilt))

    def _do(self, workspace_id: int, batch: Batch, stopping: Callable[[], bool]) -> None:
        """Put a batch in its place. An upload that cannot be worked on is found, and failed; the others are not."""
        try:
            before = self._snapshots.newest(workspace_id)
            found = self._resolved(before, batch)
            with waiting_for_import(self._locks, workspace_id, WAIT_SECONDS, stopping):
                newest = self._snapshots.newest(workspace_id)
                if newest.index is not before.index or newest.generation.tables.get(IDENTITIES.name) != found.version:
                    found = self._resolved(newest, batch)  # somebody has become known, or is gone
                after = self._committing.commit(newest, found, batch.names, self.owner)
                if after is not newest and after.generation.number % TIDY_EVERY == 0:
                    self._tidy(after)
        except _Unworkable as error:
            if len(batch.ids) > 1:
                for one in batch.alone():
                    self._do(workspace_id, one, stopping)
                return
            log.error("an upload cannot be worked on", upload=next(iter(batch.ids.values())), exc_info=error.__cause__)
            failed = [_failed(number, UNWORKABLE) for number in batch.ids]
            self._do(workspace_id, Batch(batch.ids, (), tuple(failed)), stopping)

    def _resolved(self, snapshot: Snapshot, batch: Batch) -> Resolved:
        try:
            found = resolve(self._matching, snapshot, batch.opened)
        except DATA_FAULTS as error:
            raise _Unworkable from error
        found.outcomes += batch.spoilt
        return found

    def _tidy(self, snapshot: Snapshot) -> None:
        """Put small files together, let go of old versions and of outcomes nobody asks for any more."""
        try:
            after = self._committing.compact(snapshot)
            clear_the_old(self._parts, after.generation.workspace_id)
            oldest = self._parts.clock.now() - timedelta(days=self._parts.settings.uploads.keep_days)
            self._parts.control.uploads.forget(after.generation.workspace_id, oldest)
        except Exception:
            log.exception("tidying up failed")  # what is in its place is in its place; the next time will do


class _Unworkable(Exception):
    """Something in a batch cannot be worked on, and never will be; the cause is the fault."""


def _unpacked(waiting: WaitingUpload) -> Payload | None:
    try:
        return unpack(waiting.payload)
    except Unreadable:
        log.exception("an upload cannot be read", upload=waiting.id)
        return None


def _failed(number: int, error: str) -> Outcome:
    return Outcome(number=number, state=UploadState.FAILED, error=error)


@contextmanager
def _only_worker(folder: Path, workspace_id: int) -> Iterator[bool]:
    """Say whether no other process, or thread, of this machine works on the uploads of a workspace, and hold that."""
    with (folder / f"uploads-{workspace_id}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _place(folder: Path) -> str:
    """Return a name for the folder whose locks tell workers apart: the same for all that see this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "place"
    with suppress(FileExistsError):
        drawn = folder / f"place-{uuid.uuid4()}"
        drawn.write_text(f"{uuid.uuid4()}/")
        try:
            file.hardlink_to(drawn)
        finally:
            drawn.unlink()
    return file.read_text()
