"""Says whether one person matches a rule, slowly and obviously. This is the definition of correct.

Every faster evaluator must agree with it on every rule and every population; when they differ, they are wrong. It
reads one person at a time and knows no index, no cache and no storage.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from houselights.base.errors import InvalidRule
from houselights.base.text import fold, has_phrase
from houselights.engine.values.evaluate import Document, holds
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
    Span,
    Where,
)

Resolve = Callable[[int], Rule]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Text:
    """Something a person wrote: a bio, a post. `time` is aware, or None when nobody knows it."""

    field: str
    time: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Follow:
    """An account that a person follows on a platform, by its id there.

    `last_active` is when the person was last seen there: aware, or None when nobody knows it.
    """

    platform: str
    account: str
    last_active: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A line of a list's log about one person, at an aware instant: `removed` from it, or put on it.

    In order of what counts last: of two lines of one instant the removal does.
    """

    time: datetime
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """All that a people-level rule can ask about one person.

    `traits` maps a facet's key to the keys of the traits carried, ancestors in the facet's tree included. Each account
    among `follows` is also a trait, of its platform's facet.
    `lists` are the lines about the person in the logs of lists, by the list's id, in any order. `document` is what
    expressions are asked of: attributes, events, identities and memberships, in plain values as
    `engine/values/document.py` reads them.
    """

    id: int
    key: str
    traits: Mapping[str, frozenset[str]] = field(default_factory=dict)
    texts: tuple[Text, ...] = ()
    follows: tuple[Follow, ...] = ()
    lists: Mapping[int, tuple[Line, ...]] = field(default_factory=dict)
    document: Document = field(default_factory=dict)


def matches(rule: Rule, person: Person, *, resolve: Resolve, as_of: datetime, now: datetime | None = None) -> bool:
    """Say whether `person` is among the people `rule` describes.

    `resolve` turns an audience's id into its rule and raises NotFound for an unknown one; `as_of` is the instant that
    "now" means for the data, `now` what it means for lists (without it, the same). Raises InvalidRule when audiences
    contain each other in a circle.
    """
    return _matches(rule, person, resolve, as_of, now or as_of, ())


def members(
    rule: Rule, people: Iterable[Person], *, resolve: Resolve, as_of: datetime, now: datetime | None = None
) -> set[int]:
    """Return the ids of the people `rule` describes; errors as for `matches`."""
    return {person.id for person in people if matches(rule, person, resolve=resolve, as_of=as_of, now=now)}


def is_listed(rule: Listed, person: Person, now: datetime) -> bool:
    """Say whether a person is on a list, by what its log says last of them."""
    span = rule.span or Span()
    lines = [line for line in person.lists.get(rule.list_id, ()) if span.until is None or line.time <= span.until]
    if not lines or max(lines).removed:
        return False
    added = max(lines).time
    if span.after is not None and added <= span.after:
        return False
    if rule.within_seconds is None or rule.span is not None:
        return True
    # A line is never in the future: where the clock is behind the log, what the log says last is now.
    return added + timedelta(seconds=rule.within_seconds) > max(now, added)


def _matches(
    rule: Rule, person: Person, resolve: Resolve, as_of: datetime, now: datetime, inside: tuple[int, ...]
) -> bool:
    def matched(inner: Rule) -> bool:
        return _matches(inner, person, resolve, as_of, now, inside)

    match rule:
        case Everyone():
            return True
        case Nobody():
            return False
        case InAudience(audience_id):
            if audience_id in inside:
                chain = " → ".join(str(each) for each in (*inside[inside.index(audience_id) :], audience_id))
                raise InvalidRule(f"audiences contain each other in a circle: {chain}")
            return _matches(resolve(audience_id), person, resolve, as_of, now, (*inside, audience_id))
        case HasTrait(facet, any_of):
            carried = person.traits.get(facet, frozenset())
            return any(key in carried for key in any_of)
        case Listed():
            return is_listed(rule, person, now)
        case Mentions():
            return any(_mentions(rule, text, as_of) for text in person.texts)
        case Follows():
            return _follows(rule, person, as_of)
        case Where(expression, members_of):
            meant = dict(members_of)

            def is_member(audience: str) -> bool:
                return matched(meant[audience] if audience in meant else InAudience(int(audience)))

            return holds(expression, person.document, now=as_of, is_member=is_member)
        case And(rules):
            return all(matched(each) for each in rules)
        case Or(rules):
            return any(matched(each) for each in rules)
        case Not(negated):
            return not matched(negated)
        case AtLeast(k, rules):
            return sum(matched(each) for each in rules) >= k
        case _:
            assert_never(rule)


def _mentions(rule: Mentions, text: Text, as_of: datetime) -> bool:
    return (
        text.field in rule.fields
        and (rule.within_days is None or _is_within(text.time, rule.within_days, as_of))
        and any(has_phrase(fold(text.text), fold(phrase)) for phrase in rule.phrases)
    )


def _follows(rule: Follows, person: Person, as_of: datetime) -> bool:
    there = [each for each in person.follows if follows_facet(each.platform) == follows_facet(rule.platform)]
    days = rule.active_within_days
    if days is not None and not any(_is_within(each.last_active, days, as_of) for each in there):
        return False
    return len({each.account for each in there}.intersection(rule.accounts)) >= rule.at_least


def _is_within(time: datetime | None, days: int, as_of: datetime) -> bool:
    """Say whether `time` lies in the last `days` × 24 hours up to `as_of`, both ends included; the future does not."""
    if time is None:
        return False
    age = as_of - time
    days_rounded_up = -(-age // _DAY)  # whole numbers: a day count too large for a timedelta is no error
    return timedelta(0) <= age and days_rounded_up <= days
