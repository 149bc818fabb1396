"""When people came onto a list and left it, from its log and how long it keeps them. Vectorised; knows no calendar.

Somebody is on a list from the line that put them on it until the line that took them off, or until they have been on it
for so many seconds; a line that puts them on it again in the meantime lets them stay on.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from houselights.engine.list_log import ListLog
from houselights.engine.people_set import PeopleSet

Array = np.ndarray[Any, Any]
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Comings:
    """Instants, int64 in microseconds and ascending, of people who came, were taken off, or stayed for too long."""

    added: Array
    removed: Array
    expired: Array

    def members_before(self, moments: Array) -> Array:
        """Return how many people were on the list just before each instant."""
        came = np.searchsorted(self.added, moments, "left")
        went = np.searchsorted(self.removed, moments, "left") + np.searchsorted(self.expired, moments, "left")
        return came - went


def comings(log: ListLog, within_seconds: int | None, among: PeopleSet) -> Comings:
    """Return who came and went when, of the people `among`; expiries that lie ahead of us are among them."""
    people, times, removed = _one_line_an_instant(log, among)
    if not len(people) or (within_seconds is not None and within_seconds <= 0):
        return Comings(*(np.empty(0, np.int64) for _ in range(3)))
    follows = np.append(people[1:] == people[:-1], False)  # another line of the same person comes after this one
    next_time = np.where(follows, np.append(times[1:], 0), NEVER)
    next_removes = np.append(removed[1:], False) & follows
    until = np.full(len(times), NEVER) if within_seconds is None else times + within_seconds * 1_000_000
    expires = ~removed & (until < NEVER) & ((until < next_time) | ((until == next_time) & next_removes))
    stays = ~removed & follows & ~next_removes & ~expires
    comes = ~removed & ~np.append(False, stays[:-1])
    taken = ~removed & next_removes & ~expires
    return Comings(np.sort(times[comes]), np.sort(next_time[taken]), np.sort(until[expires]))


def _one_line_an_instant(log: ListLog, among: PeopleSet) -> tuple[Array, Array, Array]:
    """Return the lines that count: of several of one person at one instant the last."""
    people, times, removed = log.people, log.times, log.removed
    inside = np.zeros(len(people), np.bool_)
    known = people < among.capacity
    inside[known] = (among.words[people[known] >> 6] >> (people[known].astype(np.uint64) & np.uint64(63))) & np.uint64(
        1
    )
    again = np.append((people[1:] == people[:-1]) & (times[1:] == times[:-1]), False) if len(people) else inside
    kept = inside & ~again
    return people[kept], times[kept], removed[kept]
