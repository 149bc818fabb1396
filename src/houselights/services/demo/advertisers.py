"""The demo's agency, its advertisers and clean rooms, and what each advertiser knows of its own people: rules over
what was bought.

These audiences stand beside the reference audiences, which come from the catalogue by themselves.
"""

from collections.abc import Mapping
from typing import Any

# Advertiser: the brand whose product lines are its own.
BRANDS = {
    "Northwind Audio": "northwind",
    "Larkspur Baby": "larkspur",
    "Barkwell Pets": "barkwell",
    "Summit & Sage": "summit-sage",
    "Fleetfoot Sports": "fleetfoot",
    "Copper Kettle Coffee": "copper-kettle",
    "Lumère Paris": "lumere",
    "Emberforge Games": "emberforge",
}
LINES_EACH = 4
CLEAN_ROOMS = ("Harbour & Finch clean room", "Harbour & Finch trial clean room")


def accounts() -> list[dict[str, Any]]:
    """Return the demo's agency, its advertisers (one is global and has no country), and two clean rooms of its own."""
    agency = {"kind": "agency", "name": "Harbour & Finch Media", "external_id": "ENTITY1HARBOURFINCH", "country": "US",
              "currency": "USD", "timezone": "America/New_York", "url": "https://harbourfinch.example"}  # fmt: skip
    advertisers = (
        ("Northwind Audio", "US", "USD", "America/Los_Angeles"),
        ("Larkspur Baby", "US", "USD", "America/Chicago"),
        ("Barkwell Pets", "US", "USD", "America/New_York"),
        ("Summit & Sage", "CA", "CAD", "America/Toronto"),
        ("Fleetfoot Sports", "GB", "GBP", "Europe/London"),
        ("Copper Kettle Coffee", "DE", "EUR", "Europe/Berlin"),
        ("Lumère Paris", "FR", "EUR", "Europe/Paris"),
        ("Emberforge Games", None, "USD", "UTC"),
    )
    listed: list[dict[str, Any]] = [agency]
    for name, country, currency, zone in advertisers:
        word = name.lower().replace(" ", "").replace("&", "and").replace("è", "e")
        account: dict[str, Any] = {
            "kind": "advertiser",
            "name": name,
            "parent": agency["name"],
            "external_id": f"ENTITY2{word.upper()}",
            "currency": currency,
            "timezone": zone,
            "url": f"https://{word}.example",
        }
        listed.append(account if country is None else account | {"country": country})
    owner = {"kind": "cleanroom-account", "name": "Harbour & Finch Measurement", "parent": agency["name"],
             "external_id": "ENTITY3HARBOURFINCH", "country": "US"}  # fmt: skip
    rooms = [{"kind": "cleanroom", "name": name, "parent": owner["name"]} for name in CLEAN_ROOMS]
    return [*listed, owner, *rooms]


def ready_audiences(lines: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the audiences as the population file writes them; `lines` maps keys of product lines to names."""
    listed: list[dict[str, Any]] = []
    for account, brand in BRANDS.items():
        own = {key: name for key, name in lines.items() if key.startswith(f"{brand}-")}
        listed.append(
            _audience(
                account,
                f"{account}: customers of the last 180 days",
                "Bought any of our products in the last 180 days.",
                _any("product_line", *own),
            )
        )
        listed += [
            _audience(
                account, f"Bought {name} in the last 180 days", f"Bought {name}, 180 days.", _any("product_line", key)
            )
            for key, name in list(own.items())[:LINES_EACH]
        ]
    listed.append(
        _audience(
            "Northwind Audio",
            "Northwind: in the market for headphones, not yet a customer",
            "In the market for headphones, without those who bought from us in the last 180 days.",
            {
                "and": [
                    _any("in_market", "headphones-and-earbuds"),
                    {"not": _any("product_line", *(key for key in lines if key.startswith("northwind-")))},
                ]
            },
        )
    )
    listed.append(
        {
            "name": "Gamers who read",
            "description": "Interested in games and in books: a rule to look at and change.",
            "rule": {"and": [_any("interests", "gaming"), _any("interests", "books-and-learning")]},
        }
    )
    return listed


def _audience(account: str, name: str, description: str, rule: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "description": description, "kind": "advertiser", "account": account, "rule": rule}


def _any(facet: str, *keys: str) -> dict[str, Any]:
    return {"trait": {"facet": facet, "any_of": list(keys)}}
