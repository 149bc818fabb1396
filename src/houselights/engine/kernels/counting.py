"""Counts one audience against every trait of a shard: by the traits' containers, or by the rows of the members."""

import numpy as np

from houselights.engine.kernels.machine import (
    Array,
    Number,
    inlined,
    kernel,
    load2,
    load4,
    load8,
    load8_alone,
    lowest,
    ones,
    prefetch,
)
from houselights.engine.kernels.roaring import (
    ARRAY,
    BITS,
    RUNS,
    container,
    container_count,
    container_key,
    mask_from,
    mask_to,
    run_count,
)


@inlined
def count_array(size: Number, payload: Number, words: Number) -> Number:
    """Return how many of `size` sorted 16-bit members are set in the block of words at an address."""
    even: Number = 0
    odd: Number = 0
    for i in range(size >> 1):  # two sums, so that neither waits for the other
        a = load2(payload, 4 * i)
        b = load2(payload, 4 * i + 2)
        even += np.int64((load8_alone(words, (a >> 6) << 3) >> np.uint64(a & 63)) & np.uint64(1))
        odd += np.int64((load8_alone(words, (b >> 6) << 3) >> np.uint64(b & 63)) & np.uint64(1))
    if size & 1:
        a = load2(payload, 2 * size - 2)
        even += np.int64((load8_alone(words, (a >> 6) << 3) >> np.uint64(a & 63)) & np.uint64(1))
    return even + odd


@inlined
def count_in(kind: Number, size: Number, payload: Number, words: Number) -> Number:
    """Return how many members of the container are set in the block of words at an address.

    Addresses and not arrays: an array's index may be negative, and checking that turns streams into gathers.
    """
    total: Number = 0
    if kind == BITS:
        for i in range(1024):
            total += ones(load8(words, 8 * i) & load8(payload, 8 * i))
    elif kind == ARRAY:
        total = count_array(size, payload, words)
    elif kind == RUNS:
        for i in range(run_count(payload)):
            start = load2(payload, 4 * i)
            stop = start + load2(payload, 4 * i + 2)
            first, last = start >> 6, stop >> 6
            if first == last:
                total += ones(load8(words, 8 * first) & mask_from(start & 63) & mask_to(stop & 63))
            else:
                total += ones(load8(words, 8 * first) & mask_from(start & 63))
                for w in range(first + 1, last):
                    total += ones(load8(words, 8 * w))
                total += ones(load8(words, 8 * last) & mask_to(stop & 63))
    return total


@kernel(
    "void(Array(uint64, 1, 'C', readonly=True), Array(uint64, 1, 'C', readonly=True), int64, int64, uint64,"
    " Array(int64, 1, 'C', readonly=True), int64, int64, int64[::1])"
)
def count_each(
    bitmaps: Array, dense: Array, low: Number, high: Number, words: Number, block_sizes: Array,
    first_block: Number, blocks: Number, counts: Array,
) -> None:  # fmt: skip
    """Add |members ∩ trait| to counts[i] for the traits i in [low, high) of one shard.

    `bitmaps[i]` is the address of the trait's bitmap (0: none), `dense[i]` of its plain words for the shard's `blocks`
    blocks, if it has them. `words` (an address) and `block_sizes` are the whole set's; a block in which the set has
    nobody, or everybody, is answered from the container's head alone. The bitmaps lie one after another in the file,
    so memory is read in one stream, while the shard's part of the set, 128 KiB, stays in the second-level cache.
    """
    for i in range(low, high):
        if dense[i] != np.uint64(0):
            for b in range(blocks):
                if block_sizes[first_block + b] != 0:
                    here = words + np.uint64((first_block + b) * 8192)
                    counts[i] += count_in(BITS, 0, dense[i] + np.uint64(b * 8192), here)
            continue
        bitmap = bitmaps[i]
        if bitmap == np.uint64(0):
            continue
        containers = container_count(bitmap)
        total = 0
        for place in range(containers):
            block = container_key(bitmap, containers, place)
            inside = block_sizes[block]
            if inside != 0:
                kind, size, payload = container(bitmap, containers, place)
                total += size if inside == 65536 else count_in(kind, size, payload, words + np.uint64(block * 8192))
        counts[i] += total


AHEAD = 64  # members whose rows are asked for before the first is read


@inlined
def count_members(members: Array, n: Number, offsets: Number, values: Number, counts: Array) -> None:
    """Count the rows of `n` members: ask for where the rows are, then for the rows, then read them.

    A row is two cache lines that nobody expects; waiting for them one member at a time took three times as long.
    """
    for i in range(n):
        prefetch(offsets, 4 * members[i])
    for i in range(n):
        start = load4(offsets, 4 * members[i])
        stop = load4(offsets, 4 * members[i] + 4)
        prefetch(values, 2 * start)  # most rows are two or three lines: no branch to guess wrong
        prefetch(values, 2 * start + 64)
        prefetch(values, 2 * stop - 2)
        for line in range((start >> 5) + 2, stop >> 5):
            prefetch(values, line << 6)
    for i in range(n):
        start = load4(offsets, 4 * members[i])
        stop = load4(offsets, 4 * members[i] + 4)
        for at in range(start, stop):
            counts[load2(values, 2 * at)] += 1


@kernel("void(Array(uint64, 1, 'C', readonly=True), int64, int64, int64, uint64, uint64, int64[::1])")
def count_rows(
    words: Array, low: Number, high: Number, first_word: Number, offsets: Number, values: Number, counts: Array
) -> None:
    """Add one to counts[v] for every value v in the rows of the members in words [low, high).

    The rows of one shard: `offsets` is the address of its uint32 row offsets, for the people from `first_word` * 64
    on; `values` the address of its uint16 values.
    """
    members = np.empty(AHEAD, np.int64)
    n = 0
    for w in range(low, high):
        word = words[w]
        while word != np.uint64(0):
            members[n] = ((w - first_word) << 6) + lowest(word)
            n += 1
            word &= word - np.uint64(1)
            if n == AHEAD:
                count_members(members, n, offsets, values, counts)
                n = 0
    count_members(members, n, offsets, values, counts)
