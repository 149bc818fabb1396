"""The words that say who is drawn to what, and the draws made of them."""

import numpy as np
import pytest

from houselights.services.demo.catalogue import table
from houselights.services.demo.draws import COLUMN, FEATURES, FLAG_STEP, SCALE_STEP, Draw, loads
from houselights.services.demo.tree import read_tree


def crowd(count: int) -> np.ndarray:
    """People with random features: flags 0 or 1, the rest standard normal."""
    random = np.random.default_rng(3)
    features = random.standard_normal((count, len(FEATURES))).astype(np.float32)
    features[:, :18] = features[:, :18] > 0
    return features


def test_words_add_up_to_loads() -> None:
    row = loads("gaming3 -old2 young")
    assert row[COLUMN["gaming"]] == pytest.approx(3 * SCALE_STEP)
    assert row[COLUMN["old"]] == pytest.approx(-2 * FLAG_STEP)
    assert row[COLUMN["young"]] == pytest.approx(FLAG_STEP)
    assert np.count_nonzero(row) == 3


@pytest.mark.parametrize("words", ["gamming3", "old-2", "3", "young,old"])
def test_words_that_are_no_features_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match="no feature"):
        loads(words)


def test_a_fitted_draw_gives_every_trait_its_share() -> None:
    shares = [0.4, 0.1, 0.01, 0.0006]
    draw = Draw.fit(crowd(20_000), shares, [loads("tech3 young"), loads("gaming5 male2"), loads("baby8"), loads("")])
    features = np.tile(crowd(20_000), (10, 1))
    _, traits = draw.pick(np.random.default_rng(1), features)
    seen = np.bincount(traits, minlength=4) / len(features)
    assert seen == pytest.approx(shares, rel=0.12)


def test_picked_pairs_are_sorted_and_unique() -> None:
    draw = Draw.fit(crowd(2_000), [0.3, 0.2, 0.05], [loads("food"), loads("music2"), loads("")])
    rows, traits = draw.pick(np.random.default_rng(1), crowd(10_000))
    cells = rows.astype(np.int64) * 3 + traits
    assert (np.diff(cells) > 0).all()
    assert rows.max() < 10_000
    assert traits.max() < 3


def test_loads_make_the_multiple_they_promise() -> None:
    """A flag of load w multiplies the chance by e^w, for a common trait and for a rare one."""
    features = np.tile(crowd(20_000), (10, 1))
    draw = Draw.fit(features[:20_000], [0.1, 0.004], [loads("parent3"), loads("parent3")])
    rows, traits = draw.pick(np.random.default_rng(5), features)
    parent = features[:, COLUMN["parent"]] == 1
    for trait in (0, 1):
        carriers = rows[traits == trait]
        ratio = (parent[carriers].sum() / parent.sum()) / ((~parent[carriers]).sum() / (~parent).sum())
        assert ratio == pytest.approx(np.exp(3 * FLAG_STEP), rel=0.25)


def test_exactly_one_is_chosen_with_the_given_odds() -> None:
    draw = Draw(np.zeros((len(FEATURES), 3), np.float32), np.log(np.array([0.6, 0.3, 0.1], np.float32)))
    chosen = draw.choose(np.random.default_rng(2), crowd(50_000))
    assert np.bincount(chosen) / 50_000 == pytest.approx([0.6, 0.3, 0.1], abs=0.01)


def test_a_tree_inherits_words_and_tells_namesakes_apart() -> None:
    nodes = read_tree({"Shoes": {None: "fashion", "Boots": "1.5 outdoors"}, "Cars": {None: "cars", "Boots": "2"}})
    keys = {node.path: node.key for node in nodes}
    assert keys == {
        ("Shoes",): "shoes",
        ("Shoes", "Boots"): "boots",
        ("Cars",): "cars",
        ("Cars", "Boots"): "cars-boots",
    }
    boots = next(node for node in nodes if node.key == "boots")
    assert boots.parent == "shoes"
    assert boots.share == pytest.approx(0.015)
    assert boots.loads[COLUMN["fashion"]] > 0
    assert boots.loads[COLUMN["outdoors"]] > 0
    assert not next(node for node in nodes if node.key == "shoes").leaf


@pytest.mark.parametrize(
    ("name", "least"), [("in_market", 100), ("interests", 140), ("lifestyle", 50), ("life_events", 25)]
)
def test_the_catalogue_has_believable_trees(name: str, least: int) -> None:
    leaves = [node for node in read_tree(table("interests")[name]) if node.leaf]
    assert len(leaves) >= least
    assert all(2 <= len(node.path) <= 4 for node in leaves)
    assert all(0.0004 < (node.share or 0) < 0.4 for node in leaves)


def test_the_shop_has_browse_nodes_in_depth() -> None:
    nodes = read_tree(table("products"))
    assert len(nodes) >= 300
    assert 3 < max(len(node.path) for node in nodes) <= 5
    assert all(node.brands for node in nodes if node.leaf)


def test_there_are_fifty_two_personality_terms() -> None:
    groups = table("personality")
    counts = [len(groups["needs"]), *(len(terms) for terms in groups["big5"].values()), len(groups["values"])]
    assert counts == [12, 7, 7, 7, 7, 7, 5]  # each of the big five stands with its six facets
    assert sum(counts) == 52
