"""Makes typed columns of cells: text to numbers, booleans and dates, whole columns at a time. A cell that does not fit
is marked bad with a reason, never guessed at: "12.5" is no whole number and "maybe" no boolean.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from houselights.services.imports.times import dates, instants

Mask = npt.NDArray[np.bool_]
_WHOLE = r"^[+-]?[0-9]{1,18}(\.0*)?$"
_TRUE = pa.array(["true", "t", "yes", "y", "1"])
_FALSE = pa.array(["false", "f", "no", "n", "0"])


@dataclass(frozen=True, slots=True)
class Typed:
    """A converted column: the values (null where unknown or bad), and which cells were bad, None when none was."""

    values: pa.Array
    bad: Mask | None = None
    reason: str = ""


def blanked(array: pa.Array, nulls: Sequence[str]) -> pa.Array:
    """Return a column with its empty cells, and the words in `nulls`, made null. Numbers are looked at as text;
    a float that is not a number is how pandas writes an unknown one.
    """
    if pa.types.is_floating(array.type):
        array = _unless(array, pc.is_nan(array))
    if not _is_text(array.type):
        return (
            array if not nulls else _unless(array, pc.is_in(text(array).values, value_set=pa.array(nulls, pa.string())))
        )
    array = plain(array)
    return _unless(array, pc.is_in(array, value_set=pa.array(["", *nulls], pa.string())))


def _unless(array: pa.Array, null: pa.Array) -> pa.Array:
    return pc.if_else(null, pa.scalar(None, array.type), array) if pc.any(null).as_py() else array


def typed(array: pa.Array, kind: str | None, *, zone: str = "UTC", form: str | None = None) -> Typed:
    """Convert a column of single values to `kind` (string, int, float, bool, date, timestamp; None: as it comes)."""
    array = plain(array)
    match kind or _natural(array.type):
        case "int":
            return whole(array)
        case "float":
            return number(array)
        case "bool":
            return boolean(array)
        case "date":
            return Typed(*dates(array, form))
        case "timestamp":
            return Typed(*instants(array, zone, form))
        case _:
            return text(array)


def _natural(kind: pa.DataType) -> str:
    tests: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
        (pa.types.is_integer, "int"),
        (pa.types.is_floating, "float"),
        (pa.types.is_decimal, "float"),
        (pa.types.is_boolean, "bool"),
        (pa.types.is_date, "date"),
        (pa.types.is_timestamp, "timestamp"),
    )
    return next((name for test, name in tests if test(kind)), "string")


def plain(array: pa.Array) -> pa.Array:
    """Return a column without dictionary encoding and wide or view strings."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_large_string(array.type) or pa.types.is_string_view(array.type):
        array = array.cast(pa.string())
    return array


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def text(array: pa.Array) -> Typed:
    """Write a column as text: 12.0 as "12", True as "true", instants in ISO 8601. Bytes must be UTF-8."""
    kind = array.type
    if pa.types.is_string(kind):
        return Typed(array)
    if pa.types.is_floating(kind):
        fits = pc.and_(pc.equal(array, pc.floor(array)), pc.less(pc.abs(array), 1e15))
        exact = pc.if_else(fits, array, pa.scalar(None, kind)).cast(pa.int64()).cast(pa.string())
        return Typed(pc.coalesce(exact, array.cast(pa.string())))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        decoded = [None if cell is None else _decoded(cell) for cell in array.to_pylist()]
        values = pa.array(decoded, pa.string())
        return Typed(values, _new_nulls(array, values), "not UTF-8")
    return Typed(array.cast(pa.string()))


def _decoded(cell: bytes) -> str | None:
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return None


def whole(array: pa.Array) -> Typed:
    """Read whole numbers; "12.0" and 12.0 are 12, "12.5" is bad."""
    reason = "not a whole number"
    if pa.types.is_integer(array.type) and array.type != pa.uint64():
        return Typed(array.cast(pa.int64()))
    if not pa.types.is_string(array.type):
        array = text(array).values
    try:
        return Typed(array.cast(pa.int64()))
    except pa.ArrowInvalid:
        trimmed = pc.utf8_trim_whitespace(array)
        fits = pc.match_substring_regex(trimmed, _WHOLE)
        digits = pc.replace_substring_regex(_unless(trimmed, pc.invert(fits)), r"\.0*$", "")
        values = pc.utf8_ltrim(digits, "+").cast(pa.int64())
        return Typed(values, _new_nulls(array, values), reason)


def number(array: pa.Array) -> Typed:
    """Read numbers; infinite ones and "not a number" are bad."""
    if not pa.types.is_string(array.type):
        values = array.cast(pa.float64(), safe=False)
    else:
        try:
            values = array.cast(pa.float64())
        except pa.ArrowInvalid:
            trimmed = pc.utf8_trim_whitespace(array)
            fits = pc.match_substring_regex(trimmed, r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$")
            values = pc.utf8_ltrim(_unless(trimmed, pc.invert(fits)), "+").cast(pa.float64())
    values = _unless(values, pc.invert(pc.is_finite(values)))
    return Typed(values, _new_nulls(array, values), "not a number")


def boolean(array: pa.Array) -> Typed:
    """Read true/false, t/f, yes/no, y/n and 1/0, case ignored."""
    if pa.types.is_boolean(array.type):
        return Typed(array)
    words = pc.utf8_lower(pc.utf8_trim_whitespace(text(array).values))
    yes, no = pc.is_in(words, value_set=_TRUE), pc.is_in(words, value_set=_FALSE)
    values = pc.if_else(pc.or_(yes, no), yes, pa.scalar(None, pa.bool_()))
    return Typed(values, _new_nulls(array, values), "neither true nor false")


def _new_nulls(before: pa.Array, after: pa.Array) -> Mask | None:
    """Return which cells became null, or None when none did."""
    if after.null_count == before.null_count:
        return None
    return np.asarray(pc.and_(pc.is_valid(before), pc.is_null(after)))


def items(array: pa.Array, separator: str, nulls: Sequence[str]) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """Return the items of a column of lists, or of text with separators, and the row each belongs to. Empty ones go."""
    if _is_text(array.type):
        array = pc.split_pattern(blanked(array, nulls), separator)
    rows = np.asarray(pc.list_parent_indices(array), dtype=np.int64)
    flat = plain(pc.list_flatten(array))
    if _is_text(flat.type):
        flat = pc.utf8_trim_whitespace(flat)
    flat = blanked(flat, nulls)
    known = pc.is_valid(flat)
    return flat.filter(known), rows[np.asarray(known)]
