"""Kernels that lay out one shard of the index: sort pairs both ways and write portable roaring bytes."""

import numpy as np

from houselights.engine.kernels.machine import Array, Number, inlined, kernel
from houselights.engine.kernels.roaring import (
    ARRAY_MOST,
    BITS_BYTES,
    COOKIE_PLAIN,
    COOKIE_WITH_RUNS,
    NO_OFFSETS_BELOW,
)


@kernel("void(Array(uint32, 1, 'C', readonly=True), int64[::1])")
def count_keys(keys: Array, counts: Array) -> None:
    """Add one to counts[key] for every key."""
    for i in range(keys.size):
        counts[keys[i]] += 1


@kernel("void(Array(uint32, 1, 'C', readonly=True), Array(uint32, 1, 'C', readonly=True), int64[::1], uint32[::1])")
def scatter(keys: Array, values: Array, places: Array, sorted_values: Array) -> None:
    """One stable counting-sort pass: put values[i] at the next place of keys[i]; `places` ends one past each key."""
    for i in range(keys.size):
        place = places[keys[i]]
        sorted_values[place] = values[i]
        places[keys[i]] = place + 1


@kernel("int64(Array(int64, 1, 'C', readonly=True), Array(uint32, 1, 'C', readonly=True), int64[::1], uint32[::1])")
def turn(offsets: Array, values: Array, places: Array, sorted_keys: Array) -> Number:
    """Turn rows round: row k lists values; afterwards value v lists its keys in ascending order, each once.

    `places` has the first place of every value on entry, one past the last used on return. Returns the pairs kept.
    """
    starts = places.copy()
    kept = 0
    for key in range(offsets.size - 1):
        for i in range(offsets[key], offsets[key + 1]):
            value = values[i]
            place = places[value]
            if place == starts[value] or sorted_keys[place - 1] != np.uint32(key):
                sorted_keys[place] = np.uint32(key)
                places[value] = place + 1
                kept += 1
    return kept


@kernel(
    "void(Array(int64, 1, 'C', readonly=True), Array(uint32, 1, 'C', readonly=True), int64, int64,"
    " int64[::1], uint16[::1])"
)
def fill_rows(starts: Array, people: Array, low: Number, high: Number, places: Array, rows: Array) -> None:
    """Write the traits [low, high), less `low`, into the rows of the people who carry them, ascending."""
    for trait in range(low, high):
        for i in range(starts[trait], starts[trait + 1]):
            person = people[i]
            rows[places[person]] = np.uint16(trait - low)
            places[person] += 1


@kernel("float64(Array(uint32, 1, 'C', readonly=True), int64, int64, Array(float32, 1, 'C', readonly=True))")
def sum_of(people: Array, start: Number, stop: Number, values: Array) -> Number:
    """Return Σ values[people[i]] for i in [start, stop), added in that order."""
    total = 0.0
    for i in range(start, stop):
        total += np.float64(values[people[i]])
    return total


@inlined
def put(buffer: Array, at: Number, value: Number, size: Number) -> Number:
    """Write `size` bytes of a number, lowest first; return the place after them."""
    for i in range(size):
        buffer[at + i] = np.uint8((value >> (8 * i)) & 255)
    return at + size


@inlined
def measure_container(people: Array, start: Number, stop: Number) -> tuple[Number, Number]:
    """Return where the container that begins at `start` ends, and how many runs it has."""
    block = people[start] >> np.uint32(16)
    runs = 1
    end = start + 1
    while end < stop and people[end] >> np.uint32(16) == block:
        if people[end] != people[end - 1] + np.uint32(1):
            runs += 1
        end += 1
    return end, runs


@inlined
def is_run(size: Number, runs: Number) -> Number:
    """Say whether pairs are the smallest form, as CRoaring's run_optimize would have it."""
    plain = 2 * size + 2 if size <= ARRAY_MOST else BITS_BYTES
    return 2 + 4 * runs < plain


@kernel("boolean(Array(uint32, 1, 'C', readonly=True), int64, int64, int64)")
def wants_words(people: Array, start: Number, stop: Number, blocks: Number) -> Number:
    """Say whether people[start:stop] is read faster as plain words of all `blocks` than as its containers.

    To look up 2,048 members of arrays takes as long as to stream a block of 8 KiB. Where containers hold bits already,
    words would save nothing; and few arrays are not worth a second copy of many blocks.
    """
    in_arrays = 0
    other_blocks = blocks
    begin = start
    while begin < stop:
        end, runs = measure_container(people, begin, stop)
        if not is_run(end - begin, runs):
            if end - begin <= ARRAY_MOST:
                in_arrays += end - begin
            else:
                other_blocks -= 1
        begin = end
    return in_arrays > 2048 * other_blocks and in_arrays > 1024 * blocks


@inlined
def put_runs(people: Array, begin: Number, end: Number, runs: Number, buffer: Array, at: Number) -> Number:
    """Write a run container; return the place after it."""
    at = put(buffer, at, runs, 2)
    j = begin
    while j < end:
        first = j
        while j + 1 < end and people[j + 1] == people[j] + np.uint32(1):
            j += 1
        at = put(buffer, at, np.int64(people[first]) & 65535, 2)
        at = put(buffer, at, j - first, 2)
        j += 1
    return at


@kernel("int64(Array(uint32, 1, 'C', readonly=True), int64, int64, int64, uint8[::1], int64)")
def write_bitmap(people: Array, start: Number, stop: Number, first_block: Number, buffer: Array, at: Number) -> Number:
    """Write people[start:stop] (ascending, below 2^20, at least one) as one portable bitmap at `at`; return its end.

    `first_block` is added to the container keys, so that the bitmap holds person ids and not places in the shard.
    """
    ends = np.empty(16, np.int64)
    runs = np.empty(16, np.int64)
    n = 0
    flags = 0
    begin = start
    while begin < stop:
        ends[n], runs[n] = measure_container(people, begin, stop)
        if is_run(ends[n] - begin, runs[n]):
            flags |= 1 << n
        begin = ends[n]
        n += 1
    origin = at
    if flags != 0:
        at = put(buffer, at, COOKIE_WITH_RUNS | ((n - 1) << 16), 4)
        at = put(buffer, at, flags, (n + 7) >> 3)
    else:
        at = put(buffer, at, COOKIE_PLAIN, 4)
        at = put(buffer, at, n, 4)
    begin = start
    for i in range(n):
        at = put(buffer, at, first_block + np.int64(people[begin] >> np.uint32(16)), 2)
        at = put(buffer, at, ends[i] - begin - 1, 2)
        begin = ends[i]
    has_offsets = flags == 0 or n >= NO_OFFSETS_BELOW
    offsets = at
    if has_offsets:
        at += 4 * n
    begin = start
    for i in range(n):
        if has_offsets:
            put(buffer, offsets + 4 * i, at - origin, 4)
        if (flags >> i) & 1:
            at = put_runs(people, begin, ends[i], runs[i], buffer, at)
        elif ends[i] - begin <= ARRAY_MOST:
            for j in range(begin, ends[i]):
                at = put(buffer, at, np.int64(people[j]) & 65535, 2)
        else:
            for j in range(BITS_BYTES):
                buffer[at + j] = np.uint8(0)
            for j in range(begin, ends[i]):
                value = np.int64(people[j]) & 65535
                buffer[at + (value >> 3)] |= np.uint8(1 << (value & 7))
            at += BITS_BYTES
        begin = ends[i]
    return at
