"""Builds as rooms ask for them: begun, listed, read, renamed, taken away. Works nothing out itself.

A build is the company's, like the audience it becomes: every client of the workspace that may read audiences sees it,
within the room that asked for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, InvalidInput, NotFound
from houselights.base.ids import random_id
from houselights.engine.snapshot import Snapshots
from houselights.model.build import OVER, Build, BuildState
from houselights.rules.json_form import to_json
from houselights.rules.tree import Rule
from houselights.services.audiences import Audiences, checked_name
from houselights.services.audit import Audit
from houselights.services.builds.makers import Array, Follower, Maker, Measure, Preparation
from houselights.services.caller import Caller
from houselights.services.credits import Credits
from houselights.services.workflows.members import Members
from houselights.storage.control.control import Control

RULE = "rule"
BUILT_BY = "build"  # attribute of the house's audience: the number of the build that made it


def rule_source(rule: Rule) -> dict[str, Any]:
    """Return the source of a build that looks for the people of a rule."""
    return {"kind": RULE, "rule": to_json(rule)}


class Builds:
    """The use-cases of builds. Makers and followers are told to it once, when the house and its rooms are wired."""

    def __init__(
        self, control: Control, clock: Clock, audit: Audit, audiences: Audiences, snapshots: Snapshots,
        members: Members, ledger: Credits, wake: Callable[[], None],
    ):  # fmt: skip
        self._control = control
        self._clock = clock
        self._audit = audit
        self._audiences = audiences
        self._snapshots = snapshots
        self._members = members
        self._ledger = ledger
        self.wake = wake
        self.makers: dict[str, Maker] = {}
        self.followers: dict[str, list[Follower]] = {"": []}
        self.reports: set[str] = set()  # rooms' builds that are reports: they are worked out beside all others
        self.preparations: dict[str, dict[str, Preparation]] = {}
        self.measures: dict[str, dict[str, Measure]] = {}
        self.removals: list[Callable[[Caller, Build], None]] = []  # what else goes when a build is taken away

    def follow(self, origin: str, follower: Follower | None = None) -> None:
        """Say what a room does when its builds end. Builds of a room wait until it has said so, even if nothing."""
        there = self.followers.setdefault(origin, [])
        if follower is not None:
            there[:] = [each for each in there if not each.name or each.name != follower.name] + [follower]

    def prepare(self, origin: str, name: str, preparation: Preparation) -> None:
        """Say what is to be done before a build of a room is worked out; under the same name, the last word counts."""
        self.preparations.setdefault(origin, {})[name] = preparation

    def measure(self, origin: str, name: str, measure: Measure) -> None:
        """Say what is to be found out about the members of a room's builds; under one name, the last word counts."""
        self.measures.setdefault(origin, {})[name] = measure

    def start(
        self,
        caller: Caller,
        *,
        origin: str,
        name: str,
        description: str = "",
        source: Mapping[str, Any],
        asked: Mapping[str, Any] | None = None,
        pays: str | None = "builds",
    ) -> Build:
        """Keep a build for the workers, pay for it, and return it, waiting.

        `source` is `rule_source(rule)` or what another maker understands; a rule should have been checked
        (`Audiences.check`). `asked` must be fit for JSON. `pays` is the kind of credit it costs, None for nothing.
        Raises NoCredit, InvalidInput for the name or an unknown kind of source; nothing is kept then.
        """
        with self._control.transaction() as conn:
            build = self.queue(
                conn, caller, origin=origin, name=name, description=description, source=source, asked=asked, pays=pays
            )
        self._audit.record(caller, "build.start", str(build.number), name=build.name, kind=source["kind"])
        self.wake()
        return build

    def queue(
        self,
        conn: Connection,
        caller: Caller,
        *,
        origin: str,
        name: str,
        description: str = "",
        source: Mapping[str, Any],
        asked: Mapping[str, Any] | None = None,
        pays: str | None = "builds",
        refused: str | None = None,
    ) -> Build:
        """Do what `start` does within the caller's transaction, and no more: workers find it by themselves.

        With `refused` it is kept as one that failed, for that reason, and paid for by nobody.
        """
        caller.require("audiences:write")
        if source.get("kind") not in self.makers:
            raise InvalidInput(f"nobody makes audiences of {source.get('kind')}", field="source")
        now = self._clock.now()
        wanted = Build(
            workspace_id=caller.workspace.id,
            client_id=None if caller.client is None else caller.client.id,
            origin=origin,
            audience_id=random_id(),
            name=checked_name(name),
            description=description,
            source=source,
            asked=asked or {},
            created_at=now,
            updated_at=now,
        )
        if refused is not None:
            failed = replace(wanted, state=BuildState.FAILED, reason=refused, finished_at=now)
            return self._control.builds.add(failed, conn=conn)
        credit = None if pays is None else self._ledger.spend(caller, pays, "build", conn=conn)
        return self._control.builds.add(replace(wanted, credit=credit), conn=conn)

    def get(self, caller: Caller, origin: str, number: int) -> Build:
        """Return a build that a room asked for. Raises NotFound, also for one that was removed."""
        caller.require("audiences:read")
        try:
            found = self._control.builds.get(caller.workspace.id, number)
        except NotFound:
            found = None
        if found is None or found.origin != origin or found.state is BuildState.REMOVED:
            raise NotFound(f"no audience {number}")
        return found

    def done(self, caller: Caller, origin: str, number: int) -> Build:
        """Return a build that has succeeded. Raises NotFound, and Conflict for one that has not."""
        found = self.get(caller, origin, number)
        if found.state is not BuildState.SUCCEEDED:
            raise Conflict(f"audience {number} is {found.state.value}; this can be asked when it has succeeded")
        return found

    def list(self, caller: Caller, origin: str, *, offset: int = 0, limit: int = 100) -> tuple[Sequence[Build], int]:
        """Return one stretch of the builds a room asked for, newest first, and how many there are."""
        caller.require("audiences:read")
        return self._control.builds.list(caller.workspace.id, origin, offset=offset, limit=limit)

    def people(self, build: Build) -> Array:
        """Return the members of a build that has succeeded, person ids ascending; who was erased since is not there."""
        people, _ = self._snapshots.current(build.workspace_id).list_log(build.audience_id).standing()
        return people

    def rename(
        self, caller: Caller, origin: str, number: int, *, name: str | None = None, description: str | None = None
    ) -> Build:
        """Change what a build, and the audience it became, is called. Raises NotFound, InvalidInput."""
        caller.require("audiences:write")
        found = self.get(caller, origin, number)
        values: dict[str, Any] = {"updated_at": self._clock.now()}
        if name is not None:
            values["name"] = checked_name(name)
        if description is not None:
            values["description"] = description
        renamed = self._control.builds.change(found.workspace_id, number, **values)
        if self._control.audiences.find(found.workspace_id, [found.audience_id]):
            self._audiences.update(caller, found.audience_id, name=renamed.name, description=renamed.description)
        self._audit.record(caller, "build.rename", str(number), name=renamed.name)
        return renamed

    def remove(self, caller: Caller, origin: str, number: int) -> None:
        """Take a build away, finished or not: nobody is a member any more, and the house's audience is out of use.

        What was not finished is given back. Raises NotFound, and Conflict while others stand on the audience.
        """
        caller.require("audiences:write")
        found = self.get(caller, origin, number)
        if self._control.audiences.find(found.workspace_id, [found.audience_id]):
            self._audiences.archive(caller, found.audience_id)
        with self._control.transaction() as conn:
            self._control.builds.change(
                found.workspace_id, number, conn=conn, state=BuildState.REMOVED.value, updated_at=self._clock.now()
            )
            if found.state not in OVER:
                self._ledger.refund(found.workspace_id, found.credit, conn=conn)
        if found.members:
            self._members.replace(caller.workspace, found.audience_id, np.empty(0, np.int64), f"build:{number}")
        for removal in self.removals:
            removal(caller, found)
        self._audit.record(caller, "build.remove", str(number))
