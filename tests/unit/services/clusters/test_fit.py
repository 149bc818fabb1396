"""Planted groups are found again, and none are found where there are none."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from tests.lookalikes import grouped, planted_index

from houselights.services.clusters import fit
from houselights.services.clusters.fit import Parted, part, usable


def parted(folder: Path, people: int, groups: int, *, often: float, least: int = 25) -> tuple[Parted, np.ndarray]:  # type: ignore[type-arg]
    group, pairs = grouped(np.random.default_rng(21), people, groups, own=15, shared=30, often=often, seldom=0.1)
    index = planted_index(folder / "index", people, np.arange(people), pairs, names=groups * 15 + 30)
    traits = usable(index.trait_counts, people)
    share = index.trait_counts[traits] / people
    return part(index, np.arange(people), traits, share, least, lambda: None), group


@pytest.mark.parametrize("groups", [3, 5])
def test_planted_groups_are_found(tmp_path: Path, groups: int) -> None:
    found, truth = parted(tmp_path, 2_500, groups, often=0.5)
    assert found.count == groups
    assert adjusted_rand_score(truth, found.groups) > 0.85
    sizes = np.bincount(found.groups, minlength=found.count)
    assert sizes.sum() == 2_500
    assert sizes.tolist() == sorted(sizes.tolist(), reverse=True)
    assert found.silhouette == max(found.tried.values())


def test_where_there_are_none_there_is_one(tmp_path: Path) -> None:
    found, _ = parted(tmp_path, 2_500, 4, often=0.1)
    assert (found.count, found.silhouette) == (1, None)
    assert found.tried
    assert set(found.groups.tolist()) == {0}


def test_of_many_a_sample_is_fitted_and_everybody_placed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "SAMPLE_MOST", 1_000)
    monkeypatch.setattr(fit, "CHUNK", 700)
    found, truth = parted(tmp_path, 2_500, 3, often=0.5)
    assert (found.sampled, found.count, found.groups.size) == (1_000, 3, 2_500)
    assert adjusted_rand_score(truth, found.groups) > 0.8


def test_the_same_people_part_the_same_way(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, _ = parted(tmp_path / "one", 1_200, 3, often=0.5)
    two, _ = parted(tmp_path / "two", 1_200, 3, often=0.5)
    assert np.array_equal(one.groups, two.groups)


@pytest.mark.parametrize(("people", "least"), [(40, 25), (5, 1), (300, 200)])
def test_too_few_are_not_parted(tmp_path: Path, people: int, least: int) -> None:
    found, _ = parted(tmp_path, people, 2, often=0.6, least=least)
    assert found.count == 1
