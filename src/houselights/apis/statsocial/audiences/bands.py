"""Ages, genders and ethnicities: fixed words of the vendor's, found among what a company knows about its people.

"unknown" is everybody of whom nothing else is known. Refuses ranges of age at which the company's bands do not end: a
count over half a band would be a guess.
"""

import re
from collections.abc import Iterable, Sequence

from houselights.apis.statsocial.vocabulary import Book
from houselights.base.errors import InvalidInput
from houselights.base.text import fold
from houselights.model.catalogue import Trait
from houselights.rules.tree import HasTrait, Nobody, Not, Or, Rule

UNKNOWN = "unknown"
_OLDER = re.compile(r"over (\d+)")


def any_of(traits: Iterable[Trait]) -> Rule:
    """Return the people who carry any of these traits, of whatever facets."""
    keys: dict[str, list[str]] = {}
    for trait in traits:
        keys.setdefault(trait.facet, []).append(trait.key)
    rules = tuple(HasTrait(facet, tuple(dict.fromkeys(found))) for facet, found in keys.items())
    return union(rules)


def union(rules: Sequence[Rule]) -> Rule:
    """Return the people of any of these rules, written as shortly as it goes."""
    wanted = [rule for rule in rules if rule != Nobody()]
    if not wanted:
        return Nobody()
    return wanted[0] if len(wanted) == 1 else Or(tuple(wanted))


def of_words(book: Book, role: str, words: Sequence[str]) -> tuple[Rule, list[str]]:
    """Return the people of whom any of these words is said in facets of a role, and the words nobody knows there."""
    traits = list(book.of_role(role))
    found: list[Trait] = []
    rules: list[Rule] = []
    missing = []
    for word in dict.fromkeys(words):
        here = [trait for trait in traits if fold(word) in (fold(trait.key), fold(trait.name))]
        found += here
        if word == UNKNOWN:
            rules.append(_nothing_said(traits))
        elif not here:
            missing.append(word)
    return union([any_of(found), *rules]), missing


def of_ages(book: Book, ranges: Sequence[str]) -> Rule:
    """Return the people of any of these ages. Raises InvalidInput where the company's bands do not end with a range."""
    traits = list(book.of_role("age"))
    found: list[Trait] = []
    rules: list[Rule] = []
    for name in dict.fromkeys(ranges):
        if name == UNKNOWN:
            found += [trait for trait in traits if UNKNOWN in (fold(trait.key).strip(), fold(trait.name).strip())]
            rules.append(_nothing_said(traits))
        else:
            found += bands(traits, name)
    return union([any_of(found), *rules])


def bands(traits: Sequence[Trait], name: str) -> list[Trait]:
    """Return the bands that make up a range of the vendor's. Raises InvalidInput where they do not end with it."""
    older = _OLDER.fullmatch(name)
    low, high = (int(older[1]) + 1, None) if older else tuple(map(int, name.split("-")))
    within = []
    for trait in traits:
        if trait.low is None and trait.high is None:
            continue
        begins, ends = trait.low or 0, trait.high
        if (high is not None and begins > high) or (ends is not None and ends < low):
            continue
        if begins < low or (high is not None and (ends is None or ends > high)):
            raise InvalidInput(f'ages are not known so finely here: "{trait.name}" is only partly within {name}')
        within.append(trait)
    return within


def _nothing_said(traits: Sequence[Trait]) -> Rule:
    """Return those of whom nothing is said by these traits."""
    return Not(any_of(traits))
