"""Reads portable roaring bitmaps in place. Refuses nothing: bytes are checked when an index is built, not here.

The format (RoaringFormatSpec): a cookie; with run containers a flag bit per container; per container its key (the high
16 bits of its members) and its cardinality less one; unless there are runs and fewer than four containers, an offset
per container; then the containers, each an array of sorted uint16, 2^16 bits, or pairs (start, length less one).
Nothing is aligned. A bitmap here spans one shard, so it has at most 16 containers and a scan finds a key fastest.
"""

import numpy as np

from houselights.engine.kernels.machine import (
    Array,
    Number,
    inlined,
    kernel,
    load2,
    load4,
    load8,
)

Container = tuple[Number, Number, Number]  # kind, cardinality, address of the payload (for runs: of the first pair)

NONE, ARRAY, BITS, RUNS = 0, 1, 2, 3  # kinds of container
COOKIE_WITH_RUNS = 12347
COOKIE_PLAIN = 12346
ARRAY_MOST = 4096  # members; above, a container without runs holds bits
NO_OFFSETS_BELOW = 4  # containers, when there are runs
BITS_BYTES = 8192


@inlined
def container_count(bitmap: Number) -> Number:
    """Return how many containers the bitmap at this address has."""
    if load2(bitmap, 0) == COOKIE_WITH_RUNS:
        return load2(bitmap, 2) + 1
    return load4(bitmap, 4)


@inlined
def container_key(bitmap: Number, containers: Number, place: Number) -> Number:
    """Return the high 16 bits of the members of the container at `place`."""
    if load2(bitmap, 0) == COOKIE_WITH_RUNS:
        return load2(bitmap, 4 + ((containers + 7) >> 3) + 4 * place)
    return load2(bitmap, 8 + 4 * place)


@inlined
def container(bitmap: Number, containers: Number, place: Number) -> Container:
    """Return kind, cardinality and payload address of the container at `place`."""
    if load2(bitmap, 0) != COOKIE_WITH_RUNS:
        size = load2(bitmap, 10 + 4 * place) + 1
        start = load4(bitmap, 8 + 4 * containers + 4 * place)
        return (ARRAY if size <= ARRAY_MOST else BITS), size, bitmap + np.uint64(start)
    flags = (containers + 7) >> 3
    heads = 4 + flags
    if containers >= NO_OFFSETS_BELOW:
        start = load4(bitmap, heads + 4 * containers + 4 * place)
    else:
        start = heads + 4 * containers
        for before in range(place):
            if (load2(bitmap, 4) >> before) & 1:
                start += 2 + 4 * load2(bitmap, start)
            else:
                size = load2(bitmap, heads + 4 * before + 2) + 1
                start += 2 * size if size <= ARRAY_MOST else BITS_BYTES
    size = load2(bitmap, heads + 4 * place + 2) + 1
    if (load2(bitmap, 4 + (place >> 3)) >> (place & 7)) & 1:
        return RUNS, size, bitmap + np.uint64(start + 2)
    return (ARRAY if size <= ARRAY_MOST else BITS), size, bitmap + np.uint64(start)


@inlined
def find_container(bitmap: Number, key: Number) -> Container:
    """Return the container with this key; kind NONE when the bitmap (address 0: no bitmap) has none."""
    if bitmap == np.uint64(0):
        return NONE, 0, bitmap
    containers = container_count(bitmap)
    place = min(containers - 1, key & 15)  # where it stands when every block of the shard is inhabited
    while place >= 0:
        here = container_key(bitmap, containers, place)
        if here == key:
            return container(bitmap, containers, place)
        if here < key:
            break
        place -= 1
    return NONE, 0, bitmap


@inlined
def run_count(payload: Number) -> Number:
    """Return how many pairs follow; the count stands just before the first."""
    return load2(payload - np.uint64(2), 0)


@inlined
def mask_from(bit: Number) -> Number:
    """Return a word with the bits from `bit` up set."""
    return np.uint64(0xFFFFFFFFFFFFFFFF) << np.uint64(bit)


@inlined
def mask_to(bit: Number) -> Number:
    """Return a word with the bits up to and including `bit` set."""
    return np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(63 - bit)


@inlined
def add_container(kind: Number, size: Number, payload: Number, words: Array, base: Number) -> None:
    """Set the container's bits in the block of `words` that begins at word `base`."""
    if kind == ARRAY:
        # Neighbours share a word, and each would wait for the one before to be stored: so four places take turns.
        quarter = size >> 2
        for i in range(quarter):
            for part in range(4):
                value = load2(payload, 2 * (i + part * quarter))
                words[base + (value >> 6)] |= np.uint64(1) << np.uint64(value & 63)
        for i in range(4 * quarter, size):
            value = load2(payload, 2 * i)
            words[base + (value >> 6)] |= np.uint64(1) << np.uint64(value & 63)
    elif kind == BITS:
        for i in range(1024):
            words[base + i] |= load8(payload, 8 * i)
    elif kind == RUNS:
        for i in range(run_count(payload)):
            start = load2(payload, 4 * i)
            stop = start + load2(payload, 4 * i + 2)
            first, last = start >> 6, stop >> 6
            if first == last:
                words[base + first] |= mask_from(start & 63) & mask_to(stop & 63)
            else:
                words[base + first] |= mask_from(start & 63)
                for w in range(first + 1, last):
                    words[base + w] = np.uint64(0xFFFFFFFFFFFFFFFF)
                words[base + last] |= mask_to(stop & 63)


@inlined
def remove_container(kind: Number, size: Number, payload: Number, words: Array, base: Number) -> None:
    """Clear the container's bits in the block of `words` that begins at word `base`."""
    if kind == ARRAY:
        for i in range(size):
            value = load2(payload, 2 * i)
            words[base + (value >> 6)] &= ~(np.uint64(1) << np.uint64(value & 63))
    elif kind == BITS:
        for i in range(1024):
            words[base + i] &= ~load8(payload, 8 * i)
    elif kind == RUNS:
        for i in range(run_count(payload)):
            start = load2(payload, 4 * i)
            stop = start + load2(payload, 4 * i + 2)
            first, last = start >> 6, stop >> 6
            if first == last:
                words[base + first] &= ~(mask_from(start & 63) & mask_to(stop & 63))
            else:
                words[base + first] &= ~mask_from(start & 63)
                for w in range(first + 1, last):
                    words[base + w] = np.uint64(0)
                words[base + last] &= ~mask_to(stop & 63)


@inlined
def holds(kind: Number, size: Number, payload: Number, value: Number) -> Number:
    """Say whether the container has this 16-bit member."""
    if kind == BITS:
        return (load8(payload, 8 * (value >> 6)) >> np.uint64(value & 63)) & np.uint64(1) != np.uint64(0)
    low, high = 0, size if kind == ARRAY else run_count(payload)
    step = 2 if kind == ARRAY else 4
    while low < high:  # the last entry that is not above the value
        middle = (low + high) >> 1
        if load2(payload, step * middle) <= value:
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return False
    found = load2(payload, step * (low - 1))
    return found == value if kind == ARRAY else value - found <= load2(payload, 4 * (low - 1) + 2)


@kernel("void(uint64, int64, uint64[::1])")
def unpack(bitmap: Number, first_block: Number, words: Array) -> None:
    """Set the bits of the bitmap at an address in `words`, whose first word belongs to block `first_block`."""
    containers = container_count(bitmap)
    for place in range(containers):
        key = container_key(bitmap, containers, place)
        kind, size, payload = container(bitmap, containers, place)
        add_container(kind, size, payload, words, (key - first_block) * 1024)
