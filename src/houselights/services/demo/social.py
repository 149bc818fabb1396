"""Whom people follow: accounts of invented brands, media and influencers on five platforms, and the affinity tree.

A person has an affinity for a figure exactly when they follow one of its accounts; for ideas (interests, personas,
professions) affinities are drawn by themselves.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from houselights.services.demo.arrays import distinct, grouped, instants, words
from houselights.services.demo.catalogue import table
from houselights.services.demo.draws import Draw, Floats, Ints, loads
from houselights.services.demo.people import People
from houselights.services.demo.tree import Node, read_tree, slug

# Letter in the catalogue: name, the share of a figure's followers who follow it there, and who is on the platform.
PLATFORMS = {
    "t": ("twitter", 0.38, "news2 male urban"),
    "y": ("youtube", 0.55, "screen young"),
    "w": ("twitch", 0.30, "gaming2 young2 male2"),
    "i": ("instagram", 0.52, "fashion female young"),
    "k": ("tiktok", 0.46, "young4 E"),
}
ROOTS = {".brands.": "Brands", ".influencers.": "Influencers", ".media.": "Media", ".interests.": "Interests",
         ".personas.": "Personas", ".private.": "Private", ".b2b.": "B2B"}  # fmt: skip
# Followers are counted all over the world, not only among the people of the demo.
WORLD = 300_000_000
DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Account:
    """An account on a platform; `figure` is the position of its figure among the affinity leaves."""

    platform: str
    id: str
    screen_name: str
    name: str
    followers: int
    figure: int


@dataclass(frozen=True, slots=True)
class Follows:
    """Who follows what in one shard: (person row, account) pairs sorted by row."""

    rows: Ints
    accounts: Ints


@dataclass(frozen=True, slots=True)
class Social:
    """The affinity tree and the accounts, fitted to a reference population."""

    nodes: list[Node]
    accounts: tuple[Account, ...]
    following: Draw
    ideas: Draw
    idea_of: npt.NDArray[np.int32]

    @classmethod
    def fit(cls, reference: Floats) -> "Social":
        """Read the catalogue, give every figure its accounts, and set all shares."""
        nodes = _rekeyed(read_tree(table("affinities")))
        leaves = [node for node in nodes if node.leaf]
        accounts: list[Account] = []
        shares: list[float] = []
        rows: list[Floats] = []
        for position, leaf in enumerate(leaves):
            for letter in "".join(leaf.extras):
                platform, factor, drawn = PLATFORMS[letter]
                share = (leaf.share or 0.0) * factor
                accounts.append(_account(platform, leaf.name, share, position))
                shares.append(share)
                rows.append(leaf.loads + loads(drawn))
        ideas = [position for position, leaf in enumerate(leaves) if not leaf.extras]
        return cls(
            nodes=nodes,
            accounts=tuple(accounts),
            following=Draw.fit(reference, shares, rows),
            ideas=Draw.fit(reference, [leaves[i].share or 0.0 for i in ideas], [leaves[i].loads for i in ideas]),
            idea_of=np.array(ideas, np.int32),
        )

    def follows(self, random: np.random.Generator, people: People) -> Follows:
        """Draw whom everybody follows."""
        return Follows(*self.following.pick(random, people.features))

    def affinities(self, random: np.random.Generator, people: People, follows: Follows) -> pa.Array:
        """Return the list column of affinities: the figures followed, and ideas."""
        figure = np.array([account.figure for account in self.accounts], np.int64)[follows.accounts]
        rows, ideas = self.ideas.pick(random, people.features)
        width = sum(node.leaf for node in self.nodes)
        cells = np.concatenate([follows.rows * np.int64(width) + figure, rows * np.int64(width) + self.idea_of[ideas]])
        cells = distinct(cells)
        keys = [node.key for node in self.nodes if node.leaf]
        return grouped(cells // width, words(cells % width, keys), len(people))

    def follow_table(self, random: np.random.Generator, people: People, follows: Follows, now: datetime) -> pa.Table:
        """Return the follows of a shard with the instant at which the person was last active there."""
        count = len(follows.rows)
        # Some people are on their phones all day, some forgot their password: the pace belongs to the person.
        pace = random.exponential(26.0, len(people))[follows.rows]
        ago = np.minimum(pace * random.exponential(1.0, count), 900.0)
        moment = int(now.timestamp() * 1e6) - (ago * DAY).astype(np.int64)
        platforms = [account.platform for account in self.accounts]
        return pa.table(
            {
                "person_id": people.ids[follows.rows],
                "platform": words(follows.accounts, platforms),
                "account_id": words(follows.accounts, [account.id for account in self.accounts]),
                "last_active": instants(moment),
            }
        )

    def tables(self) -> dict[str, pa.Table]:
        """Return the affinity tree and the accounts."""
        below = _reach(self.nodes)
        return {
            "affinities": pa.table(
                {
                    "key": [node.key for node in self.nodes],
                    "name": [ROOTS.get(node.name, node.name) for node in self.nodes],
                    "parent": pa.array([node.parent for node in self.nodes], pa.string()),
                    "followers_count": [below[node.key] for node in self.nodes],
                    "is_category": [not node.leaf for node in self.nodes],
                    "can_add": [node.parent is not None for node in self.nodes],
                }
            ),
            "accounts": pa.table(
                {
                    "platform": [account.platform for account in self.accounts],
                    "id": [account.id for account in self.accounts],
                    "screen_name": [account.screen_name for account in self.accounts],
                    "name": [account.name for account in self.accounts],
                    "followers": [account.followers for account in self.accounts],
                }
            ),
        }

    def platform_users(self, people: People, follows: Follows, platform: str) -> npt.NDArray[np.bool_]:
        """Return who follows anybody on a platform: the people who are on it."""
        there = np.array([account.platform == platform for account in self.accounts])
        users = np.zeros(len(people), bool)
        users[follows.rows[there[follows.accounts]]] = True
        return users


def _account(platform: str, name: str, share: float, figure: int) -> Account:
    number = zlib.crc32(f"{platform}/{name}".encode())
    handle = slug(name).replace("-", "")
    # YouTube's channels have names of 24 signs, the others have numbers.
    identity = f"UC{number:08x}{zlib.crc32(handle.encode()):08x}{number % 1_000_003:06d}"[:24]
    return Account(
        platform=platform,
        id=identity if platform == "youtube" else str(10_000_000 + number),
        screen_name=handle,
        name=name,
        followers=int(round(share * WORLD, -3)),
        figure=figure,
    )


def _rekeyed(nodes: Sequence[Node]) -> list[Node]:
    """Give nodes the ids that clients know: roots keep their dotted names, others are an a and digits."""
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for node in nodes:
        number = 100 + zlib.crc32("/".join(node.path).encode()) % 90_000
        while f"a{number}" in taken:
            number += 1
        keys[node.key] = node.name if node.name in ROOTS else f"a{number}"
        taken.add(keys[node.key])
    return [replace(node, key=keys[node.key], parent=keys[node.parent] if node.parent else None) for node in nodes]


def _reach(nodes: Sequence[Node]) -> dict[str, int | None]:
    """Count followers: a leaf's own; a category's are fewer than its leaves' together, since many follow several."""
    reach: dict[str, int | None] = {}
    for node in nodes:
        reach[node.key] = int(round((node.share or 0.0) * WORLD, -3)) if node.leaf else 0
    for node in reversed(nodes):
        if node.parent is not None:
            reach[node.parent] = (reach[node.parent] or 0) + int((reach[node.key] or 0) * 0.9)
    return {key: None if key in ROOTS else count for key, count in reach.items()}
