"""Rows, containers, rows of the others, the planner and naive masks count the same; tiles count what sets count."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.indexes import SHARD, index_of, nothing

from houselights.engine import overlap as overlap_module
from houselights.engine.bitmap import NoLeaves, evaluate
from houselights.engine.index import Index
from houselights.engine.overlap import Shape, cross, measure_sum, overlap_of, overlaps, pairwise, plan_overlaps
from houselights.engine.people_set import PeopleSet
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.rules.tree import And, HasTrait, Not, Or

PEOPLE = 260_000
BASE = SHARD - 130_000  # half in one shard, half in the next
SHARES = (0.0, 0.0001, 0.001, 0.01, 0.05, 0.07, 0.3, 0.9, 1.0)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, Any]:
    """An index of 260,000 people, and who carries what as booleans (trait, person); the last trait is a stretch."""
    random = np.random.default_rng(3)
    masks = np.array([*(random.random(PEOPLE) < share for share in SHARES), np.arange(PEOPLE) % 90_000 < 50_000])
    traits = [Trait(id=i, facet="f", key=str(i), name=str(i), path=(str(i),)) for i in range(len(masks))]
    carried, people = np.nonzero(masks)
    index = index_of(
        tmp_path_factory.mktemp("many") / "i", Catalogue([Facet(key="f", name="F", multi=True)], traits),
        np.arange(PEOPLE) + BASE, (people + BASE, carried), capacity=BASE + PEOPLE,
        measures={"m": (np.arange(PEOPLE) + BASE, np.arange(PEOPLE) % 3)},
    )  # fmt: skip
    return index, masks


def audience(seed: int, share: float, start: int, stop: int) -> Any:
    """A random share of the people [start, stop)."""
    mask = np.random.default_rng(seed).random(PEOPLE) < share
    mask[:start] = False
    mask[stop:] = False
    return mask


def people_of(index: Index, mask: Any) -> PeopleSet:
    return PeopleSet.from_ids(np.flatnonzero(mask) + BASE, index.capacity)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10_000),
    share=st.sampled_from([0.0, 0.0001, 0.01, 0.2, 0.97, 1.0]),
    edges=st.tuples(st.integers(0, PEOPLE), st.integers(0, PEOPLE)).map(sorted),
)
def test_every_shape_counts_what_naive_masks_count(
    many: tuple[Index, Any], seed: int, share: float, edges: list[int]
) -> None:
    index, masks = many
    mask = audience(seed, share, *edges)
    people = people_of(index, mask)
    wanted = (masks & mask).sum(axis=1)
    for shape in (None, Shape.ROWS, Shape.OTHER_ROWS, Shape.CONTAINERS):
        assert np.array_equal(overlaps(index, people, shape=shape), wanted)
    assert measure_sum(index, "m", people) == (np.arange(PEOPLE) % 3)[mask].sum()


def test_the_planner_goes_by_density(many: tuple[Index, Any]) -> None:
    index, _ = many

    def shapes(share: float) -> list[Shape]:
        return [plan.shape for plan in plan_overlaps(index, people_of(index, audience(1, share, 0, PEOPLE)))]

    assert shapes(0.0) == [Shape.NOTHING] * 2
    assert shapes(0.0005) == [Shape.ROWS] * 2
    assert shapes(0.5) == [Shape.CONTAINERS] * 2
    assert shapes(0.9998) == [Shape.OTHER_ROWS] * 2
    assert [plan.shape for plan in plan_overlaps(index, index.everyone)] == [Shape.WHOLE] * 2


@pytest.mark.parametrize("call_bytes", [1, 10_000, 60_000])
def test_bitmaps_cut_into_many_calls_are_counted_once_each(
    many: tuple[Index, Any], monkeypatch: pytest.MonkeyPatch, call_bytes: int
) -> None:
    index, masks = many
    monkeypatch.setattr(overlap_module, "CALL_BYTES", call_bytes)
    monkeypatch.setattr(overlap_module, "CORES", 8)
    mask = audience(2, 0.3, 1000, PEOPLE)
    found = overlaps(index, people_of(index, mask), shape=Shape.CONTAINERS)
    assert np.array_equal(found, (masks & mask).sum(axis=1))


def test_traits_of_several_row_groups_are_counted_in_their_own_places(tmp_path: Path) -> None:
    """A row holds 16-bit trait ids by groups of 65,536: ids on both sides of each edge, in two shards."""
    ids = (0, 65_535, 65_536, 65_537, 131_071, 131_072, 140_000)
    traits = [Trait(id=i, facet="f", key=str(i), name=str(i), path=(str(i),)) for i in ids]
    random = np.random.default_rng(8)
    carries = random.random((len(ids), 3_000)) < 0.4
    place, person = np.nonzero(carries)
    people = np.arange(3_000) + SHARD - 1_500
    index = index_of(
        tmp_path / "i", Catalogue([Facet(key="f", name="F", multi=True)], traits), people,
        (people[person], np.array(ids)[place]), capacity=SHARD + 1_500,
    )  # fmt: skip
    chosen = random.random(3_000) < 0.3
    wanted = np.zeros(ids[-1] + 1, np.int64)
    wanted[list(ids)] = (carries & chosen).sum(axis=1)
    audience = PeopleSet.from_ids(people[chosen], index.capacity)
    for shape in (None, Shape.ROWS, Shape.OTHER_ROWS, Shape.CONTAINERS):
        assert np.array_equal(overlaps(index, audience, shape=shape), wanted)
    for row, trait in enumerate(ids):
        found = evaluate(index, HasTrait("f", (str(trait),)), nothing, NoLeaves(index.capacity))
        assert found.ids().tolist() == people[carries[row]].tolist()


def test_people_who_do_not_exist_are_not_counted(many: tuple[Index, Any]) -> None:
    index, masks = many
    everyone_and_more = PeopleSet.full(index.capacity)
    for shape in (None, Shape.ROWS, Shape.OTHER_ROWS, Shape.CONTAINERS):
        assert np.array_equal(overlaps(index, everyone_and_more, shape=shape), masks.sum(axis=1))


def test_an_unknown_measure_is_a_key_error(many: tuple[Index, Any]) -> None:
    with pytest.raises(KeyError):
        measure_sum(many[0], "no such measure", many[0].everyone)


@settings(max_examples=40, deadline=None)
@given(
    sets=st.lists(st.tuples(st.integers(0, 99), st.floats(0, 1)), min_size=1, max_size=20),
    others=st.lists(st.tuples(st.integers(0, 99), st.floats(0, 1)), max_size=20),
    capacity=st.integers(1, 200_000),
)
def test_tiles_count_what_intersections_count(
    sets: list[tuple[int, float]], others: list[tuple[int, float]], capacity: int
) -> None:
    def drawn(seed: int, share: float) -> PeopleSet:
        return PeopleSet.from_ids(np.flatnonzero(np.random.default_rng(seed).random(capacity) < share), capacity)

    left, right = [drawn(*each) for each in sets], [drawn(*each) for each in others]
    assert pairwise(left).tolist() == [[len(a & b) for b in left] for a in left]
    assert cross(left, right).tolist() == [[len(a & b) for b in right] for a in left]
    assert overlap_of(left[0], right).tolist() == [len(left[0] & b) for b in right]


def test_sets_of_different_capacities_do_not_meet() -> None:
    with pytest.raises(ValueError, match="capacities"):
        overlap_of(PeopleSet.empty(10), [PeopleSet.empty(11)])


def test_eight_threads_may_ask_at_once(many: tuple[Index, Any]) -> None:
    index, masks = many
    rules = [
        And((Or((HasTrait("f", (str(a), "6")), HasTrait("f", ("9",)))), Not(HasTrait("f", (str(b),)))))
        for a in range(8)
        for b in range(8)
    ]

    def ask(rule: And) -> tuple[int, list[int]]:
        people = evaluate(index, rule, nothing, NoLeaves(index.capacity))
        return len(people), overlaps(index, people).tolist()

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(ask, rules * 4))
    assert together == [ask(rule) for rule in rules] * 4
    assert together[0][0] == ((masks[0] | masks[6] | masks[9]) & ~masks[0]).sum()
