"""Hypothesis strategies for catalogues, people and rules, small enough that clashes and empty sets are common.

`worlds()` draws it all together; `rules(catalogue, audience_ids)` draws people-level rules for a catalogue at hand.
Audiences never contain each other in a circle: each may refer only to those with a smaller id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from houselights.base.errors import NotFound
from houselights.engine.plain import Person, Text
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.rules.tree import (
    And,
    AtLeast,
    Everyone,
    HasTrait,
    InAudience,
    Listed,
    Mentions,
    Nobody,
    Not,
    Or,
    Rule,
)

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
LIST_IDS = (1, 2, 3)
FIELDS = ("bio", "post")
WORDS = ("tea", "Café", "cafe", "running", "run", "東京", "C-3PO", "!!")
FIRST_AUDIENCE_ID = 100


@dataclass(frozen=True)
class World:
    """A population with its catalogue, its audiences (by id, acyclic) and one rule to ask about."""

    catalogue: Catalogue
    people: tuple[Person, ...]
    audiences: Mapping[int, Rule]
    rule: Rule
    as_of: datetime = AS_OF

    def resolve(self, audience_id: int) -> Rule:
        if audience_id not in self.audiences:
            raise NotFound(f"no audience {audience_id}")
        return self.audiences[audience_id]


@st.composite
def catalogues(draw: st.DrawFn, max_facets: int = 3, max_traits: int = 5) -> Catalogue:
    """Facets f0, f1 …, each with traits t0, t1 … in a random forest; trait ids are dense, in order."""
    facets: list[Facet] = []
    traits: list[Trait] = []
    for number in range(draw(st.integers(1, max_facets))):
        facet = Facet(key=f"f{number}", name=f"Facet {number}", multi=draw(st.booleans()))
        facets.append(facet)
        own: list[Trait] = []
        for order in range(draw(st.integers(1, max_traits))):
            parent = draw(st.one_of(st.none(), st.sampled_from(own))) if own and facet.multi else None
            name = f"Trait {order}"
            own.append(
                Trait(
                    id=len(traits) + len(own),
                    facet=facet.key,
                    key=f"t{order}",
                    name=name,
                    path=(*(parent.path if parent is not None else ()), name),
                    parent=parent.id if parent is not None else None,
                    order=order,
                )
            )
        traits.extend(own)
    return Catalogue(facets, traits)


def texts() -> st.SearchStrategy[Text]:
    """Short texts around the edges of the windows that `rules` draws."""
    return st.builds(
        Text,
        st.sampled_from(FIELDS),
        st.one_of(st.none(), st.integers(-2, 9 * 24).map(lambda hours: AS_OF - timedelta(hours=hours))),
        st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join),
    )


@st.composite
def populations(
    draw: st.DrawFn, catalogue: Catalogue, *, max_people: int = 12, holes: bool = True
) -> tuple[Person, ...]:
    """People in order of id; ids leave holes (unless not `holes`), and ancestors come with each trait."""
    step = st.integers(1, 3) if holes else st.just(1)
    people: list[Person] = []
    person_id = -1
    for _ in range(draw(st.integers(0, max_people))):
        person_id += draw(step)
        people.append(
            Person(
                id=person_id,
                key=f"p{person_id}",
                traits={facet: draw(_carried(catalogue, facet)) for facet in catalogue.facets},
                texts=tuple(draw(st.lists(texts(), max_size=3))),
                lists=draw(st.frozensets(st.sampled_from(LIST_IDS))),
            )
        )
    return tuple(people)


def _carried(catalogue: Catalogue, facet: str) -> st.SearchStrategy[frozenset[str]]:
    one_of = st.sampled_from(catalogue.of(facet))
    most = 3 if catalogue.facets[facet].multi else 1
    return st.lists(one_of, max_size=most).map(lambda traits: _with_ancestors(catalogue, traits))


def _with_ancestors(catalogue: Catalogue, traits: Sequence[Trait]) -> frozenset[str]:
    found: set[str] = set()
    for leaf in traits:
        trait: Trait | None = leaf
        while trait is not None:
            found.add(trait.key)
            trait = catalogue.traits[trait.parent] if trait.parent is not None else None
    return frozenset(found)


def leaves(catalogue: Catalogue, audience_ids: Sequence[int] = ()) -> st.SearchStrategy[Rule]:
    """Rules with no rule inside. Traits may be repeated or missing altogether, phrases may hold no word."""
    kinds: list[st.SearchStrategy[Rule]] = [
        _has_traits(catalogue),
        _has_traits(catalogue),  # twice: most leaves of real rules are traits
        st.just(Everyone()),
        st.just(Nobody()),
        st.builds(Listed, st.sampled_from((*LIST_IDS, 4))),  # nobody is on list 4
        st.builds(
            Mentions,
            st.lists(st.sampled_from(FIELDS), max_size=2).map(tuple),
            st.lists(st.sampled_from(WORDS), max_size=3).map(tuple),
            st.one_of(st.none(), st.integers(0, 9)),
        ),
    ]
    if audience_ids:
        kinds.append(st.builds(InAudience, st.sampled_from(tuple(audience_ids))))
    return st.one_of(kinds)


def _has_traits(catalogue: Catalogue) -> st.SearchStrategy[Rule]:
    def of(facet: str) -> st.SearchStrategy[Rule]:
        keys = st.sampled_from([trait.key for trait in catalogue.of(facet)])
        return st.lists(keys, max_size=3).map(lambda chosen: HasTrait(facet, tuple(chosen)))

    return st.sampled_from(sorted(catalogue.facets)).flatmap(of)


def rules(catalogue: Catalogue, audience_ids: Sequence[int] = (), *, max_leaves: int = 10) -> st.SearchStrategy[Rule]:
    """Rules over a catalogue's traits, LIST_IDS, FIELDS and the given audiences; every kind of node occurs."""

    def inside(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
        several = st.lists(inner, max_size=4).map(tuple)
        return st.one_of(
            st.builds(And, several),
            st.builds(Or, several),
            st.builds(Not, inner),
            st.builds(AtLeast, st.integers(-1, 5), several),
        )

    return st.recursive(leaves(catalogue, audience_ids), inside, max_leaves=max_leaves)


@st.composite
def audience_sets(draw: st.DrawFn, catalogue: Catalogue, *, max_audiences: int = 4) -> Mapping[int, Rule]:
    """Audiences by id, from FIRST_AUDIENCE_ID; each refers only to earlier ones."""
    made: dict[int, Rule] = {}
    for number in range(draw(st.integers(0, max_audiences))):
        made[FIRST_AUDIENCE_ID + number] = draw(rules(catalogue, tuple(made), max_leaves=4))
    return made


@st.composite
def worlds(draw: st.DrawFn, *, max_people: int = 12, max_leaves: int = 10) -> World:
    """A catalogue, a population, audiences and one rule that uses them all."""
    catalogue = draw(catalogues())
    audiences = draw(audience_sets(catalogue))
    return World(
        catalogue=catalogue,
        people=draw(populations(catalogue, max_people=max_people)),
        audiences=audiences,
        rule=draw(rules(catalogue, tuple(audiences), max_leaves=max_leaves)),
    )
