"""Says whether a chain of steps happened: events one after another, each step strictly later than the one before.

A step with a count needs at least that many events of its own, all later than the step before was completed; it is
itself completed by the last of those it takes. The earliest completion leaves the most room for what follows, so it is
the only one tried, unless a later step measures its time from it; then every completion is.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from houselights.rules.values import Step

Matches = Callable[[int, Any, Mapping[str, datetime]], bool]


def happened(
    steps: Sequence[Step],
    events: Sequence[Any],
    *,
    time: Callable[[Any], datetime],
    matches: Matches,
    referred: Collection[str],
) -> bool:
    """Say whether some choice of events fits all steps in order.

    `matches(place, event, times)` says whether an event fits the step at a place, given when the earlier steps were
    completed, by their labels; `referred` are the labels that later steps measure from. A chain without steps has
    happened.
    """
    ordered = sorted(events, key=time)

    def from_step(place: int, after: datetime | None, times: Mapping[str, datetime]) -> bool:
        if place == len(steps):
            return True
        link = steps[place]
        fitting = [
            time(event) for event in ordered if (after is None or time(event) > after) and matches(place, event, times)
        ]
        completions = dict.fromkeys(fitting[max(1, link.count) - 1 :])  # each instant once, earliest first
        tried = list(completions) if link.label in referred else list(completions)[:1]
        return any(from_step(place + 1, at, {**times, link.label: at}) for at in tried)

    return from_step(0, None, {})
