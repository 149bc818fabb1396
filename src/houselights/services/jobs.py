"""Work of clients that runs beside their requests, whoever asked for it: audiences that are built, SQL that is asked.

Refuses everybody but operators: a job's name is its owner's. Imports, evaluations, uploads and erasures have lists of
their own, with more to say of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from houselights.model.build import Build
from houselights.model.workflow import Execution, ExecutionState
from houselights.services.caller import Caller
from houselights.storage.control.control import Control

BUILD, QUERY = "build", "query"
WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work. `people` is how many a build found, `error` why it failed; `attempts` how often it began."""

    id: str
    kind: str
    name: str
    client_id: int | None
    state: str
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    people: int | None = None
    error: str | None = None


class Jobs:
    """The jobs of workspaces."""

    def __init__(self, control: Control):
        self._control = control

    def list(self, caller: Caller, *, limit: int = 100, before: datetime | None = None) -> Sequence[Job]:
        """Return jobs, newest first, those asked for before an instant when one is given. Needs "operator"."""
        caller.require("operator")
        workspace_id = caller.workspace.id
        builds = self._control.builds.recent(workspace_id, before=before, limit=limit)
        queries = self._control.executions.recent(workspace_id, before=before, limit=limit)
        jobs = [_of_build(each) for each in builds] + [_of_query(each) for each in queries]
        return sorted(jobs, key=lambda job: job.created_at, reverse=True)[:limit]


def _of_build(build: Build) -> Job:
    return Job(
        id=f"{BUILD}-{build.number}", kind=BUILD, name=build.name, client_id=build.client_id, state=build.state.value,
        attempts=build.attempts, created_at=build.created_at, started_at=build.started_at,
        finished_at=build.finished_at, people=build.members, error=build.reason,
    )  # fmt: skip


def _of_query(query: Execution) -> Job:
    state = WAITING if query.state is ExecutionState.PENDING else query.state.value
    return Job(
        id=f"{QUERY}-{query.id}", kind=QUERY, name=query.query_id or query.subject or "SQL without a name",
        client_id=query.client_id, state=state, attempts=query.attempts, created_at=query.created_at,
        started_at=query.started_at, finished_at=query.finished_at, error=query.error,
    )  # fmt: skip
