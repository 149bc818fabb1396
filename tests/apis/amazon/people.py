"""Three thousand people for the room's tests: made from a seed, written as a population, and kept as plain Python.

`naive` answers what the room answers, from the kept rows, with sets and division and nothing else. It is the other
opinion that the tests compare with.
"""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SEED = 20261101
COUNT = 3000
MINIMUM_LIST = 200  # it is a small world
AS_OF = "2026-11-01T00:00:00Z"

# facet → trait key → parent's key
TREES: Mapping[str, Mapping[str, str | None]] = {
    "interests": {
        "food": None, "cooking": "food", "vegan": "cooking", "baking": "cooking", "sport": None, "running": "sport",
        "football": "sport", "travel": None, "music": None,
    },
    "in_market": {"audio": None, "headphones": "audio", "speakers": "audio", "toys": None, "puzzles": "toys"},
    "lifestyle": {"gamers": None, "fitness": None, "frequent-travellers": None},
    "life_event": {"moving": None, "new-parents": None, "wedding": None},
    "bought": {
        "home": None, "kitchen": "home", "cutlery": "kitchen", "knives": "cutlery", "bread-knives": "knives",
        "serrated": "bread-knives", "serrated-long": "serrated", "garden": "home", "books": None, "novels": "books",
        "shoes": None, "running-shoes": "shoes",
    },
}  # fmt: skip
BANDS: Mapping[str, Sequence[tuple[int | None, int | None]]] = {
    "age": ((18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, None)),
    "children_age": ((0, 2), (3, 5), (6, 11), (12, 17)),
    "children_count": ((0, 0), (1, 1), (2, 2), (3, None)),
    "income": ((None, 49_999), (50_000, 99_999), (100_000, 149_999), (150_000, None)),
}
FLAT: Mapping[str, Sequence[str]] = {
    "gender": ("female", "male", "unknown", "self-described"),
    "education": ("no_school", "high_school", "some_college", "bachelors_degree", "graduate_degree"),
    "home": ("owning", "renting", "living-with-parents"),
    "country": ("US", "GB"),
}
MANY = {*TREES, "children_age"}
WATCHED: Mapping[str, Sequence[str]] = {
    "genre": ("drama", "comedy", "documentary", "thriller"),
    "actor": tuple(f"Actor {letter}" for letter in "ABCDEFGH"),
    "director": tuple(f"Director {letter}" for letter in "ABCD"),
    "movie": tuple(f"Movie {n}" for n in range(60)),
    "series": tuple(f"Series {n}" for n in range(12)),
}
ROLES = {
    "age": "age", "gender": "gender", "children_age": "children_age", "children_count": "children_count",
    "education": "education", "income": "income", "home": "home_ownership", "country": "country",
    "bought": "purchase_category",
}  # fmt: skip
DISCOVERY = {
    "age": "Demographics", "gender": "Demographics", "children_age": "Demographics", "children_count": "Demographics",
    "education": "Demographics", "income": "Demographics", "home": "Demographics", "interests": "Interest",
    "in_market": "In-market", "lifestyle": "Lifestyle", "life_event": "Life event",
}  # fmt: skip

ACCOUNTS: Sequence[Mapping[str, Any]] = (
    {"id": 111000000000000001, "kind": "agency", "name": "Stage Left Agency", "country": "US", "currency": "USD",
     "timezone": "America/New_York", "external_id": "ENTITY1STAGELEFT"},
    {"id": 222000000000000001, "kind": "advertiser", "name": "Lumen Lamps", "parent": 111000000000000001,
     "country": "US", "currency": "USD", "timezone": "America/New_York", "url": "https://lamps.example"},
    {"id": 222000000000000002, "kind": "advertiser", "name": "Curtain Call Coffee", "parent": 111000000000000001,
     "country": "GB", "currency": "GBP", "timezone": "Europe/London", "url": "https://coffee.example"},
    {"id": 222000000000000003, "kind": "advertiser", "name": "Everywhere Ltd", "parent": 111000000000000001,
     "currency": "USD", "timezone": "UTC", "url": "https://everywhere.example"},
    {"id": 111000000000000002, "kind": "vendor", "name": "Prompt Corner Books", "country": "GB", "currency": "GBP",
     "timezone": "Europe/London", "external_id": "ENTITY2PROMPT"},
    {"id": 111000000000000003, "kind": "agency", "name": "Not Yours Agency", "country": "US", "currency": "USD",
     "timezone": "America/New_York", "external_id": "ENTITY3NOTYOURS"},
    {"id": 222000000000000009, "kind": "advertiser", "name": "Not Yours", "parent": 111000000000000003,
     "country": "US", "currency": "USD", "timezone": "America/New_York"},
    {"id": 333000000000000001, "kind": "cleanroom-account", "name": "Stage Left Measurement", "country": "US",
     "parent": 111000000000000001, "external_id": "ENTITY5MEASURE"},
    *({"id": 444000000000000000 + n, "kind": "cleanroom", "name": f"Room {n}", "parent": 333000000000000001}
      for n in range(1, 13)),
    {"id": 333000000000000002, "kind": "cleanroom-account", "name": "Not Yours Measurement", "country": "US",
     "parent": 111000000000000003, "external_id": "ENTITY6NOTYOURS"},
    {"id": 444000000000000099, "kind": "cleanroom", "name": "Not your room", "parent": 333000000000000002,
     "external_id": "amcnotyours"},
)  # fmt: skip
CLEANROOM_ACCOUNT, CLEANROOM = "ENTITY5MEASURE", "amc444000000000000001"
PROFILE, VENDOR_PROFILE, FOREIGN_PROFILE = 111000000000000001, 111000000000000002, 111000000000000003
LAMPS, COFFEE, EVERYWHERE, NOT_YOURS = (222000000000000000 + n for n in (1, 2, 3, 9))


@dataclass(frozen=True, slots=True)
class Row:
    """One person: leaf traits as written to the files, and all traits, ancestors included."""

    key: str
    leaves: Mapping[str, tuple[str, ...]]
    daily_reach: float
    daily_impressions: float
    traits: Mapping[str, frozenset[str]] = field(default_factory=dict)


def band_key(low: int | None, high: int | None) -> str:
    return f"{'' if low is None else low}-{'' if high is None else high}"


def with_ancestors(facet: str, keys: Iterable[str]) -> frozenset[str]:
    """Return the keys and everything above them in the facet's tree."""
    parents = TREES.get(facet, {})
    found: set[str] = set()
    for key in keys:
        step: str | None = key
        while step is not None:
            found.add(step)
            step = parents.get(step)
    return frozenset(found)


@cache
def rows() -> tuple[Row, ...]:
    """Return the people, the same on every machine."""
    draw = random.Random(SEED)
    return tuple(_person(draw, number) for number in range(COUNT))


def _person(draw: random.Random, number: int) -> Row:
    age = draw.randrange(6)
    sporty = draw.random() < 0.25 + 0.06 * (5 - age)
    some = lambda keys, chance: tuple(key for key in keys if draw.random() < chance)  # noqa: E731 - a drawing rule
    leaves: dict[str, tuple[str, ...]] = {
        "age": (band_key(*BANDS["age"][age]),) if draw.random() < 0.95 else (),
        "gender": (draw.choices(FLAT["gender"], (48, 47, 4, 1))[0],),
        "country": (draw.choices(FLAT["country"], (4, 1))[0],),
        "education": (draw.choices(FLAT["education"], (1, 3, 3, 4, 2))[0],) if draw.random() < 0.8 else (),
        "home": (draw.choices(FLAT["home"], (5, 4, 1))[0],) if draw.random() < 0.9 else (),
        "income": (band_key(*draw.choices(BANDS["income"], (4, 4, 2, 1))[0]),),
        "children_count": (band_key(*draw.choices(BANDS["children_count"], (5, 3, 2, 1))[0]),),
        "interests": some(("vegan", "baking", "travel", "music"), 0.2)
        + some(("running", "football"), 0.6 if sporty else 0.08),
        "in_market": some(TREES["in_market"], 0.12),
        "lifestyle": some(("gamers", "frequent-travellers"), 0.15) + some(("fitness",), 0.7 if sporty else 0.1),
        "life_event": some(TREES["life_event"], 0.06),
        "bought": some(("serrated-long", "garden", "novels", "books"), 0.15)
        + some(("running-shoes",), 0.5 if sporty else 0.05),
    }
    leaves["children_age"] = (
        () if leaves["children_count"] == ("0-0",) else some(map(_child, BANDS["children_age"]), 0.4)
    )
    for name, keys in WATCHED.items():
        leaves[name] = some(keys, 0.5 / len(keys) + (0.2 if sporty and name == "genre" else 0.1))
    return Row(
        key=f"p{number:05}",
        leaves=leaves,
        daily_reach=round(draw.random(), 3),
        daily_impressions=round(draw.random() * 20, 2),
        traits={facet: with_ancestors(facet, keys) for facet, keys in leaves.items()},
    )


def _child(band: tuple[int | None, int | None]) -> str:
    return band_key(*band)


def email(number: int) -> str:
    """Everybody has an address; hash it as it is."""
    return f"p{number:05}@stage.example"


def maid(number: int) -> str | None:
    """Every third person has a phone, whose advertising id is written in capitals here."""
    return f"ABCDEF00-0000-4000-8000-{number:012X}" if number % 3 == 0 else None


def cookie(number: int) -> str | None:
    """Every fourth person has a cookie, with hyphens in it."""
    return f"c-{number}-x" if number % 4 == 0 else None


def _cell(facet: str, keys: Sequence[str]) -> list[str] | str | None:
    """Return a list for a many-valued facet, else the one value or nothing."""
    return list(keys) if facet in MANY else next(iter(keys), None)


def write_population(folder: Path, *, people: Sequence[Row] | None = None) -> Path:
    """Write the files of the population and return the path of its description."""
    people = rows() if people is None else people
    with (folder / "people.jsonl").open("w") as file:
        for number, row in enumerate(people):
            flat = {facet: _cell(facet, keys) for facet, keys in row.leaves.items() if facet not in WATCHED}
            known = {"email": email(number), "maid": maid(number), "cookie": cookie(number)}
            record = {"key": row.key, "reach": row.daily_reach, "impressions": row.daily_impressions, **known, **flat}
            file.write(json.dumps(record) + "\n")
    with (folder / "watched.jsonl").open("w") as file:
        for row in people:
            for kind in WATCHED:
                for title in row.leaves[kind]:
                    event = {"person": row.key, "at": "2026-10-20T20:00:00Z", "kind": f"watched_{kind}", "title": title}
                    file.write(json.dumps(event) + "\n")
    path = folder / "POPULATION.yaml"
    path.write_text(yaml.safe_dump(_description(), sort_keys=False))
    return path


def _description() -> dict[str, Any]:
    columns = {
        facet: {"column": facet, **({"many": True} if facet in MANY else {})} for facet in (*TREES, *FLAT, *BANDS)
    }
    facets: dict[str, Any] = {}
    for facet in (*FLAT, *BANDS, *TREES):
        facets[facet] = {"name": facet.replace("_", " ").title(), "multi": facet in MANY, "traits": _entries(facet)}
        if facet in ROLES:
            facets[facet]["role"] = ROLES[facet]
        if facet in DISCOVERY:
            facets[facet]["discovery"] = DISCOVERY[facet]
        if facet in BANDS:
            facets[facet]["unit"] = "USD" if facet == "income" else "years"
    for kind in WATCHED:
        facets[kind] = {"name": f"Watched {kind}", "multi": True, "role": f"video_{kind}"}
    return {
        "version": 1,
        "workspace": "stage",
        "as_of": AS_OF,
        "privacy": {"minimum_list": MINIMUM_LIST},
        "people": [
            {
                "files": "people.jsonl",
                "key": "key",
                "facets": columns,
                "measures": {"daily_reach": "reach", "daily_impressions": "impressions"},
                "identities": {"email": "email", "maid": "maid", "cookie": "cookie"},
            }
        ],
        "facets": facets,
        "events": [
            {
                "files": "watched.jsonl",
                "person": "person",
                "time": "at",
                "type": {"column": "kind"},
                "attributes": {"title": "title"},
            }
        ],
        "derived": {
            f"watching_{kind}": {"facet": kind, "from": f"watched_{kind}", "trait": "title", "within_days": 90}
            for kind in WATCHED
        },
        "accounts": [dict(account) for account in ACCOUNTS],
    }


def _entries(facet: str) -> list[dict[str, Any]]:
    """Return the facet's traits as the description lists them."""
    if facet in BANDS:
        return [{"id": band_key(low, high), "low": low, "high": high} for low, high in BANDS[facet]]
    if facet in FLAT:
        return [{"id": key, "name": key} for key in FLAT[facet]]
    return [
        {"id": key, "name": key.replace("-", " ").capitalize(), **({"parent": parent} if parent else {})}
        for key, parent in TREES[facet].items()
    ]
