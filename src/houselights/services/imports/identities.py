"""Identities of a batch of people: raw values normalised and hashed, hashes checked. Raw values end here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from houselights.identity.hashing import NOTHING
from houselights.identity.namespaces import identities, namespace_of
from houselights.identity.postal import postal_identities
from houselights.services.imports.cells import items, plain, text
from houselights.services.imports.checks import RowCheck
from houselights.services.imports.population import Column, IdentityColumn, PostalIdentity

Rows = npt.NDArray[np.int64]
SHA256 = r"^[A-Fa-f0-9]{64}$"


@dataclass(frozen=True, slots=True)
class Identities:
    """(row, value) of one namespace in a batch; `rows` counts from its first row. A person may have several."""

    namespace: str
    rows: Rows
    values: pa.Array


def read_identities(
    check: RowCheck, columns: Mapping[str, IdentityColumn], postal: PostalIdentity | None
) -> Iterator[Identities]:
    """Yield the identities of a batch. Cells said to be hashed that are not, mark their rows.

    A raw value that normalises to nothing (an e-mail without "@") identifies nobody and is left out.
    """
    for namespace, how in columns.items():
        values, rows = _cells(check, how)
        if how.hashed:
            yield _hashed(check, namespace, how, values, rows)
        elif namespace_of(namespace).forms is None:
            yield Identities(namespace, rows, pc.utf8_lower(values) if namespace_of(namespace).lower else values)
        else:
            yield _listed(namespace, rows, [identities(namespace, cell, how.country) for cell in values.to_pylist()])
    if postal is not None:
        yield from _postal(check, postal)


def _cells(check: RowCheck, how: IdentityColumn) -> tuple[pa.Array, Rows]:
    """Return the trimmed cells that hold something, and their rows."""
    column = how.column
    if column.many:
        values, rows = items(check.batch.array(column), column.separator, check.nulls)
        return text(plain(values)).values, rows
    values = check.words(column)
    known = pc.is_valid(values)
    return values.filter(known), np.flatnonzero(np.asarray(known))


def _hashed(check: RowCheck, namespace: str, how: IdentityColumn, values: pa.Array, rows: Rows) -> Identities:
    fits = np.asarray(pc.match_substring_regex(values, SHA256), dtype=bool)
    if not fits.all():
        places = np.flatnonzero(~fits)
        check.mark_rows(
            how.column, rows[places].tolist(), values.take(pa.array(places)).to_pylist(), "not a SHA-256 hash"
        )
    lower = pc.utf8_lower(values)
    kept = fits & np.asarray(pc.not_equal(lower, NOTHING), dtype=bool)
    return Identities(namespace, rows[kept], lower.filter(pa.array(kept)))


def _listed(namespace: str, rows: Rows, values: list[tuple[str, ...]]) -> Identities:
    counts = np.array([len(forms) for forms in values], dtype=np.int64)
    flat = pa.array([form for forms in values for form in forms], pa.string())
    return Identities(namespace, np.repeat(rows, counts), flat)


def _postal(check: RowCheck, postal: PostalIdentity) -> Iterator[Identities]:
    fields = {name: _field(check, name, column, postal).to_pylist() for name, column in postal.columns.items()}
    countries = fields.pop("country", ["US"] * len(check.batch))
    found: dict[str, tuple[list[int], list[str]]] = {}
    for row, cells in enumerate(zip(*fields.values(), strict=True)):
        raw = {name: cell for name, cell in zip(fields, cells, strict=True) if cell is not None}
        for namespace, value in postal_identities(raw, countries[row] or "US"):
            rows, values = found.setdefault(namespace, ([], []))
            rows.append(row)
            values.append(value)
    for namespace, (rows, values) in found.items():
        yield Identities(namespace, np.array(rows, dtype=np.int64), pa.array(values, pa.string()))


def _field(check: RowCheck, name: str, column: Column, postal: PostalIdentity) -> pa.Array:
    cells = check.words(column)
    if postal.hashed and name != "country":
        fits = pc.fill_null(pc.match_substring_regex(cells, SHA256), True)
        check.mark(column, cells, ~np.asarray(fits, dtype=bool), "not a SHA-256 hash")
    return cells
