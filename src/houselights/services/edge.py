"""Says at once which audiences one person is in: somebody we know, or a profile as it stands in the request.

Rules are read once and kept until an audience changes, so that an answer costs what the plain evaluator costs.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from houselights.base.clock import Clock
from houselights.base.errors import InvalidInput, NotFound
from houselights.engine.plain import Person
from houselights.engine.single import Asked, Singles
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.engine.values.document import read_person
from houselights.engine.values.names import EVENT_TIME, EVENT_TYPE, KEY
from houselights.engine.values.rows import in_order
from houselights.model.audience import Audience, AudienceFilter, AudienceStatus, Evaluation
from houselights.model.workspace import Generation, Workspace
from houselights.rules.values import EVENTS, IDENTITIES
from houselights.services.caller import Caller
from houselights.services.motion.incoming import NewEvent, Who
from houselights.services.resolver import Resolver
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake

LOOK_SECONDS = 0.5  # how long a change of an audience may go unnoticed
AUDIENCES_MOST = 1_000  # in one question


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """A profile as it stands in a request; nothing of it is kept."""

    who: Who = field(default_factory=Who)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[NewEvent] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The audiences asked about, and whether the person is in each; `as_of` is what "now" meant."""

    members: Mapping[int, bool]
    as_of: datetime


class Edge:
    """Evaluates one person. Needs "insights:read"; of somebody we know also "counts:exact"."""

    def __init__(self, control: Control, lake: Lake, snapshots: Snapshots, clock: Clock):
        self._control = control
        self._lake = lake
        self._snapshots = snapshots
        self._clock = clock
        self._known: dict[int, _Rules] = {}

    def arriving(self, caller: Caller, profile: Arriving, audience_ids: Sequence[int] | None = None) -> Answer:
        """Evaluate a profile that arrives, without `audience_ids` all that are synchronous.

        Attributes the workspace does not have say nothing. Raises NotFound, InvalidInput.
        """
        caller.require("insights:read")
        snapshot = self._snapshots.current(caller.workspace.id)
        document: dict[str, Any] = {
            **profile.attributes,
            EVENTS: in_order(
                [{**each.attributes, EVENT_TIME: each.time, EVENT_TYPE: each.type} for each in profile.events],
                EVENT_TIME,
            ),
        }
        if profile.who.key is not None:
            document[KEY] = profile.who.key
        known: dict[str, list[dict[str, str]]] = {}
        for namespace, value in profile.who.identities:
            known.setdefault(namespace, []).append({"id": value})
        document[IDENTITIES] = known
        person = Person(
            id=-1, key=profile.who.key or "", document=read_person(document, snapshot.documents.shape.schema)
        )
        return self._answer(caller, snapshot, person, audience_ids)

    def known(self, caller: Caller, key: str, audience_ids: Sequence[int] | None = None) -> Answer:
        """Evaluate somebody we know, by the company's own key. Raises NotFound."""
        caller.require("insights:read")
        caller.require("counts:exact")
        snapshot = self._snapshots.current(caller.workspace.id)
        return self._answer(caller, snapshot, snapshot.person(self._find(snapshot, key)), audience_ids)

    def _find(self, snapshot: Snapshot, key: str) -> int:
        generation = snapshot.generation
        people = self._lake.dataset(generation.workspace_id, "people", generation.tables["people"])
        wanted = pa.array([key], pa.string())
        for batch in people.to_batches(columns=["key", "person_id"]):
            for found in batch["person_id"].filter(pc.is_in(batch["key"], wanted)).to_pylist():
                return int(found)
        raise NotFound(f'nobody has the key "{key[:60]}"')

    def _answer(self, caller: Caller, snapshot: Snapshot, person: Person, audience_ids: Sequence[int] | None) -> Answer:
        rules = self._rules(caller.workspace, snapshot)
        if audience_ids is None:
            audience_ids = [each.id for each in rules.synchronous() if caller.may_see(each)]
        if len(audience_ids) > AUDIENCES_MOST:
            raise InvalidInput(f"at most {AUDIENCES_MOST} audiences can be asked about", field="audiences")
        now = now_of(snapshot.generation, self._clock)
        asked = Asked(person, now, self._clock.now())
        members = {audience_id: rules.is_member(caller, audience_id, asked) for audience_id in audience_ids}
        return Answer(members=members, as_of=now)

    def _rules(self, workspace: Workspace, snapshot: Snapshot) -> "_Rules":
        known = self._known.get(workspace.id)
        is_fresh = known is not None and time.monotonic() - known.read_at < LOOK_SECONDS
        if known is None or not is_fresh:
            versions = self._control.audiences.state(workspace.id)
            if known is None or known.state != (versions, snapshot.catalogue):
                known = _Rules(self._control, workspace, snapshot, versions)
                self._known[workspace.id] = known
            known.read_at = time.monotonic()
        return known


class _Rules:
    """A workspace's audiences as they stood when they were read, as functions of one person."""

    def __init__(self, control: Control, workspace: Workspace, snapshot: Snapshot, versions: tuple[int, int]):
        self.state = (versions, snapshot.catalogue)
        self.read_at = 0.0
        self._control = control
        self._workspace = workspace
        self._singles = Singles(Resolver(control, workspace, snapshot.catalogue))
        self._audiences: dict[int, Audience] = {}
        self._synchronous: list[Audience] | None = None

    def is_member(self, caller: Caller, audience_id: int, asked: Asked) -> bool:
        """Say whether the person is in an active audience that the caller may see. Raises NotFound for others."""
        audience = self._audiences.get(audience_id)
        if audience is None:
            audience = self._audiences[audience_id] = self._control.audiences.get(self._workspace.id, audience_id)
        if not caller.may_see(audience) or audience.status is not AudienceStatus.ACTIVE:
            raise NotFound(f"no audience {audience_id}")
        return self._singles.is_member(audience_id, asked)

    def synchronous(self) -> list[Audience]:
        """Return the active audiences that are meant to be evaluated here."""
        if self._synchronous is None:
            where = AudienceFilter(
                statuses=frozenset({AudienceStatus.ACTIVE}), evaluations=frozenset({Evaluation.SYNCHRONOUS})
            )
            self._synchronous, _ = self._control.audiences.list(self._workspace.id, where, 0, AUDIENCES_MOST)
        return self._synchronous


def now_of(generation: Generation, clock: Clock) -> datetime:
    """Return what "now" means: the clock's for live data, the import's for data that stands still."""
    return max(clock.now(), generation.as_of) if generation.details.get("live") else generation.as_of
