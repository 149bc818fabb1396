"""Carries out one build, from its row to its end: worked out on one generation, kept as a list, told to who follows it.

Whatever goes wrong is said in the row, and the credit is given back. What was removed meanwhile leaves nobody on its
list; what was interrupted because the process ends waits again, and done twice it comes to the same.
"""

from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, HouselightsError, NotAllowed, Unavailable
from houselights.base.logs import logger
from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.model.build import Build, BuildState
from houselights.rules.consent import OPTED_OUT
from houselights.rules.json_form import from_json
from houselights.rules.tree import Listed, Not
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.builds.builds import BUILT_BY, Builds
from houselights.services.builds.makers import Array, Made, Stopped
from houselights.services.caller import Caller
from houselights.services.credits import Credits
from houselights.services.workflows.members import Members
from houselights.storage.control.control import Control

log = logger("builds")

INTERNAL = "internal error; the fault is in the log under the number of this audience"


class Work:
    """Carries out builds. Any number of threads may, each another build."""

    def __init__(
        self, control: Control, clock: Clock, audit: Audit, audiences: Audiences, snapshots: Snapshots,
        members: Members, ledger: Credits, builds: Builds,
    ):  # fmt: skip
        self._control = control
        self._clock = clock
        self._audit = audit
        self._audiences = audiences
        self._snapshots = snapshots
        self._members = members
        self._ledger = ledger
        self._builds = builds

    def carry_out(self, build: Build, worker: str, stop: Event) -> bool:
        """Run a build that `worker` has claimed to its end; return False when it was stopped before that.

        Raises Unavailable when it could not be done now and is to be tried again.
        """
        try:
            caller = asker(self._control, build)
            for prepare in list(self._builds.preparations.get(build.origin, {}).values()):
                prepare(caller, build, stop)
            snapshot = self._snapshots.newest(build.workspace_id)
            made = self._builds.makers[build.source["kind"]](caller, build, snapshot, stop)
            outcome = dict(made.outcome)
            if made.people is None:  # a report
                self._end(
                    build, worker, state=BuildState.SUCCEEDED.value, reason=None,
                    generation=snapshot.generation.number, outcome=outcome,
                )  # fmt: skip
                return True
            people = self._reachable(caller, snapshot, made.people)
            for measure in list(self._builds.measures.get(build.origin, {}).values()):
                outcome |= measure(caller, build, snapshot, people, stop)
            self._keep(caller, build, worker, snapshot, people, replace(made, outcome=outcome))
        except Stopped:
            return False
        except Unavailable:
            raise
        except HouselightsError as error:
            self.fail(build, worker, str(error))
        except Exception:
            log.exception("build failed", build=build.number)
            self.fail(build, worker, INTERNAL)
        return True

    def fail(self, build: Build, worker: str | None, why: str, *, tell: bool = True) -> None:
        """End a build that came to nothing, and give its credit back; followers are told unless `tell` is False."""
        self._end(build, worker, tell=tell, state=BuildState.FAILED.value, reason=why)

    def by_rule(self, caller: Caller, build: Build, snapshot: Snapshot, _stop: Event) -> Made:
        """Work out whom the rule of a build describes; the house's own maker."""
        rule = from_json(build.source["rule"])
        resolver = self._audiences.check(caller, rule, catalogue=snapshot.catalogue)
        return Made(snapshot.evaluate(resolver.fixed(rule), resolver).ids().astype(np.int64))

    def _reachable(self, caller: Caller, snapshot: Snapshot, people: Array) -> Array:
        """Return the people without those who opted out: an audience is there to be addressed, whoever made it."""
        everyone = snapshot.evaluate(Not(OPTED_OUT), self._audiences.resolve(caller.workspace))
        found = PeopleSet.from_ids(people, snapshot.index.capacity) & everyone
        return found.ids().astype(np.int64)

    def _keep(self, caller: Caller, build: Build, worker: str, snapshot: Snapshot, people: Array, made: Made) -> None:
        """Make the audience and its members, and end the build."""
        if not self._control.audiences.find(build.workspace_id, [build.audience_id]):
            self._audiences.create(
                caller,
                audience_id=build.audience_id,
                name=build.name,
                description=build.description,
                rule=Listed(build.audience_id),
                kind=made.kind,
                attributes={**made.attributes, BUILT_BY: build.number},
                exclude_opted_out=True,  # also who does so later
            )
        changed = self._members.replace(caller.workspace, build.audience_id, people, f"build:{build.number}")
        ended = self._end(
            build, worker, state=BuildState.SUCCEEDED.value, reason=None, members=changed.members,
            generation=snapshot.generation.number, outcome=dict(made.outcome),
        )  # fmt: skip
        if not ended and self._control.builds.get(build.workspace_id, build.number).state is BuildState.REMOVED:
            self._members.replace(caller.workspace, build.audience_id, np.empty(0, np.int64), f"build:{build.number}")
            self._audiences.archive(Caller.local(caller.workspace), build.audience_id)
        if ended:
            self._audit.record(caller, "build.done", str(build.number), members=changed.members)

    def _end(self, build: Build, worker: str | None, *, tell: bool = True, **values: Any) -> bool:
        """Write the end of a build and what follows, unless it is another's by now; tell whether it was written."""
        now = self._clock.now()
        followers = self._builds.followers.get(build.origin, []) if tell else []
        try:
            with self._control.transaction() as conn:
                ended = self._control.builds.change(
                    build.workspace_id, build.number, worker=worker, among={BuildState.RUNNING, BuildState.WAITING},
                    conn=conn, finished_at=now, updated_at=now, **values,
                )  # fmt: skip
                if ended.state is BuildState.FAILED:
                    self._ledger.refund(build.workspace_id, build.credit, conn=conn)
                for follower in followers:
                    follower.write(conn, ended)
        except Conflict:
            return False
        for follower in followers:
            follower.wake()
        return True


def asker(control: Control, build: Build) -> Caller:
    """Return who asked for a build, with the scopes they have today. Raises NotAllowed when they were turned away."""
    workspace = control.workspaces.get(build.workspace_id)
    name = f"build:{build.number}"
    if build.client_id is None:
        return Caller.local(workspace, request_id=name)
    client = control.clients.get(build.client_id)
    if client.disabled:
        raise NotAllowed("the client that asked was turned away")
    return Caller(client=client, workspace=workspace, scopes=client.scopes, request_id=name)
