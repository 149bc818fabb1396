"""Executions as their client sees them: asked for, listed, cancelled, their files fetched. Runs nothing itself.

A question is compiled before it is kept, so that whoever asks is told at once what is wrong with it. An execution
belongs to the client that asked and to the clean room it asked in; to others it is not there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, InvalidInput, NotFound
from houselights.cleanroom.compile import Compiled, compile_query
from houselights.cleanroom.question import Purpose as Uses
from houselights.cleanroom.tables import Table
from houselights.engine.snapshot import Snapshot
from houselights.model.workflow import Execution, ExecutionState, Purpose
from houselights.model.workspace import Account
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.workflows.question import Asked
from houselights.services.workflows.results import METADATA, RESULT, ResultFile, Results
from houselights.services.workflows.tables import AudienceTables
from houselights.storage.control.control import Control
from houselights.storage.control.executions import ExecutionFilter

USES = {Purpose.REPORT: Uses.REPORT, Purpose.AUDIENCE: Uses.AUDIENCE}


class NotForAudiences(InvalidInput):
    """A query would choose people from a table that audiences are not made of."""


@dataclass(frozen=True, slots=True)
class Links:
    """Tokens that open the files of an execution."""

    result: str
    metadata: str


class Compiling:
    """Compiles questions over the tables that their client may name."""

    def __init__(self, tables: AudienceTables, clock: Clock):
        self._tables = tables
        self._clock = clock

    def compile(
        self, caller: Caller, room: Account, asked: Asked, purpose: Purpose, snapshot: Snapshot | None = None
    ) -> Compiled:
        """Return the query, ready to run over a snapshot (the current one when none is given).

        Raises InvalidInput with the place in the SQL, NotForAudiences when nothing is wrong with a query for an
        audience but the tables it reads, NotFound before the first import.
        """
        tables = self._tables.visible(caller, room, snapshot or self._tables.now(caller))
        try:
            return as_expected(self._compiled(asked, tables, purpose), asked)
        except InvalidInput as error:
            if purpose is Purpose.AUDIENCE and self._would_do(asked, [replace(t, for_audiences=True) for t in tables]):
                raise NotForAudiences(error.message, field=error.field, hint=error.hint, span=error.span) from error
            raise

    def _would_do(self, asked: Asked, tables: Sequence[Table]) -> bool:
        try:
            self._compiled(asked, tables, Purpose.AUDIENCE)
        except InvalidInput:
            return False
        return True

    def _compiled(self, asked: Asked, tables: Sequence[Table], purpose: Purpose) -> Compiled:
        return compile_query(
            asked.sql, tables, window=asked.events, now=self._clock.now(), parameters=asked.values,
            privacy=asked.privacy, purpose=USES[purpose],
        )  # fmt: skip


class Executions:
    """The use-cases of executions of one house."""

    def __init__(
        self, control: Control, clock: Clock, audit: Audit, compiling: Compiling, results: Results,
        wake: Callable[[], None],
    ):  # fmt: skip
        self._control = control
        self._clock = clock
        self._audit = audit
        self._compiling = compiling
        self._results = results
        self._wake = wake

    def start(self, caller: Caller, room: Account, asked: Asked, *, query_id: str | None = None) -> Execution:
        """Keep a question for the workers and return its execution, which waits.

        Raises InvalidInput for SQL that does not compile, NotFound before the first import.
        """
        caller.require("insights:read")
        asked = floored(caller, asked)
        self._compiling.compile(caller, room, asked, Purpose.REPORT)
        execution = self._control.executions.add(self._made(caller, room, asked, query_id))
        self._audit.record(caller, "query.execute", execution.id, sql=asked.sql)
        self._wake()
        return execution

    def get(self, caller: Caller, room: Account, execution_id: str) -> Execution:
        """Return one execution. Raises NotFound."""
        caller.require("insights:read")
        found = self._control.executions.get(caller.workspace.id, execution_id)
        owner = None if caller.client is None else caller.client.id
        if (found.account_id, found.client_id, found.purpose) != (room.id, owner, Purpose.REPORT):
            raise NotFound(f"no execution {execution_id}")
        return found

    def list(
        self,
        caller: Caller,
        room: Account,
        where: ExecutionFilter,
        *,
        offset: int = 0,
        limit: int = 100,
        ascending: bool = False,
    ) -> tuple[Sequence[Execution], int]:
        """Return one stretch of the client's executions, newest first unless `ascending`, and how many there are."""
        caller.require("insights:read")
        mine = replace(where, client_id=None if caller.client is None else caller.client.id, purpose=Purpose.REPORT)
        return self._control.executions.list(
            caller.workspace.id, room.id, mine, offset=offset, limit=limit, ascending=ascending
        )

    def cancel(self, caller: Caller, room: Account, execution_id: str) -> Execution:
        """End an execution that has not ended; whoever runs it stops soon after. Raises NotFound, Conflict."""
        found = self.get(caller, room, execution_id)
        now = self._clock.now()
        self._control.executions.change(
            found.workspace_id, found.id, state=ExecutionState.CANCELLED.value, finished_at=now, updated_at=now
        )
        self._audit.record(caller, "query.cancel", found.id)
        self._wake()
        return self.get(caller, room, execution_id)

    def links(self, caller: Caller, room: Account, execution_id: str) -> Links | None:
        """Return links to the files of an execution; None when it wrote none. Raises NotFound for one that is unknown
        or whose files were deleted, Conflict for one that has not succeeded.
        """
        found = self.get(caller, room, execution_id)
        if found.state is not ExecutionState.SUCCEEDED:
            raise Conflict(f"the execution {found.state.value}; there are files when it has succeeded")
        if not found.outcome:
            raise NotFound("the files of this execution were deleted", hint="execute the query again")
        if not found.outcome.get("files"):
            return None
        return Links(self._results.link(found, RESULT), self._results.link(found, METADATA))

    def open(self, token: str) -> ResultFile:
        """Return the file that a link opens. Raises InvalidInput, NotFound."""
        return self._results.open(token)

    def _made(self, caller: Caller, room: Account, asked: Asked, query_id: str | None) -> Execution:
        now = self._clock.now()
        return Execution(
            id=str(uuid4()),
            workspace_id=caller.workspace.id,
            account_id=room.id,
            client_id=None if caller.client is None else caller.client.id,
            query_id=query_id,
            asked=asked.to_json(),
            created_at=now,
            updated_at=now,
        )


def as_expected(compiled: Compiled, asked: Asked) -> Compiled:
    """Return a compiled query whose columns are those it was said to have. Raises InvalidInput."""
    found = tuple(each.name for each in compiled.columns)
    if asked.columns and found != asked.columns:
        raise InvalidInput(
            f"the query has the columns {', '.join(found)}; expected {', '.join(asked.columns)}", field="columns"
        )
    return compiled


def floored(caller: Caller, asked: Asked) -> Asked:
    """Return the question with the least number of people that a row may rest on, by the workspace's policy."""
    return replace(asked, floor=1 if caller.exact else max(1, caller.workspace.privacy.minimum_cell))
