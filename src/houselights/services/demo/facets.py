"""The facets of the demo world as the population file declares them: names, roles, trees, discovery categories."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from houselights.services.demo.places import Places

# Bounds of household income as multiples of a country's median; each currency rounds them its own way.
INCOME_STEPS = (0.4, 0.7, 1.0, 1.4, 2.1)
PLATFORM_NAMES = {
    "twitter": "Twitter",
    "youtube": "YouTube",
    "twitch": "Twitch",
    "instagram": "Instagram",
    "tiktok": "TikTok",
}


def facets(world: Places, lines: Mapping[str, str]) -> dict[str, Any]:
    """Return the declarations of all facets, by key."""
    form = {"discovery": "Demographics"}
    genders = {"female": "Female", "male": "Male", "unknown": "Gender unknown"}
    schools = {"high_school": "High school", "some_college": "Some college", "bachelors_degree": "Bachelor's degree",
               "graduate_degree": "Graduate degree"}  # fmt: skip
    homes = {"owning": "Home owners", "renting": "Renters"}
    declared: dict[str, Any] = {
        "age": {"name": "Age", "role": "age", "unit": "years"} | form,
        "gender": {"name": "Gender", "role": "gender", "names": genders} | form,
        "education": {"name": "Education", "role": "education", "names": schools} | form,
        "home_ownership": {"name": "Home", "role": "home_ownership", "names": homes} | form,
        "marital_status": {"name": "Marital status", "role": "marital_status"} | form,
        "children_count": {"name": "Children in the household", "role": "children_count", "unit": "children"} | form,
        "children_age": {"name": "Age of children", "role": "children_age", "unit": "years"} | form,
        "ethnicity": {"name": "Ethnicity", "role": "ethnicity", "description": "As declared; never inferred."},
        "country": {"name": "Country", "role": "country"} | _table("countries", "currency"),
        "region": {"name": "Region", "role": "region"} | _table("regions", "country"),
        "city": {"name": "City", "role": "city"}
        | _table("cities", "region", "country", "latitude", "longitude", "population"),
        "market_area": {"name": "Market area", "role": "market_area"} | _table("market_areas"),
        "occupation": {"name": "Occupation", "role": "occupation"} | _table("occupations"),
        "job_title": {"name": "Job title", "role": "job_title"} | _table("job_titles", "followers_count"),
        "employer": {"name": "Employer", "role": "employer"} | _table("employers", "followers_count"),
        "personality": {"name": "Personality", "role": "personality"} | _table("personality", "group"),
        "affinity": {"name": "Affinity", "role": "affinity"}
        | _tree("affinities", "followers_count", "is_category", "can_add"),
        "in_market": {"name": "In-market", "discovery": "In-market"} | _tree("in_market"),
        "interests": {"name": "Interest", "discovery": "Interest"} | _tree("interests"),
        "lifestyle": {"name": "Lifestyle", "discovery": "Lifestyle"} | _tree("lifestyle"),
        "life_events": {"name": "Life event", "discovery": "Life event"} | _tree("life_events"),
        "purchase_category": {"name": "Bought in category", "role": "purchase_category"} | _tree("browse_nodes"),
        "product_line": {"name": "Bought product line", "multi": True,
                         "traits": [{"id": key, "name": name} for key, name in lines.items()]},
        "video_movie": {"name": "Film watched", "role": "video_movie", "multi": True},
        "video_series": {"name": "Series watched", "role": "video_series", "multi": True},
        "video_genre": {"name": "Genre watched", "role": "video_genre", "multi": True},
        "video_actor": {"name": "Actor watched", "role": "video_actor", "multi": True},
        "video_director": {"name": "Director watched", "role": "video_director", "multi": True},
    }  # fmt: skip
    for currency in income_medians(world):
        declared[f"income_{currency.lower()}"] = {
            "name": f"Household income ({currency})",
            "role": "income",
            "unit": currency,
            "discovery": {"category": "Demographics", "path": ["Household income", currency]},
        }
    for platform, name in PLATFORM_NAMES.items():
        declared[f"follows_{platform}"] = {"name": f"Follows on {name}", "role": "follows", "multi": True}
    return declared


def income_medians(world: Places) -> dict[str, float]:
    """Return each currency's median income, from its most populous country."""
    medians: dict[str, float] = {}
    for place in sorted(world.countries, key=lambda place: -place.share):
        medians.setdefault(place.currency, place.income)
    return dict(sorted(medians.items()))


def income_bands(median: float) -> list[list[int | None]]:
    """Return six bands around a median, with round bounds: [0, 29999], [30000, 49999], …"""
    unit = 10 ** (len(str(int(median))) - 1)
    step = unit // 2 if median / unit < 5 else unit
    bounds = [0, *(max(step, round(median * factor / step) * step) for factor in INCOME_STEPS)]
    bounds = sorted(set(bounds))
    return [[low, high - 1] for low, high in pairwise(bounds)] + [[bounds[-1], None]]


def _table(name: str, *attributes: str) -> dict[str, Any]:
    more = {"attributes": list(attributes)} if attributes else {}
    return {"traits": {"files": f"{name}.parquet", "id": "key", "name": "name"} | more}


def _tree(name: str, *attributes: str) -> dict[str, Any]:
    table = _table(name, *attributes)
    table["traits"]["parent"] = "parent"
    return {"multi": True} | table
