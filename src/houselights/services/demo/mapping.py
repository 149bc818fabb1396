"""The population file of the demo world: what its columns mean, in the words any company would use for its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from houselights.services.demo.advertisers import accounts, ready_audiences
from houselights.services.demo.facets import facets as declared
from houselights.services.demo.facets import income_bands, income_medians
from houselights.services.demo.places import Places

WORKSPACE = "demo"
AGE_BANDS = [[18, 24], [25, 34], [35, 44], [45, 54], [55, 64], [65, None]]
CHILD_BANDS = [[0, 2], [3, 5], [6, 8], [9, 12], [13, 15], [16, 17]]
CHILDREN_BANDS = [[0, 0], [1, 1], [2, 2], {"low": 3, "high": None, "name": "3 or more"}]
VIDEO_DAYS, PURCHASE_DAYS, LINE_DAYS, OPPORTUNITY_DAYS = 90, 365, 180, 30


def population(world: Places, lines: Mapping[str, str], as_of: datetime) -> dict[str, Any]:
    """Return the population file as plain data; `lines` are the product lines of brands that advertise."""
    return {
        "version": 1,
        "workspace": WORKSPACE,
        "as_of": as_of.isoformat(),
        # Nobody here is real: a small world may be told about in more detail than the defaults allow.
        "privacy": {"minimum_cell": 5, "minimum_audience": 25, "minimum_list": 100},
        "people": [_profiles(world), _mailing(), _partner()],
        "facets": declared(world, lines),
        "events": _events(),
        "derived": _derived(),
        "follows": [
            {
                "files": "follows-*.parquet",
                "person": "person_id",
                "platform": {"column": "platform"},
                "account": "account_id",
                "last_active": "last_active",
                "accounts": {
                    "files": "accounts.parquet",
                    "platform": {"column": "platform"},
                    "id": "id",
                    "screen_name": "screen_name",
                    "name": "name",
                    "followers": "followers",
                },
            }
        ],
        "texts": [
            {
                "files": "texts-*.parquet",
                "person": "person_id",
                "field": {"column": "field"},
                "time": "occurred_at",
                "text": "text",
            }
        ],
        "accounts": accounts(),
        "audiences": ready_audiences(lines),
    }


def _profiles(world: Places) -> dict[str, Any]:
    facets: dict[str, Any] = {
        "age": {"column": "age", "bands": AGE_BANDS},
        "gender": "gender",
        "education": "education",
        "home_ownership": "home",
        "marital_status": "marital_status",
        "ethnicity": "ethnicity",
        "children_count": {"column": "children_count", "bands": CHILDREN_BANDS},
        "children_age": {"column": "children_ages", "many": True, "bands": CHILD_BANDS},
        "country": "country",
        "region": "region",
        "city": "city",
        "market_area": "market_area",
        "occupation": "occupation",
        "job_title": "job_title",
        "employer": "employer",
    }
    for currency, median in income_medians(world).items():
        facets[f"income_{currency.lower()}"] = {"column": f"income_{currency.lower()}", "bands": income_bands(median)}
    for name in ("in_market", "interests", "lifestyle", "life_events", "personality"):
        facets[name] = {"column": name, "many": True}
    facets["affinity"] = {"column": "affinities", "many": True}
    return {
        "files": "people-*.parquet",
        "key": "person_id",
        "attributes": {
            "person.name.firstName": "first_name",
            "person.name.lastName": "last_name",
            "person.gender": "gender",
            "person.birthDate": "birth_date",
            "person.birthYear": "birth_year",
            "person.birthMonth": "birth_month",
            "person.age": "age",
            "homeAddress.street1": "street",
            "homeAddress.city": "town",
            "homeAddress.stateProvince": "state",
            "homeAddress.postalCode": "postcode",
            "homeAddress.country": "country",
            "homeAddress.countryCode": "country",
            "workAddress.country": "work_country",
            "personalEmail.address": "email",
            "mobilePhone.number": "phone",
            "loyalty.tier": "loyalty_tier",
            "loyalty.points": "loyalty_points",
        },
        "facets": facets,
        "identities": {
            "email": "email",
            "phone": "phone",
        },
    }  # fmt: skip


def _mailing() -> dict[str, Any]:
    columns = {"first_name": "first_name", "last_name": "last_name", "address": "street", "city": "town",
               "state": "state", "postal": "postcode", "country": "country"}  # fmt: skip
    return {"files": "mailing-*.parquet", "key": "person_id", "identities": {"postal": columns}}


def _partner() -> dict[str, Any]:
    names = ("cookie", "maid", "ss_id", "twitter_id", "twitter_user", "ramp_id", "cint_id", "ma_id")
    return {
        "files": "partner-*.parquet",
        "key": "person_id",
        "identities": {
            "email": {"column": "email_sha256", "hashed": True},
            "md5": "email_md5",
            "external:harbour_crm": "crm_id",
            "external:lumen_panel": "panel_id",
        }
        | {name: name for name in names},
    }


def _events() -> list[dict[str, Any]]:
    items = {"SKU": "sku", "name": "name", "brand": "brand", "category": "browse_node", "line": "line",
             "quantity": "quantity", "priceTotal": "price"}  # fmt: skip
    return [
        {
            "files": "purchases-*.parquet",
            "person": "person_id",
            "time": "occurred_at",
            "type": "purchase",
            "attributes": {
                "commerce.order.purchaseID": "order_id",
                "commerce.order.currencyCode": "currency",
                "commerce.order.priceTotal": "total",
                "productListItems": {"column": "items", "nested": items},
            },
        },
        {
            "files": "views-*.parquet",
            "person": "person_id",
            "time": "occurred_at",
            "type": "video_watched",
            "attributes": {
                "media.id": "title_id",
                "media.movie": "movie",
                "media.series": "series",
                "media.genres": {"column": "genres", "many": True},
                "media.actors": {"column": "actors", "many": True},
                "media.director": "director",
                "media.minutes": "minutes",
            },
        },
        {
            "files": "opportunities-*.parquet",
            "person": "person_id",
            "time": "occurred_at",
            "type": "ad_opportunity",
            "attributes": {"opportunities": "opportunities"},
        },
    ]


def _derived() -> dict[str, Any]:
    bought = {"from": "purchase"}
    watched = {"from": "video_watched", "within_days": VIDEO_DAYS}
    return {
        "bought": bought
        | {"facet": "purchase_category", "trait": "productListItems.category", "within_days": PURCHASE_DAYS},
        "bought_line": bought | {"facet": "product_line", "trait": "productListItems.line", "within_days": LINE_DAYS},
        "film": watched | {"facet": "video_movie", "trait": "media.movie"},
        "series": watched | {"facet": "video_series", "trait": "media.series"},
        "genre": watched | {"facet": "video_genre", "trait": "media.genres"},
        "actor": watched | {"facet": "video_actor", "trait": "media.actors"},
        "director": watched | {"facet": "video_director", "trait": "media.director"},
        "daily": {
            "measures": "ad_opportunities",
            "from": "ad_opportunity",
            "count": "opportunities",
            "within_days": OPPORTUNITY_DAYS,
        },
    }
