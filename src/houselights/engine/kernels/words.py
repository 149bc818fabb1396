"""Kernels of the index of texts: where words follow each other, and whose texts those places are in.

A place is the number of a word in a run of texts, counted from the first word of the first text. Lists of places
ascend, and what is looked for ascends too, so a kernel never looks back: it leaps ahead, twice as far each time.
"""

import numpy as np

from houselights.engine.kernels.machine import Array, Number, inlined, kernel

STRIDE_BITS = 6


@inlined
def leap(places: Array, at: Number, size: Number, wanted: Number) -> Number:
    """Return the first index from `at` on whose place is `wanted` or later, `size` when there is none."""
    if at >= size or places[at] >= wanted:
        return at
    step = 1
    while at + step < size and places[at + step] < wanted:
        at += step
        step += step
    low, high = at + 1, min(at + step, size)
    while low < high:
        middle = (low + high) // 2
        if places[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@kernel("int64(Array(uint32, 1, 'C', readonly=True), int64, Array(uint32, 1, 'C', readonly=True), uint32[::1])")
def meet(starts: Array, ahead: Number, places: Array, kept: Array) -> Number:
    """Keep the starts with one of the places `ahead` of them; return how many. `kept` may be `starts`."""
    at, many, size = 0, 0, places.size
    for i in range(starts.size):
        wanted = np.int64(starts[i]) + ahead
        at = leap(places, at, size, wanted)
        if at == size:
            break
        if places[at] == wanted:
            kept[many] = starts[i]
            many += 1
    return many


@kernel(
    "int64(Array(uint32, 1, 'C', readonly=True), Array(uint32, 1, 'C', readonly=True),"
    " Array(uint32, 1, 'C', readonly=True), Array(int32, 1, 'C', readonly=True), Array(boolean, 1, 'C', readonly=True),"
    " Array(int64, 1, 'C', readonly=True), boolean, int64, int64, Array(uint32, 1, 'C', readonly=True), uint32[::1])"
)
def authors(
    places: Array,
    ends: Array,
    texts: Array,
    fields: Array,
    wanted: Array,
    times: Array,
    timed: Number,
    first: Number,
    last: Number,
    people: Array,
    found: Array,
) -> Number:
    """Write whose texts hold the places, once for neighbours; return how many.

    `ends` has one past the last place of each text, `texts` the text of every STRIDE-th place. Of texts in a field that
    is not wanted and, where it is `timed`, of a time before `first` or after `last`, nobody is written.
    """
    many, size, at = 0, places.size, 0
    while at < size:
        text = texts[places[at] >> STRIDE_BITS]
        while ends[text] <= places[at]:
            text += 1
        is_last = many > 0 and found[many - 1] == people[text]
        if wanted[fields[text]] and not is_last and (not timed or first <= times[text] <= last):
            found[many] = people[text]
            many += 1
        end = ends[text]
        at += 1
        while at < size and places[at] < end:
            at += 1
    return many
