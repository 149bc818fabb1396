"""Which traits may not be learnt from, because they are what the seed was chosen by.

Whoever chose "follows Harbour Daily" has only followers of it: a model that may look at that trait learns the rule and
nothing about the people. So what a rule names is left out: of a facet whose traits exclude each other the whole facet
(who is 25-34 is nothing else), of a tree the trait with all above and below it, of whom people follow the accounts.
A rule over documents or texts names no traits, and a list has no rule: of those nothing is left out by name. What only
members carry is left out whatever the rule, for it cannot tell one person outside from another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from houselights.model.catalogue import Catalogue, follows_facet
from houselights.rules.check import children
from houselights.rules.tree import Follows, HasTrait, InAudience, Rule
from houselights.services.resolver import Resolver

Array = np.ndarray[Any, Any]

OUTSIDE_LEAST = 5  # people outside the seed who carry a trait that is to be learnt from
CARRIERS_LEAST = 10  # people in all
FEATURES_MOST = 4_000


@dataclass(frozen=True, slots=True)
class Features:
    """The traits a model may look at, ids ascending, and those it may not although the seed carries them."""

    traits: Array
    named_by_rule: tuple[int, ...]
    only_in_seed: tuple[int, ...]


def features(catalogue: Catalogue, rule: Rule | None, resolve: Resolver, in_seed: Array, everywhere: Array) -> Features:
    """Choose what is learnt from. `in_seed` and `everywhere` count carriers by trait id.

    Of too many traits the most common stay: that choice knows nothing of the seed, so it spoils no held-out figure.
    """
    named = set() if rule is None else traits_of_rule(rule, catalogue, resolve)
    outside = everywhere - in_seed
    known = np.zeros(everywhere.size, np.bool_)
    known[[each for each in catalogue.traits if each < everywhere.size]] = True
    by_rule = np.zeros(everywhere.size, np.bool_)
    by_rule[[each for each in named if each < everywhere.size]] = True
    alone = (outside < OUTSIDE_LEAST) & (in_seed >= CARRIERS_LEAST) & ~by_rule
    usable = np.flatnonzero(known & ~by_rule & (outside >= OUTSIDE_LEAST) & (everywhere >= CARRIERS_LEAST))
    if usable.size > FEATURES_MOST:
        usable = usable[np.argsort(-everywhere[usable], kind="stable")[:FEATURES_MOST]]
    carried = np.flatnonzero(by_rule & (in_seed > 0))
    return Features(np.sort(usable), tuple(carried.tolist()), tuple(np.flatnonzero(alone).tolist()))


def traits_of_rule(rule: Rule, catalogue: Catalogue, resolve: Resolver) -> set[int]:
    """Return the ids of the traits a rule names, audiences inside followed, with all that say the same."""
    found: set[int] = set()
    followed: set[int] = set()
    below = _below(catalogue)
    waiting = [rule]
    while waiting:
        each = waiting.pop()
        match each:
            case HasTrait(facet, keys):
                found |= _with_kin(catalogue, below, facet, keys)
            case Follows(platform, accounts):
                found |= _with_kin(catalogue, below, follows_facet(platform), accounts)
            case InAudience(audience_id) if audience_id not in followed:
                followed.add(audience_id)
                waiting.append(resolve(audience_id))
            case _:
                pass
        waiting.extend(inner for _, inner in children(each))
    return found


def _below(catalogue: Catalogue) -> Mapping[int, list[int]]:
    below: dict[int, list[int]] = {}
    for trait in catalogue.traits.values():
        if trait.parent is not None:
            below.setdefault(trait.parent, []).append(trait.id)
    return below


def _with_kin(catalogue: Catalogue, below: Mapping[int, list[int]], facet: str, keys: Iterable[str]) -> set[int]:
    if facet in catalogue.facets and not catalogue.facets[facet].multi:
        return {trait.id for trait in catalogue.of(facet)}
    kin: set[int] = set()
    for key in keys:
        trait = catalogue.find(facet, key)
        waiting = [] if trait is None else [trait.id]
        while waiting:
            one = waiting.pop()
            kin.add(one)
            waiting += below.get(one, [])
        above = None if trait is None else trait.parent
        while above is not None and above in catalogue.traits:
            kin.add(above)
            above = catalogue.traits[above].parent
    return kin
