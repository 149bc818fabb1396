"""Rows dealt into files come back sorted by person, all of them once, whatever the order in which they came."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from houselights.services.imports.buckets import BUCKETS_MAX, Buckets, bucket_bits
from houselights.services.imports.keys import NOBODY

people = st.one_of(st.integers(0, 600_000), st.just(NOBODY))


@settings(max_examples=40)
@given(st.lists(st.lists(people, max_size=30), max_size=6))
def test_rows_come_back_sorted(batches: list[list[int]]) -> None:
    with TemporaryDirectory() as folder:
        buckets = Buckets(Path(folder), "x", 600_001, 12)
        number = 0
        added: list[tuple[int, int]] = []
        for batch in batches:
            rows = range(number, number + len(batch))
            number += len(batch)
            added += [(person, row) for person, row in zip(batch, rows, strict=True) if person != NOBODY]
            buckets.add(np.array(batch, dtype=np.uint32), {"n": pa.array(rows, pa.int64())})
        buckets.close()
        found = [buckets.sorted_rows(bucket) for bucket in range(buckets.count)]
        rows_found = [(r["person_id"], r["n"]) for table in found if table is not None for r in table.to_pylist()]
        assert rows_found == sorted(added)
        assert not list(Path(folder).rglob("*.arrow"))


def test_there_are_never_too_many_files() -> None:
    for capacity in (0, 1, 1 << 17, 10_000_000, 2**32 - 1):
        for rows in (0, 1, 10**6, 10**9, 10**12):
            assert (capacity >> bucket_bits(capacity, rows)) + 1 <= BUCKETS_MAX


def test_more_rows_make_smaller_buckets() -> None:
    assert bucket_bits(100_000, 100_000) == 17
    assert bucket_bits(100_000, 10_000_000) == 13
    assert bucket_bits(10_000_000, 50_000_000) == 17
