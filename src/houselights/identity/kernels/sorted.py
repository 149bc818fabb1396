"""Kernels over sorted entries of (128-bit key, person): putting them together, and finding a key among them.

An entry is five 32-bit words: the four of its key, most significant first, then the person.
"""

import numpy as np

from houselights.base.compiled import Array, Number, inlined
from houselights.identity.kernels import kernel

SHARED = np.uint32(0xFFFFFFFF)  # in the place of the person: several people have this key
SCAN = 8  # entries that are looked through rather than bisected


@inlined
def _word(entries: Array, place: Number, first: Number) -> Number:
    return (np.uint64(entries[place, first]) << np.uint64(32)) | np.uint64(entries[place, first + 1])


@kernel(
    "void(Array(uint64, 2, 'C', readonly=True), Array(uint32, 1, 'C', readonly=True),"
    " Array(uint32, 2, 'C', readonly=True), int64, int64[::1])"
)
def find_places(keys: Array, starts: Array, entries: Array, shift: Number, places: Array) -> None:
    """Write the place of each key among sorted entries, −1 where it is not.

    starts[b] is the first entry whose key begins with the bits b; `shift` says how many bits of its first word follow.
    """
    for row in range(keys.shape[0]):
        high, low = keys[row, 0], keys[row, 1]
        bucket = high >> np.uint64(shift)
        begin, end = np.int64(starts[bucket]), np.int64(starts[bucket + 1])
        while end - begin > SCAN:
            middle = (begin + end) >> 1
            word = _word(entries, middle, 0)
            if word < high or (word == high and _word(entries, middle, 2) < low):
                begin = middle + 1
            else:
                end = middle + 1
        places[row] = -1
        for place in range(begin, end):
            if _word(entries, place, 0) == high and _word(entries, place, 2) == low:
                places[row] = place
                break


@kernel(
    "Tuple((int64, int64, int64))(Array(uint64, 2, 'C', readonly=True), Array(uint32, 1, 'C', readonly=True),"
    " uint32[:, ::1], int64[::1], int64[::1], uint32[::1])"
)
def fold(
    keys: Array, people: Array, entries: Array, shared_places: Array, shared_starts: Array, shared_people: Array
) -> Number:
    """Write one entry for each key of rows sorted by key and person, and the people of keys that several have.

    Returns how many entries, shared keys and people of shared keys there are. `shared_starts` gets the place behind
    each shared key's last person.
    """
    count = shared = owners = 0
    row, rows = 0, keys.shape[0]
    while row < rows:
        high, low, first = keys[row, 0], keys[row, 1], people[row]
        several, before = False, owners
        last = first
        shared_people[owners] = first
        owners += 1
        row += 1
        while row < rows and keys[row, 0] == high and keys[row, 1] == low:
            if people[row] != last:
                several, last = True, people[row]
                shared_people[owners] = last
                owners += 1
            row += 1
        entries[count, 0], entries[count, 1] = np.uint32(high >> np.uint64(32)), np.uint32(high)
        entries[count, 2], entries[count, 3] = np.uint32(low >> np.uint64(32)), np.uint32(low)
        entries[count, 4] = SHARED if several else first
        if several:
            shared_places[shared] = count
            shared_starts[shared] = owners
            shared += 1
        else:
            owners = before
        count += 1
    return count, shared, owners


@kernel("int64(uint64[:, ::1], uint32[::1], int64)")
def settle(keys: Array, people: Array, longest: Number) -> Number:
    """Sort rows that are sorted by their first word by the second and the person too, in place.

    Returns how long the longest run of equal first words is; runs longer than `longest` are left as they are.
    """
    rows, worst, begin = keys.shape[0], 0, 0
    while begin < rows:
        end = begin + 1
        while end < rows and keys[end, 0] == keys[begin, 0]:
            end += 1
        worst = max(worst, end - begin)
        if 1 < end - begin <= longest:
            for row in range(begin + 1, end):
                low, person = keys[row, 1], people[row]
                place = row
                while place > begin and (
                    keys[place - 1, 1] > low or (keys[place - 1, 1] == low and people[place - 1] > person)
                ):
                    keys[place, 1], people[place] = keys[place - 1, 1], people[place - 1]
                    place -= 1
                keys[place, 1], people[place] = low, person
        begin = end
    return worst
