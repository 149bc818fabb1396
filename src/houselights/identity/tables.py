"""Customer tables, batch by batch: recognised columns go in, the hashes of their normal forms come out.

Each different value of a column is normalised once. A value that is a hash already stays one. What cannot be right for
its field ("n/a" as an e-mail) has the hash of nothing, which matches nobody, and is told of.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.identity.address import address
from houselights.identity.countries import country_of
from houselights.identity.fields import FIELDS
from houselights.identity.hashing import NOTHING, is_sha256, sha256_hex
from houselights.identity.headers import COUNTRY, TEMPLATE
from houselights.identity.normalise import city, email, international, name, phone, postal, state

# How a field becomes its normal form, by value and country; those that need no country come first.
FREE: Mapping[str, Callable[[str], str]] = {"email": email, "first_name": name, "last_name": name, "city": city}
BOUND: Mapping[str, Callable[[str, str], str]] = {"phone": phone, "address": address, "state": state, "postal": postal}


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    """What to do with a table: the column of each field, and the columns to `keep` as they are.

    `country` is of rows that do not say theirs. With `own_codes`, a phone number that begins with "+" keeps its country
    code; without, it is taken for one of the row's country. `blank` leaves a cell empty that cannot be hashed.
    """

    columns: Mapping[str, str]
    keep: tuple[str, ...] = ()
    country: str | None = None
    own_codes: bool = False
    blank: bool = False

    @property
    def header(self) -> list[str]:
        """The columns that come out: fields by the words of the upload template, then those that are kept."""
        return [*(TEMPLATE[field] for field in FIELDS if field in self.columns), *self.keep]


@dataclass(frozen=True, slots=True)
class Unhashed:
    """A cell that could not be hashed: its row in the batch, its column and value, and why."""

    row: int
    column: str
    value: str
    reason: str


def hash_table(batch: pa.RecordBatch, plan: TablePlan) -> tuple[pa.RecordBatch, list[Unhashed]]:
    """Return the batch of hashes and the cells that could not be hashed, in the order of rows."""
    bad: list[Unhashed] = []
    countries = _countries(batch, plan)
    out: dict[str, pa.Array] = {}
    for field in FIELDS:
        if field in plan.columns:
            cells = _text(batch[plan.columns[field]])
            out[TEMPLATE[field]] = _hashed(field, cells, countries if field in BOUND else None, plan, bad)
    out |= {column: batch[column] for column in plan.keep}
    bad.sort(key=lambda each: each.row)
    return pa.record_batch(out), bad


def _text(cells: pa.Array) -> pa.Array:
    return cells if pa.types.is_string(cells.type) else cells.cast(pa.string())


def _countries(batch: pa.RecordBatch, plan: TablePlan) -> pa.Array:
    """Return each row's country, null where it is not known."""
    if COUNTRY not in plan.columns:
        return pa.repeat(pa.scalar(plan.country, pa.string()), len(batch))
    written = pc.fill_null(_text(batch[plan.columns[COUNTRY]]), "").dictionary_encode()
    codes = [country_of(each) if each.strip() else plan.country for each in written.dictionary.to_pylist()]
    return pa.array(codes, pa.string()).take(written.indices)


def _hashed(field: str, cells: pa.Array, countries: pa.Array | None, plan: TablePlan, bad: list[Unhashed]) -> pa.Array:
    if countries is None:
        return _of_country(field, cells, None, np.arange(len(cells)), plan, bad)
    known = countries.dictionary_encode()
    numbers = np.asarray(pc.fill_null(known.indices, -1))
    present = np.unique(numbers)
    if len(present) == 1 and present[0] >= 0:
        return _of_country(field, cells, known.dictionary[0].as_py(), np.arange(len(cells)), plan, bad)
    parts, order = [], []
    for number in present:
        rows = np.flatnonzero(numbers == number)
        country = known.dictionary[int(number)].as_py() if number >= 0 else None
        parts.append(_of_country(field, cells.take(pa.array(rows)), country, rows, plan, bad))
        order.append(rows)
    places = np.empty(len(cells), np.int64)
    places[np.concatenate(order) if order else places] = np.arange(len(cells))
    return pa.concat_arrays(parts).take(pa.array(places)) if parts else pa.array([], pa.string())


def _of_country(
    field: str, cells: pa.Array, country: str | None, rows: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    plan: TablePlan, bad: list[Unhashed],
) -> pa.Array:  # fmt: skip
    """Return the hashes of cells that belong to one country; an empty cell stays empty."""
    coded = cells.dictionary_encode()
    values = coded.dictionary.to_pylist()
    hashes = [_hash(field, value, country, plan) for value in values]
    # The hash of nothing that was in the table already was told of when it came there.
    wrong = [place for place, found in enumerate(hashes) if found == NOTHING and not is_sha256(values[place].strip())]
    if wrong:
        reason = "no country" if field in BOUND and country is None else f"no {field.replace('_', ' ')}"
        indices = np.asarray(pc.fill_null(coded.indices, -1))
        for row in np.flatnonzero(np.isin(indices, wrong)).tolist():
            bad.append(Unhashed(int(rows[row]), plan.columns[field], values[indices[row]], reason))
        for place in wrong if plan.blank else ():
            hashes[place] = None
    return pa.array(hashes, pa.string()).take(coded.indices)


def _hash(field: str, value: str, country: str | None, plan: TablePlan) -> str | None:
    text = value.strip()
    if not text:
        return None
    if len(text) == len(NOTHING) and is_sha256(text):
        return text.lower()
    free = FREE.get(field)
    if free is not None:
        return sha256_hex(free(text))
    own = international(text) if field == "phone" and (plan.own_codes or country is None) else ""
    if own or country is None:
        return sha256_hex(own)
    return sha256_hex(BOUND[field](text, country))
