"""Guesses how many people a rule describes, from trait counts alone. Orders work; never shown as a count."""

from collections.abc import Iterable
from math import prod
from typing import assert_never

from houselights.engine.index import Index
from houselights.model.catalogue import follows_facet
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

ACTIVE_SHARE = 0.5  # of a platform's people were there lately
UNKNOWN_SHARE = 0.1  # of a set that no count is kept for: a list, a search in texts, an expression


def share(index: Index, rule: Rule) -> float:
    """Return the guessed share of everyone, in [0, 1], as if traits were independent of each other.

    Traits of a facet with one answer per person exclude each other, so theirs add up.
    """
    match rule:
        case Everyone():
            return 1.0
        case Nobody():
            return 0.0
        case HasTrait(facet, any_of):
            shares = [_trait_share(index, facet, key) for key in any_of]
            about = index.catalogue.facets.get(facet)
            if about is not None and not about.multi:
                return min(1.0, sum(shares))
            return 1.0 - prod(1.0 - each for each in shares)
        case Listed() | Mentions() | Where() | InAudience():
            return UNKNOWN_SHARE
        case Follows(platform, accounts, at_least, days):
            shares = [_trait_share(index, follows_facet(platform), each) for each in dict.fromkeys(accounts)]
            return _at_least(at_least, shares) * (1.0 if days is None else ACTIVE_SHARE)
        case And(rules):
            return prod(share(index, each) for each in rules)
        case Or(rules):
            return 1.0 - prod(1.0 - share(index, each) for each in rules)
        case Not(negated):
            return 1.0 - share(index, negated)
        case AtLeast(k, rules):
            return _at_least(k, [share(index, each) for each in rules])
        case _:
            assert_never(rule)


def in_order(index: Index, rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules of a conjunction as they are worked through: smallest first, what is taken away last."""
    return sorted(rules, key=lambda each: (isinstance(each, Not), share(index, each)))


def _trait_share(index: Index, facet: str, key: str) -> float:
    trait = index.catalogue.find(facet, key)
    return 0.0 if trait is None else float(index.trait_counts[trait.id]) / max(1, index.people)


def _at_least(k: int, shares: list[float]) -> float:
    """Return the chance that at least k of independent events happen (the Poisson binomial tail, term by term)."""
    chances = [1.0]
    for each in shares:
        chances = [
            (chances[i] if i < len(chances) else 0.0) * (1 - each) + (chances[i - 1] * each if i else 0.0)
            for i in range(len(chances) + 1)
        ]
    return min(1.0, sum(chances[max(0, k) :]))
