"""People as rows of a sparse matrix, a column for each of some traits: what models of people are fitted on.

Read from the rows that the index keeps person by person; nothing but the people asked for is touched. A person of the
index who carries none of the traits has an empty row. Refuses people who do not exist.
"""

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from houselights.engine.index import Index
from houselights.engine.index.shard import ROW_GROUP, SHARD_PEOPLE, Shard

Array = np.ndarray[Any, Any]

NO_COLUMN = -1
CHUNK_PEOPLE = 1 << 16  # scored at a time: some tens of megabytes at fifty traits a person


def columns_of(index: Index, traits: Array) -> Array:
    """Return the column of each trait by trait id (int32), NO_COLUMN for those that are not among `traits`."""
    columns = np.full(max(1, index.catalogue.size), NO_COLUMN, np.int32)
    columns[traits] = np.arange(len(traits), dtype=np.int32)
    return columns


def matrix(index: Index, people: Array, traits: Array) -> csr_array:
    """Return people × traits as float32 ones, `people` being ids, ascending; columns are in the order of `traits`.

    Raises ValueError for somebody beyond the index, and for people who are not ascending.
    """
    people = np.asarray(people, np.int64)
    if people.size and (people[0] < 0 or people[-1] >= index.capacity or (np.diff(people) <= 0).any()):
        raise ValueError("people are ids of the index, ascending, each once")
    columns = columns_of(index, traits)
    rows, found = _pairs(index, people, columns)
    order = np.argsort(rows, kind="stable")
    edges = np.zeros(people.size + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=people.size), out=edges[1:])
    values = np.ones(rows.size, np.float32)
    made = csr_array((values, found[order], edges), shape=(people.size, len(traits)))
    made.sort_indices()
    return made


def scores(index: Index, people: Array, weights: Array) -> Array:
    """Return Σ weights[t] over the traits t of each person, float64; `weights` by trait id, `people` ascending."""
    people = np.asarray(people, np.int64)
    total = np.zeros(people.size, np.float64)
    for shard, low, high in _by_shard(index, people):
        for start in range(low, high, CHUNK_PEOPLE):
            stop = min(start + CHUNK_PEOPLE, high)
            local = people[start:stop] - shard.number * SHARD_PEOPLE
            for group, (offsets, values) in shard.rows.items():
                lengths, at = _cells(offsets, local)
                if at.size:
                    each = weights[group * ROW_GROUP + values[at].astype(np.int64)]
                    total[start:stop] += np.bincount(np.repeat(np.arange(local.size), lengths), each, local.size)
    return total


def _pairs(index: Index, people: Array, columns: Array) -> tuple[Array, Array]:
    """Return (row, column) of every trait that has a column, rows counted as in `people`."""
    rows, found = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    for shard, low, high in _by_shard(index, people):
        local = people[low:high] - shard.number * SHARD_PEOPLE
        for group, (offsets, values) in shard.rows.items():
            lengths, at = _cells(offsets, local)
            column = columns[group * ROW_GROUP + values[at].astype(np.int64)]
            kept = column != NO_COLUMN
            rows.append(np.repeat(np.arange(low, high), lengths)[kept])
            found.append(column[kept])
    return np.concatenate(rows), np.concatenate(found)


def _by_shard(index: Index, people: Array) -> list[tuple[Shard, int, int]]:
    """Return each shard with the stretch of `people` that it holds."""
    found = []
    for shard in index.shards:
        first = shard.number * SHARD_PEOPLE
        low, high = np.searchsorted(people, (first, first + shard.extent)).tolist()
        if low < high:
            found.append((shard, low, high))
    return found


def _cells(offsets: Array, local: Array) -> tuple[Array, Array]:
    """Return how long the row of each person is, and where in the values each of its cells stands."""
    starts = offsets[local].astype(np.int64)
    lengths = offsets[local + 1].astype(np.int64) - starts
    before = np.cumsum(lengths) - lengths
    return lengths, np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))
