"""The model finds those of a planted group whom nobody told it of, and says honestly when there is nothing to find."""

from pathlib import Path

import numpy as np
import pytest
from tests.lookalikes import grouped, planted_index

from houselights.engine.index import Index
from houselights.services.lookalike.model import SHARES, fit, folds, lot

PEOPLE, GROUPS = 6_000, 6


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, np.ndarray]:  # type: ignore[type-arg]
    group, pairs = grouped(np.random.default_rng(8), PEOPLE, GROUPS, own=12, shared=40, often=0.35, seldom=0.12)
    folder: Path = tmp_path_factory.mktemp("model") / "index"
    return planted_index(folder, PEOPLE, np.arange(PEOPLE), pairs, names=GROUPS * 12 + 40), group


def nothing() -> None:
    """Look at nothing."""


def test_it_finds_members_nobody_told_it_of(world: tuple[Index, np.ndarray]) -> None:  # type: ignore[type-arg]
    index, group = world
    members = np.flatnonzero(group == 2)
    seed = members[::2]
    others = np.setdiff1d(np.arange(PEOPLE), seed)
    model = fit(index, seed, others, np.arange(index.catalogue.size), nothing)
    order = others[np.argsort(-model.scores(index, others, nothing))]
    hidden = members[1::2]
    found = np.isin(order[: hidden.size], hidden).mean()
    chance = hidden.size / others.size
    assert found > 5 * chance
    assert model.quality.auc > 0.75
    assert model.quality.lift[0.01] > 3
    assert model.quality.converged


def test_of_a_seed_drawn_by_lot_it_says_that_it_tells_nothing(world: tuple[Index, np.ndarray]) -> None:  # type: ignore[type-arg]
    index, _ = world
    seed = np.sort(np.random.default_rng(4).choice(PEOPLE, 900, replace=False))
    others = np.setdiff1d(np.arange(PEOPLE), seed)
    quality = fit(index, seed, others, np.arange(index.catalogue.size), nothing).quality
    assert 0.45 < quality.auc < 0.55
    assert 0.7 < quality.lift[0.1] < 1.3


def test_nobody_is_scored_by_a_model_that_has_seen_them(world: tuple[Index, np.ndarray]) -> None:  # type: ignore[type-arg]
    """Turning somebody from a member into somebody else changes the models of other folds, not that of their own."""
    index, group = world
    seed = np.flatnonzero(group == 1)
    without = seed[1:]
    traits = np.arange(index.catalogue.size)
    before = fit(index, seed, np.setdiff1d(np.arange(PEOPLE), seed), traits, nothing)
    after = fit(index, without, np.setdiff1d(np.arange(PEOPLE), without), traits, nothing)
    own = int(folds(seed[:1])[0])
    same = [bool(np.array_equal(before.weights[each], after.weights[each])) for each in range(len(before.weights))]
    assert same == [each == own for each in range(len(same))]


def test_the_same_question_has_the_same_answer(world: tuple[Index, np.ndarray]) -> None:  # type: ignore[type-arg]
    index, group = world
    seed = np.flatnonzero(group == 0)
    others = np.setdiff1d(np.arange(PEOPLE), seed)
    traits = np.arange(index.catalogue.size)
    one, two = (fit(index, seed, others, traits, nothing) for _ in range(2))
    assert np.array_equal(one.weights, two.weights)
    assert one.quality == two.quality
    assert tuple(one.quality.lift) == SHARES


def test_too_few_people_are_refused(world: tuple[Index, np.ndarray]) -> None:  # type: ignore[type-arg]
    index, _ = world
    with pytest.raises(ValueError, match="too few"):
        fit(index, np.arange(500), np.array([600]), np.arange(10), nothing)


def test_lots_are_even_and_stay() -> None:
    lots = lot(np.arange(10_000))
    assert np.array_equal(lots[:50], lot(np.arange(50)))
    assert 0 <= lots.min() < lots.max() < 1
    assert abs(lots.mean() - 0.5) < 0.02
    assert np.bincount(folds(np.arange(9_000))).min() > 2_800
