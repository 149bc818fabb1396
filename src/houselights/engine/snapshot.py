"""One consistent view of a workspace's people, and the place that keeps it current. Refuses to mix two generations."""

from collections.abc import Callable, Collection
from math import inf
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Protocol

from houselights.base.clock import Clock, SystemClock
from houselights.base.errors import NotFound
from houselights.engine.bitmap import count, evaluate
from houselights.engine.documents import Documents
from houselights.engine.index import Index
from houselights.engine.index.from_lake import build_from_lake, catalogue_from_lake
from houselights.engine.inline import Resolve
from houselights.engine.leaves import LakeLeaves
from houselights.engine.list_log import ListLog
from houselights.engine.membership_log import MembershipLog
from houselights.engine.overlap import Counts, overlaps
from houselights.engine.people_set import PeopleSet
from houselights.engine.plain import Person
from houselights.engine.recent import Recent
from houselights.engine.remembered import Remembered
from houselights.engine.texts import Texts
from houselights.engine.withheld import NOTHING_WITHHELD, Withheld
from houselights.model.catalogue import Catalogue
from houselights.model.workspace import Generation
from houselights.rules.tree import Rule
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import IDENTITIES, MEMBERSHIPS

SETS_BYTES = 512 << 20
LEAVES_BYTES = 128 << 20
OVERLAPS_BYTES = 256 << 20
UPLOADED = (MEMBERSHIPS.name, IDENTITIES.name)  # tables that uploads write; whatever else writes them moves more
LOOK_SECONDS = 0.5  # between two looks at the control database for a newer generation


class Generations(Protocol):
    """Knows which generation of a workspace is the current one; `storage.control.generations` does."""

    def current(self, workspace_id: int) -> Generation | None: ...

    def current_number(self, workspace_id: int) -> int | None: ...


Withholds = Callable[[int], Withheld]
"""Knows what is being erased from a workspace; `services.erasure.withholding` does."""


def withholds_nothing(_workspace_id: int) -> Withheld:
    """Say that nobody is being erased."""
    return NOTHING_WITHHELD


class Snapshot:
    """One generation, open. Immutable but for what it remembers; any number of threads may ask at once.

    `clock` says what "now" means for lists. What a generation `before` remembers is taken over where it still holds.
    What is `withheld` is in no answer.
    """

    def __init__(
        self,
        lake: Lake,
        generation: Generation,
        index: Index,
        *,
        clock: Clock | None = None,
        before: "Snapshot | None" = None,
        withheld: Withheld = NOTHING_WITHHELD,
    ):
        if before is not None and before.withheld != withheld:
            before = None  # what it remembers is about other people
        self.generation = generation
        self.withheld: Withheld = withheld
        self.index = index = index.without(withheld.ids())
        self._lake = lake
        self._clock = clock or SystemClock()
        self._memberships: MembershipLog = (
            MembershipLog(lake, generation, withheld) if before is None else before._memberships.after(generation)
        )
        # An index lies among those of other generations, and so does what the texts are found by.
        self._texts: Texts = (
            Texts(lake, generation, index.folder.parent) if before is None else before._texts.after(generation)
        )
        is_same_data = before is not None and _differ_by_uploads_only(before, self)
        self._sets: Recent[Rule, PeopleSet] = (
            before._sets if before is not None and is_same_data else Recent(SETS_BYTES, lambda each: each.nbytes)
        )
        self._leaf_sets: Recent[Rule, PeopleSet] = (
            before._leaf_sets if before is not None and is_same_data else Recent(LEAVES_BYTES, lambda each: each.nbytes)
        )
        self.documents = Documents(lake, generation, index, withheld)
        self.leaves = LakeLeaves(
            lake,
            generation,
            index,
            self.documents,
            self._memberships,
            self._texts,
            self._clock,
            Remembered(self._leaf_sets),
        )
        self._remembered = Remembered(self._sets)
        set_bytes = index.everyone.nbytes  # a remembered overlap keeps its audience, as the key, alive
        self._overlaps: Recent[PeopleSet, Counts] = (
            before._overlaps
            if before is not None and before.index is index
            else Recent(OVERLAPS_BYTES, lambda each: each.nbytes + set_bytes)
        )

    def after(self, generation: Generation, index: Index | None = None) -> "Snapshot":
        """Return a later generation of the same workspace, open; without `index`, one of the same people and traits."""
        return Snapshot(
            self._lake, generation, index or self.index, clock=self._clock, before=self, withheld=self.withheld
        )

    @property
    def catalogue(self) -> Catalogue:
        """What can be known about a person of this generation."""
        return self.index.catalogue

    def evaluate(self, rule: Rule, resolve: Resolve) -> PeopleSet:
        """Return the people a rule describes; errors as for `bitmap.evaluate`. Remembered by the inlined rule."""
        return evaluate(self.index, rule, resolve, self.leaves, self._remembered)

    def count(self, rule: Rule, resolve: Resolve) -> int:
        """Return how many people a rule describes; errors as for `bitmap.evaluate`."""
        return count(self.index, rule, resolve, self.leaves, self._remembered)

    def overlaps(self, people: PeopleSet) -> Counts:
        """Return |people ∩ carriers of t| by trait id, read-only. Remembered: universes come back."""
        known = self._overlaps.get(people)
        if known is None:
            known = overlaps(self.index, people)
            known.flags.writeable = False
            self._overlaps[people] = known
        return known

    def list_log(self, list_id: int) -> ListLog:
        """Return the log of a list, as this generation has it."""
        return self._memberships.of(list_id)

    def read_lists(self, list_ids: Collection[int]) -> None:
        """Read the logs of many lists that will be asked for, together."""
        self._memberships.read(list_ids)

    def person(self, person_id: int) -> Person:
        """Return everything a rule can ask about one person. Raises NotFound for somebody who does not exist."""
        return self.documents.person(person_id)

    def key(self, person_id: int) -> str:
        """Return the company's own key of a person."""
        return self.documents.key(person_id)


def _differ_by_uploads_only(one: Snapshot, other: Snapshot) -> bool:
    """Say whether all but the membership log and identities is the same: people, traits, attributes, events, now."""

    def rest(snapshot: Snapshot) -> dict[str, int]:
        return {name: version for name, version in snapshot.generation.tables.items() if name not in UPLOADED}

    is_same_instant = one.generation.as_of == other.generation.as_of
    return one.index is other.index and is_same_instant and rest(one) == rest(other)


class Snapshots:
    """The current snapshot of every workspace of one process.

    `index_folder` holds one folder per index; an index that is missing there is built from the lake, which is how a
    second machine gets its own. Workspaces open independently of each other.
    """

    def __init__(
        self,
        lake: Lake,
        generations: Generations,
        index_folder: Path,
        clock: Clock | None = None,
        withholds: Withholds = withholds_nothing,
    ):
        self._clock = clock or SystemClock()
        self._withholds = withholds
        self._lake = lake
        self._generations = generations
        self._folder = index_folder
        self._open: dict[int, Snapshot] = {}
        self._looked: dict[int, float] = {}
        self._locks: dict[int, Lock] = {}
        self._lock = Lock()

    def current(self, workspace_id: int) -> Snapshot:
        """Return the newest published generation, at most LOOK_SECONDS late.

        A snapshot handed out before stays whole for as long as somebody holds it. Raises NotFound when the workspace
        has no data yet, and Unavailable when its index cannot be opened.
        """
        known = self._open.get(workspace_id)
        if known is not None and monotonic() - self._looked[workspace_id] < LOOK_SECONDS:
            return known
        with self._lock:
            turn = self._locks.setdefault(workspace_id, Lock())
        # While one thread opens a newer generation, the others go on with the one before.
        if known is not None and not turn.acquire(blocking=False):
            return known
        if known is None:
            turn.acquire()
        try:
            return self._look(workspace_id)
        finally:
            turn.release()

    def newest(self, workspace_id: int) -> Snapshot:
        """Return the newest published generation, not a moment late: for whoever builds the next one upon it."""
        with self._lock:
            turn = self._locks.setdefault(workspace_id, Lock())
        with turn:
            return self._look(workspace_id)

    def adopt(self, snapshot: Snapshot) -> None:
        """Serve a snapshot that was just published, without opening it anew."""
        workspace_id = snapshot.generation.workspace_id
        with self._lock:
            turn = self._locks.setdefault(workspace_id, Lock())
        with turn:
            known = self._open.get(workspace_id)
            if snapshot.withheld != self._withholds(workspace_id):
                self._looked[workspace_id] = -inf  # somebody is being erased since it was made: it is opened anew
            elif known is None or known.generation.number < snapshot.generation.number:
                self._open[workspace_id] = snapshot
                self._looked[workspace_id] = monotonic()

    def forget(self, workspace_id: int) -> None:
        """Let go of a workspace's snapshot and all it remembers; the next question opens the newest anew."""
        with self._lock:
            turn = self._locks.setdefault(workspace_id, Lock())
        with turn:
            self._open.pop(workspace_id, None)

    def _look(self, workspace_id: int) -> Snapshot:
        known = self._open.get(workspace_id)
        number = self._generations.current_number(workspace_id)
        if number is None:
            raise NotFound("this workspace has no people yet: import some first")
        # First what is withheld: were it the other way round, an erasure between the two looks would not be seen.
        withheld = self._withholds(workspace_id)
        if known is None or known.generation.number != number or known.withheld != withheld:
            generation = self._generations.current(workspace_id)
            if generation is None:
                raise NotFound("this workspace has no people yet: import some first")
            index = self._opened(generation, known)
            known = Snapshot(self._lake, generation, index, clock=self._clock, before=known, withheld=withheld)
        # The time first: another thread that already sees the snapshot asks when it was looked at.
        self._looked[workspace_id] = monotonic()
        self._open[workspace_id] = known
        return known

    def _opened(self, generation: Generation, before: Snapshot | None) -> Index:
        if before is not None and before.generation.index == generation.index:
            return before.index
        folder = self._folder / generation.index
        if not folder.exists():
            catalogue = catalogue_from_lake(self._lake, generation)
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                build_from_lake(self._lake, generation, catalogue, folder, before.index if before else None)
            except OSError:
                if not folder.exists():  # else another process has built the same index in the meantime
                    raise
        return Index.open(folder)
