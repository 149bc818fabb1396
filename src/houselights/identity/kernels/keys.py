"""Kernels that turn identities into 128-bit keys: SipHash-2-4 with its 128-bit output, over the bytes of a value.

A known constant is its secret: the hash is here to spread keys evenly, whatever the values look like, and two values
with one key are as unlikely as 128 bits make them.
"""

import numpy as np

from houselights.base.compiled import Array, Number, inlined
from houselights.identity.kernels import kernel
from houselights.identity.kernels.hexadecimal import read_hash

# The secret of the published test vectors: the bytes 0, 1, … 15.
_SECRET_LOW = np.uint64(0x0706050403020100)
_SECRET_HIGH = np.uint64(0x0F0E0D0C0B0A0908)
_V0 = np.uint64(0x736F6D6570736575)
_V1 = np.uint64(0x646F72616E646F6D)
_V2 = np.uint64(0x6C7967656E657261)
_V3 = np.uint64(0x7465646279746573)
_WIDE = np.uint64(0xEE)  # said at two places, it asks for 128 bits instead of 64
_END = np.uint64(0xDD)


@inlined
def _turned(word: Number, bits: Number) -> Number:
    return (word << np.uint64(bits)) | (word >> np.uint64(64 - bits))


@inlined
def _round(v0: Number, v1: Number, v2: Number, v3: Number) -> Number:
    v0 += v1
    v2 += v3
    v1 = _turned(v1, 13) ^ v0
    v3 = _turned(v3, 16) ^ v2
    v0 = _turned(v0, 32)
    v2 += v1
    v0 += v3
    v1 = _turned(v1, 17) ^ v2
    v3 = _turned(v3, 21) ^ v0
    v2 = _turned(v2, 32)
    return v0, v1, v2, v3


@inlined
def key_of(content: Array, begin: Number, end: Number, key: Array) -> None:
    """Write the two words of the key of the bytes [begin, end) of `content`."""
    v0, v1 = _V0 ^ _SECRET_LOW, _V1 ^ _SECRET_HIGH ^ _WIDE
    v2, v3 = _V2 ^ _SECRET_LOW, _V3 ^ _SECRET_HIGH
    length = end - begin
    whole = length & ~7
    for place in range(begin, begin + whole, 8):
        word = np.uint64(0)
        for byte in range(8):
            word |= np.uint64(content[place + byte]) << np.uint64(8 * byte)
        v3 ^= word
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
        v0 ^= word
    word = np.uint64(length & 255) << np.uint64(56)
    for byte in range(length - whole):
        word |= np.uint64(content[begin + whole + byte]) << np.uint64(8 * byte)
    v3 ^= word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0 ^= word
    v2 ^= _WIDE
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    key[0] = v0 ^ v1 ^ v2 ^ v3
    v1 ^= _END
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    key[1] = v0 ^ v1 ^ v2 ^ v3


@kernel("void(Array(uint8, 2, 'C', readonly=True), uint64[:, ::1])")
def keys_of_rows(rows: Array, keys: Array) -> None:
    """Write the key of every row of bytes."""
    for row in range(rows.shape[0]):
        key_of(rows[row], 0, rows.shape[1], keys[row])


@kernel("void(Array(uint8, 1, 'C', readonly=True), Array(int64, 1, 'C', readonly=True), boolean, uint64[:, ::1])")
def keys_of_texts(content: Array, offsets: Array, hashed: bool, keys: Array) -> None:
    """Write the key of every text [offsets[i], offsets[i + 1]) of `content`.

    `hashed` texts of 64 hexadecimal digits have the key of the 32 bytes they stand for.
    """
    digest = np.empty(32, np.uint8)
    for row in range(offsets.size - 1):
        begin, end = offsets[row], offsets[row + 1]
        if hashed and end - begin == 64 and read_hash(content, begin, digest):
            key_of(digest, 0, 32, keys[row])
        else:
            key_of(content, begin, end, keys[row])
