"""Builds an index folder, whole or from another one and what changed. What it writes appears at once or not at all.

A build writes under a temporary name beside its goal, forces every file to the disk and renames. A crash leaves
rubbish under a temporary name and never half an index.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np

from houselights.base.clock import iso_instant
from houselights.engine.index.catalogue_file import save_catalogue
from houselights.engine.index.files import link_folder, save_json, sync_folder
from houselights.engine.index.index import FORMAT, Index, shard_folder
from houselights.engine.index.shard import SHARD_PEOPLE, Pairs, Shard, write_shard
from houselights.model.catalogue import Catalogue

Array = np.ndarray[Any, Any]
Progress = Callable[[int, int], None]  # shards done, shards in all


def _nobody() -> Array:
    return np.empty(0, np.uint32)


def _no_pairs() -> Pairs:
    return np.empty(0, np.uint32), np.empty(0, np.uint32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What changed since an index was built: ids as uint32. Removals happen before additions.

    A removed person loses traits and measures. `measures` sets the values of the people named.
    """

    added_people: Array = field(default_factory=_nobody)
    removed_people: Array = field(default_factory=_nobody)
    added: Pairs = field(default_factory=_no_pairs)
    removed: Pairs = field(default_factory=_no_pairs)
    measures: Mapping[str, Pairs] = field(default_factory=dict)

    def shards(self) -> frozenset[int]:
        """Return the numbers of the shards that change."""
        ids = [self.added_people, self.removed_people, self.added[0], self.removed[0]]
        ids += [people for people, _ in self.measures.values()]
        return frozenset(int(number) for each in ids for number in np.unique(each // SHARD_PEOPLE))


def build_index(
    folder: Path,
    *,
    capacity: int,
    everyone: Array,
    catalogue: Catalogue,
    pairs: Callable[[int], Pairs],
    measures: Mapping[str, Callable[[int], Pairs]],
    as_of: datetime,
    built_at: datetime,
    generation: int,
    tables: Mapping[str, int] | None = None,
    reuse: Mapping[int, Path] | None = None,
    progress: Progress | None = None,
) -> None:
    """Build the index of the people `everyone` (ids below `capacity`) in `folder`, which must not exist.

    `pairs(shard)` gives person and trait ids of one shard, `measures[name](shard)` person ids and values; both may
    hold people who no longer exist. `reuse` names, by shard, a folder known to hold the same content: it is linked,
    not rebuilt. Only one shard's pairs are in memory at a time. Raises FileExistsError when `folder` is there, and
    ValueError when an id is out of range.
    """
    ids = np.unique(np.asarray(everyone))
    if ids.size and (int(ids[0]) < 0 or int(ids[-1]) >= capacity or capacity > 1 << 32):
        raise ValueError(f"person ids must be in [0, {capacity})")
    if folder.exists():
        raise FileExistsError(folder)
    # Not a process id: in containers that share a folder every process may be number 1.
    making = folder.with_name(f".{folder.name}.{token_hex(8)}.making")
    making.mkdir(parents=True)
    try:
        numbers, edges = np.unique(ids // SHARD_PEOPLE, return_index=True)
        for done, (number, members) in enumerate(zip(numbers.tolist(), np.split(ids, edges[1:]), strict=False)):
            place = shard_folder(making, number)
            if reuse and number in reuse:
                link_folder(reuse[number], place)
            else:
                given = _checked(pairs(number), catalogue)
                write_shard(place, number, members, given, {name: read(number) for name, read in measures.items()})
            if progress is not None:
                progress(done + 1, numbers.size)
        save_catalogue(making / "catalogue.json", catalogue)
        about = {"format": FORMAT, "generation": generation, "capacity": capacity, "people": int(ids.size)}
        times = {"as_of": iso_instant(as_of), "built_at": iso_instant(built_at)}
        more = {"shards": numbers.tolist(), "measures": sorted(measures), "tables": dict(tables or {})}
        save_json(making / "meta.json", about | times | more)
        sync_folder(making)
        making.rename(folder)
        sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _checked(pairs: Pairs, catalogue: Catalogue) -> Pairs:
    """Raise ValueError when somebody carries a trait the catalogue has no id for."""
    traits = pairs[1]
    if traits.size and (int(traits.min()) < 0 or int(traits.max()) >= catalogue.size):
        raise ValueError(f"trait ids must be in [0, {catalogue.size}), the ids of the catalogue")
    return pairs


def patch_index(
    old: Index,
    folder: Path,
    delta: Delta,
    *,
    capacity: int,
    catalogue: Catalogue,
    as_of: datetime,
    built_at: datetime,
    generation: int,
    tables: Mapping[str, int] | None = None,
) -> None:
    """Build, in `folder`, the index of `old` with `delta` applied; the shards it does not touch are linked.

    The files are those that `build_index` would write from the new state, byte for byte.
    """
    touched = delta.shards()
    shards = {shard.number: shard for shard in old.shards}
    names = sorted(set(old.measure_names) | set(delta.measures))
    people = np.setdiff1d(old.everyone.ids(), delta.removed_people)

    def measure(name: str) -> Callable[[int], Pairs]:
        return lambda number: _patched_measure(name, number, shards.get(number), delta)

    build_index(
        folder,
        capacity=capacity,
        everyone=np.union1d(people, delta.added_people),
        catalogue=catalogue,
        pairs=lambda number: _patched_pairs(number, shards.get(number), delta),
        measures={name: measure(name) for name in names},
        as_of=as_of,
        built_at=built_at,
        generation=generation,
        tables=tables,
        reuse={
            number: shard_folder(old.folder, number)
            for number, shard in shards.items()
            if number not in touched and sorted(shard.measures) == names
        },
    )


def _of_shard(number: int, pairs: Pairs) -> Pairs:
    inside = pairs[0] // SHARD_PEOPLE == number
    return pairs[0][inside], pairs[1][inside]


def _patched_pairs(number: int, shard: Shard | None, delta: Delta) -> Pairs:
    """Return the pairs of one shard after the delta."""
    people, traits = _no_pairs() if shard is None else shard.all_pairs()
    gone_people, gone_traits = _of_shard(number, delta.removed)
    stays = ~np.isin(people, delta.removed_people)
    if gone_people.size:
        stays &= ~np.isin(_as_one(people, traits), _as_one(gone_people, gone_traits))
    new_people, new_traits = _of_shard(number, delta.added)
    return np.concatenate([people[stays], new_people]), np.concatenate([traits[stays], new_traits])


def _as_one(people: Array, traits: Array) -> Array:
    return people.astype(np.uint64) << np.uint64(32) | traits.astype(np.uint64)


def _patched_measure(name: str, number: int, shard: Shard | None, delta: Delta) -> Pairs:
    """Return the values of one measure in one shard after the delta."""
    values = shard.measures.get(name) if shard is not None else None
    ids = np.arange(values.size if values is not None else 0, dtype=np.uint32) + np.uint32(number * SHARD_PEOPLE)
    stays = ~np.isin(ids, delta.removed_people)
    people, new = _of_shard(number, delta.measures.get(name, _no_pairs()))
    old = values[stays] if values is not None else np.empty(0, np.float32)
    return np.concatenate([ids[stays], people]), np.concatenate([old, new.astype(np.float32)])
