"""Says whether a chain of steps happened: events one after another, each step strictly later than the one before.

A step with a count needs at least that many events of its own, all later than the step before was completed; it is
itself completed by the last of those it takes. Every way of completing a step is tried, not only the earliest, because
a later step may measure its time from it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from houselights.rules.values import Step

Matches = Callable[[int, Any, Mapping[str, datetime]], bool]


def happened(
    steps: Sequence[Step], events: Sequence[Any], *, time: Callable[[Any], datetime], matches: Matches
) -> bool:
    """Say whether some choice of events fits all steps in order.

    `matches(place, event, times)` says whether an event fits the step at a place, given when the earlier steps were
    completed, by their labels. A chain without steps has happened.
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
        return any(from_step(place + 1, at, {**times, link.label: at}) for at in completions)

    return from_step(0, None, {})
