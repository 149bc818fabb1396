"""Components are those that networkx finds, whatever the links and the batches they come in."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.identity.graph import Components

NODES = 30
links = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=60)


def roots(nodes: int, *batches: list[tuple[int, int]]) -> list[int]:
    components = Components(nodes)
    for batch in batches:
        ends = np.array(batch, np.uint32).reshape(-1, 2)
        components.link(ends[:, 0], ends[:, 1])
    return components.roots().tolist()


def by_networkx(nodes: int, edges: list[tuple[int, int]]) -> list[int]:
    graph = nx.Graph(edges)
    graph.add_nodes_from(range(nodes))
    named = {node: min(component) for component in nx.connected_components(graph) for node in component}
    return [named[node] for node in range(nodes)]


@given(links, st.integers(0, 60))
def test_components_are_those_of_networkx(edges: list[tuple[int, int]], cut: int) -> None:
    assert roots(NODES, edges[:cut], edges[cut:]) == by_networkx(NODES, edges)


@given(links)
def test_the_order_of_links_changes_nothing(edges: list[tuple[int, int]]) -> None:
    assert roots(NODES, edges) == roots(NODES, [(right, left) for left, right in reversed(edges)])


@pytest.mark.parametrize("seed", range(3))
def test_many_nodes(seed: int) -> None:
    random = np.random.default_rng(seed)
    edges = random.integers(0, 20_000, (14_000, 2)).tolist()
    assert roots(20_000, edges) == by_networkx(20_000, edges)


def test_a_long_chain_is_one_component() -> None:
    chain = [(node, node + 1) for node in range(50_000)]
    assert set(roots(50_001, chain[::-1])) == {0}
    assert set(roots(50_001, chain)) == {0}


def test_links_lead_somewhere() -> None:
    components = Components(2)
    with pytest.raises(IndexError):
        components.link(np.array([0], np.uint32), np.array([2], np.uint32))
    with pytest.raises(ValueError, match="two ends"):
        components.link(np.array([0], np.uint32), np.array([0, 1], np.uint32))
    assert components.roots().tolist() == [0, 1]
