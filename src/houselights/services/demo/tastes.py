"""What people like and are like: interests, in-market, lifestyle and life-event audiences, and personality terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from houselights.services.demo.arrays import grouped, words
from houselights.services.demo.catalogue import table
from houselights.services.demo.draws import Draw, Floats, loads
from houselights.services.demo.people import People
from houselights.services.demo.tree import Node, read_tree, slug

TREES = ("in_market", "interests", "lifestyle", "life_events")


@dataclass(frozen=True, slots=True)
class Tastes:
    """The trees of tastes and the personality terms, fitted to a reference population."""

    trees: Mapping[str, list[Node]]
    personality: tuple[tuple[str, str], ...]  # term, group
    draws: Mapping[str, Draw]

    @classmethod
    def fit(cls, reference: Floats) -> "Tastes":
        """Read the catalogue and set every trait to its share."""
        trees = {name: read_tree(table("interests")[name]) for name in TREES}
        terms = list(_terms(table("personality"), ""))
        draws = {name: fit_leaves(reference, nodes) for name, nodes in trees.items()}
        draws["personality"] = Draw.fit(reference, [share for _, _, share, _ in terms], [row for *_, row in terms])
        return cls(trees, tuple((term, group) for term, group, _, _ in terms), draws)

    def columns(self, random: np.random.Generator, people: People) -> dict[str, pa.Array]:
        """Return one list column per tree, and one of personality terms."""
        names = {name: [node.key for node in nodes if node.leaf] for name, nodes in self.trees.items()}
        names["personality"] = [slug(term) for term, _ in self.personality]
        result: dict[str, pa.Array] = {}
        for name, draw in self.draws.items():
            rows, picked = draw.pick(random, people.features)
            result[name] = grouped(rows, words(picked, names[name]), len(people))
        return result

    def tables(self) -> dict[str, pa.Table]:
        """Return the trait tables."""
        tables = {name: node_table(nodes) for name, nodes in self.trees.items()}
        tables["personality"] = pa.table(
            {"key": [slug(term) for term, _ in self.personality], "name": [term for term, _ in self.personality],
             "group": [group for _, group in self.personality]}
        )  # fmt: skip
        return tables


def fit_leaves(reference: Floats, nodes: list[Node]) -> Draw:
    """Fit a draw over the leaves of a tree, in their order."""
    leaves = [node for node in nodes if node.leaf]
    return Draw.fit(reference, [node.share or 0.0 for node in leaves], [node.loads for node in leaves])


def node_table(nodes: list[Node]) -> pa.Table:
    """Return a trait table with key, name and parent."""
    return pa.table(
        {"key": [node.key for node in nodes], "name": [node.name for node in nodes],
         "parent": pa.array([node.parent for node in nodes], pa.string())}
    )  # fmt: skip


def _terms(tree: Mapping[str, Any], group: str) -> list[tuple[str, str, float, Floats]]:
    found: list[tuple[str, str, float, Floats]] = []
    for name, below in tree.items():
        if isinstance(below, Mapping):
            found += _terms(below, str(name))
        else:
            share, drawn = str(below).split(" ", 1)
            found.append((str(name), group, float(share) / 100, loads(drawn)))
    return found
