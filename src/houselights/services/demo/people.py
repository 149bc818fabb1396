"""The people themselves, before they do anything: where they live, how old they are, with whom, how well off, what they
are like. Everything else in the demo world is drawn from what is decided here, which is why it hangs together.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from houselights.services.demo.catalogue import table
from houselights.services.demo.draws import COLUMN, FEATURES, SCALES, TASTES, Floats, loads, on_grid
from houselights.services.demo.households import Household, draw_households
from houselights.services.demo.places import ASIA, EUROPE, LATIN, Places

FEMALE, MALE, UNKNOWN = 0, 1, 2
YOUNGEST, OLDEST = 18, 92


@dataclass(frozen=True, slots=True)
class People:
    """A shard of people as parallel arrays. `first` is the number of the first of them in the whole world.

    `age` is in years with a fraction; `education` 0 high school, 1 some college, 2 bachelor's, 3 graduate degree;
    `income` a standard score. `features` are people × draws.FEATURES, what all draws look at.
    """

    first: int
    city: npt.NDArray[np.int32]
    country: npt.NDArray[np.int16]
    age: Floats
    gender: npt.NDArray[np.int8]
    education: npt.NDArray[np.int8]
    income: Floats
    student: npt.NDArray[np.bool_]
    household: Household
    features: Floats

    def __len__(self) -> int:
        return len(self.city)

    @property
    def ids(self) -> npt.NDArray[np.int64]:
        """Person keys: seven digits and more, so that nobody takes them for positions."""
        return np.arange(self.first, self.first + len(self), dtype=np.int64) + 1_000_001

    def feature(self, name: str) -> Floats:
        """Return one column of the features."""
        column: Floats = self.features[:, COLUMN[name]]
        return column


def draw_people(random: np.random.Generator, world: Places, first: int, count: int) -> People:
    """Draw `count` people, the first of whom is number `first`."""
    city = np.searchsorted(world.cumulative, random.random(count)).clip(0, len(world.cities) - 1).astype(np.int32)
    country = world.city_country[city]
    urban = world.city_urban[city]
    age = _ages(random, world, country)
    gender = np.where(random.random(count) < 0.505, FEMALE, MALE).astype(np.int8)
    nature = random.standard_normal((count, 5), np.float32)
    openness, diligence = nature[:, 0], nature[:, 1]

    schooling = 0.35 * openness + 0.25 * diligence + 0.3 * urban + 0.85 * random.standard_normal(count, np.float32)
    schooling -= np.float32(0.012) * np.maximum(age - 55, 0)
    education = np.digitize(schooling, (-0.35, 0.35, 1.15)).astype(np.int8)
    student = (age < 25) & (schooling > -0.2)
    education = np.where(age < 22, np.minimum(education, 1), np.where(age < 25, np.minimum(education, 2), education))
    income = _income(random, age, gender, education, student, diligence, urban)
    household = draw_households(random, age, gender, income, urban)

    features = np.zeros((count, len(FEATURES)), np.float32)
    by_name = {
        "female": gender == FEMALE,
        "male": gender == MALE,
        "young": _soft((33 - age) / 4),
        "old": _soft((age - 58) / 5),
        "rural": _soft((-0.6 - urban) * 4),
        "parent": household.children > 0,
        "baby": household.any_aged(0, 2),
        "kid": household.any_aged(3, 11),
        "teen": household.any_aged(12, 17),
        "student": student,
        "graduate": education >= 2,
        "partner": household.partner,
        "single": ~household.partner,
        "owner": household.owner,
        "us": _in(world, country, frozenset({"US"})),
        "europe": _in(world, country, EUROPE),
        "asia": _in(world, country, ASIA),
        "latin": _in(world, country, LATIN) | household.hispanic(world, country),
        "rich": income.clip(-2.5, 2.8),
        "urban": urban,
    }
    for name, values in by_name.items():
        features[:, COLUMN[name]] = values
    for position, name in enumerate(SCALES[2:]):
        features[:, COLUMN[name]] = nature[:, position].clip(-2.8, 2.8)
    features = on_grid(features)
    features[:, COLUMN["tech"] :] = on_grid(_tastes(random, world, features, country))
    # A few people do not say, but behave as they are: unknown is what is recorded, not what they feel.
    told = np.where(random.random(count) < 0.03, UNKNOWN, gender).astype(np.int8)
    return People(first, city, country, age, told, education, income, student, household, features)


def _ages(random: np.random.Generator, world: Places, country: npt.NDArray[np.int16]) -> Floats:
    """Draw ages from one pyramid, tilted exponentially so that each country has its mean age."""
    years = np.arange(YOUNGEST, OLDEST)
    pyramid = 1 / (1 + np.exp((years - 72) / 7.0))
    lots = random.random(len(country))
    age = np.empty(len(country), np.float32)
    for number, place in enumerate(world.countries):
        tilted = pyramid * np.exp((place.age - 45.0) / 300.0 * (years - 45))
        here = np.flatnonzero(country == number)
        age[here] = years[np.searchsorted(np.cumsum(tilted / tilted.sum()), lots[here]).clip(0, len(years) - 1)]
    return age + random.random(len(country), np.float32)


def _income(
    random: np.random.Generator,
    age: Floats,
    gender: npt.NDArray[np.int8],
    education: npt.NDArray[np.int8],
    student: npt.NDArray[np.bool_],
    diligence: Floats,
    urban: Floats,
) -> Floats:
    """Return income as a standard score: schooling, the arc of a working life, place, and luck."""
    score = 0.42 * (education - np.float32(1.3)) + 0.2 * diligence + 0.12 * urban + 0.14 * (gender == MALE)
    score = score - np.float32(0.0011) * (age - 50) ** 2 + np.float32(0.33) - 0.9 * student
    score = score + 0.72 * random.standard_normal(len(age), np.float32)
    return np.asarray(score, np.float32)


def _tastes(random: np.random.Generator, world: Places, features: Floats, country: npt.NDArray[np.int16]) -> Floats:
    """Return tastes as scores of about unit spread: what leans on the person, the country's shift, and chance."""
    leanings = np.stack([loads(table("tastes")[taste]) for taste in TASTES], axis=1)
    mean = features @ leanings
    shift = np.stack([place.tastes for place in world.countries])
    tastes = 0.62 * mean + 0.8 * shift[country] + 0.72 * random.standard_normal(mean.shape, np.float32)
    return np.asarray(tastes.clip(-3.0, 3.2), np.float32)


def _soft(score: npt.NDArray[np.floating[Any]]) -> Floats:
    return np.asarray(1 / (1 + np.exp(-score)), np.float32)


def _in(world: Places, country: npt.NDArray[np.int16], codes: frozenset[str]) -> npt.NDArray[np.bool_]:
    return np.array([place.code in codes for place in world.countries])[country]
