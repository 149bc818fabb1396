"""The sparse matrix holds what the index knows of each person, and weights add up over it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lookalikes import planted_index

from houselights.engine.features import matrix, scores
from houselights.engine.index import Index
from houselights.engine.index.shard import SHARD_PEOPLE

CAPACITY = SHARD_PEOPLE + 500


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """People on both sides of where a shard ends, and traits on both sides of where a group of rows does."""
    random = np.random.default_rng(5)
    everyone = np.concatenate([np.arange(300), SHARD_PEOPLE + np.arange(200)])
    people = np.repeat(everyone, 6)
    traits = random.choice([0, 1, 2, 40, 65_535, 65_536, 70_000], people.size)
    folder: Path = tmp_path_factory.mktemp("features") / "index"
    return planted_index(folder, CAPACITY, everyone, (people, traits), names=70_001)


@given(st.sets(st.sampled_from([0, 7, 64, 299, SHARD_PEOPLE, SHARD_PEOPLE + 199])), st.integers(0, 127))
def test_a_row_is_what_the_index_says(index: Index, chosen: set[int], which: int) -> None:
    people = np.array(sorted(chosen), np.int64)
    traits = np.array([t for bit, t in enumerate([0, 1, 2, 40, 65_535, 65_536, 70_000]) if which >> bit & 1], np.int64)
    rows = matrix(index, people, traits).toarray()
    for person, row in zip(people.tolist(), rows, strict=True):
        assert set(traits[row > 0].tolist()) == set(index.traits_of(person)) & set(traits.tolist())
    assert set(np.unique(rows)) <= {0, 1}


def test_scores_add_up(index: Index) -> None:
    people = index.everyone.ids().astype(np.int64)
    weights = np.random.default_rng(3).normal(size=index.catalogue.size)
    expected = [sum(weights[trait] for trait in index.traits_of(person)) for person in people.tolist()]
    assert scores(index, people, weights) == pytest.approx(expected)


@pytest.mark.parametrize("people", [[3, 2], [2, 2], [-1], [CAPACITY]])
def test_people_who_are_not_there_are_refused(index: Index, people: list[int]) -> None:
    with pytest.raises(ValueError, match="ids of the index"):
        matrix(index, np.array(people), np.array([0]))
