"""Portraits as rooms ask for them: begun for a built audience, read, made anew. Draws nothing itself.

A portrait is a build that is a report. The last one begun for an audience is the one that is read; it stays as it was
drawn, also when the audience's people change.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from houselights.base.clock import Clock
from houselights.base.errors import NotFound
from houselights.engine.snapshot import Snapshots
from houselights.model.build import Build, BuildState
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.builds.builds import Builds
from houselights.services.builds.makers import Follower
from houselights.services.caller import Caller
from houselights.services.credits import NoCredit
from houselights.services.portraits.baselines import Baseline
from houselights.services.portraits.draw import EXACT, SHOWN, Drawing
from houselights.services.workflows.members import Members
from houselights.storage.control.control import Control

PORTRAIT = "portrait"


class Portraits:
    """The use-cases of portraits, of one house."""

    def __init__(
        self,
        control: Control,
        clock: Clock,
        audit: Audit,
        snapshots: Snapshots,
        audiences: Audiences,
        builds: Builds,
        members: Members,
    ):
        self._control = control
        self._clock = clock
        self._audit = audit
        self._builds = builds
        self._members = members
        builds.removals.append(self._removed)
        builds.makers[PORTRAIT] = Drawing(snapshots, audiences, members).make

    def follow(self, origin: str, follower: Follower | None = None) -> None:
        """Say what a room does when portraits of an origin end; they wait until it has said so, even if nothing."""
        self._builds.reports.add(origin)
        self._builds.follow(origin, follower)

    def start(
        self,
        caller: Caller,
        build: Build,
        *,
        origin: str,
        baselines: Mapping[str, Baseline],
        clusters: bool,
        pays: str,
        asked: Mapping[str, Any] | None = None,
    ) -> Build:
        """Begin a portrait of an audience that was built; it takes the place of the last one of this origin.

        Raises NoCredit, NotAllowed.
        """
        with self._control.transaction() as conn:
            made = self.queue(
                conn, caller, build, origin=origin, baselines=baselines, clusters=clusters, pays=pays, asked=asked
            )
        self._audit.record(caller, "portrait.start", str(build.number), portrait=made.number, origin=origin)
        self._builds.wake()
        return made

    def queue(
        self,
        conn: Connection,
        caller: Caller,
        build: Build,
        *,
        origin: str,
        baselines: Mapping[str, Baseline],
        clusters: bool,
        pays: str,
        asked: Mapping[str, Any] | None = None,
        must: bool = True,
    ) -> Build:
        """Do what `start` does within the caller's transaction.

        What it replaces stands in its `asked`. Without `must`, one that is not paid for is kept as one that failed, for
        others to see why there is none.
        """

        before = self._pointer(build.workspace_id, build.number, origin, conn)

        def begun(refused: str | None = None) -> Build:
            return self._builds.queue(
                conn,
                caller,
                origin=origin,
                name=build.name,
                source={
                    "kind": PORTRAIT,
                    "of": str(build.audience_id),
                    "baselines": {name: each.to_json() for name, each in baselines.items()},
                    "clusters": clusters,
                },
                asked={**(asked or {}), "audience": build.number, "replaces": before},
                pays=pays,
                refused=refused,
            )

        try:
            made = begun()
        except NoCredit as error:
            if must:
                raise
            made = begun(error.message)
        self._control.documents.put(
            build.workspace_id, origin, str(build.number), {"build": made.number}, self._clock.now(), conn=conn
        )
        return made

    def latest(self, caller: Caller, build: Build, origin: str) -> Build:
        """Return the last portrait begun for an audience. Raises NotFound when there is none."""
        caller.require("insights:read")
        return self.find(build.workspace_id, build.number, origin)

    def find(self, workspace_id: int, number: int, origin: str) -> Build:
        """Return the last portrait of an audience by its number, whoever asks. Raises NotFound."""
        pointer = self._pointer(workspace_id, number, origin, None)
        if pointer is None:
            raise NotFound(f"nothing of the kind was asked for of audience {number} yet")
        return self._control.builds.get(workspace_id, pointer)

    def _pointer(self, workspace_id: int, number: int, origin: str, conn: Connection | None) -> int | None:
        try:
            return int(self._control.documents.get(workspace_id, origin, str(number), conn=conn).body["build"])
        except NotFound:
            return None

    def _removed(self, caller: Caller, build: Build) -> None:
        """Take away the portraits of an audience that was removed, the earlier ones too, with the lists of clusters."""
        for origin in sorted(self._builds.reports):
            at = self._pointer(build.workspace_id, build.number, origin, None)
            while at is not None:
                portrait = self._control.builds.change(
                    build.workspace_id, at, state=BuildState.REMOVED.value, updated_at=self._clock.now()
                )
                lists = portrait.outcome.get("clusters", {}).get("lists", [])
                nobody = {int(each): np.empty(0, np.int64) for each in lists}
                self._members.replace_all(caller.workspace, nobody, f"build:{at}")
                at = portrait.asked.get("replaces")


def view_of(caller: Caller | None) -> str:
    """Return the view of a portrait that a caller may read; None is anybody at all."""
    return EXACT if caller is not None and caller.exact else SHOWN
