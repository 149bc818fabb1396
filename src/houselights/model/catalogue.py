"""Facets and traits: everything a workspace can know about a person, named.

A *facet* is a question ("age", "interests"); a *trait* is one answer to it ("25-34", "Vegan cooking"). People carry
trait ids; names come back at the door. One catalogue belongs to one generation of a workspace's data.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from houselights.model.names import TraitNames

# What a facet means, in our own words, so that a room can find "the age facet" whatever the company called it.
ROLES = (
    "age", "gender", "children_age", "children_count", "education", "income", "home_ownership", "marital_status",
    "ethnicity", "occupation", "employer", "job_title", "personality", "affinity", "country", "region", "city",
    "market_area", "purchase_category", "video_title", "video_series", "video_movie", "video_genre", "video_actor",
    "video_director", "follows",
)  # fmt: skip


_NOT_KEY = re.compile(r"[^a-z0-9_]+")


def follows_facet(platform: str) -> str:
    """Return the key of the facet whose traits are a platform's accounts, by their ids: `follows_twitter`.

    Platforms whose names differ in case or punctuation only are one.
    """
    return f"follows_{_NOT_KEY.sub('_', platform.lower())}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One question about a person.

    `multi` says that a person may carry several of its traits; otherwise the traits exclude each other.
    `role` is one of ROLES or None. `unit` is a currency code or a word ("years") when traits are numeric bands.
    `discovery` is the category under which its traits appear as reference audiences, or None when they do not.
    """

    key: str
    name: str
    description: str = ""
    multi: bool = False
    role: str | None = None
    unit: str | None = None
    discovery: str | None = None
    window_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One answer. `id` is the small integer people carry; it is never reused within a workspace.

    `path` is the names from the root of the facet's tree down to this trait, itself last (a flat facet has a path
    of one). `low` and `high` bound a numeric band, both inclusive, None meaning open. `audience_id` is the 18-digit
    id under which the trait is a reference audience, None when its facet is not in discovery. `attributes` holds
    what else the source said: follower counts, coordinates, codes.
    """

    id: int
    facet: str
    key: str
    name: str
    path: tuple[str, ...] = ()
    parent: int | None = None
    order: int = 0
    low: float | None = None
    high: float | None = None
    description: str = ""
    audience_id: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


class Catalogue:
    """All facets and traits of one generation, looked up by key, id or words. Immutable after it is made."""

    def __init__(self, facets: Iterable[Facet], traits: Iterable[Trait]):
        self.facets: dict[str, Facet] = {facet.key: facet for facet in facets}
        self.traits: dict[int, Trait] = {trait.id: trait for trait in traits}
        self._by_key = {(trait.facet, trait.key): trait for trait in self.traits.values()}
        self._by_facet: dict[str, list[Trait]] = {key: [] for key in self.facets}
        for trait in self.traits.values():
            self._by_facet.setdefault(trait.facet, []).append(trait)
        for members in self._by_facet.values():
            members.sort(key=lambda trait: (trait.order, trait.id))
        self._names: dict[str | None, TraitNames] = {}  # by facet, None for all; made when they are first searched

    def find(self, facet: str, key: str) -> Trait | None:
        """Return the trait with this key in this facet, or None."""
        return self._by_key.get((facet, key))

    def of(self, facet: str) -> list[Trait]:
        """Return the traits of a facet in display order; empty for an unknown facet."""
        return self._by_facet.get(facet, [])

    def with_role(self, role: str) -> list[Facet]:
        """Return the facets that play a role, in the order in which they were declared."""
        return [facet for facet in self.facets.values() if facet.role == role]

    @cached_property
    def by_audience_id(self) -> dict[int, Trait]:
        """Traits that are reference audiences, by their 18-digit id."""
        return {trait.audience_id: trait for trait in self.traits.values() if trait.audience_id is not None}

    @cached_property
    def size(self) -> int:
        """One more than the largest trait id: the length of an array indexed by trait id."""
        return max(self.traits, default=-1) + 1

    def search(self, words: str, *, facet: str | None = None) -> Sequence[Trait]:
        """Return the traits, of one facet or of all, whose names hold every word of `words`, best first.

        Case and accents do not matter. The order is that of `model/names.py`: exact, then by how they begin, then by
        size. The first search in a facet takes longer: its names are folded then.
        """
        names = self._names.get(facet)
        if names is None:
            names = self._names[facet] = TraitNames(self.traits.values() if facet is None else self.of(facet))
        return names.search(words)

    def account(self, platform: str, account_id: str | None, screen_name: str | None = None) -> Trait | None:
        """Return an account of a platform by its id; where that is unknown or None, by its screen name, or None.

        A screen name is read with or without an @, in any case.
        """
        facet = follows_facet(platform)
        found = None if account_id is None else self.find(facet, account_id)
        if found is None and screen_name is not None:
            found = self._screen_names.get((facet, _screen_name(screen_name)))
        return found

    @cached_property
    def _screen_names(self) -> dict[tuple[str, str], Trait]:
        """Accounts by facet and screen name; of several with one name, the first."""
        known: dict[tuple[str, str], Trait] = {}
        for facet in self.with_role("follows"):
            for trait in self.of(facet.key):
                if (name := trait.attributes.get("screen_name")) is not None:
                    known.setdefault((facet.key, _screen_name(str(name))), trait)
        return known


def _screen_name(given: str) -> str:
    return given.strip().removeprefix("@").casefold()
