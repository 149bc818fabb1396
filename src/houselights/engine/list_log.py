"""The log of one list, in memory: who was put on it and taken off when, as sorted arrays. Reads no files.

A log only grows, and mostly at its end: what is added later is merged in without sorting the whole again.
"""

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from houselights.rules.tree import Span

Array = np.ndarray[Any, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Return an aware instant as the lake's integers do: microseconds since 1970."""
    return (instant - EPOCH) // _MICROSECOND


def instant_of(moment: int) -> datetime:
    """Return the instant that a number of microseconds since 1970 means."""
    return EPOCH + timedelta(microseconds=moment)


class ListLog:
    """Lines of one list: `people` uint32, `times` int64 in microseconds, `removed` bool, in order of person, time and
    what counts last; of two lines of one person and instant the removal does. Immutable: `grown` makes another.
    """

    def __init__(self, people: Array, times: Array, removed: Array, *, ends: tuple[Array, Array] | None = None):
        self.people, self.times, self.removed = people, times, removed
        self._ends = ends

    @classmethod
    def of(cls, people: Array, times: Array, removed: Array) -> "ListLog":
        """Make a log of lines in any order."""
        order = np.lexsort((removed, times, people))
        return cls(
            people[order].astype(np.uint32), times[order].astype(np.int64, copy=False), removed[order].astype(np.bool_)
        )

    def __len__(self) -> int:
        return len(self.people)

    @property
    def nbytes(self) -> int:
        """Bytes this takes at most: 13 a line, 12 for each who is on the list, 16 an instant."""
        return 41 * len(self)

    def grown(self, people: Array, times: Array, removed: Array) -> "ListLog":
        """Return the log with more lines, in any order."""
        more = ListLog.of(people, times, removed)
        if not len(self) or not len(more):
            return more if not len(self) else self
        (instants, marks), (later, more_marks) = self.ends, more.ends
        if later[0] <= instants[-1]:
            both = [(self.people, more.people), (self.times, more.times), (self.removed, more.removed)]
            return ListLog.of(*(np.concatenate(pair) for pair in both))
        # Every new line is later than all old ones, so behind the old ones of its person is where it belongs.
        places = np.searchsorted(self.people, more.people, side="right")
        return ListLog(
            np.insert(self.people, places, more.people),
            np.insert(self.times, places, more.times),
            np.insert(self.removed, places, more.removed),
            ends=(np.concatenate((instants, later)), np.concatenate((marks, more_marks + marks[-1]))),
        )

    @property
    def ends(self) -> tuple[Array, Array]:
        """The instants at which lines were written, ascending, and a uint64 mark of all lines up to each."""
        if self._ends is None:
            order = np.argsort(self.times)
            instants, first = np.unique(self.times[order], return_index=True)
            sums = np.cumsum(_marks(self.people, self.times, self.removed)[order])
            self._ends = instants, sums[np.append(first[1:], len(self)) - 1] if len(self) else sums
        return self._ends

    @property
    def last(self) -> datetime:
        """The instant of the last line. Raises IndexError when there is none."""
        return instant_of(int(self.ends[0][-1]))

    @cached_property
    def _on_it(self) -> tuple[Array, Array]:
        """Return who is on the list after all lines, and since when."""
        chosen = self._last & ~self.removed
        return self.people[chosen], self.times[chosen]

    @property
    def _last(self) -> Array:
        """Return which lines are the last of their person."""
        return np.append(self.people[1:] != self.people[:-1], True) if len(self) else np.empty(0, np.bool_)

    def standing(self, until: datetime | None = None) -> tuple[Array, Array]:
        """Return who is on the list by the lines up to an instant (None: all), ascending, and when they were put on it.

        Ids are uint32, times int64 in microseconds.
        """
        moment = None if until is None else microseconds(until)
        if moment is None or not len(self) or moment >= self.ends[0][-1]:
            return self._on_it
        counts = self.times <= moment
        is_last = counts & np.append(~counts[1:] | (self.people[1:] != self.people[:-1]), True)
        chosen = is_last & ~self.removed
        return self.people[chosen], self.times[chosen]

    @cached_property
    def ever(self) -> int:
        """How many people were ever put on the list."""
        added = self.people[~self.removed]
        return len(added) and 1 + int(np.count_nonzero(added[1:] != added[:-1]))

    def members(self, span: Span) -> Array:
        """Return the ids (uint32, ascending) of the people on the list, by the lines that a span lets count."""
        people, since = self.standing(span.until)
        return people if span.after is None else people[since > microseconds(span.after)]

    def settled(self, span: Span) -> Span | None:
        """Return the span that is the same for as long as the same lines count; None when no line does."""
        instants, marks = self.ends
        last = len(instants) if span.until is None else np.searchsorted(instants, microseconds(span.until), "right")
        if not last:
            return None
        after = None
        if span.after is not None:
            first = int(np.searchsorted(instants, microseconds(span.after), "right"))
            if first >= last:
                return None  # whoever was put on the list was put on it too long ago
            after = instant_of(int(instants[first - 1])) if first else None
        return Span(after=after, until=instant_of(int(instants[last - 1])), mark=int(marks[last - 1]))


def _marks(people: Array, times: Array, removed: Array) -> Array:
    """Return a number for each line that looks drawn by lot (splitmix64), so that sums of them tell logs apart."""
    mixed = times.astype(np.uint64) * np.uint64(2) + removed
    for number in (people.astype(np.uint64), np.uint64(0)):
        mixed = (mixed ^ number) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return mixed
