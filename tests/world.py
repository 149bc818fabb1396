"""Twelve people with names and stories, and everything known about them: the same in tests, docs and examples.

Pure data. Ids are 0 to 11 in the order of PEOPLE; keys are lower-case names. Traits are written as the leaf that is
known; the ancestors come with it through `plain_people`, as they do at import.

    ada    three e-mail addresses, and still one person
    ben    shares a tablet with cleo; buys for the kitchen
    cleo   shares a tablet with ben; runs
    dara   opted out of advertising; is here so that tests can see her left out
    eli    born on 29 February 2004, so his birthday comes every fourth year
    fumi   lives in Japan and writes in Japanese
    gus    never told his age
    hana   eighty-one, reads everything, posts nothing
    ines   writes with accents, and once with an emoji only
    jo     known by key alone: no traits, no texts, no lists
    kofi   carries two traits from every tree
    lena   turns eighteen on the very day the data is as of, and posts right on the edges of time windows
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from houselights.engine.plain import Follow, Line, Person, Text
from houselights.engine.values.names import KEY
from houselights.model.catalogue import Catalogue, Facet, Trait, follows_facet
from houselights.rules.functions.lists import Keyed
from houselights.rules.values import EVENTS, IDENTITIES

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)

# Uploaded lists, by id.
NEWSLETTER, VIP, OPTED_OUT = 501, 502, 503
LISTS: Mapping[int, str] = {NEWSLETTER: "Newsletter", VIP: "VIP", OPTED_OUT: "Opted out"}

# Fields of texts.
FIELDS = ("bio", "post")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One of the twelve. `profile` is the nested document, `traits` leaf keys by facet, `identities` raw values."""

    key: str
    name: str
    born: date | None = None
    profile: Mapping[str, Any] = field(default_factory=dict)
    identities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    traits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: tuple[Text, ...] = ()
    follows: tuple[Follow, ...] = ()
    lists: tuple[int, ...] = ()


FACETS = (
    Facet(key="age", name="Age", role="age", unit="years", discovery="Demographics"),
    Facet(key="gender", name="Gender", role="gender", discovery="Demographics"),
    Facet(key="country", name="Country", role="country"),
    Facet(key="interests", name="Interests", multi=True, role="affinity", discovery="Interest"),
    Facet(
        key="bought", name="Bought", multi=True, role="purchase_category", discovery="In-market", window_days=365,
        description="Bought something in this category in the last year",
    ),
    Facet(key="watched", name="Watched", multi=True, role="video_title", window_days=90),
    Facet(key="genre", name="Watched genre", multi=True, role="video_genre", discovery="Lifestyle", window_days=90),
    Facet(key="follows_chirp", name="Follows on Chirp", multi=True, role="follows"),
)  # fmt: skip

# (key, name, lowest age, highest age)
_AGE_BANDS = (
    ("under-18", "Under 18", None, 17), ("18-24", "18-24", 18, 24), ("25-34", "25-34", 25, 34),
    ("35-44", "35-44", 35, 44), ("45-54", "45-54", 45, 54), ("55-64", "55-64", 55, 64), ("65+", "65 or over", 65, None),
)  # fmt: skip

# facet → (key, name, parent's key or None), parents first
_NAMED: Mapping[str, tuple[tuple[str, str, str | None], ...]] = {
    "gender": (("female", "Female", None), ("male", "Male", None), ("unknown", "Unknown", None)),
    "country": (
        ("GB", "United Kingdom", None), ("US", "United States", None), ("JP", "Japan", None),
        ("ES", "Spain", None), ("GH", "Ghana", None),
    ),
    "interests": (
        ("food", "Food and drink", None), ("cooking", "Cooking", "food"), ("vegan", "Vegan cooking", "cooking"),
        ("baking", "Baking", "cooking"), ("coffee", "Coffee", "food"), ("sport", "Sport", None),
        ("running", "Running", "sport"), ("football", "Football", "sport"), ("travel", "Travel", None),
    ),
    "bought": (
        ("home", "Home", None), ("kitchen", "Kitchen", "home"), ("knives", "Knives", "kitchen"),
        ("garden", "Garden", "home"), ("shoes", "Shoes", None), ("running-shoes", "Running shoes", "shoes"),
        ("books", "Books", None),
    ),
    "watched": (("salt-and-sea", "Salt and Sea", None), ("the-long-mile", "The Long Mile", None)),
    "genre": (("documentary", "Documentary", None), ("drama", "Drama", None), ("comedy", "Comedy", None)),
    "follows_chirp": (("1", "Harbour Daily", None), ("2", "Vela Cycling", None), ("3", "Night Kitchen", None)),
}  # fmt: skip


def _traits() -> list[Trait]:
    """Number the traits 0, 1, 2 … in the order written above, and give each its path down the tree."""
    made = [
        Trait(id=order, facet="age", key=key, name=name, path=(name,), order=order, low=low, high=high)
        for order, (key, name, low, high) in enumerate(_AGE_BANDS)
    ]
    for facet, rows in _NAMED.items():
        siblings: dict[str, Trait] = {}
        for order, (key, name, parent_key) in enumerate(rows):
            parent = siblings[parent_key] if parent_key is not None else None
            siblings[key] = Trait(
                id=len(made),
                facet=facet,
                key=key,
                name=name,
                path=(*(parent.path if parent is not None else ()), name),
                parent=parent.id if parent is not None else None,
                order=order,
            )
            made.append(siblings[key])
    return made


CATALOGUE = Catalogue(FACETS, _traits())

PEOPLE = (
    Story(
        key="ada",
        name="Ada Ashworth",
        born=date(1992, 3, 14),
        profile={"person": {"gender": "female"}, "homeAddress": {"city": "London", "country": "GB"}},
        identities={"email": ("ada@example.com", "Ada.Ashworth@example.org", "ada+shop@example.com")},
        traits={"age": ("25-34",), "gender": ("female",), "country": ("GB",), "interests": ("vegan", "running"),
                "bought": ("running-shoes",), "genre": ("documentary",), "watched": ("the-long-mile",)},
        texts=(
            Text("bio", None, "Data scientist. Plant-based since 2015. Runs when nobody chases."),
            Text("post", datetime(2026, 10, 30, 8, tzinfo=UTC), "Parkrun in the rain, worth it for the coffee"),
        ),
        follows=(Follow("Chirp", "1", datetime(2026, 10, 31, tzinfo=UTC)), Follow("Chirp", "2", None)),
        lists=(NEWSLETTER, VIP),
    ),
    Story(
        key="ben",
        name="Ben Okafor",
        born=date(1985, 7, 2),
        profile={"person": {"gender": "male"}, "homeAddress": {"city": "Leeds", "country": "GB"}},
        identities={"email": ("ben@example.com",), "maid": ("6d1b6f3e-0000-4000-8000-00000000beef",)},
        traits={"age": ("35-44",), "gender": ("male",), "country": ("GB",), "interests": ("baking",),
                "bought": ("knives",), "genre": ("comedy", "documentary")},
        texts=(Text("post", datetime(2026, 9, 1, tzinfo=UTC), "New knives! #cooking"),),
        lists=(NEWSLETTER,),
        follows=(Follow("Chirp", "3", None),),
    ),
    Story(
        key="cleo",
        name="Cleo Martin",
        born=date(1988, 12, 24),
        profile={"person": {"gender": "female"}, "homeAddress": {"city": "Leeds", "country": "GB"}},
        identities={"email": ("cleo@example.com",), "maid": ("6d1b6f3e-0000-4000-8000-00000000beef",)},
        traits={"age": ("35-44",), "gender": ("female",), "country": ("GB",), "interests": ("running",),
                "bought": ("shoes",), "genre": ("drama",)},
        texts=(Text("bio", None, "Marathon in spring, CAFÉ in winter"),),
        follows=(Follow("Chirp", "2", datetime(2026, 8, 1, tzinfo=UTC)),),
    ),
    Story(
        key="dara",
        name="Dara Quinn",
        born=date(1979, 1, 30),
        profile={"person": {"gender": "female"}, "homeAddress": {"country": "US"}, "optOut": True},
        identities={"email": ("dara@example.com",)},
        traits={"age": ("45-54",), "gender": ("female",), "country": ("US",), "interests": ("cooking", "travel")},
        texts=(Text("bio", None, "Please do not advertise to me"),),
        lists=(NEWSLETTER, OPTED_OUT),
    ),
    Story(
        key="eli",
        name="Eli Brandt",
        born=date(2004, 2, 29),
        profile={"person": {"gender": "male"}, "homeAddress": {"city": "Austin", "country": "US"}},
        identities={"phone": ("+1 512 555 0104",)},
        traits={"age": ("18-24",), "gender": ("male",), "country": ("US",), "interests": ("football", "coffee"),
                "watched": ("the-long-mile",), "genre": ("drama",)},
        texts=(Text("post", datetime(2026, 10, 28, 23, 30, tzinfo=UTC), "football tonight"),),
        follows=(
            Follow("Chirp", "1", datetime(2026, 9, 1, tzinfo=UTC)),
            Follow("Chirp", "2", datetime(2026, 9, 2, tzinfo=UTC)),
            Follow("chirp", "3", datetime(2026, 9, 20, tzinfo=UTC)),
        ),
    ),
    Story(
        key="fumi",
        name="佐藤 文",
        born=date(1998, 5, 5),
        profile={"person": {"gender": "female"}, "homeAddress": {"city": "大阪", "country": "JP"}},
        identities={"email": ("fumi@example.jp",)},
        traits={"age": ("25-34",), "gender": ("female",), "country": ("JP",), "interests": ("travel",),
                "bought": ("books",)},
        texts=(
            Text("bio", None, "旅 と コーヒー"),
            Text("post", datetime(2026, 10, 31, tzinfo=UTC), "ｆｕｌｌｗｉｄｔｈ coffee ☕"),
        ),
    ),
    Story(
        key="gus",
        name="Gus Lindqvist",
        profile={"person": {"gender": "male"}, "homeAddress": {"country": "US"}},
        identities={"email": ("gus@example.com",)},
        traits={"gender": ("male",), "country": ("US",), "bought": ("garden",), "genre": ("comedy",)},
        texts=(Text("post", None, "No idea when I wrote this coffee review"),),
        lists=(VIP,),
    ),
    Story(
        key="hana",
        name="Hana Novak",
        born=date(1945, 9, 9),
        profile={"person": {"gender": "female"}, "homeAddress": {"country": "US"}},
        identities={"email": ("hana@example.com",)},
        traits={"age": ("65+",), "gender": ("female",), "country": ("US",), "bought": ("books", "garden"),
                "interests": ("food",)},
        lists=(VIP,),
    ),
    Story(
        key="ines",
        name="Inés Peña",
        born=date(1971, 6, 21),
        profile={"person": {"gender": "female"}, "homeAddress": {"city": "Cádiz", "country": "ES"}},
        identities={"email": ("ines@example.es",)},
        traits={"age": ("55-64",), "gender": ("female",), "country": ("ES",), "interests": ("coffee",),
                "watched": ("salt-and-sea",), "genre": ("documentary",)},
        texts=(
            Text("bio", None, "Café con leche, siempre"),
            Text("post", datetime(2026, 10, 20, tzinfo=UTC), "🎉🎉"),
        ),
        lists=(NEWSLETTER,),
    ),
    Story(key="jo", name="Jo"),
    Story(
        key="kofi",
        name="Kofi Mensah",
        born=date(1990, 11, 2),
        profile={"person": {"gender": "male"}, "homeAddress": {"city": "Accra", "country": "GH"}},
        identities={"email": ("kofi@example.com",), "external_user_id": ("K-10",)},
        traits={"age": ("35-44",), "gender": ("male",), "country": ("GH",), "interests": ("vegan", "football"),
                "bought": ("knives", "running-shoes"), "watched": ("salt-and-sea", "the-long-mile"),
                "genre": ("documentary", "drama")},
        texts=(Text("bio", None, "vegan; footballer; not a runner"),),
        follows=(Follow("Chirp", "1", datetime(2026, 10, 1, tzinfo=UTC)), Follow("Chirp", "3", None)),
        lists=(NEWSLETTER, VIP),
    ),
    Story(
        key="lena",
        name="Lena Fischer",
        born=date(2008, 11, 1),
        profile={"person": {"gender": "unknown"}, "homeAddress": {"country": "GB"}},
        identities={"cookie": ("c-lena-1",)},
        traits={"age": ("18-24",), "gender": ("unknown",), "country": ("GB",), "interests": ("sport",)},
        texts=(
            Text("post", datetime(2026, 10, 25, tzinfo=UTC), "exactly seven days ago: tea"),
            Text("post", datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC), "a second too early: juice"),
            Text("post", AS_OF, "at this very moment: water"),
            Text("post", datetime(2026, 11, 1, 0, 0, 1, tzinfo=UTC), "a second into the future: milk"),
        ),
        follows=(
            Follow("Chirp", "1", datetime(2026, 11, 1, 0, 0, 1, tzinfo=UTC)),  # a second into the future
            Follow("Chirp", "3", datetime(2026, 10, 25, tzinfo=UTC)),  # exactly seven days ago
        ),
    ),
)  # fmt: skip

IDS: Mapping[str, int] = {story.key: position for position, story in enumerate(PEOPLE)}

# Audiences of this world: id → (name, rule in JSON). They refer to one another, but not in a circle.
AUDIENCES: Mapping[int, tuple[str, Mapping[str, Any]]] = {
    9001: ("Cooks", {"trait": {"facet": "interests", "any_of": ["cooking"]}}),
    9002: ("Runners", {"or": [{"trait": {"facet": "interests", "any_of": ["running"]}},
                              {"trait": {"facet": "bought", "any_of": ["running-shoes"]}}]}),
    9003: ("Cooks who run", {"and": [{"audience": "9001"}, {"audience": "9002"}]}),
    9004: ("Reachable", {"not": {"listed": "503"}}),
    9005: ("Reachable cooks", {"and": [{"audience": "9001"}, {"audience": "9004"}]}),
}  # fmt: skip


def with_ancestors(facet: str, keys: tuple[str, ...]) -> frozenset[str]:
    """Return the traits and all that stand above them in the facet's tree."""
    found: set[str] = set()
    for key in keys:
        trait = CATALOGUE.find(facet, key)
        while trait is not None:
            found.add(trait.key)
            trait = CATALOGUE.traits[trait.parent] if trait.parent is not None else None
    return frozenset(found)


def _accounts_of(story: Story) -> Mapping[str, frozenset[str]]:
    """Return the accounts somebody follows as the traits they are at import."""
    found: dict[str, set[str]] = {}
    for each in story.follows:
        found.setdefault(follows_facet(each.platform), set()).add(each.account)
    return {facet: frozenset(accounts) for facet, accounts in found.items()}


def document_of(story: Story) -> Mapping[str, Any]:
    """Return what expressions are asked of: the profile, the key, the identities as they were given."""
    known = {name: [{"id": value} for value in values] for name, values in story.identities.items()}
    return {KEY: story.key, **story.profile, EVENTS: [], IDENTITIES: Keyed(known)}


def log_of(story: Story) -> Mapping[int, tuple[Line, ...]]:
    """Return what the logs of all lists say of somebody: on it once, taken off, and put back on by those on it now.

    The first of the twelve was put back five days before AS_OF, the second ten days before, and so on.
    """
    once = (Line(AS_OF.replace(year=2024)), Line(AS_OF.replace(year=2025), removed=True))
    back = Line(AS_OF - timedelta(days=5 * (IDS[story.key] + 1)))
    return {each: (*once, back) if each in story.lists else once for each in LISTS}


def plain_people() -> tuple[Person, ...]:
    """Return the twelve as the plain evaluator sees them."""
    return tuple(
        Person(
            id=IDS[story.key],
            key=story.key,
            traits={
                **{facet: with_ancestors(facet, keys) for facet, keys in story.traits.items()},
                **_accounts_of(story),
            },
            texts=story.texts,
            follows=story.follows,
            lists=log_of(story),
            document=document_of(story),
        )
        for story in PEOPLE
    )
