"""Evaluations over everybody: asked for or due, run one after another, and kept with what they found.

A run is a row before it begins and says truthfully where it is. What it finds is published with its end in one
transaction: a run that fails, or dies, has changed nothing.
"""

import builtins
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from houselights.base.errors import Conflict, HouselightsError, InvalidInput, NotFound
from houselights.base.logs import logger
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.model.audience import AudienceFilter, AudienceKind, AudienceStatus, Evaluation
from houselights.model.motion import FINISHED, EvaluationRun, EvaluationSchedule, RunSource, RunState
from houselights.model.workspace import Generation, Workspace
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.imports.lock import only_import
from houselights.services.imports.parts import Parts
from houselights.services.motion.batch import Evaluated, evaluate_all, with_namespaces
from houselights.services.motion.concerns import concern, concerns
from houselights.services.motion.place import successor
from houselights.services.resolver import Resolver

log = logger("evaluation")

AUDIENCES_MOST = 100_000
IN_USE = frozenset(Evaluation) - {Evaluation.NEVER}
MADE_HERE = frozenset(AudienceKind) - {AudienceKind.REFERENCE}
LOCK_SECONDS = 30.0  # to wait for an import or a micro-batch to end before a run is put off
DAY_MINUTES = 24 * 60
TELLING_SECONDS = 0.5


class Evaluating:
    """Evaluation runs and when they are due."""

    def __init__(self, parts: Parts, snapshots: Snapshots, audit: Audit):
        self._parts = parts
        self._control = parts.control
        self._snapshots = snapshots
        self._audit = audit

    # ── what callers ask ────────────────────────────────────────────────────────────────────────────────────────────

    def request(self, caller: Caller, audience_ids: Sequence[int] = ()) -> EvaluationRun:
        """Queue a run over some audiences, or all that are in use, and return it. Needs "audiences:write".

        Raises NotFound for an audience that does not exist for the caller.
        """
        caller.require("audiences:write")
        found = self._control.audiences.find(caller.workspace.id, list(audience_ids))
        for audience_id in audience_ids:
            if audience_id not in found or not caller.may_see(found[audience_id]):
                raise NotFound(f"no audience {audience_id}")
        run = self._queued(caller.workspace.id, RunSource.REQUEST, tuple(audience_ids))
        self._audit.record(caller, "evaluation.request", str(run.id), audiences=len(audience_ids))
        return run

    def run_batch(self, caller: Caller, audience_ids: Sequence[int] = ()) -> EvaluationRun:
        """Queue a run, run it to its end, and return it as it ended."""
        return self.carry_out(self.request(caller, audience_ids))

    def get(self, caller: Caller, run_id: int) -> EvaluationRun:
        """Return one run. Needs "audiences:read"; raises NotFound."""
        caller.require("audiences:read")
        return self._control.evaluations.get(caller.workspace.id, run_id)

    def list(self, caller: Caller, limit: int = 100) -> Sequence[EvaluationRun]:
        """Return runs, newest first. Needs "audiences:read"."""
        caller.require("audiences:read")
        return self._control.evaluations.list(caller.workspace.id, limit=limit)

    def cancel(self, caller: Caller, run_id: int) -> EvaluationRun:
        """End a run that has not ended; what it found is not published. Raises NotFound, Conflict when it has ended."""
        caller.require("audiences:write")
        now = self._parts.clock.now()
        self._control.evaluations.change(caller.workspace.id, run_id, state=RunState.CANCELLED, finished_at=now)
        self._audit.record(caller, "evaluation.cancel", str(run_id))
        return self.get(caller, run_id)

    def schedule(self, caller: Caller) -> EvaluationSchedule | None:
        """Return when the workspace's audiences are evaluated, None when only on request."""
        caller.require("audiences:read")
        return self._control.evaluations.schedule(caller.workspace.id)

    def set_schedule(self, caller: Caller, minute: int, *, enabled: bool = True) -> EvaluationSchedule:
        """Evaluate all audiences every day at a minute of the UTC day. Raises InvalidInput for no such minute."""
        caller.require("audiences:write")
        if not 0 <= minute < DAY_MINUTES:
            raise InvalidInput(f"a day has minutes from 0 to {DAY_MINUTES - 1}", field="minute")
        schedule = EvaluationSchedule(
            workspace_id=caller.workspace.id, minute=minute, enabled=enabled,
            next_due=next_due(minute, self._parts.clock.now()),
        )  # fmt: skip
        self._control.evaluations.put_schedule(schedule)
        self._audit.record(caller, "evaluation.schedule", minute=minute, enabled=enabled)
        return schedule

    # ── what the scheduler does ─────────────────────────────────────────────────────────────────────────────────────

    def enqueue_due(self) -> Sequence[EvaluationRun]:
        """Queue a run for every schedule that is due, and put each off to its next day. A day missed is run once."""
        now = self._parts.clock.now()
        queued = []
        for due in self._control.evaluations.due(now):
            with self._control.transaction() as conn:
                self._control.workspaces.lock(due.workspace_id, conn=conn)
                current = self._control.evaluations.schedule(due.workspace_id, conn=conn)
                if current is None or not current.enabled or current.next_due > now:
                    continue  # another process came first
                later = replace(current, next_due=next_due(current.minute, now))
                self._control.evaluations.put_schedule(later, conn=conn)
                run = EvaluationRun(workspace_id=due.workspace_id, source=RunSource.SCHEDULE, requested_at=now)
                queued.append(self._control.evaluations.start(run, conn=conn))
        return queued

    def carry_out(self, run: EvaluationRun) -> EvaluationRun:
        """Run a queued run to its end and return it; one that another process has begun is returned as it is.

        Whatever goes wrong is said in the run. It stays queued while an import has the workspace for long.
        """
        workspace = self._control.workspaces.get(run.workspace_id)
        evaluations = self._control.evaluations
        try:
            with self._alone(workspace):
                now = self._parts.clock.now()
                if evaluations.get(workspace.id, run.id).state is not RunState.QUEUED:
                    return evaluations.get(workspace.id, run.id)
                evaluations.change(workspace.id, run.id, state=RunState.RUNNING, started_at=now)
                self._evaluate(workspace, run)
        except Conflict as error:
            log.info("run put off or ended", run=run.id, reason=error.message)
        except HouselightsError as error:
            self._fail(run, error.message)
        except Exception as error:
            log.exception("run failed", run=run.id)
            self._fail(run, f"{type(error).__name__}: {error}")
        return evaluations.get(workspace.id, run.id)

    def recover(self) -> None:
        """Say of runs that a process left behind when it died that they failed."""
        for run in self._control.evaluations.unfinished():
            if run.state is RunState.RUNNING:
                try:
                    with only_import(self._parts.settings.data / "locks", run.workspace_id):
                        self._fail(run, "it stopped before its end")
                except Conflict:
                    continue  # it is running, in another process

    def sweep(self, workspace: Workspace) -> Evaluated | None:
        """Ask the continuous audiences that depend on what now is again: time passes without a sound. Where data stands
        still, it passes for lists that forget people alone.

        Returns None where nothing depends on it. Raises Conflict while somebody else has the workspace.
        """
        with only_import(self._parts.settings.data / "locks", workspace.id):
            before = self._snapshots.newest(workspace.id)
            is_live = bool(before.generation.details.get("live"))
            ids = self._ids(workspace, continuous=True)
            resolve = Resolver(self._control, workspace, before.catalogue, named=ids, now=self._parts.clock.now())
            asked = [each for each in concerns(ids, resolve) if (each.now if is_live else each.expires)]
            if not asked:
                return None
            snapshot = self._upon(before)
            at = snapshot.generation.as_of if is_live else max(self._parts.clock.now(), before.generation.as_of)
            upload_id = f"sweep:{snapshot.generation.number}"
            found = evaluate_all(self._parts.lake, snapshot, asked, resolve, at=at, upload_id=upload_id)
            if is_live or found.changed:
                with self._control.transaction() as conn:
                    self._control.workspaces.lock(workspace.id, conn=conn)
                    self._control.generations.publish(conn, found.snapshot.generation)
                self._snapshots.adopt(found.snapshot)
            return found

    def _alone(self, workspace: Workspace) -> "_Patient":
        return _Patient(self._parts, workspace)

    def _evaluate(self, workspace: Workspace, run: EvaluationRun) -> None:
        before = self._snapshots.newest(workspace.id)
        ids = list(run.audiences) or self._ids(workspace)
        resolve = Resolver(self._control, workspace, before.catalogue, named=ids, now=self._parts.clock.now())
        asked = [concern(audience_id, resolve) for audience_id in ids]
        snapshot = self._upon(before)
        # In the log things happen when they are found out; what they were found about is the generation's as_of.
        at = max(self._parts.clock.now(), before.generation.as_of)
        found = evaluate_all(
            self._parts.lake, snapshot, asked, resolve, at=at, upload_id=f"run:{run.id}",
            moved=self._telling(run, len(ids)),
        )  # fmt: skip
        generation, counts = found.snapshot.generation, with_namespaces(self._parts.lake, found)
        with self._control.transaction() as conn:
            self._control.workspaces.lock(workspace.id, conn=conn)
            publishes = found.changed or generation.details.get("live")
            if publishes:
                self._control.generations.publish(conn, generation)
            self._control.evaluations.change(
                workspace.id, run.id, conn=conn,
                state=RunState.SUCCEEDED, finished_at=self._parts.clock.now(), as_of=generation.as_of,
                people=before.index.people, counts=counts,
                generation=generation.number if publishes else before.generation.number,
            )  # fmt: skip
        if publishes:
            self._snapshots.adopt(found.snapshot)

    def _telling(self, run: EvaluationRun, total: int) -> Callable[[int], None]:
        """Return what writes into a run how many of its audiences are done, at most twice a second.

        It raises Conflict when somebody has cancelled the run, which ends the work.
        """
        change, wrote = self._control.evaluations.change, time.monotonic()
        change(run.workspace_id, run.id, total=total)

        def moved(done: int) -> None:
            nonlocal wrote
            if done == total or time.monotonic() - wrote >= TELLING_SECONDS:
                change(run.workspace_id, run.id, done=done)
                wrote = time.monotonic()

        return moved

    def _upon(self, before: Snapshot) -> Snapshot:
        """Return the next generation over the same people: live data as of now, imported data as of its import."""
        return before.after(self._next(before.generation))

    def _next(self, before: Generation) -> Generation:
        if not before.details.get("live"):
            return replace(before, number=before.number + 1)
        now = self._parts.clock.now()
        return successor(before, as_of=now, built_at=now)

    def _ids(self, workspace: Workspace, *, continuous: bool = False) -> builtins.list[int]:
        where = AudienceFilter(
            statuses=frozenset({AudienceStatus.ACTIVE}),
            kinds=MADE_HERE,
            evaluations=frozenset({Evaluation.CONTINUOUS}) if continuous else IN_USE,
        )
        found, _ = self._control.audiences.list(workspace.id, where, 0, AUDIENCES_MOST)
        return [audience.id for audience in found]

    def _queued(self, workspace_id: int, source: RunSource, audiences: tuple[int, ...] = ()) -> EvaluationRun:
        run = EvaluationRun(
            workspace_id=workspace_id, source=source, audiences=audiences, requested_at=self._parts.clock.now()
        )
        return self._control.evaluations.start(run)

    def _fail(self, run: EvaluationRun, why: str) -> None:
        if self._control.evaluations.get(run.workspace_id, run.id).state not in FINISHED:
            now = self._parts.clock.now()
            self._control.evaluations.change(
                run.workspace_id, run.id, state=RunState.FAILED, finished_at=now, error=why
            )


class _Patient:
    """The workspace's lock, waited for."""

    def __init__(self, parts: Parts, workspace: Workspace):
        self._parts = parts
        self._workspace = workspace

    def __enter__(self) -> None:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            self._lock = only_import(self._parts.settings.data / "locks", self._workspace.id)
            try:
                self._lock.__enter__()
                return
            except Conflict:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def __exit__(self, *error: object) -> None:
        self._lock.__exit__(None, None, None)


def next_due(minute: int, after: datetime) -> datetime:
    """Return the first instant after `after` that lies at this minute of a UTC day."""
    today = after.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
    return today if today > after else today + timedelta(days=1)
