"""What people would write on a form: age, gender, schooling, income, home, family, and where they live."""

from datetime import date

import numpy as np
import pyarrow as pa

from houselights.services.demo.arrays import grouped, optional, plain, words
from houselights.services.demo.households import ETHNICITIES
from houselights.services.demo.people import People
from houselights.services.demo.places import Places

GENDERS = ("female", "male", "unknown")
EDUCATION = ("high_school", "some_college", "bachelors_degree", "graduate_degree")
MARITAL = ("married", "partnered", "single", "divorced", "widowed")
HOMES = ("renting", "owning")


def demographics(random: np.random.Generator, world: Places, people: People, today: date) -> dict[str, pa.Array]:
    """Return the columns of the people file that come from forms. Null where the person left the field empty."""
    count = len(people)
    told = random.random((7, count), np.float32)
    births = _births(people, today)
    rows, nth = np.nonzero(people.household.child_ages >= 0)
    age_told = told[0] < 0.955
    family_told = told[1] < 0.9
    listed = family_told[rows]
    columns: dict[str, pa.Array] = {
        "age": optional(np.floor(people.age).astype(np.int32), age_told),
        "birth_date": pa.array(births.astype("datetime64[D]"), mask=~age_told),
        "birth_year": optional(births.astype("datetime64[Y]").astype(np.int32) + 1970, age_told),
        "birth_month": optional(births.astype("datetime64[M]").astype(np.int32) % 12 + 1, age_told),
        "gender": words(people.gender, GENDERS),
        "education": words(np.where(told[2] < 0.86, people.education, -1), EDUCATION),
        "home": words(np.where(told[3] < 0.9, people.household.owner, -1).astype(np.int8), HOMES),
        "marital_status": words(np.where(told[4] < 0.92, people.household.marital, -1), MARITAL),
        "ethnicity": words(people.household.ethnicity(world, people.country), ETHNICITIES),
        "children_count": optional(people.household.children, family_told, pa.int32()),
        "children_ages": grouped(
            rows[listed], pa.array(people.household.child_ages[rows, nth][listed], pa.int32()), count
        ),
        "country": words(people.country, [place.code for place in world.countries]),
        "region": words(world.city_region[people.city], [key for key, _, _ in world.regions]),
        "region_name": words(world.city_region[people.city], [name for _, name, _ in world.regions]),
        "city": words(people.city, [str(city["geonameid"]) for city in world.cities]),
        "city_name": words(people.city, [city["name"] for city in world.cities]),
        "market_area": words(world.city_market[people.city], [code for code, _ in world.markets]),
        "work_country": words(np.where(people.age < 67, people.country, -1), [place.code for place in world.countries]),
    }
    return columns | _incomes(world, people, told[5] < 0.84)


def currencies(world: Places) -> list[str]:
    """Return the currencies of the world's incomes, each once."""
    return sorted({place.currency for place in world.countries})


def _incomes(world: Places, people: People, told: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> dict[str, pa.Array]:
    """Return one column per currency: a household's yearly income, rounded to three digits as people round."""
    median = np.array([place.income for place in world.countries])[people.country]
    two_earners = np.where(people.household.partner, 1.25, 0.85)
    amount = median * two_earners * np.exp(0.62 * (people.income + 0.15).astype(float))
    digit = 10.0 ** (np.floor(np.log10(amount)) - 2)
    amount = (np.round(amount / digit) * digit).astype(np.int64)
    spent_in = np.array([place.currency for place in world.countries])[people.country]
    return {
        f"income_{currency.lower()}": optional(amount, told & (spent_in == currency)) for currency in currencies(world)
    }


def _births(people: People, today: date) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    """Return birthdays that agree with the whole years of age: the last one is less than a year ago."""
    years = np.floor(people.age)
    last = np.datetime64(today, "D") - ((people.age - years) * 365).astype(np.int64)
    month = last.astype("datetime64[M]")
    # Most years have no 29 February; the day before is a birthday in all of them.
    day = (last - month).astype(np.int64)
    day = np.where(month.astype(np.int64) % 12 == 1, np.minimum(day, 27), day)
    return np.asarray((month - 12 * years.astype(np.int64)).astype("datetime64[D]") + day, "datetime64[D]")


def city_names(world: Places, people: People) -> pa.Array:
    """Return each person's city as plain text, for addresses and bios."""
    return plain(people.city, [city["name"] for city in world.cities])
