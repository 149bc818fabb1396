"""Sets of people behave as Python's sets do, stay within their capacity and cannot be changed."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from houselights.engine.people_set import BLOCK_PEOPLE, PeopleSet

CAPACITY = 3 * BLOCK_PEOPLE + 17
EDGES = st.sampled_from([0, 1, 63, 64, 65_535, 65_536, 131_071, 131_072, CAPACITY - 1])
IDS = st.sets(EDGES | st.integers(0, CAPACITY - 1), max_size=50)


@settings(deadline=None)
@given(left=IDS, right=IDS)
def test_they_behave_as_sets_do(left: set[int], right: set[int]) -> None:
    a, b = PeopleSet.from_ids(left, CAPACITY), PeopleSet.from_ids(right, CAPACITY)
    assert a.ids().tolist() == sorted(left)
    assert (a & b).ids().tolist() == sorted(left & right)
    assert (a | b).ids().tolist() == sorted(left | right)
    assert (a - b).ids().tolist() == sorted(left - right)
    assert (a == b) == (left == right)
    assert len(a) == len(left) == a.block_sizes.sum()
    assert all((person in a) == (person in left) for person in left | right | {0, CAPACITY - 1})
    assert set(a.to_roaring()) == left
    assert PeopleSet.from_roaring(a.to_roaring(), CAPACITY) == a
    assert hash(PeopleSet.from_ids(sorted(left), CAPACITY)) == hash(a)
    assert np.concatenate([a.ids_of_block(block) for block in range(4)]).tolist() == sorted(left)


@pytest.mark.parametrize("capacity", [0, 1, 63, 64, 65, BLOCK_PEOPLE - 1, BLOCK_PEOPLE, BLOCK_PEOPLE + 1])
def test_full_is_everybody_and_no_more(capacity: int) -> None:
    assert PeopleSet.full(capacity).ids().tolist() == list(range(capacity))
    assert len(PeopleSet.empty(capacity)) == 0


@pytest.mark.parametrize("ids", [[-1], [CAPACITY], [1 << 32]])
def test_ids_beyond_the_capacity_are_refused(ids: list[int]) -> None:
    with pytest.raises(ValueError, match="person ids"):
        PeopleSet.from_ids(ids, CAPACITY)


def test_nobody_beyond_the_capacity_is_in_it() -> None:
    assert -1 not in PeopleSet.full(10)
    assert 10 not in PeopleSet.full(10)


def test_sets_of_different_capacities_do_not_meet() -> None:
    with pytest.raises(ValueError, match="do not meet"):
        PeopleSet.empty(10) & PeopleSet.empty(100_000)
    assert PeopleSet.empty(10) != PeopleSet.empty(11)


def test_they_cannot_be_changed() -> None:
    people: Any = PeopleSet.from_ids([1], 10)
    with pytest.raises(ValueError, match="read-only"):
        people.words[0] = 1
    with pytest.raises(ValueError, match="uint64 words"):
        PeopleSet(np.zeros(3, np.uint64), 10)
