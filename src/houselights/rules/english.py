"""Says a rule in one English sentence that can be read in only one way. Refuses nothing; shortens long lists.

    People with Age “25-34” or “35-44” and (in “Vegans” or mentioning “plant based” in post), but not on list “VIP”.

Names stand in quotes because they may hold any words, "and" and "or" among them. Brackets stand wherever "and" meets
"or", and around whatever "not" applies to unless that is a single thing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from houselights.model.catalogue import Catalogue, follows_facet
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
from houselights.rules.values_english import english as condition

# A rule may name thousands of places; a sentence may not.
NAMES_MAX = 10


class Names(Protocol):
    """What things are called. Must answer for unknown ones too, with the key or id for want of a name."""

    def facet(self, key: str) -> str: ...

    def trait(self, facet: str, key: str) -> str: ...

    def audience(self, audience_id: int) -> str: ...

    def list(self, list_id: int) -> str: ...


@dataclass(frozen=True, slots=True)
class CatalogueNames:
    """Names from a catalogue, and from whatever names of audiences and lists are at hand."""

    catalogue: Catalogue
    audiences: Mapping[int, str] = field(default_factory=dict)
    lists: Mapping[int, str] = field(default_factory=dict)

    def facet(self, key: str) -> str:
        facet = self.catalogue.facets.get(key)
        return key if facet is None else facet.name

    def trait(self, facet: str, key: str) -> str:
        trait = self.catalogue.find(facet, key)
        return key if trait is None else trait.name

    def audience(self, audience_id: int) -> str:
        return self.audiences.get(audience_id, f"audience {audience_id}")

    def list(self, list_id: int) -> str:
        return self.lists.get(list_id, str(list_id))


def english(rule: Rule, names: Names) -> str:
    """Return the sentence, with its full stop."""
    match rule:
        case Everyone() | And(()):
            return "Everyone."
        case Nobody() | Or(()):
            return "Nobody."
        case _:
            return f"People {_clause(rule, names)}."


def _clause(rule: Rule, names: Names) -> str:
    """Say which people, in words that can follow "people"."""
    match rule:
        case Everyone() | And(()):
            return "of any kind"
        case Nobody() | Or(()) | HasTrait(_, ()) | Mentions((), _) | Mentions(_, ()) | Follows(_, ()):
            return "of no kind"
        case InAudience(audience_id):
            return f"in {_quoted(names.audience(audience_id))}"
        case Listed(list_id):
            return f"on list {_quoted(names.list(list_id))}{_for_less_than(rule.within_seconds)}"
        case HasTrait(facet, any_of):
            return f"with {names.facet(facet)} {_any_of([names.trait(facet, key) for key in any_of])}"
        case Mentions():
            return _mentioning(rule)
        case Follows():
            return _following(rule, names)
        case Where(expression):
            return f"where {condition(expression, lambda audience: _audience(audience, names))}"
        case And((only,)) | Or((only,)):
            return _clause(only, names)
        case And(rules):
            return _and(rules, names)
        case Or(rules):
            return " or ".join(_beside_or(each, names) for each in rules)
        case Not(negated):
            return f"not {_single(negated, names)}"
        case AtLeast(k, rules):
            return f"matching at least {k} of ({'; '.join(_clause(each, names) for each in rules)})"
        case _:
            assert_never(rule)


def _and(rules: Sequence[Rule], names: Names) -> str:
    """Join with "and"; what is excluded comes last, after "but not", as one would say it."""
    wanted = [each for each in rules if not isinstance(each, Not)]
    excluded = [each.rule for each in rules if isinstance(each, Not)]
    if not wanted or not excluded:
        return " and ".join(_beside_and(each, names) for each in rules)
    positive = " and ".join(_beside_and(each, names) for each in wanted)
    return f"{positive}, but not {_single(excluded[0] if len(excluded) == 1 else Or(tuple(excluded)), names)}"


def _beside_and(rule: Rule, names: Names) -> str:
    """Say a rule that stands next to "and"."""
    return _bracketed(rule, names) if isinstance(_core(rule), And | Or | Where) else _clause(rule, names)


def _beside_or(rule: Rule, names: Names) -> str:
    """Say a rule that stands next to "or"; "or" inside "or" needs no brackets."""
    return _bracketed(rule, names) if isinstance(_core(rule), And | Where) else _clause(rule, names)


def _single(rule: Rule, names: Names) -> str:
    """Say a rule that "not" applies to: bracketed unless it is plainly one thing."""
    match _core(rule):
        case And() | Or() | Not() | Where():
            return _bracketed(rule, names)
        case HasTrait(_, several) | Mentions(_, several) | Follows(_, several) if len(several) > 1:
            return _bracketed(rule, names)
        case Mentions(several) if len(several) > 1:
            return _bracketed(rule, names)
        case _:
            return _clause(rule, names)


def _core(rule: Rule) -> Rule:
    """Look through "and" and "or" that join nothing."""
    match rule:
        case And((only,)) | Or((only,)):
            return _core(only)
        case And(()):
            return Everyone()
        case Or(()):
            return Nobody()
        case _:
            return rule


def _bracketed(rule: Rule, names: Names) -> str:
    return f"({_clause(rule, names)})"


def _audience(audience: str, names: Names) -> str:
    """Name an audience that an expression asks about, by its id in digits."""
    return names.audience(int(audience)) if audience.isdecimal() else audience


_SPANS = (("day", 24 * 60 * 60), ("hour", 60 * 60), ("minute", 60), ("second", 1))


def _for_less_than(seconds: int | None) -> str:
    """Say how long somebody may have been on a list, in the largest unit that says it exactly."""
    if seconds is None:
        return ""
    unit, length = next(each for each in _SPANS if (seconds and seconds % each[1] == 0) or each[1] == 1)
    return f" for less than {seconds // length} {unit}{'' if seconds == length else 's'}"


def _mentioning(rule: Mentions) -> str:
    said = f"mentioning {_any_of(rule.phrases)} in {_listed(rule.fields)}"
    return f"{said}{_within(rule.within_days)}"


def _following(rule: Follows, names: Names) -> str:
    facet = follows_facet(rule.platform)
    accounts = _any_of([names.trait(facet, account) for account in dict.fromkeys(rule.accounts)])
    several = f"at least {rule.at_least} of " if rule.at_least != 1 else ""
    said = f"following {several}{accounts} on {_quoted(rule.platform)}"
    return said if rule.active_within_days is None else f"{said} with activity there{_within(rule.active_within_days)}"


def _within(days: int | None) -> str:
    """Say how far a window looks back."""
    match days:
        case None:
            return ""
        case 0:
            return " at this very moment"
        case 1:
            return " within the last day"
        case _:
            return f" within the last {days} days"


def _any_of(names: Sequence[str]) -> str:
    return _listed([_quoted(each) for each in names])


def _listed(names: Sequence[str]) -> str:
    """Join as “a”, “b” or “c”; of many, only the first ones and how many more there are."""
    if len(names) > NAMES_MAX:
        return f"{', '.join(names[:NAMES_MAX])} or any of {len(names) - NAMES_MAX} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _quoted(name: str) -> str:
    return f"“{name}”"
