"""Rewrites a rule into a shorter one with the same people. Knows no catalogue, so it assumes nothing about traits.

What it does, from the leaves up, until nothing changes (so simplifying twice is simplifying once):

    flatten     A and (B and C)           → A and B and C          likewise or
    constants   A and nobody → nobody     A and everyone → A       likewise or; not everyone → nobody
    negation    not not A → A             A and not A → nobody     A or not A → everyone
    duplicates  A and B and A → A and B
    merge       age 18-24 or age 25-34    → age 18-24 or 25-34     likewise the phrases of mentions
    absorb      A and (A or B) → A        A or (A and B) → A       age 18-24 and (age 18-24 or 25-34) → age 18-24
    empty       no trait, no phrase, too few accounts, on a list for less than 0 seconds → nobody
    at least    1 of → or; all of → and; 0 of → everyone; more than there are → nobody

What remains keeps the order in which it was written, so that its English still reads like the author's.
"""

from collections.abc import Iterable
from typing import TypeVar

from houselights.base.text import fold
from houselights.rules.tree import And, AtLeast, Everyone, Follows, HasTrait, Listed, Mentions, Nobody, Not, Or, Rule

_Item = TypeVar("_Item")


def simplify(rule: Rule) -> Rule:
    """Return a rule that describes the same people with no more nodes; idempotent."""
    while (shorter := _once(rule)) != rule:
        rule = shorter
    return rule


def _once(rule: Rule) -> Rule:
    match rule:
        case And(rules):
            return _and([_once(each) for each in rules])
        case Or(rules):
            return _or([_once(each) for each in rules])
        case Not(negated):
            return _not(_once(negated))
        case AtLeast(k, rules):
            return _at_least(k, [_once(each) for each in rules])
        case HasTrait(facet, any_of):
            return HasTrait(facet, _distinct(any_of)) if any_of else Nobody()
        case Mentions():
            return _mentions(rule)
        case Follows():
            return _follows(rule)
        case Listed(_, within_seconds) if within_seconds is not None and within_seconds <= 0:
            return Nobody()
        case _:
            return rule


def _and(rules: Iterable[Rule]) -> Rule:
    flat: list[Rule] = []
    for each in rules:
        flat.extend(each.rules if isinstance(each, And) else [each])
    kept = [each for each in _distinct(flat) if each != Everyone()]
    if Nobody() in kept or _contradicts(kept):
        return Nobody()
    kept = _without_wider_traits(_absorbed(kept, Or))
    return kept[0] if len(kept) == 1 else And(tuple(kept)) if kept else Everyone()


def _or(rules: Iterable[Rule]) -> Rule:
    flat: list[Rule] = []
    for each in rules:
        flat.extend(each.rules if isinstance(each, Or) else [each])
    kept = [each for each in _distinct(_merged(flat)) if each != Nobody()]
    if Everyone() in kept or _contradicts(kept):
        return Everyone()
    kept = _absorbed(kept, And)
    return kept[0] if len(kept) == 1 else Or(tuple(kept)) if kept else Nobody()


def _not(negated: Rule) -> Rule:
    match negated:
        case Not(inner):
            return inner
        case Everyone():
            return Nobody()
        case Nobody():
            return Everyone()
        case _:
            return Not(negated)


def _at_least(k: int, rules: Iterable[Rule]) -> Rule:
    kept: list[Rule] = []
    for each in rules:
        if each == Everyone():
            k -= 1
        elif each != Nobody():
            kept.append(each)
    if k <= 0:
        return Everyone()
    if k > len(kept):
        return Nobody()
    if k == len(kept):
        return And(tuple(kept)) if k > 1 else kept[0]
    return Or(tuple(kept)) if k == 1 else AtLeast(k, tuple(kept))


def _mentions(rule: Mentions) -> Rule:
    # A phrase that folds to one space holds no word; no text mentions it.
    spoken: dict[str, str] = {}
    for phrase in rule.phrases:
        spoken.setdefault(fold(phrase), phrase)
    spoken.pop(" ", None)
    if not rule.fields or not spoken or (rule.within_days is not None and rule.within_days < 0):
        return Nobody()
    return Mentions(_distinct(rule.fields), tuple(spoken.values()), rule.within_days)


def _follows(rule: Follows) -> Rule:
    accounts, days = _distinct(rule.accounts), rule.active_within_days
    if rule.at_least > len(accounts) or (days is not None and days < 0):
        return Nobody()
    return Follows(rule.platform, accounts, rule.at_least, days)


def _distinct(items: Iterable[_Item]) -> tuple[_Item, ...]:
    """Return each item once, where it first stood."""
    return tuple(dict.fromkeys(items))


def _contradicts(rules: Iterable[Rule]) -> bool:
    """Say whether some rule stands beside its own negation."""
    present = set(rules)
    return any(isinstance(each, Not) and each.rule in present for each in present)


def _absorbed(rules: list[Rule], group: type[And] | type[Or]) -> list[Rule]:
    """Drop each `group` that has one of its siblings inside: it can neither add to nor take from that sibling."""
    present = set(rules)
    return [each for each in rules if not (isinstance(each, group) and not present.isdisjoint(each.rules))]


def _merged(rules: list[Rule]) -> list[Rule]:
    """Join the traits of one facet, and the phrases sought in the same texts, where the first of them stood."""
    groups: dict[object, list[Rule]] = {}
    for each in rules:
        match each:
            case HasTrait(facet):
                key: object = ("trait", facet)
            case Mentions(fields, _, within_days):
                key = ("mentions", frozenset(fields), within_days)
            case _:
                key = each
        groups.setdefault(key, []).append(each)
    return [_joined(group) for group in groups.values()]


def _joined(group: list[Rule]) -> Rule:
    match group[0]:
        case HasTrait(facet):
            return HasTrait(
                facet, _distinct(key for each in group if isinstance(each, HasTrait) for key in each.any_of)
            )
        case Mentions(fields, _, within_days):
            phrases = tuple(phrase for each in group if isinstance(each, Mentions) for phrase in each.phrases)
            return _mentions(Mentions(fields, phrases, within_days))
        case only:
            return only


def _without_wider_traits(rules: list[Rule]) -> list[Rule]:
    """Drop each HasTrait whose traits include all those of another one of the same facet: the narrower one decides."""
    narrow: dict[tuple[str, str], list[frozenset[str]]] = {}
    dropped: set[Rule] = set()
    by_width = sorted((each for each in rules if isinstance(each, HasTrait)), key=lambda each: len(each.any_of))
    for each in by_width:
        keys = frozenset(each.any_of)
        # Filed under one of its keys, which every wider one has too: so a wide rule need not meet all the others.
        if any(other <= keys for key in each.any_of for other in narrow.get((each.facet, key), ())):
            dropped.add(each)
        else:
            narrow.setdefault((each.facet, each.any_of[0]), []).append(keys)
    return [each for each in rules if each not in dropped]
