"""Carries out one execution, from its row to its end: compiled anew, run within its limits, its answer kept.

Whatever goes wrong is said in the row. What was cancelled leaves nothing behind; what was interrupted because the
process ends waits again.
"""

from threading import Event
from typing import Any

from houselights.base.clock import Clock, iso_instant
from houselights.base.errors import Conflict, HouselightsError, NotAllowed
from houselights.base.logs import logger
from houselights.base.query_settings import QuerySettings
from houselights.cleanroom.compile import Compiled
from houselights.cleanroom.run import Cancelled, Limits, Result, run
from houselights.model.workflow import Execution, ExecutionState, Purpose
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.workflows.audiences import QueryAudiences
from houselights.services.workflows.executions import Compiling, NotForAudiences
from houselights.services.workflows.question import Asked
from houselights.services.workflows.results import ENDINGS, Results
from houselights.services.workflows.tables import AudienceTables
from houselights.storage.control.control import Control

log = logger("queries")


class Carrying:
    """Carries out executions. Any number of threads may, each another execution."""

    def __init__(
        self, control: Control, clock: Clock, audit: Audit, tables: AudienceTables, compiling: Compiling,
        results: Results, audiences: QueryAudiences, settings: QuerySettings,
    ):  # fmt: skip
        self._control = control
        self._clock = clock
        self._audit = audit
        self._tables = tables
        self._compiling = compiling
        self._results = results
        self._audiences = audiences
        self._settings = settings

    def carry_out(self, execution: Execution, worker: str, cancel: Event) -> None:
        """Run an execution that `worker` has claimed to its end. Sets no end when `cancel` was set meanwhile."""
        try:
            if execution.purpose is Purpose.AUDIENCE:
                self._audiences.begun(execution)
            outcome = self._work(execution, cancel)
            self._end(execution, worker, ExecutionState.SUCCEEDED, outcome=outcome)
        except Cancelled:
            log.info("stopped", execution=execution.id)
        except HouselightsError as error:
            self._fail(execution, worker, str(error), error)
        except Exception as error:
            log.exception("execution failed", execution=execution.id)
            self._fail(execution, worker, "internal error; the fault is in the log under this id", error)

    def give_up(self, execution: Execution, worker: str | None, why: str) -> None:
        """End an execution that will not be tried again."""
        self._fail(execution, worker, why, None)

    def _work(self, execution: Execution, cancel: Event) -> dict[str, object]:
        caller = self._caller(execution)
        room = self._control.accounts.get(execution.workspace_id, execution.account_id)
        asked = Asked.from_json(execution.asked)
        snapshot = self._tables.now(caller)
        compiled = self._compiling.compile(caller, room, asked, execution.purpose, snapshot)
        if asked.is_dry:
            return {"notes": list(compiled.notes)}
        limits = Limits(
            seconds=asked.timeout_seconds, memory=self._settings.memory, threads=self._settings.threads_each
        )
        with run(self._tables.readable(compiled, snapshot), limits, cancel) as result:
            if execution.purpose is Purpose.AUDIENCE:
                return {"members": self._audiences.chosen(caller, execution, result.people)}
            return self._reported(caller, execution, asked, compiled, result)

    def _reported(
        self, caller: Caller, execution: Execution, asked: Asked, compiled: Compiled, result: Result
    ) -> dict[str, object]:
        """Write the files of an answer, and return what is kept of it."""
        told: dict[str, object] = {
            "notes": list(compiled.notes), "tables": [table.names[0] for table in compiled.tables],
        }  # fmt: skip
        # How many rows were withheld is for the operator: the caller chooses whom the number would be about.
        outcome = {**told, "dropped": result.dropped, "filtered": result.filtered}
        if asked.keeps_file:
            about = {
                "execution": execution.id, "query": asked.sql, "windowStart": iso_instant(asked.window.start),
                "windowEnd": iso_instant(asked.window.end), **told,
                "columns": [{"name": each.name, "type": each.type} for each in result.columns],
            }  # fmt: skip
            outcome["rows"] = self._results.write(execution, asked, result, about)
            outcome["files"] = list(ENDINGS)
        self._audit.record(caller, "query.answer", execution.id, rows=outcome.get("rows"), users=result.users)
        return outcome

    def _caller(self, execution: Execution) -> Caller:
        workspace = self._control.workspaces.get(execution.workspace_id)
        if execution.client_id is None:
            return Caller.local(workspace, request_id=execution.id)
        client = self._control.clients.get(execution.client_id)
        if client.disabled:
            raise NotAllowed("the client that asked was turned away")
        return Caller(client=client, workspace=workspace, scopes=client.scopes, request_id=execution.id)

    def _fail(self, execution: Execution, worker: str | None, why: str, error: Exception | None) -> None:
        if self._end(execution, worker, ExecutionState.FAILED, error=why) and execution.purpose is Purpose.AUDIENCE:
            self._audiences.failed(execution, why, wrong_tables=isinstance(error, NotForAudiences))

    def _end(self, execution: Execution, worker: str | None, state: ExecutionState, **values: Any) -> bool:
        """Write the end of an execution, unless it has ended otherwise or is another's by now; tell whether it was."""
        now = self._clock.now()
        try:
            self._control.executions.change(
                execution.workspace_id, execution.id, worker=worker,
                state=state.value, finished_at=now, updated_at=now, **values,
            )  # fmt: skip
        except Conflict:
            if self._control.executions.get(execution.workspace_id, execution.id).state is ExecutionState.CANCELLED:
                self._results.delete(execution)
            return False
        return True
