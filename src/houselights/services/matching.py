"""Who uploaded identities mean: hashed records down the waterfall, tokens by themselves. Says nothing about people.

The lookup of a workspace is derived from the lake's `identities`, lies in the index folder, and is built when it is not
there. Identities that came since are laid over it in memory, until they are many or rows it was built from are gone
from the lake; then it is built again. Refuses nobody: who may upload is asked before.
"""

import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
import pyarrow.dataset as pads
from numpy.typing import NDArray

from houselights.base.logs import logger
from houselights.engine.snapshot import Snapshot
from houselights.identity.columns import HashedRecords
from houselights.identity.lookup import (
    NOBODY,
    Finder,
    Keys,
    Lookup,
    Overlaid,
    People,
    section,
    text_keys,
)
from houselights.identity.lookup_files import MAKING, about_lookup, build_lookup, keyed, open_lookup
from houselights.identity.namespaces import identities
from houselights.identity.waterfall import UNMATCHED, Matches, diagnose, resolve
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import IDENTITIES

log = logger("matching")

COLUMNS = ["person_id", "namespace", "value"]
ADDED_MOST = 1 << 20  # identities laid over a lookup before it is built again
EXTERNAL = "external:"
MAKING_SECONDS = 24 * 3600  # after which a lookup that is still being made is one whose maker died


@dataclass(frozen=True, slots=True)
class _Open:
    """A lookup of one version of `identities`: the files of its base, those laid over it, and the latter's rows."""

    version: int
    base: Lookup
    of_base: frozenset[str]
    of_added: frozenset[str]
    added: dict[str, tuple[Keys, People]]
    finder: Finder


class Matching:
    """Matching over the lakes of all workspaces. Any number of threads may ask at once."""

    def __init__(self, lake: Lake, index_folder: Path):
        self._lake = lake
        self._folder = index_folder
        self._open: dict[int, _Open] = {}
        self._locks: dict[int, Lock] = {}
        self._lock = Lock()

    def records(self, snapshot: Snapshot, records: HashedRecords) -> Matches:
        """Return who hashed records are, by the rules of `identity.waterfall`."""
        found = resolve(self.finder(snapshot), records)
        if snapshot.withheld.people:
            gone = np.isin(found.person_ids, snapshot.withheld.ids().astype(np.int64))
            found.person_ids[gone], found.rule[gone] = NOBODY, UNMATCHED
        return found

    def diagnosed(self, snapshot: Snapshot, records: HashedRecords) -> NDArray[np.uint8]:
        """Return what every rule says of every record (`waterfall.Outcome`): for operators, never for an uploader."""
        return diagnose(self.finder(snapshot), records)

    def tokens(self, snapshot: Snapshot, given: Sequence[tuple[str, str]]) -> list[tuple[int, ...]]:
        """Return the people whom (namespace, value) tokens mean: device ids, cookies, ids of outside providers.

        An `external:…` id may mean several people; any other token of several people means nobody. Raises KeyError for
        a namespace that does not exist.
        """
        forms = [identities(namespace, value) for namespace, value in given]
        stored = [(namespace, form) for (namespace, _), each in zip(given, forms, strict=True) for form in each]
        owners = iter(self.owners(snapshot, stored))
        meant: list[tuple[int, ...]] = []
        for (namespace, _), each in zip(given, forms, strict=True):
            people = tuple(sorted({person for _ in each for person in next(owners)}))
            meant.append(people if len(people) < 2 or namespace.startswith(EXTERNAL) else ())
        return meant

    def owners(self, snapshot: Snapshot, stored: Sequence[tuple[str, str]]) -> list[tuple[int, ...]]:
        """Return everybody who has each (namespace, value), given as they are stored, ascending."""
        finder = self.finder(snapshot)
        owners: list[tuple[int, ...]] = [()] * len(stored)
        places: dict[str, list[int]] = {}
        for place, (namespace, _) in enumerate(stored):
            places.setdefault(namespace, []).append(place)
        for namespace, those in places.items():
            found = finder.owners(namespace, text_keys(namespace, [stored[place][1] for place in those]))
            for place, people in zip(those, found, strict=True):
                owners[place] = tuple(each for each in people if each not in snapshot.withheld.people)
        return owners

    def finder(self, snapshot: Snapshot) -> Finder:
        """Return the lookup of a snapshot's identities, built or brought up to date first when it has to be."""
        workspace_id, version = snapshot.generation.workspace_id, snapshot.generation.tables.get(IDENTITIES.name)
        if version is None:
            return Lookup()
        known = self._open.get(workspace_id)
        if known is not None and known.version == version:
            return known.finder
        with self._lock:
            turn = self._locks.setdefault(workspace_id, Lock())
        with turn:
            known = self._open.get(workspace_id)
            if known is None or known.version != version:
                opened = self._opened(workspace_id, version, known)
                if known is None or known.version < version:  # somebody with an old snapshot does not turn us back
                    self._open[workspace_id] = opened
                return opened.finder
            return known.finder

    def _opened(self, workspace_id: int, version: int, known: _Open | None) -> _Open:
        fragments = fragments_of(self._lake, workspace_id, version)
        names = frozenset(fragments)
        if known is None or not known.of_base <= names:
            known = self._on_disk(workspace_id, names) or self._built(workspace_id, version, fragments)
        added, laid = known.added, known.of_added
        if not laid <= names:  # small files were put together, or rows taken back
            added, laid = {}, frozenset()
        new = names - known.of_base - laid
        added = _joined(added, _rows(fragments[name] for name in sorted(new)))
        if sum(len(people) for _, people in added.values()) > ADDED_MOST:
            return self._built(workspace_id, version, fragments)
        finder: Finder = known.base
        if added:
            finder = Overlaid(known.base, Lookup({name: section(*rows) for name, rows in added.items()}))
        return _Open(version, known.base, known.of_base, names - known.of_base, added, finder)

    def _on_disk(self, workspace_id: int, names: Collection[str]) -> _Open | None:
        """Return the newest lookup there is whose files all are still in the lake."""
        for folder in sorted(self._folder.glob(f"{_prefix(workspace_id)}*"), key=_version, reverse=True):
            try:
                about = about_lookup(folder)
                files = frozenset(about["files"])
                if files <= set(names):
                    base = open_lookup(folder)
                    return _Open(about["version"], base, files, frozenset(), {}, base)
            except (ValueError, OSError):  # half written, of another format, or swept away while we looked
                continue
        return None

    def _built(self, workspace_id: int, version: int, fragments: dict[str, pads.Fragment]) -> _Open:
        rows = sum(fragment.count_rows() for fragment in fragments.values())
        log.info("building the lookup of identities", workspace=workspace_id, version=version, rows=rows)
        folder = self._folder / f"{_prefix(workspace_id)}{version}"
        about = {"version": version, "files": sorted(fragments)}
        batches = (
            batch
            for name in sorted(fragments)
            for batch in fragments[name].to_batches(columns=COLUMNS, schema=IDENTITIES.schema)
        )
        base = build_lookup(folder, batches, rows, about)
        return _Open(version, base, frozenset(fragments), frozenset(), {}, base)


def sweep_lookups(lake: Lake, index_folder: Path, workspace_id: int, versions: Collection[int]) -> None:
    """Delete the lookups of a workspace that cannot serve any of some versions of its identities.

    Those with an identity that all these versions have lost are among them. Whoever still reads one has it mapped.
    """
    kept = [set(fragments_of(lake, workspace_id, version)) for version in versions]
    for folder in index_folder.glob(f"{_prefix(workspace_id)}*"):
        try:
            if folder.name.endswith(MAKING):
                useful = time.time() - folder.stat().st_mtime < MAKING_SECONDS
            else:
                files = set(about_lookup(folder)["files"])
                useful = any(files <= names for names in kept)
        except (ValueError, OSError):
            useful = False
        if not useful:
            shutil.rmtree(folder, ignore_errors=True)


def fragments_of(lake: Lake, workspace_id: int, version: int) -> dict[str, pads.Fragment]:
    """Return the files of a version of `identities` by name."""
    dataset = lake.dataset(workspace_id, IDENTITIES.name, version)
    return {fragment.path: fragment for fragment in dataset.get_fragments()}


def _prefix(workspace_id: int) -> str:
    return f"identities-{workspace_id}-"


def _version(folder: Path) -> int:
    number = folder.name.rsplit("-", 1)[1]
    return int(number) if number.isdigit() else -1


def _rows(fragments: Iterator[pads.Fragment]) -> Iterator[tuple[str, Keys, People]]:
    for fragment in fragments:
        for batch in fragment.to_batches(columns=COLUMNS, schema=IDENTITIES.schema):
            yield from keyed(batch)


def _joined(
    before: dict[str, tuple[Keys, People]], rows: Iterator[tuple[str, Keys, People]]
) -> dict[str, tuple[Keys, People]]:
    """Return the rows of before and the new ones, by namespace."""
    parts: dict[str, list[tuple[Keys, People]]] = {name: [each] for name, each in before.items()}
    for name, keys, people in rows:
        parts.setdefault(name, []).append((keys, people))
    return {
        name: (np.concatenate([keys for keys, _ in each]), np.concatenate([people for _, people in each]))
        for name, each in parts.items()
    }
