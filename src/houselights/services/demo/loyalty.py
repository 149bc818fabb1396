"""The shop's loyalty programme: tier and points of those who joined."""

import numpy as np
import pyarrow as pa

from houselights.services.demo.arrays import optional, words
from houselights.services.demo.people import People

TIERS = ("bronze", "silver", "gold", "platinum")


def loyalty(random: np.random.Generator, people: People) -> dict[str, pa.Array]:
    """Return tier and points; null for the two thirds who never joined. The diligent and the well-off collect more."""
    count = len(people)
    joined = random.random(count) < 0.34
    points = 400 * np.exp(0.9 * random.standard_normal(count) + 0.4 * people.income + 0.25 * people.feature("C"))
    tier = np.digitize(points, (400, 1500, 6000))
    return {
        "loyalty_tier": words(np.where(joined, tier, -1), TIERS),
        "loyalty_points": optional(points.astype(np.int32), joined),
    }
