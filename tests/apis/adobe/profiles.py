"""The twelve people of tests/world.py as Adobe would hold them: profiles, experience events, identities, memberships.

Keys and birthdays are those of the stories; what they did is told here. Now is an afternoon (UTC) of 1 November 2026, a
Sunday, so that today, the last 24 hours and this ISO week are three different things.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from houselights.apis.adobe.language.kept import with_kept
from houselights.engine.values.document import read_person
from houselights.model.schema import ListType, MapType, ObjectType, Scalar, Schema, Type
from houselights.rules.values import EVENTS, IDENTITIES, MEMBERSHIPS
from tests.world import PEOPLE

NOW = datetime(2026, 11, 1, 15, 30, tzinfo=UTC)

TEXT, WHOLE, NUMBER, FLAG = Scalar.STRING, Scalar.INTEGER, Scalar.NUMBER, Scalar.BOOLEAN
DATE, TIME = Scalar.DATE, Scalar.TIMESTAMP


def obj(**fields: Type) -> ObjectType:
    return ObjectType(fields)


MEASURE = obj(value=NUMBER)
ADDRESS = obj(
    country=TEXT, countryISO=TEXT, countryCode=TEXT, stateProvince=TEXT, city=TEXT, street=TEXT, postalCode=TEXT,
    primary=FLAG,
)  # fmt: skip
ORDER = obj(id=TEXT, price=NUMBER, storeId=TEXT, date=DATE, order=obj(price=NUMBER))

PERSON = obj(
    _id=TEXT,
    person=obj(
        name=TEXT, gender=TEXT, age=WHOLE, birthDate=DATE, birthdate=DATE, birthday=DATE, birthYear=WHOLE,
        birthMonth=WHOLE, birthDay=WHOLE, emailAddress=TEXT, favoriteColors=ListType(TEXT),
        favoriteCities=ListType(TEXT), visitedCities=ListType(TEXT), eatenFoods=ListType(TEXT),
        orders=ListType(ORDER), homeAddress=ADDRESS,
    ),
    homeAddress=ADDRESS,
    workAddress=ADDRESS,
    personalEmail=obj(address=TEXT),
    emailAddress=TEXT,
    city=TEXT,
    State=TEXT,
    plan=TEXT,
    region=TEXT,
    orders=ListType(ORDER),
    numbers=ListType(WHOLE),
    product=obj(saleDate=TIME, sale=DATE, saleYear=WHOLE, inventory=WHOLE, price=NUMBER),
    product1=obj(price=NUMBER),
    product2=obj(price=NUMBER),
    totalProduct=obj(price=NUMBER, sold=WHOLE),
    person1=obj(favoriteColors=ListType(TEXT)),
    person2=obj(favoriteColors=ListType(TEXT)),
    offer=obj(characteristics=MapType(TEXT), selectionConstraint=obj(endDate=TIME)),
    scores=MapType(NUMBER),
    consents=obj(marketing=FLAG, since=TIME),
    loyalty=obj(tier=TEXT, points=WHOLE, joined=DATE),
    _houselights=obj(crm=obj(segment=TEXT, visits=WHOLE)),
)  # fmt: skip

ITEM = obj(SKU=TEXT, name=TEXT, priceTotal=NUMBER, quantity=WHOLE, tags=ListType(TEXT))
EVENT = obj(
    _id=TEXT,
    timestamp=TIME,
    eventType=TEXT,
    type=TEXT,
    storeId=TEXT,
    category=TEXT,
    contentType=TEXT,
    product=TEXT,
    commerce=obj(
        order=obj(priceTotal=NUMBER, currencyCode=TEXT), item=obj(price=NUMBER), checkouts=MEASURE, purchases=MEASURE
    ),
    metrics=obj(commerce=obj(abandons=MEASURE)),
    web=obj(webPageDetails=obj(name=TEXT, pageViews=MEASURE, isHomePage=FLAG)),
    productListItems=ListType(ITEM),
    externalSegmentMapProperty=MapType(obj(stringProperty=TEXT)),
    identityMap=MapType(ListType(obj(id=TEXT))),
    _experience=obj(
        analytics=obj(endUser=obj(firstWeb=obj(webPageDetails=obj(isHomePage=FLAG))))
    ),
    _experienceplatform=obj(demoEnvironment=obj(brandName=TEXT)),
)  # fmt: skip

SCHEMA = with_kept(Schema(person=PERSON, event=EVENT))


def event(at: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"timestamp": at, "eventType": kind, **more}


def bought(total: float, *items: dict[str, Any], currency: str = "USD", **more: Any) -> dict[str, Any]:
    order = {"order": {"priceTotal": total, "currencyCode": currency}, "item": {"price": total},
             "purchases": {"value": 1.0}}  # fmt: skip
    return {"commerce": order, "productListItems": list(items), **more}


def item(sku: str, name: str, price: float = 10.0, quantity: int = 1, tags: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"SKU": sku, "name": name, "priceTotal": price, "quantity": quantity, "tags": list(tags)}


def page(name: str, views: float = 1.0, home: bool = False) -> dict[str, Any]:
    return {"webPageDetails": {"name": name, "pageViews": {"value": views}, "isHomePage": home}}


PS, PHONE, KNIFE, SHOES, BOOK = (
    item("PS", "PlayStation 6", 499.0), item("IP15", "iPhone 15 Pro", 999.0, tags=("phone", "apple")),
    item("KN1", "Chef's knife", 80.0, 2, tags=("kitchen",)), item("RS7", "Running shoes", 120.0, tags=("sport",)),
    item("BK3", "The Long Mile", 15.0),
)  # fmt: skip

# What each does not share with the stories: attributes, then events, oldest first.
ATTRIBUTES: Mapping[str, dict[str, Any]] = {
    "ada": {
        "_id": "abc",
        "person": {
            "favoriteColors": ["red", "blue", "green"], "favoriteCities": ["London", "Paris"],
            "visitedCities": ["London", "Paris", "Oslo"], "eatenFoods": ["sushi", "pizza", "dal"],
            "emailAddress": "ada2010@gmail.com", "homeAddress": {"city": "London"},
            "orders": [{"storeId": "s1", "price": 10.0}, {"storeId": "s2", "price": 30.0}],
        },
        "homeAddress": {"countryISO": "GB", "countryCode": "GB", "stateProvince": "England", "primary": True},
        "workAddress": {"country": "GB", "stateProvince": "England", "city": "London"},
        "personalEmail": {"address": "ada@testXDMmail.com"}, "emailAddress": "ada@example.com", "plan": "trial",
        "region": "emea",
        "orders": [{"id": "o1", "price": 10.0, "storeId": "s1", "date": "2026-10-01", "order": {"price": 10.0}},
                   {"id": "o2", "price": 30.0, "storeId": "s2", "date": "2026-10-31", "order": {"price": 30.0}}],
        "numbers": [1, 2, 3], "product": {"saleDate": "2026-10-21T09:00:00Z", "sale": "2026-10-14", "saleYear": 2026,
                                           "inventory": 4, "price": 2.5},
        "product1": {"price": 20.0}, "product2": {"price": 5.0}, "totalProduct": {"price": 100.0, "sold": 8},
        "person1": {"favoriteColors": ["red", "blue", "green"]},
        "person2": {"favoriteColors": ["green", "blue", "red", "black"]},
        "offer": {"characteristics": {"city": "London", "prioritySegmentId": "seg-vip"},
                  "selectionConstraint": {"endDate": "2026-11-02T09:00:00Z"}},
        "scores": {"churn": 0.1, "spend": 0.9}, "consents": {"marketing": True, "since": "2025-05-01T10:00:00Z"},
        "loyalty": {"tier": "gold", "points": 1200, "joined": "2024-02-29"},
        "_houselights": {"crm": {"segment": "A", "visits": 12}},
    },
    "ben": {
        "person": {"favoriteColors": ["black"], "favoriteCities": ["Lagos"], "visitedCities": ["Leeds"],
                   "eatenFoods": ["pizza"], "emailAddress": "ben@work.example"},
        "homeAddress": {"countryISO": "GB", "countryCode": "GB", "stateProvince": "Yorkshire"},
        "workAddress": {"country": "GB", "stateProvince": "Lancashire"}, "plan": "basic", "region": "emea",
        "orders": [{"id": "o3", "price": 160.0, "storeId": "s1", "order": {"price": 160.0}}],
        "product": {"saleDate": "2026-11-01T12:30:00Z", "sale": "2026-11-30", "saleYear": 2025, "inventory": 0,
                    "price": 9.0},
        "scores": {"churn": 0.7}, "consents": {"marketing": False}, "loyalty": {"tier": "silver", "points": 300},
    },
    "cleo": {
        "person": {"favoriteColors": [], "eatenFoods": ["sushi", "pizza"]},
        "homeAddress": {"countryISO": "GB", "stateProvince": "Yorkshire"},
        "workAddress": {"country": "GB", "stateProvince": "Yorkshire"}, "plan": "trial", "region": "canada",
        "loyalty": {"tier": "gold", "points": 2500, "joined": "2026-10-25"},
    },
    "dara": {
        "homeAddress": {"countryISO": "US", "countryCode": "US", "stateProvince": "VT"},
        "workAddress": {"country": "US", "stateProvince": "VT"}, "State": "VT", "plan": "standard",
        "region": "us-east", "consents": {"marketing": False, "since": "2026-10-31T16:00:00Z"},
    },
    "eli": {
        "person": {"favoriteColors": ["red"], "favoriteCities": ["Austin"], "visitedCities": ["Austin", "Boston"],
                   "emailAddress": "eli@school.edu"},
        "homeAddress": {"countryISO": "US", "countryCode": "US", "stateProvince": "TX"},
        "workAddress": {"country": "US"}, "State": "TX", "plan": "basic", "region": "us-west",
        "numbers": [0], "scores": {"churn": 0.5, "spend": 0.2},
    },
    "fumi": {
        "person": {"favoriteColors": ["白"], "emailAddress": "fumi@example.jp"},
        "homeAddress": {"countryISO": "JP", "countryCode": "JP"}, "workAddress": {"country": "JP"},
        "plan": "Standard", "region": "apac",
    },
    "gus": {
        "person": {"emailAddress": "gus@example.com"},
        "homeAddress": {"countryISO": "CA", "countryCode": "CA", "country": "Canada", "stateProvince": "ON"},
        "workAddress": {"country": "US"}, "State": "NY", "plan": "standard", "region": "canada",
        "loyalty": {"tier": "Gold", "points": 0},
    },
    "hana": {
        "person": {"favoriteColors": ["blue", "blue"], "visitedCities": ["Brno"]},
        "homeAddress": {"countryISO": "US", "countryCode": "US", "stateProvince": "CA"},
        "workAddress": {}, "plan": "trial", "region": "us-west",
        "orders": [{"id": "o9", "price": 15.0, "storeId": "s3", "order": {"price": 15.0}},
                   {"id": "o10", "price": 15.0, "storeId": "s3", "order": {"price": 15.0}},
                   {"id": "o11", "storeId": "s4"}],
    },
    "ines": {
        "person": {"favoriteColors": ["green", "red"], "eatenFoods": ["paella"], "emailAddress": "ines@example.es"},
        "homeAddress": {"countryISO": "ES", "countryCode": "ES", "stateProvince": "Andalucía"},
        "workAddress": {"country": "ES"}, "city": "Cáceres", "plan": "trial", "region": "emea",
        "product": {"saleDate": "2016-02-29T00:00:00Z"},
    },
    "kofi": {
        "person": {"favoriteColors": ["red", "green", "blue"], "emailAddress": "kofi2010@gmx.com"},
        "homeAddress": {"countryISO": "GH", "countryCode": "GH", "stateProvince": "Accra"},
        "workAddress": {"country": "GH", "stateProvince": "Accra"}, "city": "Tamales", "plan": "trial",
        "region": "canada", "numbers": [5, 7, 5], "loyalty": {"tier": "gold", "points": 900, "joined": "2026-11-01"},
        "product1": {"price": 1.0}, "product2": {"price": 2.0}, "totalProduct": {"price": 1.0, "sold": 0},
    },
    "lena": {
        "homeAddress": {"countryISO": "GB", "countryCode": "GB"}, "plan": "trial", "region": "emea",
        "consents": {"marketing": True},
    },
}  # fmt: skip

EVENTS_OF: Mapping[str, tuple[dict[str, Any], ...]] = {
    "ada": (
        event("2026-10-10T10:00:00Z", "productView", web=page("equipment", 2.0)),
        event("2026-10-10T10:05:00Z", "addToCart", productListItems=[PHONE], type="cart"),
        event("2026-10-10T10:09:00Z", "purchase", **bought(999.0, PHONE), type="order", storeId="s1"),
        event("2026-10-31T20:00:00Z", "purchase", **bought(120.0, SHOES), type="order", storeId="s2",
              category="sporting goods"),
        event("2026-11-01T09:00:00Z", "directMarketing.emailClicked", contentType="image"),
        event("2026-11-01T09:30:00Z", "commerce.checkouts", commerce={"checkouts": {"value": 1.0}}),
    ),
    "ben": (
        event("2026-10-24T08:00:00Z", "productView"),
        event("2026-10-24T08:01:00Z", "purchase", **bought(160.0, KNIFE, currency="GBP"), type="order", storeId="s1"),
        event("2026-10-28T08:00:00Z", "download", contentType="image", product="brush"),
        event("2026-10-29T08:00:00Z", "download", contentType="image", product="brush"),
        event("2026-10-30T08:00:00Z", "download", contentType="video", product="lens"),
        event("2026-11-01T14:00:00Z", "commerce.checkouts", commerce={"checkouts": {"value": 1.0}}),
        event("2026-11-01T15:00:00Z", "directMarketing.emailClicked"),
    ),
    "cleo": (
        event("2026-10-26T00:00:00Z", "addToCart", productListItems=[SHOES]),
        event("2026-11-01T00:00:00Z", "homePageView", web=page("home", home=True)),
        event("2026-11-01T01:00:00Z", "homePageView", web=page("home", home=True)),
        event("2026-11-01T02:00:00Z", "homePageView", web=page("home", home=True)),
        event("2026-11-01T03:00:00Z", "homePageView", web=page("home", home=True)),
        event("2026-11-01T04:00:00Z", "homePageView", web=page("home", home=True)),
    ),
    "dara": (event("2026-11-01T10:00:00Z", "purchase", **bought(20.0, BOOK)),),
    "eli": (
        event("2026-10-31T15:30:00Z", "homePageView", web=page("Equipment", 1.0)),
        event("2026-10-31T23:30:00Z", "purchase", **bought(499.0, PS, BOOK), category="games"),
        event("2026-11-01T15:30:00Z", "productView", web=page("equipment", 1.0),
              _experienceplatform={"demoEnvironment": {"brandName": "ldap-eli"}}),
    ),
    "fumi": (
        event("2026-09-30T23:59:59Z", "purchase", **bought(1000.0, BOOK)),
        event("2026-10-01T00:00:00Z", "productView", metrics={"commerce": {"abandons": {"value": 1.0}}}),
    ),
    "gus": (
        event("2026-10-20T12:00:00Z", "purchase", **bought(60.0)),
        event("2026-10-20T12:00:00Z", "addToCart"),
        event("2026-10-20T12:00:00Z", "productView"),
    ),
    "hana": (
        event("2025-11-01T12:00:00Z", "purchase", **bought(15.0, BOOK), storeId="s3", type="order"),
        event("2025-12-25T12:00:00Z", "purchase", **bought(15.0, BOOK), storeId="s3", type="order"),
    ),
    "ines": (
        event("2026-10-25T23:59:59Z", "addToCart", externalSegmentMapProperty={"x": {"stringProperty": "active"}}),
        event("2026-10-26T00:00:00Z", "productView",
              _experience={"analytics": {"endUser": {"firstWeb": {"webPageDetails": {"isHomePage": False}}}}}),
    ),
    "kofi": (
        event("2026-10-05T00:00:00Z", "productView"),
        event("2026-10-06T00:00:00Z", "addToCart", externalSegmentMapProperty={"x": {"stringProperty": "old"}}),
        event("2026-10-07T00:00:00Z", "purchase", **bought(200.0, KNIFE, SHOES)),
        event("2026-10-31T15:29:59Z", "productView",
              _experience={"analytics": {"endUser": {"firstWeb": {"webPageDetails": {"isHomePage": True}}}}}),
    ),
    "lena": (
        event("2026-11-01T15:30:00Z", "commerce.checkouts"),
        event("2026-11-02T00:00:00Z", "productView"),
    ),
}  # fmt: skip

VIP, NEW, LAPSED = "seg-vip", "seg-new", "seg-lapsed"
MEMBERS: Mapping[str, dict[str, str]] = {
    "ada": {VIP: "realized", LAPSED: "exited"},
    "ben": {NEW: "realized"},
    "gus": {VIP: "existing"},
    "hana": {VIP: "exited"},
    "kofi": {VIP: "realized", NEW: "realized"},
}


def document(key: str) -> dict[str, Any]:
    """The person as JSON, the platform's own parts under their reserved names."""
    story = next(each for each in PEOPLE if each.key == key)
    made: dict[str, Any] = {**ATTRIBUTES.get(key, {})}
    person = {**made.get("person", {}), **story.profile.get("person", {})}
    if story.key != "jo":
        person["name"] = story.name
    if story.born is not None:
        day = story.born
        had_birthday = (NOW.month, NOW.day) >= (day.month, day.day)
        person |= {"birthDate": day.isoformat(), "birthdate": day.isoformat(), "birthday": day.isoformat(),
                   "birthYear": day.year, "birthMonth": day.month, "birthDay": day.day,
                   "age": NOW.year - day.year - (not had_birthday)}  # fmt: skip
    if person:
        made["person"] = person
    made["homeAddress"] = {**story.profile.get("homeAddress", {}), **made.get("homeAddress", {})}
    if not made["homeAddress"]:
        del made["homeAddress"]
    made[EVENTS] = list(EVENTS_OF.get(key, ()))
    made[IDENTITIES] = {name: [{"id": each} for each in values] for name, values in story.identities.items()}
    standings = {each: {"status": status} for each, status in MEMBERS.get(key, {}).items()}
    made[MEMBERSHIPS] = {"ups": standings} if standings else {}  # as the tables tell it: a row for each
    return made


def is_member(key: str, audience: str) -> bool:
    """Realized, in the old word existing, is in; exited is not."""
    return MEMBERS.get(key, {}).get(audience) in {"realized", "existing"}


KEYS = tuple(story.key for story in PEOPLE)
PEOPLE_BY_KEY: Mapping[str, dict[str, Any]] = {key: read_person(document(key), SCHEMA) for key in KEYS}
