"""Kernels over dense words: a set of people is an array of uint64, person p at bit p % 64 of word p // 64."""

import numpy as np

from houselights.engine.kernels.machine import Array, Number, kernel, load8, lowest, ones


@kernel("void(Array(uint32, 1, 'C', readonly=True), uint64[::1])")
def set_bits(ids: Array, words: Array) -> None:
    """Set the bit of every id; ids in any order, repeats allowed."""
    for i in range(ids.size):
        person = np.int64(ids[i])
        words[person >> 6] |= np.uint64(1) << np.uint64(person & 63)


@kernel("void(Array(uint64, 1, 'C', readonly=True), uint32[::1])")
def bit_positions(words: Array, ids: Array) -> None:
    """Write the positions of all set bits in ascending order; `ids` has exactly that many places."""
    at = 0
    for i in range(words.size):
        word = words[i]
        while word != np.uint64(0):
            ids[at] = np.uint32((i << 6) + lowest(word))
            word &= word - np.uint64(1)
            at += 1


@kernel("float64(Array(uint64, 1, 'C', readonly=True), Array(float32, 1, 'C', readonly=True))")
def sum_where(words: Array, values: Array) -> Number:
    """Return Σ values[p] over the set bits p below `values.size`, added in ascending order."""
    total = 0.0
    for i in range(min(words.size, (values.size + 63) >> 6)):
        word = words[i]
        while word != np.uint64(0):
            person = (i << 6) + lowest(word)
            if person < values.size:
                total += np.float64(values[person])
            word &= word - np.uint64(1)
    return total


TILE = 8


@kernel(
    "void(Array(uint64, 1, 'C', readonly=True), Array(uint64, 1, 'C', readonly=True),"
    " int64, int64, int64, boolean, int64[:, ::1])"
)
def cross_counts(
    left: Array, right: Array, start: Number, stop: Number, chunk: Number, upper: bool, counts: Array
) -> None:
    """Add |a ∩ b| over words [start, stop) to counts[i, j] for every a of `left` and b of `right` (addresses of words).

    Eight sets of `right` stay in the first-level cache, `chunk` words of each, while the `left` sets pass by: every
    word loaded of a left set is used eight times. `upper` skips tiles that lie wholly below the diagonal.
    `right` is padded by the caller to a multiple of eight addresses, `counts` likewise.
    """
    for begin in range(start, stop, chunk):
        words = min(chunk, stop - begin)
        first = begin * 8
        for j in range(0, right.size, TILE):
            b0, b1, b2, b3 = right[j], right[j + 1], right[j + 2], right[j + 3]
            b4, b5, b6, b7 = right[j + 4], right[j + 5], right[j + 6], right[j + 7]
            for i in range(min(left.size, j + TILE) if upper else left.size):
                a = left[i]
                c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = 0
                for w in range(words):
                    at = first + w * 8
                    word = load8(a, at)
                    c0 += ones(word & load8(b0, at))
                    c1 += ones(word & load8(b1, at))
                    c2 += ones(word & load8(b2, at))
                    c3 += ones(word & load8(b3, at))
                    c4 += ones(word & load8(b4, at))
                    c5 += ones(word & load8(b5, at))
                    c6 += ones(word & load8(b6, at))
                    c7 += ones(word & load8(b7, at))
                counts[i, j] += c0
                counts[i, j + 1] += c1
                counts[i, j + 2] += c2
                counts[i, j + 3] += c3
                counts[i, j + 4] += c4
                counts[i, j + 5] += c5
                counts[i, j + 6] += c6
                counts[i, j + 7] += c7
