"""Audiences made by queries: asked for, executed, refreshed when they are due, changed while they fail, taken away.

Of the people that the query chooses, an audience of the house is made once there are enough of them; each execution
after that sets its members anew. Between two executions the audience stays as it was, whatever goes wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, InvalidInput, NotFound
from houselights.base.ids import random_id
from houselights.base.query_settings import QuerySettings
from houselights.model.audience import AudienceKind
from houselights.model.workflow import Execution, Purpose, QueryAudience, QueryAudienceState, TimeWindow
from houselights.model.workspace import Account
from houselights.rules.tree import Listed
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.workflows.kept_audiences import KeptAudiences
from houselights.services.workflows.members import Members
from houselights.services.workflows.question import Asked, checked_values
from houselights.storage.control.control import Control

MADE_OF = "query"  # attribute of the house's audience: the id of what it was made of
REFRESH_DAYS_MOST = 21
UNFINISHED = frozenset({QueryAudienceState.PENDING, QueryAudienceState.RUNNING})

Array = np.ndarray[Any, Any]


class TooFew(InvalidInput):
    """A query chose fewer people than an audience needs."""


class QueryAudiences:
    """The use-cases of audiences made by queries. A client sees its own, clean room by clean room."""

    def __init__(
        self, control: Control, clock: Clock, audit: Audit, audiences: Audiences, members: Members,
        settings: QuerySettings, wake: Callable[[], None],
    ):  # fmt: skip
        self._control = control
        self._clock = clock
        self._audit = audit
        self._audiences = audiences
        self._members = members
        self._settings = settings
        self._wake = wake
        self._kept = KeptAudiences(control)

    # ── what callers ask ────────────────────────────────────────────────────────────────────────────────────────────

    def create(self, caller: Caller, room: Account, owner: Account, wanted: QueryAudience) -> QueryAudience:
        """Keep an audience and have its query executed. Id, owner, times and state are filled in here.

        Raises InvalidInput for values that do not fit the parameters, or a rate of refreshing that there is not.
        """
        caller.require("audiences:write")
        if not 0 <= wanted.refresh_days <= REFRESH_DAYS_MOST:
            raise InvalidInput(f"an audience is refreshed every 1 to {REFRESH_DAYS_MOST} days, or never: 0")
        made = replace(
            wanted, id=str(uuid4()), workspace_id=caller.workspace.id, account_id=room.id, owner_id=owner.id,
            client_id=None if caller.client is None else caller.client.id,
            state=QueryAudienceState.PENDING, created_at=self._clock.now(),
        )  # fmt: skip
        self._execute(made)
        self._audit.record(caller, "query_audience.create", made.id, name=made.name)
        return made

    def get(self, caller: Caller, room: Account, audience_id: str) -> QueryAudience:
        """Return one. Raises NotFound."""
        caller.require("audiences:read")
        found = self._kept.get(caller.workspace.id, audience_id)
        if not _is_of(found, caller, room):
            raise NotFound(f"no audience {audience_id}")
        return found

    def list(self, caller: Caller, room: Account) -> Sequence[QueryAudience]:
        """Return the client's in a clean room, newest first."""
        caller.require("audiences:read")
        return [each for each in self._kept.list(caller.workspace.id) if _is_of(each, caller, room)]

    def change(self, caller: Caller, room: Account, audience_id: str, wanted: QueryAudience) -> QueryAudience:
        """Ask another query, over another window, in the place of one that failed. Raises NotFound, and Conflict for an
        audience that did not fail.
        """
        caller.require("audiences:write")
        old = self.get(caller, room, audience_id)
        if old.state is not QueryAudienceState.FAILED:
            raise Conflict(f"the audience is {old.state.value}; it can be changed when it has failed")
        new = replace(
            old, sql=wanted.sql, query_id=wanted.query_id, parameters=wanted.parameters, values=wanted.values,
            window=wanted.window, moves=wanted.moves, state=QueryAudienceState.PENDING, reason=None,
            wrong_tables=False, attributes={**old.attributes, **wanted.attributes},
        )  # fmt: skip
        self._execute(new)
        self._audit.record(caller, "query_audience.change", new.id)
        return new

    def remove(self, caller: Caller, room: Account, audience_id: str) -> None:
        """Forget an audience: nobody is a member any more, and the house's audience is archived.

        Raises NotFound, and Conflict while its query is executed or others stand on the audience.
        """
        caller.require("audiences:write")
        old = self.get(caller, room, audience_id)
        if old.state in UNFINISHED:
            raise Conflict(f"the audience is {old.state.value}; it can be taken away when that is over")
        self._retire(caller, old)
        self._kept.delete(old)
        self._audit.record(caller, "query_audience.remove", old.id)

    # ── what workers do ─────────────────────────────────────────────────────────────────────────────────────────────

    def enqueue_due(self) -> int:
        """Have everything executed that is due, and put out of use what is never refreshed and old; return how many."""
        now, count = self._clock.now(), 0
        for workspace in self._control.workspaces.list():
            for kept in self._kept.list(workspace.id):
                if kept.state in UNFINISHED or kept.state is QueryAudienceState.DEACTIVATED:
                    continue
                if kept.refresh_days and now >= _due(kept):
                    self._execute(replace(kept, state=QueryAudienceState.PENDING), refreshes=kept)
                    count += 1
                elif not kept.refresh_days and now >= kept.created_at + timedelta(days=self._settings.unrefreshed_days):
                    self._retire(Caller.local(workspace), kept)
                    self._kept.put(replace(kept, state=QueryAudienceState.DEACTIVATED), now)
                    count += 1
        return count

    def begun(self, execution: Execution) -> None:
        """Say that the query of an audience is being executed."""
        kept = self._of(execution)
        if kept is not None:
            self._kept.put(replace(kept, state=QueryAudienceState.RUNNING), self._clock.now())

    def failed(self, execution: Execution, why: str, *, wrong_tables: bool = False) -> None:
        """Say that the query of an audience failed, and why; the members stay as they were."""
        kept = self._of(execution)
        if kept is not None:
            failed = replace(kept, state=QueryAudienceState.FAILED, reason=why, wrong_tables=wrong_tables)
            self._kept.put(failed, self._clock.now())

    def chosen(self, caller: Caller, execution: Execution, people: Array) -> int:
        """Make the people that a query chose the members of its audience; return how many that is.

        Repeated after a crash it comes to the same. Raises TooFew, and what `Members.replace` raises.
        """
        kept = self._of(execution)
        if kept is None:
            raise NotFound("the audience was taken away while its query was executed")
        fewest = caller.workspace.privacy.minimum_list
        if len(people) < fewest:
            raise TooFew(f"the query chooses too few people: an audience has at least {fewest:,}")
        now = self._clock.now()
        if kept.audience_id is None:
            kept = replace(kept, audience_id=random_id())
            self._kept.put(kept, now)  # before the audience is there, so that a crash leaves no second one
        assert kept.audience_id is not None
        self._made(caller, kept)
        changed = self._members.replace(caller.workspace, kept.audience_id, people, f"query:{execution.id}")
        done = replace(
            kept, state=QueryAudienceState.SUCCEEDED, reason=None, wrong_tables=False, members=changed.members,
            refreshed_at=now,
        )  # fmt: skip
        self._kept.put(done, now)
        return changed.members

    def _made(self, caller: Caller, kept: QueryAudience) -> None:
        """Make the house's audience unless it is there already."""
        assert kept.audience_id is not None
        if self._control.audiences.find(caller.workspace.id, [kept.audience_id]):
            return
        owner = self._control.accounts.get(caller.workspace.id, kept.owner_id)
        self._audiences.create(
            caller.acting_for(owner),
            audience_id=kept.audience_id,
            name=kept.title,
            description=kept.description or "",
            rule=Listed(kept.audience_id),
            kind=AudienceKind.CUSTOM,
            path=kept.path,
            account_id=owner.id,
            attributes={MADE_OF: kept.id},
            exclude_opted_out=True,
        )

    def _execute(self, kept: QueryAudience, refreshes: QueryAudience | None = None) -> None:
        """Keep an audience that waits, and an execution for it, both or neither."""
        now = self._clock.now()
        asked = Asked(
            sql=kept.sql,
            window=_window(kept, now),
            values=checked_values(kept.parameters, kept.values),
            timeout_seconds=self._settings.timeout_seconds,
        )
        execution = Execution(
            id=str(uuid4()), workspace_id=kept.workspace_id, account_id=kept.account_id, client_id=kept.client_id,
            purpose=Purpose.AUDIENCE, subject=kept.id, query_id=kept.query_id, asked=asked.to_json(),
            created_at=now, updated_at=now,
        )  # fmt: skip
        with self._control.transaction() as conn:
            self._control.workspaces.lock(kept.workspace_id, conn=conn)
            if refreshes is not None and self._kept.get(kept.workspace_id, kept.id, conn=conn) != refreshes:
                return  # another process came first
            self._kept.put(replace(kept, tried_at=now), now, conn=conn)
            self._control.executions.add(execution, conn=conn)
        self._wake()

    def _retire(self, caller: Caller, kept: QueryAudience) -> None:
        """Take everybody off the list, and the house's audience out of use."""
        if kept.audience_id is None or not self._control.audiences.find(kept.workspace_id, [kept.audience_id]):
            return
        owner = self._control.accounts.get(kept.workspace_id, kept.owner_id)
        self._audiences.archive(caller.acting_for(owner), kept.audience_id)
        self._members.replace(caller.workspace, kept.audience_id, np.empty(0, np.int64), f"query:{kept.id}")

    def _of(self, execution: Execution) -> QueryAudience | None:
        try:
            return self._kept.get(execution.workspace_id, execution.subject)
        except NotFound:
            return None


def _is_of(kept: QueryAudience, caller: Caller, room: Account) -> bool:
    owner = None if caller.client is None else caller.client.id
    return (kept.client_id, kept.account_id) == (owner, room.id)


def _due(kept: QueryAudience) -> datetime:
    """Return when an audience is executed again."""
    return (kept.tried_at or kept.created_at) + timedelta(days=kept.refresh_days)


def _window(kept: QueryAudience, now: datetime) -> TimeWindow:
    """Return the window of an execution: the one asked for, moved by the time that has passed if it moves."""
    passed = now - kept.created_at if kept.moves else timedelta()
    return replace(kept.window, start=kept.window.start + passed, end=kept.window.end + passed)
