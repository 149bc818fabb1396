"""Fixes what "now" means to the lists in a rule, and asks rules about lists as they were at another instant.

A person is on a list at an instant when the last line of its log up to then put them on it, and they were put on it
less than `within_seconds` before. Nothing here reads a log.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from houselights.rules.tree import And, AtLeast, Listed, Nobody, Not, Or, Rule, Span, Where

Change = Callable[[Listed], Rule]


def with_lists(rule: Rule, change: Change) -> Rule:
    """Return the rule with every list in it changed, those that its expressions ask about among them."""

    def each(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        return tuple(with_lists(inner, change) for inner in rules)

    match rule:
        case Listed():
            return change(rule)
        case And(rules):
            return And(each(rules))
        case Or(rules):
            return Or(each(rules))
        case Not(negated):
            return Not(with_lists(negated, change))
        case AtLeast(k, rules):
            return AtLeast(k, each(rules))
        case Where(expression, members) if members:
            return Where(expression, tuple((name, with_lists(meant, change)) for name, meant in members))
        case _:
            return rule


def at_now(rule: Rule, now: datetime) -> Rule:
    """Return the rule with its lists as they are now: all lines count, and `within_seconds` is counted back from now.

    Asked twice, it changes nothing the second time.
    """
    return with_lists(rule, lambda listed: listed_at_now(listed, now))


def as_of(rule: Rule, instant: datetime) -> Rule:
    """Return the rule with its lists as they were at an instant, lines of that very instant included."""
    return with_lists(rule, lambda listed: _listed_as_of(listed, instant))


def listed_at_now(listed: Listed, now: datetime) -> Rule:
    """Return one list as it is now; see `at_now`."""
    if listed.within_seconds is None or listed.span is not None:
        return listed
    if listed.within_seconds <= 0:
        return Nobody()
    return replace(listed, span=Span(after=_before(now, listed.within_seconds)))


def _listed_as_of(listed: Listed, instant: datetime) -> Rule:
    if listed.span is not None:
        return listed
    if listed.within_seconds is None:
        return replace(listed, span=Span(until=instant))
    if listed.within_seconds <= 0:
        return Nobody()
    return replace(listed, span=Span(after=_before(instant, listed.within_seconds), until=instant))


def _before(instant: datetime, seconds: int) -> datetime | None:
    """Return the instant so much earlier, None when the calendar does not go back that far."""
    try:
        return instant - timedelta(seconds=seconds)
    except OverflowError:
        return None
