"""Hypothesis strategies for catalogues, people and rules, small enough that clashes and empty sets are common.

`worlds()` draws it all together; `rules(catalogue, audience_ids)` draws people-level rules for a catalogue at hand.
Audiences never contain each other in a circle: each may refer only to those with a smaller id.

Written as draws of small integers rather than as strategies made of strategies: making those anew for every example
took ten times as long as drawing from them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

from houselights.base.errors import NotFound
from houselights.engine.plain import Follow, Line, Person, Text
from houselights.engine.values.names import EVENT_TIME, EVENT_TYPE, KEY
from houselights.model.catalogue import Catalogue, Facet, Trait, follows_facet
from houselights.rules.functions.lists import Keyed
from houselights.rules.tree import (
    And,
    AtLeast,
    Everyone,
    Follows,
    HasTrait,
    InAudience,
    Listed,
    Mentions,
    Nobody,
    Not,
    Or,
    Rule,
    Where,
)
from houselights.rules.values import (
    EVENTS,
    IDENTITIES,
    Call,
    Chain,
    Comparison,
    Field,
    Input,
    Lambda,
    Literal,
    Member,
    Now,
    Offset,
    Side,
    Step,
    Unit,
    Value,
    Variable,
)

_Item = TypeVar("_Item")

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
LIST_IDS = (1, 2, 3)
UNKNOWN_LIST_ID = 4  # nobody is on it
AGES = (None, 0, 1, 60, 61, 3600)  # how long people stay on a list, in seconds
FIELDS = ("bio", "post")
WORDS = ("tea", "Café", "cafe", "running", "run", "東京", "C-3PO", "!!")
FIRST_AUDIENCE_ID = 100
PLATFORM = "Chirp"
ACCOUNTS = ("a1", "a2", "a3")
UNKNOWN_ACCOUNT = "a4"  # nobody follows it
PLANS = ("free", "gold")
DEEDS = ("open", "buy")
HOURS = (0, 1, 24, 25, 48, 9 * 24, -1)


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


@cache
def _from_0_to(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most)


def _one_of(draw: st.DrawFn, items: Sequence[_Item]) -> _Item:
    return items[draw(_from_0_to(len(items) - 1))]


def _up_to(draw: st.DrawFn, most: int, one: Callable[[], _Item]) -> tuple[_Item, ...]:
    return tuple(one() for _ in range(draw(_from_0_to(most))))


@st.composite
def catalogues(draw: st.DrawFn, *, max_facets: int = 3, max_traits: int = 5, follows: bool = False) -> Catalogue:
    """Facets f0, f1 …, each with traits t0, t1 … in a random forest; trait ids are dense, in order.

    With `follows` there is also the facet of PLATFORM, with ACCOUNTS.
    """
    facets: list[Facet] = []
    traits: list[Trait] = []
    for number in range(1 + draw(_from_0_to(max_facets - 1))):
        facet = Facet(key=f"f{number}", name=f"Facet {number}", multi=bool(draw(_from_0_to(1))))
        facets.append(facet)
        own: list[Trait] = []
        for order in range(1 + draw(_from_0_to(max_traits - 1))):
            parent = _one_of(draw, [None, *own]) if facet.multi else None
            name = f"Trait {order}"
            path = (*(parent.path if parent is not None else ()), name)
            parent_id = parent.id if parent is not None else None
            trait_id = len(traits) + len(own)
            own.append(
                Trait(
                    id=trait_id, facet=facet.key, key=f"t{order}", name=name, path=path, parent=parent_id, order=order
                )
            )
        traits.extend(own)
    if follows:
        key = follows_facet(PLATFORM)
        facets.append(Facet(key=key, name=f"Follows on {PLATFORM}", multi=True, role="follows"))
        for order, account in enumerate(ACCOUNTS):
            traits.append(Trait(id=len(traits), facet=key, key=account, name=account, path=(account,), order=order))
    return Catalogue(facets, traits)


@st.composite
def populations(
    draw: st.DrawFn, catalogue: Catalogue, *, max_people: int = 12, holes: bool = True
) -> tuple[Person, ...]:
    """People in order of id; ids leave holes (unless not `holes`), and ancestors come with each trait."""
    people: list[Person] = []
    person_id = -1
    for _ in range(draw(_from_0_to(max_people))):
        person_id += 1 + (draw(_from_0_to(2)) if holes else 0)
        traits = {facet: _carried(draw, catalogue, facet) for facet in catalogue.facets}
        people.append(
            Person(
                id=person_id,
                key=f"p{person_id}",
                traits=traits,
                follows=tuple(_follow(draw, each) for each in sorted(traits.get(follows_facet(PLATFORM), ()))),
                texts=_up_to(draw, 3, lambda: _text(draw)),
                lists=dict(_up_to(draw, 2, lambda: (_one_of(draw, LIST_IDS), _lines(draw)))),
                document=_document(draw, person_id),
            )
        )
    return tuple(people)


def _document(draw: st.DrawFn, person_id: int) -> Mapping[str, object]:
    """A small profile and a few events around the edges of the windows that expressions ask about."""
    known: dict[str, object] = {KEY: f"p{person_id}", IDENTITIES: Keyed()}
    if (score := draw(_from_0_to(4))) > 0:
        known["score"] = score
    if (plan := _one_of(draw, (None, *PLANS))) is not None:
        known["account"] = {"plan": plan}
    known[EVENTS] = [
        {EVENT_TIME: AS_OF - timedelta(hours=_one_of(draw, HOURS)), EVENT_TYPE: _one_of(draw, DEEDS)}
        for _ in range(draw(_from_0_to(3)))
    ]
    return known


def _lines(draw: st.DrawFn) -> tuple[Line, ...]:
    """What a list's log says of somebody: around the edges of AGES, at times of one instant or in the future."""
    return _up_to(
        draw, 3, lambda: Line(AS_OF - timedelta(seconds=_one_of(draw, (-1, 0, 1, 60, 61))), bool(draw(_from_0_to(1))))
    )


def _follow(draw: st.DrawFn, account: str) -> Follow:
    """Somebody's account on PLATFORM, written one way or the other, last active around the edges of windows."""
    hours = _one_of(draw, (None, -1, 0, 1, 24, 25, 48, 9 * 24))
    return Follow(
        _one_of(draw, (PLATFORM, PLATFORM.lower())), account, None if hours is None else AS_OF - timedelta(hours=hours)
    )


def _text(draw: st.DrawFn) -> Text:
    """A short text around the edges of the windows that `rules` draws, sometimes in the future."""
    hours = _one_of(draw, (None, -1, 0, 1, 24, 25, 48, 9 * 24))
    time = None if hours is None else AS_OF - timedelta(hours=hours)
    return Text(_one_of(draw, FIELDS), time, " ".join(_up_to(draw, 4, lambda: _one_of(draw, WORDS))))


def _carried(draw: st.DrawFn, catalogue: Catalogue, facet: str) -> frozenset[str]:
    leaves = _up_to(draw, 3 if catalogue.facets[facet].multi else 1, lambda: _one_of(draw, catalogue.of(facet)))
    found: set[str] = set()
    for leaf in leaves:
        trait: Trait | None = leaf
        while trait is not None:
            found.add(trait.key)
            trait = catalogue.traits[trait.parent] if trait.parent is not None else None
    return frozenset(found)


@st.composite
def rules(
    draw: st.DrawFn,
    catalogue: Catalogue,
    audience_ids: Sequence[int] = (),
    *,
    max_depth: int = 3,
    expressions: bool = True,
) -> Rule:
    """Rules over a catalogue's traits, LIST_IDS, FIELDS and the given audiences; every kind of node occurs.

    `Where` does not without `expressions`.
    """
    return _rule(draw, catalogue, tuple(audience_ids), max_depth, expressions)


def _rule(draw: st.DrawFn, catalogue: Catalogue, audience_ids: tuple[int, ...], depth: int, expressions: bool) -> Rule:
    def inner() -> Rule:
        return _rule(draw, catalogue, audience_ids, depth - 1, expressions)

    # Leaves come first, because hypothesis shrinks towards 0; traits are the leaf of most real rules.
    kind = draw(_from_0_to(17 if depth > 1 else 8))
    match kind:
        case 0 | 1 | 2:
            facet = _one_of(draw, tuple(catalogue.facets))
            return HasTrait(facet, _up_to(draw, 3, lambda: _one_of(draw, catalogue.of(facet)).key))
        case 3:
            return Nobody() if draw(_from_0_to(1)) else Everyone()
        case 4:
            return InAudience(_one_of(draw, audience_ids)) if audience_ids else Everyone()
        case 5:
            return Listed(_one_of(draw, (*LIST_IDS, UNKNOWN_LIST_ID)), _one_of(draw, AGES))
        case 6:
            return Mentions(
                _up_to(draw, 2, lambda: _one_of(draw, FIELDS)),
                _up_to(draw, 3, lambda: _one_of(draw, WORDS)),
                _one_of(draw, (None, 0, 1, 2, 9)),
            )
        case 7:
            return Where(_expression(draw, audience_ids, 2)) if expressions else Everyone()
        case 8:
            accounts = [trait.key for trait in catalogue.of(follows_facet(PLATFORM))]
            return Follows(
                PLATFORM,
                _up_to(draw, 4, lambda: _one_of(draw, (*accounts, UNKNOWN_ACCOUNT))),
                1 + draw(_from_0_to(3)),
                _one_of(draw, (None, 0, 1, 2, 9)),
            )
        case 9 | 10 | 11:
            return And(_up_to(draw, 4, inner))
        case 12 | 13:
            return Or(_up_to(draw, 4, inner))
        case 14 | 15:
            return Not(inner())
        case _:
            return AtLeast(draw(_from_0_to(6)) - 1, _up_to(draw, 4, inner))


def _expression(draw: st.DrawFn, audience_ids: tuple[int, ...], depth: int) -> Value:
    """A condition on the documents that `_document` draws."""

    def inner() -> Value:
        return _expression(draw, audience_ids, depth - 1)

    of_event = Field(Variable("E"), EVENT_TYPE)
    deed = Call("equal", (of_event, Literal(_one_of(draw, DEEDS))))
    window = Offset(Comparison.AT_MOST, _one_of(draw, (1, 24)), Unit.HOUR, Side.BEFORE, Now())
    match draw(_from_0_to(7 if depth > 0 else 4)):
        case 0:
            return Call("equal", (Field(Field(Input(1), "account"), "plan"), Literal(_one_of(draw, PLANS))))
        case 1:
            return Call("greater", (Field(Input(1), "score"), Literal(draw(_from_0_to(4)))))
        case 2:
            return Call("exists", (Field(Input(1), EVENTS), Lambda(("E",), deed)))
        case 3:
            time = Lambda(("E",), Field(Variable("E"), EVENT_TIME))
            step = Step("A", Lambda(("E",), deed), window, 1 + draw(_from_0_to(1)))
            return Chain(Field(Input(1), EVENTS), time, (step,))
        case 4:
            return Member(str(_one_of(draw, audience_ids))) if audience_ids else Literal(bool(draw(_from_0_to(1))))
        case 5:
            return Call("not", (inner(),))
        case 6:
            return Call("and", (inner(), inner()))
        case _:
            return Call("or", (inner(), inner()))


@st.composite
def audience_sets(
    draw: st.DrawFn, catalogue: Catalogue, *, max_audiences: int = 4, expressions: bool = True
) -> Mapping[int, Rule]:
    """Audiences by id, from FIRST_AUDIENCE_ID; each refers only to earlier ones."""
    made: dict[int, Rule] = {}
    for number in range(draw(_from_0_to(max_audiences))):
        made[FIRST_AUDIENCE_ID + number] = _rule(draw, catalogue, tuple(made), 2, expressions)
    return made


@st.composite
def worlds(draw: st.DrawFn, *, max_people: int = 12, max_depth: int = 3, expressions: bool = True) -> World:
    """A catalogue, a population, audiences and one rule that uses them all; no `Where` without `expressions`."""
    catalogue = draw(catalogues(follows=True))
    audiences = draw(audience_sets(catalogue, expressions=expressions))
    return World(
        catalogue=catalogue,
        rule=_rule(draw, catalogue, tuple(audiences), max_depth, expressions),
        audiences=audiences,
        people=draw(populations(catalogue, max_people=max_people)),
    )
