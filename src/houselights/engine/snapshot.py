"""One consistent view of a workspace's people, and the place that keeps it current. Refuses to mix two generations."""

from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Protocol

from houselights.base.errors import NotFound
from houselights.engine.bitmap import count, evaluate
from houselights.engine.documents import Documents
from houselights.engine.index import Index
from houselights.engine.index.from_lake import build_from_lake, catalogue_from_lake
from houselights.engine.inline import Resolve
from houselights.engine.leaves import LakeLeaves
from houselights.engine.overlap import Counts, overlaps
from houselights.engine.people_set import PeopleSet
from houselights.engine.plain import Person
from houselights.engine.recent import Recent
from houselights.model.catalogue import Catalogue
from houselights.model.workspace import Generation
from houselights.rules.tree import Rule
from houselights.storage.lake.lake import Lake

SETS_BYTES = 512 << 20
OVERLAPS_BYTES = 256 << 20
LOOK_SECONDS = 0.5  # between two looks at the control database for a newer generation


class Generations(Protocol):
    """Knows which generation of a workspace is the current one; `storage.control.generations` does."""

    def current(self, workspace_id: int) -> Generation | None: ...

    def current_number(self, workspace_id: int) -> int | None: ...


class Snapshot:
    """One generation, open. Immutable but for what it remembers; any number of threads may ask at once."""

    def __init__(self, lake: Lake, generation: Generation, index: Index):
        self.generation = generation
        self.index = index
        self.documents = Documents(lake, generation, index)
        self.leaves = LakeLeaves(lake, generation, index, self.documents)
        self._sets: Recent[Rule, PeopleSet] = Recent(SETS_BYTES, lambda each: each.nbytes)
        set_bytes = index.everyone.nbytes  # a remembered overlap keeps its audience, as the key, alive
        self._overlaps: Recent[PeopleSet, Counts] = Recent(OVERLAPS_BYTES, lambda each: each.nbytes + set_bytes)

    @property
    def catalogue(self) -> Catalogue:
        """What can be known about a person of this generation."""
        return self.index.catalogue

    def evaluate(self, rule: Rule, resolve: Resolve) -> PeopleSet:
        """Return the people a rule describes; errors as for `bitmap.evaluate`. Remembered by the inlined rule."""
        return evaluate(self.index, rule, resolve, self.leaves, self._sets)

    def count(self, rule: Rule, resolve: Resolve) -> int:
        """Return how many people a rule describes; errors as for `bitmap.evaluate`."""
        return count(self.index, rule, resolve, self.leaves, self._sets)

    def overlaps(self, people: PeopleSet) -> Counts:
        """Return |people ∩ carriers of t| by trait id, read-only. Remembered: universes come back."""
        known = self._overlaps.get(people)
        if known is None:
            known = overlaps(self.index, people)
            known.flags.writeable = False
            self._overlaps[people] = known
        return known

    def person(self, person_id: int) -> Person:
        """Return everything a rule can ask about one person. Raises NotFound for somebody who does not exist."""
        return self.documents.person(person_id)

    def key(self, person_id: int) -> str:
        """Return the company's own key of a person."""
        return self.documents.key(person_id)


class Snapshots:
    """The current snapshot of every workspace of one process.

    `index_folder` holds one folder per index; an index that is missing there is built from the lake, which is how a
    second machine gets its own. Workspaces open independently of each other.
    """

    def __init__(self, lake: Lake, generations: Generations, index_folder: Path):
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
            if known is None or known.generation.number < snapshot.generation.number:
                self._open[workspace_id] = snapshot
                self._looked[workspace_id] = monotonic()

    def _look(self, workspace_id: int) -> Snapshot:
        known = self._open.get(workspace_id)
        number = self._generations.current_number(workspace_id)
        if number is None:
            raise NotFound("this workspace has no people yet: import some first")
        if known is None or known.generation.number != number:
            generation = self._generations.current(workspace_id)
            if generation is None:
                raise NotFound("this workspace has no people yet: import some first")
            known = Snapshot(self._lake, generation, self._opened(generation, known))
        # The time first: another thread that already sees the snapshot asks when it was looked at.
        self._looked[workspace_id] = monotonic()
        self._open[workspace_id] = known
        return known

    def _opened(self, generation: Generation, before: Snapshot | None) -> Index:
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
