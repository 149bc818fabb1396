"""The function table: every row reads, says itself in English, and takes what its signature says."""

import inspect
import re
from datetime import date

import pytest

from houselights.rules.functions import FUNCTIONS
from houselights.rules.functions.comparing import compare, is_same
from houselights.rules.functions.table import Function, Shape, read_signature
from houselights.rules.functions.texts import lowered

ROWS = list(FUNCTIONS.values())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_whole(row: Function) -> None:
    signature = row.signature
    places = {int(each) for each in re.findall(r"\{(\d)\}", row.english)}
    assert places <= set(range(len(signature.parameters)))
    assert places or "{…" in row.english
    if signature.most is not None and inspect.isfunction(row.meaning):
        takes = inspect.signature(row.meaning).parameters.values()
        assert sum(each.default is each.empty for each in takes) == signature.fewest
    if row.shape is Shape.PREDICATE:
        assert signature.gives.word == "boolean"


def test_a_signature_that_is_none_is_refused() -> None:
    for text in ("text", "text -> ", "(T => boolean -> T", "text text -> boolean"):
        with pytest.raises(ValueError, match="expected"):
            read_signature(text)


def test_values_of_different_kinds_do_not_compare() -> None:
    values = [1, "1", True, date(2020, 1, 1), {"a": 1}, None]
    for one in values:
        for other in values:
            if one is not other:
                assert compare(one, other) is None
                assert not is_same(one, other)


def test_numbers_compare_as_doubles_when_one_is() -> None:
    assert is_same(2**53 + 1, float(2**53))
    assert not is_same(2**53 + 1, 2**53)
    assert is_same(1, 1.0)
    assert not is_same(1, True)


def test_lowering_keeps_the_length() -> None:
    assert lowered("İSTANBUL ẞ Σ") == "istanbul ß σ"
