"""From numpy to Arrow without a Python loop over people. Knows nothing of what the columns mean."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Array = npt.NDArray[np.generic]


def distinct(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the sorted distinct keys. Sorting beats numpy's own hashing a hundredfold on keys packed like ours."""
    keys = np.sort(keys)
    return keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys


def words(choices: npt.NDArray[np.integer], names: Sequence[str | None]) -> pa.Array:
    """Return names by position as a dictionary column; a negative choice is null."""
    index = pa.array(np.asarray(choices, np.int32), mask=np.asarray(choices) < 0)
    return pa.DictionaryArray.from_arrays(index, pa.array(names, pa.string()))


def plain(choices: npt.NDArray[np.integer], names: Sequence[str | None]) -> pa.Array:
    """Return names by position as plain text, to build other text from."""
    return pa.array(names, pa.string()).take(pa.array(np.asarray(choices, np.int32), mask=np.asarray(choices) < 0))


def grouped(rows: npt.NDArray[np.integer], values: pa.Array, people: int) -> pa.Array:
    """Return one list per person from (row, value) pairs sorted by row; no values make an empty list."""
    offsets = np.zeros(people + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=people), out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def optional(values: Array, known: npt.NDArray[np.bool_], kind: pa.DataType | None = None) -> pa.Array:
    """Return numbers with nulls where they are not known."""
    return pa.array(values, type=kind, mask=~known)


def instants(microseconds: npt.NDArray[np.int64]) -> pa.Array:
    """Return instants in UTC from microseconds since 1970."""
    return pa.array(microseconds).cast(pa.timestamp("us", "UTC"))


def joined(*parts: pa.Array | str) -> pa.Array:
    """Join columns and constants row by row; null anywhere makes null."""
    return pc.binary_join_element_wise(*parts, "")


def digits(numbers: Array, width: int) -> pa.Array:
    """Write whole numbers as text, padded with zeros to `width`."""
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")


_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_HEX_PAIRS = np.stack([np.repeat(_HEX, 16), np.tile(_HEX, 16)], axis=1)


def hexadecimal(raw: bytes, each: int) -> pa.Array:
    """Write bytes as lower-case hexadecimal text, `each` bytes to a row."""
    letters = _HEX_PAIRS[np.frombuffer(raw, np.uint8)].reshape(-1, 2 * each)
    return _fixed(letters)


def uuids(raw: bytes) -> pa.Array:
    """Write 16 bytes a row as UUIDs of version 4, variant 1."""
    octets = np.frombuffer(raw, np.uint8).reshape(-1, 16).copy()
    octets[:, 6] = octets[:, 6] & 0x0F | 0x40
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    letters = _HEX_PAIRS[octets].reshape(-1, 32)
    dash = np.full((len(letters), 1), ord("-"), np.uint8)
    parts = [letters[:, :8], letters[:, 8:12], letters[:, 12:16], letters[:, 16:20], letters[:, 20:]]
    pieces = [piece for part in parts for piece in (part, dash)][:-1]
    return _fixed(np.concatenate(pieces, axis=1))


def _fixed(letters: npt.NDArray[np.uint8]) -> pa.Array:
    count, width = letters.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters)))
