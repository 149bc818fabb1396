"""Runs a set expression over one range of blocks. An instruction works on 8 KiB registers: 2^16 people at a time.

Every instruction narrows a register in place, so whatever was cheap and selective makes all that follows cheap: an
empty register skips its clause, a nearly empty one is tested person by person instead of uniting whole bitmaps.
"""

import numpy as np

from houselights.engine.kernels.machine import Array, Number, inlined, kernel, load8, lowest, ones
from houselights.engine.kernels.roaring import (
    ARRAY,
    BITS,
    NONE,
    add_container,
    find_container,
    holds,
    remove_container,
)

# Instructions: (operation, a, b, c, d). r, s, t are registers, [b, c) a range of leaves.
EVERYONE = 0  # a := all people of the block
CLEAR = 1  # a := nobody
COPY = 2  # a := b
REST = 3  # a := b − c
JOIN = 4  # a := a ∪ b
MINUS = 5  # a := a − b
KEEP = 6  # a := a ∩ (leaf b ∪ … ∪ leaf c−1)
DROP = 7  # a := a − leaf b − … − leaf c−1
TALLY = 8  # counters in registers [b, b + c) += 1 for the people of a; a is spent
AT_LEAST = 9  # a := people of a whose counter in registers [b, b + c) is at least d
SKIP = 10  # jump to instruction b when a is empty

SET_LEAF = 1 << 40  # leaves at or above this are dense sets, by number; below, traits, by id

# What a step costs in rough nanoseconds, for choosing between uniting bitmaps and testing the people who are left:
# a bits container is 8 KiB from memory, a test of one is one line from memory, a test of an array ~10 halvings.
BITS_COST, TEST_BITS_COST, TEST_COST = 800, 20, 40


@inlined
def count_block(registers: Array, r: Number) -> Number:
    """Return how many people register `r` holds."""
    total = 0
    for w in range(1024):
        total += ones(registers[r, w])
    return total


@inlined
def look_up(
    leaves: Array,
    low: Number,
    high: Number,
    bitmaps: Array,
    dense: Array,
    sets: Array,
    block: Number,
    found: Array,
) -> tuple[Number, Number, Number]:
    """Find the containers of the leaves in this block.

    Fills rows of `found` with (kind, cardinality, address); a dense set is a bits container in place. Returns their
    number, what uniting them would cost, and what testing one person in each of them would.
    """
    n = 0
    for i in range(low, high):
        leaf = leaves[i]
        if leaf >= SET_LEAF:
            kind, size, payload = BITS, 65536, sets[leaf - SET_LEAF] + np.uint64(block * 8192)
        elif dense[block >> 4, leaf] != np.uint64(0):
            kind, size, payload = BITS, 65536, dense[block >> 4, leaf] + np.uint64((block & 15) * 8192)
        else:
            kind, size, payload = find_container(bitmaps[block >> 4, leaf], block)
        if kind != NONE:
            found[n, 0] = kind
            found[n, 1] = size
            found[n, 2] = np.int64(payload)
            n += 1
    union = 0
    test = 0
    for i in range(n):
        union += found[i, 1] if found[i, 0] == ARRAY else BITS_COST
        test += TEST_BITS_COST if found[i, 0] == BITS else TEST_COST
    return n, union, test


@inlined
def test_people(registers: Array, r: Number, found: Array, n: Number, keep: bool) -> Number:
    """Keep (or drop) the people of register `r` who are in any found container, one by one; return how many stay."""
    total = 0
    for w in range(1024):
        word = registers[r, w]
        left = word
        while left != np.uint64(0):
            bit = left & (~left + np.uint64(1))
            value = (w << 6) + lowest(left)
            inside = False
            for i in range(n):
                if holds(found[i, 0], found[i, 1], np.uint64(found[i, 2]), value):
                    inside = True
                    break
            if inside != keep:
                word &= ~bit
            left &= left - np.uint64(1)
        registers[r, w] = word
        total += ones(word)
    return total


@inlined
def keep_union(registers: Array, r: Number, scratch: Number, found: Array, n: Number) -> Number:
    """Intersect register `r` with the union of the found containers; return how many people stay."""
    total = 0
    if n == 1 and found[0, 0] == BITS:
        payload = np.uint64(found[0, 2])
        for w in range(1024):
            word = registers[r, w] & load8(payload, 8 * w)
            registers[r, w] = word
            total += ones(word)
        return total
    for w in range(1024):
        registers[scratch, w] = np.uint64(0)
    for i in range(n):
        add_container(found[i, 0], found[i, 1], np.uint64(found[i, 2]), registers[scratch], 0)
    for w in range(1024):
        word = registers[r, w] & registers[scratch, w]
        registers[r, w] = word
        total += ones(word)
    return total


@inlined
def tally(registers: Array, r: Number, first: Number, planes: Number) -> None:
    """Add the bits of register `r` to 65,536 counters kept one binary digit per register, lowest first."""
    for w in range(1024):
        carry = registers[r, w]
        for plane in range(first, first + planes):
            digit = registers[plane, w]
            registers[plane, w] = digit ^ carry
            carry &= digit


@inlined
def keep_at_least(registers: Array, r: Number, first: Number, planes: Number, k: Number) -> Number:
    """Intersect register `r` with the people whose counter is at least `k`; return how many stay."""
    total = 0
    for w in range(1024):
        above = np.uint64(0)
        equal = np.uint64(0xFFFFFFFFFFFFFFFF)
        for digit in range(planes - 1, -1, -1):
            plane = registers[first + digit, w]
            if (k >> digit) & 1:
                equal &= plane
            else:
                above |= equal & plane
                equal &= ~plane
        word = registers[r, w] & (above | equal)
        registers[r, w] = word
        total += ones(word)
    return total


@kernel(
    "int64(Array(int64, 2, 'C', readonly=True), Array(int64, 1, 'C', readonly=True),"
    " Array(uint64, 2, 'C', readonly=True), Array(uint64, 2, 'C', readonly=True), Array(uint64, 1, 'C', readonly=True),"
    " Array(uint64, 1, 'C', readonly=True), int64, int64, uint64[:, ::1], uint64[::1])"
)
def run_program(
    code: Array, leaves: Array, bitmaps: Array, dense: Array, sets: Array, everyone: Array,
    low: Number, high: Number, registers: Array, members: Array,
) -> Number:  # fmt: skip
    """Run `code` for the blocks [low, high); the answer is what register 0 holds at the end. Return how many people.

    `bitmaps[shard, trait]`, `dense[shard, trait]` (plain words; 0 for none) and `sets[number]` are addresses;
    `registers` is scratch, one row of 1,024 words per register and a last one for unions; `members` receives the
    answer's words, unless it has none.
    """
    total = 0
    scratch = registers.shape[0] - 1
    counts = np.zeros(registers.shape[0], np.int64)
    found = np.empty((max(1, leaves.size), 3), np.int64)
    for block in range(low, high):
        at = 0
        while at < code.shape[0]:
            operation, a, b, c = code[at, 0], code[at, 1], code[at, 2], code[at, 3]
            at += 1
            if operation == SKIP:
                if counts[a] == 0:
                    at = b
            elif operation in (KEEP, DROP):
                if counts[a] == 0:
                    continue
                n, union, test = look_up(leaves, b, c, bitmaps, dense, sets, block, found)
                if n == 0:
                    if operation == KEEP:
                        for w in range(1024):
                            registers[a, w] = np.uint64(0)
                        counts[a] = 0
                elif counts[a] * test < union:
                    counts[a] = test_people(registers, a, found, n, operation == KEEP)
                elif operation == KEEP:
                    counts[a] = keep_union(registers, a, scratch, found, n)
                else:
                    for i in range(n):
                        remove_container(found[i, 0], found[i, 1], np.uint64(found[i, 2]), registers[a], 0)
                    counts[a] = count_block(registers, a)
            elif operation == TALLY:
                if counts[a] != 0:
                    tally(registers, a, b, c)
            elif operation == AT_LEAST:
                counts[a] = keep_at_least(registers, a, b, c, code[at - 1, 4])
            else:
                for w in range(1024):
                    if operation == EVERYONE:
                        registers[a, w] = everyone[block * 1024 + w]
                    elif operation == CLEAR:
                        registers[a, w] = np.uint64(0)
                    elif operation == COPY:
                        registers[a, w] = registers[b, w]
                    elif operation == REST:
                        registers[a, w] = registers[b, w] & ~registers[c, w]
                    elif operation == JOIN:
                        registers[a, w] |= registers[b, w]
                    else:
                        registers[a, w] &= ~registers[b, w]
                counts[a] = count_block(registers, a)
        total += counts[0]
        if members.size != 0:
            for w in range(1024):
                members[block * 1024 + w] = registers[0, w]
    return total
