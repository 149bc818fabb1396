"""How traits are drawn for people: a trait has a share of people, and words that say who is drawn to it. Refuses words
it does not know.

The chance that a person carries a trait is exp(base + features · loads), at most CAP. The base is set on a reference
population so that the share comes out as written; the loads make the correlations. With an exponential link, one step
up multiplies the chance by the same factor for rare and common traits alike, so affinities of 3 and more survive in
traits that everybody else hardly has.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

# Yes/no (or nearly) features first, then standardised ones; a step of the first kind is worth more.
FLAGS = (
    "female", "male", "young", "old", "rural", "parent", "baby", "kid", "teen", "student", "graduate", "partner",
    "single", "owner", "us", "europe", "asia", "latin",
)  # fmt: skip
SCALES = ("rich", "urban", "O", "C", "E", "A", "N")
TASTES = (
    "tech", "gaming", "sport", "outdoors", "fashion", "beauty", "food", "home", "travel", "arts", "music", "screen",
    "news", "money", "health", "pets", "cars", "crafts", "learning",
)  # fmt: skip
FEATURES = FLAGS + SCALES + TASTES
COLUMN = {name: position for position, name in enumerate(FEATURES)}

# Loads and features stand on a grid of 1/64: sums of their products are then exact in 32 bits, in whatever order a
# matrix product adds them up, and the same seed gives the same world however many threads do it.
GRID = 64
FLAG_STEP = 29 / GRID
SCALE_STEP = 18 / GRID
CAP = 0.92
# People are drawn in blocks whose scores stay in the second-level cache.
BLOCK = 4096

_WORD = re.compile(r"^(-?)([A-Za-z]+)(\d*)$")


def on_grid(values: Floats) -> Floats:
    """Round features to the grid on which products add up exactly."""
    return np.asarray(np.rint(values * GRID) / GRID, np.float32)


def loads(words: str) -> Floats:
    """Turn words such as "gaming3 young -old2" into loads on FEATURES. Raises ValueError for an unknown word."""
    result = np.zeros(len(FEATURES), np.float32)
    for word in words.split():
        match = _WORD.match(word)
        if match is None or match[2] not in COLUMN:
            raise ValueError(f'"{word}" is no feature; known are {", ".join(FEATURES)}')
        step = FLAG_STEP if match[2] in FLAGS else SCALE_STEP
        result[COLUMN[match[2]]] += (-1 if match[1] else 1) * step * int(match[3] or 1)
    return result


@dataclass(frozen=True, slots=True)
class Draw:
    """Traits ready to be drawn: loads (features × traits) and the base of each trait."""

    loads: Floats
    base: Floats

    @classmethod
    def fit(
        cls, reference: Floats, shares: Sequence[float] | npt.NDArray[np.float64], rows: Sequence[Floats]
    ) -> "Draw":
        """Set the bases so that on the reference people each trait has its share (a fraction of 1).

        A few fixed-point rounds suffice: only the cap makes the mean bend.
        """
        weights = np.stack(rows, axis=1)
        wanted = np.log(np.asarray(shares, np.float64))
        score = (reference @ weights).astype(np.float64)
        base = wanted - np.log(np.exp(score).mean(axis=0))
        for _ in range(4):
            base += wanted - np.log(np.minimum(np.exp(score + base), CAP).mean(axis=0))
        return cls(weights, base.astype(np.float32))

    def pick(self, random: np.random.Generator, features: Floats) -> tuple[Ints, Ints]:
        """Draw traits for people; return (person row, trait) pairs, sorted by row and then trait."""
        count = self.base.size
        people: list[Ints] = []
        traits: list[Ints] = []
        # Chances are compared with 16-bit lots: half the random bytes, and 1/65,536 is finer than the rarest trait.
        base = self.base + np.float32(np.log(65536.0))
        ceiling = np.float32(CAP * 65536.0)
        for start in range(0, len(features), BLOCK):
            chance = features[start : start + BLOCK] @ self.loads
            chance += base
            np.exp(chance, out=chance)
            np.minimum(chance, ceiling, out=chance)
            lots = np.frombuffer(random.bytes(2 * chance.size), np.uint16).reshape(chance.shape)
            hits = np.flatnonzero(lots < chance.astype(np.uint16))
            row = hits // count
            people.append((row + start).astype(np.int32))
            traits.append((hits - row * count).astype(np.int32))
        return np.concatenate(people), np.concatenate(traits)

    def choose(self, random: np.random.Generator, features: Floats) -> Ints:
        """Choose exactly one trait per person, with odds in proportion to exp(base + features · loads)."""
        score = features @ self.loads + self.base
        # Gumbel's trick: the largest of score + noise falls on each trait with the softmax odds.
        noise = random.random(score.shape, np.float32)
        score -= np.log(-np.log(np.maximum(noise, np.float32(1e-7))))
        return np.asarray(score.argmax(axis=1), np.int32)
