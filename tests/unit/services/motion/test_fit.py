"""What arrives fits the columns it goes into, or is refused by its place; objects are merged, not replaced."""

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from houselights.base.errors import InvalidInput
from houselights.services.motion.fit import fit, laid_over

ORDER = pa.struct([("price", pa.float64()), ("tags", pa.list_(pa.string()))])


@pytest.mark.parametrize(
    ("value", "kind", "fitted"),
    [
        (None, pa.string(), None),
        ("x", pa.string(), "x"),
        (3.0, pa.int64(), 3),
        (3, pa.float64(), 3.0),
        (True, pa.bool_(), True),
        ("2026-02-28", pa.date32(), date(2026, 2, 28)),
        ("2026-02-28T12:00:00+02:00", pa.timestamp("us", tz="UTC"), datetime(2026, 2, 28, 10, tzinfo=UTC)),
        ("2026-02-28", pa.timestamp("us", tz="UTC"), datetime(2026, 2, 28, tzinfo=UTC)),
        ({"a": 1}, pa.map_(pa.string(), pa.int64()), [("a", 1)]),
        ([{"price": 1, "tags": ["x"]}], pa.list_(ORDER), [{"price": 1.0, "tags": ["x"]}]),
    ],
)
def test_values_fit(value: Any, kind: pa.DataType, fitted: Any) -> None:
    assert fit(value, kind, "a") == fitted
    assert type(fit(value, kind, "a")) is type(fitted)


@pytest.mark.parametrize(
    ("value", "kind", "field"),
    [
        (1, pa.string(), "a"),
        (True, pa.int64(), "a"),
        (2**40, pa.int32(), "a"),
        (float("nan"), pa.int64(), "a"),
        (2**70, pa.int64(), "a"),
        ("1", pa.float64(), "a"),
        (1, pa.bool_(), "a"),
        ("yesterday", pa.date32(), "a"),
        (7, pa.timestamp("us", tz="UTC"), "a"),
        ("x", ORDER, "a"),
        ("x", pa.list_(pa.string()), "a"),
        ([], pa.map_(pa.string(), pa.int64()), "a"),
        ([{"price": 1}, {"prize": 1}], pa.list_(ORDER), "a[1].prize"),
        ({"tags": ["x", 1]}, ORDER, "a.tags[1]"),
    ],
)
def test_values_that_do_not_fit_are_refused_by_their_place(value: Any, kind: pa.DataType, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        fit(value, kind, "a")
    assert caught.value.field == field


def test_what_changed_is_told_by_its_path() -> None:
    changed: set[tuple[str, ...]] = set()
    old = {"price": 1.0, "tags": ["x"]}
    assert laid_over(old, {"price": 2.0}, ORDER, ("order",), changed) == {"price": 2.0, "tags": ["x"]}
    assert changed == {("order", "price")}
    changed.clear()
    assert laid_over(old, {"price": 1.0, "tags": ["x"]}, ORDER, ("order",), changed) == old
    assert changed == set()
    assert laid_over(old, None, ORDER, ("order",), changed) is None
    assert changed == {("order",)}


def test_maps_are_merged_by_key_and_null_takes_one_away() -> None:
    changed: set[tuple[str, ...]] = set()
    kind = pa.map_(pa.string(), pa.int64())
    merged = laid_over([("a", 1), ("b", 2)], [("b", None), ("c", 3)], kind, ("scores",), changed)
    assert (merged, changed) == ([("a", 1), ("c", 3)], {("scores",)})
