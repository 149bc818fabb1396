"""Kernels that read SHA-256 hashes written in hexadecimal."""

import numpy as np

from houselights.base.compiled import Array, Number, inlined
from houselights.identity.kernels import kernel

HASH_CHARACTERS = 64


@inlined
def nibble(character: Number) -> Number:
    """Return the value of a hexadecimal digit in either case, 16 for anything else."""
    digit = np.int64(character) - 48
    if 0 <= digit < 10:
        return digit
    letter = (np.int64(character) | 32) - 97
    if 0 <= letter < 6:
        return letter + 10
    return 16


@inlined
def read_hash(text: Array, begin: Number, digest: Array) -> Number:
    """Write the 32 bytes of the 64 digits from `begin`; return whether they all were digits."""
    worst = 0
    for place in range(32):
        high, low = nibble(text[begin + 2 * place]), nibble(text[begin + 2 * place + 1])
        worst |= high | low
        digest[place] = np.uint8(((high << 4) | low) & 255)
    return worst < 16


@kernel("void(Array(uint8, 1, 'C', readonly=True), uint8[:, ::1], boolean[::1])")
def read_hashes(text: Array, digests: Array, fits: Array) -> None:
    """Write the bytes of hashes written one after another, and which of them are hashes."""
    for row in range(digests.shape[0]):
        fits[row] = read_hash(text, row * 64, digests[row])
