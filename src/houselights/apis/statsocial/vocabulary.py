"""What can be named in this room, and by what: one book for each catalogue, made when it is first asked for.

Affinities form a tree below seven roots that are always there; what a company keeps elsewhere hangs below `.private.`.
"""

from collections.abc import Iterator
from functools import cached_property, lru_cache

from houselights.base.text import fold
from houselights.model.catalogue import Catalogue, Trait

ROOTS = {
    ".b2b.": "B2B",
    ".brands.": "Brands",
    ".influencers.": "Influencers",
    ".interests.": "Interests",
    ".media.": "Media",
    ".personas.": "Personas",
    ".private.": "Private",
}
ELSEWHERE = ".private."
# The lists of a location, with the kind its entries have and the role its facets play.
PLACES = {
    "cities": ("city", "city"),
    "countries": ("country", "country"),
    "dmas": ("dma", "market_area"),
    "regions": ("region", "region"),
}
TERMS = (
    "challenge", "closeness", "curiosity", "excitement", "harmony", "ideal", "liberty", "love", "practicality",
    "self-expression", "stability", "structure", "agreeableness", "altruism", "cooperation", "modesty", "morality",
    "sympathy", "trust", "conscientiousness", "achievement striving", "cautiousness", "dutifulness", "orderliness",
    "self-discipline", "self-efficacy", "extraversion", "activity level", "assertiveness", "cheerfulness",
    "excitement-seeking", "friendliness", "gregariousness", "neuroticism", "anger", "anxiety", "depression",
    "immoderation", "self-consciousness", "vulnerability", "openness", "adventurousness", "artistic interests",
    "emotionality", "imagination", "intellect", "liberalism", "conservation", "hedonism", "openness to change",
    "self-enhancement", "self-transcendence",
)  # fmt: skip


class Book:
    """The names of one catalogue."""

    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue
        self._names_by_role: dict[str, dict[str, list[Trait]]] = {}

    def of_role(self, role: str) -> Iterator[Trait]:
        """Yield the traits of every facet that plays a role, in display order."""
        for facet in self.catalogue.with_role(role):
            yield from self.catalogue.of(facet.key)

    def keyed(self, role: str, key: str) -> Trait | None:
        """Return the trait with this key in a facet that plays a role."""
        found = (self.catalogue.find(facet.key, key) for facet in self.catalogue.with_role(role))
        return next((trait for trait in found if trait is not None), None)

    def named(self, role: str, name: str) -> list[Trait]:
        """Return the traits with this name, case and accents folded, of facets that play a role."""
        return self._names(role).get(fold(name), [])

    def search(self, role: str, words: str) -> list[Trait]:
        """Return the traits that words find in facets of a role, best first; all in display order for no words."""
        if not words.strip():
            return list(self.of_role(role))
        facets = self.catalogue.with_role(role)
        return [trait for facet in facets for trait in self.catalogue.search(words, facet=facet.key)]

    # ── the tree of affinities ──────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def children(self) -> dict[str, list[Trait]]:
        """The affinities directly below each, by its key, and below each root."""
        below: dict[str, list[Trait]] = {root: [] for root in ROOTS}
        keys = {trait.id: trait.key for trait in self.of_role("affinity")}
        for trait in self.of_role("affinity"):
            if trait.key in ROOTS:
                continue
            parent = ELSEWHERE if trait.parent is None else keys.get(trait.parent, ELSEWHERE)
            below.setdefault(parent, []).append(trait)
        return below

    @cached_property
    def parents(self) -> dict[str, str]:
        """The key of what stands above each affinity that is no root."""
        return {trait.key: parent for parent, below in self.children.items() for trait in below}

    def is_category(self, trait: Trait) -> bool:
        """Tell whether others stand below an affinity, or it says so itself."""
        return bool(trait.attributes.get("is_category", trait.key in self.children))

    # ── indexes ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _names(self, role: str) -> dict[str, list[Trait]]:
        known = self._names_by_role.get(role)
        if known is None:
            known = {}
            for trait in self.of_role(role):
                known.setdefault(fold(trait.name), []).append(trait)
            self._names_by_role[role] = known
        return known


@lru_cache(maxsize=8)
def book_of(catalogue: Catalogue) -> Book:
    """Return the book of a catalogue, one of those last asked for."""
    return Book(catalogue)
