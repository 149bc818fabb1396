"""One shard: 2^20 people, their traits both ways and their measures. Written once, mapped, never changed.

Files of a shard folder; N people long means up to the highest id present:

    shard.json          what is here: number, people, pairs, extent (N), row groups, measure names
    everyone.roaring    who exists, as one portable roaring bitmap of person ids
    traits.roaring      one portable roaring bitmap of person ids per trait, one after another by trait id
    traits.npy          (trait, people, start, dense): where its bitmap begins, and which row of dense.npy, counted
                        from 1, holds it too (0: none); traits nobody carries are left out
    dense.npy           uint64 (rows, blocks * 1,024): traits too common for arrays to be fast and too rare for roaring
                        to store as bits, once more as plain words
    rows-G.npy          uint16 trait ids less G * 65,536, person after person, ascending
    offsets-G.npy       uint32, N + 1 long: where each person's row begins
    measure-M.npy       float32, N long
    sums-M.npy          float64, as long as traits.npy: Σ of the measure over each trait's carriers

What a shard holds depends on nothing but its own people, so a shard that did not change is shared between indexes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pyroaring import BitMap

from houselights.engine.index.files import map_array, map_bytes, save_array, save_bytes, save_json, sync_folder
from houselights.engine.kernels.bits import set_bits
from houselights.engine.kernels.build import (
    count_keys,
    fill_rows,
    scatter,
    sum_of,
    turn,
    wants_words,
    write_bitmap,
)
from houselights.engine.people_set import BLOCK_PEOPLE, BLOCK_WORDS

SHARD_PEOPLE = 1 << 20
SHARD_BLOCKS = SHARD_PEOPLE >> 16
ROW_GROUP = 1 << 16

Array = np.ndarray[Any, Any]
Pairs = tuple[Array, Array]  # person ids, and as many trait ids (or values)

DIRECTORY = np.dtype([("trait", "<u4"), ("people", "<u4"), ("start", "<u8"), ("dense", "<u4")])


@dataclass(frozen=True, slots=True)
class Shard:
    """An open shard. Arrays are mapped, except `everyone`, the shard's ids, which is not kept."""

    number: int
    people: int
    pairs: int
    extent: int
    directory: Array
    bitmaps: Array
    dense: Array
    everyone: Array
    rows: Mapping[int, tuple[Array, Array]]  # row group → offsets, values
    measures: Mapping[str, Array]
    sums: Mapping[str, Array]

    @classmethod
    def open(cls, folder: Path) -> "Shard":
        """Map a shard folder. Raises OSError or ValueError when a file is missing or cut short."""
        about = json.loads((folder / "shard.json").read_text())
        names = list(enumerate(about["measures"]))
        directory = map_array(folder / "traits.npy")
        return cls(
            number=about["number"],
            people=about["people"],
            pairs=about["pairs"],
            extent=about["extent"],
            directory=directory,
            bitmaps=_whole(folder / "traits.roaring", int(directory["start"][-1]) if directory.size else None),
            dense=map_array(folder / "dense.npy"),
            everyone=_whole(folder / "everyone.roaring", 0),
            rows={
                group: (map_array(folder / f"offsets-{group}.npy"), map_array(folder / f"rows-{group}.npy"))
                for group in about["groups"]
            },
            measures={name: map_array(folder / f"measure-{place}.npy") for place, name in names},
            sums={name: map_array(folder / f"sums-{place}.npy") for place, name in names},
        )

    @property
    def blocks(self) -> int:
        """How many blocks of 2^16 people the shard reaches into."""
        return -(-self.extent // BLOCK_PEOPLE)

    @property
    def scan_bytes(self) -> int:
        """How many bytes there are to read to meet every trait's carriers once: words where there are words."""
        replaced = self.directory["people"][self.directory["dense"] > 0]
        return int(self.bitmaps.size + self.dense.nbytes - 2 * replaced.sum(dtype=np.int64))

    def all_pairs(self) -> Pairs:
        """Return every (person id, trait id) of the shard, by row group and person, as uint32."""
        people, traits = [np.empty(0, np.uint32)], [np.empty(0, np.uint32)]
        ids = np.arange(self.extent, dtype=np.uint32) + np.uint32(self.number * SHARD_PEOPLE)
        for group, (offsets, values) in self.rows.items():
            people.append(np.repeat(ids, offsets[1:].astype(np.int64) - offsets[:-1]))
            traits.append(values.astype(np.uint32) + np.uint32(group * ROW_GROUP))
        return np.concatenate(people), np.concatenate(traits)


def _whole(path: Path, last: int | None) -> Array:
    """Map bitmaps, one after another, of which the last begins at byte `last` (None: there is none).

    Raises ValueError when it is cut short: kernels go by what a bitmap says of itself, and would read beyond the file.
    """
    content = map_bytes(path)
    if last is not None:
        BitMap.deserialize(content[last:].tobytes())
    return content


def write_shard(folder: Path, number: int, ids: Array, pairs: Pairs, measures: Mapping[str, Pairs]) -> None:
    """Write the shard of the people `ids` (ascending, each once, at least one), in a folder that is not there yet.

    Pairs and measures in any order; repeated pairs count once; those of people who are not in `ids` are dropped: who
    was removed leaves no trace. A person without a value measures 0; the last of several values holds.
    """
    folder.mkdir()
    local = (ids - number * SHARD_PEOPLE).astype(np.uint32)
    extent = int(local[-1]) + 1
    exists = np.zeros(extent, np.bool_)
    exists[local] = True

    starts, people = _columns(number, exists, pairs)
    present = np.flatnonzero(np.diff(starts))
    directory = np.zeros(present.size, DIRECTORY)
    directory["trait"] = present
    directory["people"] = np.diff(starts)[present]
    _write_bitmaps(folder / "traits.roaring", number, starts, people, directory)
    _write_dense(folder / "dense.npy", extent, starts, people, directory)
    save_array(folder / "traits.npy", directory)
    alone = np.zeros(1, DIRECTORY)
    _write_bitmaps(folder / "everyone.roaring", number, np.array([0, local.size]), local, alone)

    groups = _write_rows(folder, extent, starts, people)
    for place, (_, values) in enumerate(sorted(measures.items())):
        column = _measure(number, exists, values)
        save_array(folder / f"measure-{place}.npy", column)
        sums = [sum_of(people, int(starts[trait]), int(starts[trait + 1]), column) for trait in present]
        save_array(folder / f"sums-{place}.npy", np.array(sums, np.float64))
    about = {"number": number, "people": int(ids.size), "pairs": int(people.size), "extent": extent}
    save_json(folder / "shard.json", about | {"groups": groups, "measures": sorted(measures)})
    sync_folder(folder)


def _local(number: int, exists: Array, pairs: Pairs) -> Pairs:
    """Turn person ids into places in the shard, dropping people who do not exist."""
    people, values = pairs
    places = np.asarray(people).astype(np.int64) - number * SHARD_PEOPLE if people.dtype != np.uint32 else (
        people - np.uint32(number * SHARD_PEOPLE)
    )  # fmt: skip
    inside = (places >= 0) & (places < exists.size)
    if not inside.all():
        places, values = places[inside], values[inside]
    places = places.astype(np.uint32, copy=False)
    known = exists[places]
    return (places, values) if known.all() else (places[known], values[known])


def _columns(number: int, exists: Array, pairs: Pairs) -> tuple[Array, Array]:
    """Sort pairs by trait, then person, each pair once: trait t's people are people[starts[t]:starts[t + 1]]."""
    places, traits = _local(number, exists, pairs)
    keys = np.ascontiguousarray(places, np.uint32)
    values = np.ascontiguousarray(traits, np.uint32)
    size = int(values.max()) + 1 if values.size else 0

    offsets = _edges(keys, exists.size)
    rows = np.empty(values.size, np.uint32)
    scatter(keys, values, offsets[:-1].copy(), rows)

    starts = _edges(values, size)
    stops = starts[:-1].copy()
    people = np.empty(values.size, np.uint32)
    kept = turn(offsets, rows, stops, people)
    if kept == values.size:
        return starts, people
    parts = [people[start:stop] for start, stop in zip(starts[:-1], stops, strict=True)]
    edges = np.concatenate([[0], np.cumsum(stops - starts[:-1])])
    return edges.astype(np.int64), np.concatenate(parts)


def _edges(keys: Array, size: int) -> Array:
    """Return where each key's stretch begins once the keys are sorted: int64, size + 1 long."""
    edges = np.zeros(size + 1, np.int64)
    count_keys(keys, edges[1:])
    return np.cumsum(edges)


def _write_bitmaps(path: Path, number: int, starts: Array, people: Array, directory: Array) -> None:
    """Write one bitmap per directory entry and note where each begins."""
    lengths = np.diff(starts)[directory["trait"]]
    # Head of 16 containers with offsets, and the payload in its larger plain form.
    room = int((12 + 16 * 8 + np.minimum(2 * lengths + 32, SHARD_BLOCKS * 8192)).sum())
    buffer = np.empty(room, np.uint8)
    at = 0
    for place, trait in enumerate(directory["trait"]):
        directory["start"][place] = at
        at = write_bitmap(people, int(starts[trait]), int(starts[trait + 1]), number * SHARD_BLOCKS, buffer, at)
    save_bytes(path, buffer[:at].data)


def _write_dense(path: Path, extent: int, starts: Array, people: Array, directory: Array) -> None:
    """Write plain words of the traits that want them, and note their rows."""
    blocks = -(-extent // BLOCK_PEOPLE)
    chosen = [
        place
        for place, trait in enumerate(directory["trait"])
        if wants_words(people, int(starts[trait]), int(starts[trait + 1]), blocks)
    ]
    words = np.zeros((len(chosen), blocks * BLOCK_WORDS), np.uint64)
    for row, place in enumerate(chosen):
        trait = directory["trait"][place]
        set_bits(people[starts[trait] : starts[trait + 1]], words[row])
    directory["dense"][chosen] = np.arange(1, len(chosen) + 1)
    save_array(path, words)


def _write_rows(folder: Path, extent: int, starts: Array, people: Array) -> list[int]:
    """Write the rows of every row group that has pairs; return those groups."""
    groups = []
    for low in range(0, starts.size - 1, ROW_GROUP):
        high = min(low + ROW_GROUP, starts.size - 1)
        carriers = people[starts[low] : starts[high]]
        if carriers.size:
            group = low // ROW_GROUP
            offsets = _edges(carriers, extent)
            rows = np.empty(carriers.size, np.uint16)
            fill_rows(starts, people, low, high, offsets[:-1].copy(), rows)
            save_array(folder / f"offsets-{group}.npy", offsets.astype(np.uint32))
            save_array(folder / f"rows-{group}.npy", rows)
            groups.append(group)
    return groups


def _measure(number: int, exists: Array, values: Pairs) -> Array:
    """Return the measure of every place in the shard, float32."""
    column = np.zeros(exists.size, np.float32)
    places, given = _local(number, exists, values)
    column[places] = given
    return column
