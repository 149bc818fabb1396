"""Who lives with whom: partners, children and their ages, marriage, the roof over their heads. Ages of parents and
children fit each other. Refuses nothing; all inputs come from people.py.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from houselights.services.demo.draws import Floats
from houselights.services.demo.places import Places

MARRIED, PARTNERED, SINGLE, DIVORCED, WIDOWED = range(5)
MOST_CHILDREN = 4
ETHNICITIES = ("asian", "black", "hispanic", "native", "white", "unknown")


@dataclass(frozen=True, slots=True)
class Household:
    """Households as parallel arrays. `child_ages` is people × MOST_CHILDREN, −1 where there is no child under 18."""

    partner: npt.NDArray[np.bool_]
    marital: npt.NDArray[np.int8]
    child_ages: npt.NDArray[np.int8]
    owner: npt.NDArray[np.bool_]
    lot: Floats

    @property
    def children(self) -> npt.NDArray[np.int8]:
        """How many children under 18 there are."""
        return np.asarray((self.child_ages >= 0).sum(axis=1), np.int8)

    def any_aged(self, low: int, high: int) -> npt.NDArray[np.bool_]:
        """Whether a child is `low` to `high` years old, inclusive."""
        return np.asarray(((self.child_ages >= low) & (self.child_ages <= high)).any(axis=1), np.bool_)

    def ethnicity(self, world: Places, country: npt.NDArray[np.int16]) -> npt.NDArray[np.int8]:
        """Return positions in ETHNICITIES by the country's shares. One lot per person, so asking twice agrees."""
        cumulative = np.cumsum([place.ethnicity for place in world.countries], axis=1)
        return np.asarray((self.lot[:, None] >= cumulative[country][:, :-1]).sum(axis=1), np.int8)

    def hispanic(self, world: Places, country: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
        """Whether the person is Hispanic, whatever the country."""
        return np.asarray(self.ethnicity(world, country) == ETHNICITIES.index("hispanic"), np.bool_)


def draw_households(
    random: np.random.Generator, age: Floats, gender: npt.NDArray[np.int8], income: Floats, urban: Floats
) -> Household:
    """Draw households for people of these ages, genders (0 female, 1 male), income scores and urbanity scores."""
    count = len(age)
    ever = np.digitize(random.random(count), (0.24, 0.44, 0.81, 0.95)).astype(np.int8)
    first_birth = random.normal(28.5, 5.0, count).clip(17, 44) + 2.2 * (gender == 1)
    gaps = random.integers(2, 5, (count, MOST_CHILDREN)).cumsum(axis=1) - 2
    ages = np.floor(age[:, None] - first_birth[:, None] - gaps)
    born = (np.arange(MOST_CHILDREN) < ever[:, None]) & (ages >= 0)
    at_home = born & (ages <= 17)

    together = 0.14 + 0.56 / (1 + np.exp((27 - age) / 3)) + 0.12 * at_home.any(axis=1) - 0.010 * np.maximum(age - 68, 0)
    partner = random.random(count) < together
    lot = random.random(count)
    alone_before = np.where(age > 66, np.where(lot < 0.45, WIDOWED, np.where(lot < 0.75, DIVORCED, SINGLE)),
                            np.where((age > 33) & (lot < 0.38), DIVORCED, SINGLE))  # fmt: skip
    wed = np.where(lot < np.where(age < 32, 0.45, 0.82), MARRIED, PARTNERED)
    marital = np.where(partner, wed, alone_before).astype(np.int8)

    score = -0.7 + 0.065 * (np.minimum(age, 66) - 38) + 0.75 * income - 0.45 * urban + 0.7 * partner
    owner = random.random(count) < 1 / (1 + np.exp(-score))
    return Household(
        partner=partner,
        marital=marital,
        child_ages=np.where(at_home, ages, -1).astype(np.int8),
        owner=owner,
        lot=random.random(count, np.float32),
    )
