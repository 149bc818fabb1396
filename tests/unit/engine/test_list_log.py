"""The log of one list against the plain evaluator: at any instant, with any time to live, however the log grew."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.indexes import nothing

from houselights.engine import plain
from houselights.engine.list_history import comings
from houselights.engine.list_log import ListLog, instant_of, microseconds
from houselights.engine.people_set import PeopleSet
from houselights.engine.plain import Line, Person
from houselights.rules.listed import as_of, listed_at_now
from houselights.rules.tree import Listed, Nobody, Rule, Span

START = datetime(2026, 10, 1, tzinfo=UTC)
LIST = 7
PEOPLE = 6
SECONDS = 12  # few instants, so that lines of one instant, and ends of stays at lines, are common
Lines = list[tuple[int, int, bool]]
"""Person, second, removed."""

lines = st.lists(st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, SECONDS), st.booleans()), max_size=25)
ttls = st.sampled_from((None, 0, 1, 2, 3, 5, 100))


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def arrays(given: Lines) -> tuple[Any, Any, Any]:
    people = np.array([person for person, _, _ in given], np.int64)
    times = np.array([microseconds(at(second)) for _, second, _ in given], np.int64)
    return people, times, np.array([removed for _, _, removed in given], np.bool_)


def people_of(given: Lines) -> list[Person]:
    found: dict[int, list[Line]] = {}
    for person, second, removed in given:
        found.setdefault(person, []).append(Line(at(second), removed))
    return [Person(id=each, key=str(each), lists={LIST: tuple(found.get(each, ()))}) for each in range(PEOPLE)]


def grown(given: Lines, cuts: list[int]) -> ListLog:
    """Make a log of lines in the order given, in as many steps as there are cuts."""
    edges = [0, *sorted(cut % (len(given) + 1) for cut in cuts), len(given)]
    log = ListLog.of(*arrays([]))
    for low, high in pairwise(edges):
        log = log.grown(*arrays(given[low:high]))
    return log


def who(log: ListLog, rule: Rule) -> set[int]:
    """Ask a log as the leaves of a snapshot do."""
    if isinstance(rule, Nobody):
        return set()
    assert isinstance(rule, Listed)
    span = log.settled(rule.span or Span())
    found = set() if span is None else set(log.members(span).tolist())
    assert found == set(log.members(rule.span or Span()).tolist())
    return found


@settings(max_examples=300)
@given(lines, st.lists(st.integers(0, 100), max_size=4), ttls, st.integers(-1, SECONDS + 4), st.booleans())
def test_it_says_what_the_plain_evaluator_says(
    given: Lines, cuts: list[int], ttl: int | None, second: int, is_sorted: bool
) -> None:
    given = sorted(given, key=lambda line: line[1]) if is_sorted else given
    log, people, listed = grown(given, cuts), people_of(given), Listed(LIST, ttl)
    assert (np.diff(log.people.astype(np.int64)) >= 0).all()
    then = as_of(listed, at(second))
    assert who(log, then) == plain.members(then, people, resolve=nothing, as_of=START)
    now = listed_at_now(listed, at(second))
    assert who(log, now) == plain.members(listed, people, resolve=nothing, as_of=START, now=at(second))


@given(lines, st.lists(st.integers(0, 100), max_size=4))
def test_a_log_that_grew_is_the_log_made_at_once(given: Lines, cuts: list[int]) -> None:
    one, other = grown(given, cuts), ListLog.of(*arrays(given))
    for name in ("people", "times", "removed"):
        assert (getattr(one, name) == getattr(other, name)).all()
    assert all((a == b).all() for a, b in zip(one.ends, other.ends, strict=True))


@given(lines, ttls, st.integers(0, SECONDS), st.integers(0, SECONDS))
def test_the_settled_span_changes_only_when_somebody_could_have_come_or_gone(
    given: Lines, ttl: int | None, one: int, other: int
) -> None:
    log = ListLog.of(*arrays(given))

    def settled(second: int) -> Span | None:
        rule = as_of(Listed(LIST, ttl), at(second))
        return log.settled(rule.span or Span()) if isinstance(rule, Listed) else None

    low, high = sorted((one, other))
    events = {second for _, second, _ in given} | {second + (ttl or 0) for _, second, _ in given}
    if not any(low < event <= high for event in events):
        assert settled(low) == settled(high)


def test_logs_that_differ_have_other_marks() -> None:
    """Two attempts at one instant, of which the first was never published: what is remembered of it is not used."""
    one, other = (ListLog.of(*arrays([(person, 3, False)])) for person in (1, 2))
    assert one.settled(Span()) != other.settled(Span())
    assert one.settled(Span()) == ListLog.of(*arrays([(1, 3, False)])).settled(Span())


@settings(max_examples=300)
@given(lines, ttls)
def test_comings_add_up_to_who_is_there(given: Lines, ttl: int | None) -> None:
    log, people, listed = ListLog.of(*arrays(given)), people_of(given), Listed(LIST, ttl)
    found = comings(log, ttl, PeopleSet.full(PEOPLE))
    seconds = range(SECONDS + 6)
    sizes = found.members_before(np.array([microseconds(at(second)) + 1 for second in seconds]))
    wanted = [len(plain.members(as_of(listed, at(second)), people, resolve=nothing, as_of=START)) for second in seconds]
    assert sizes.tolist() == wanted
    for each in (found.added, found.removed, found.expired):
        assert (np.diff(each) >= 0).all()
    # Nobody comes who is there, and nobody goes who is not.
    for person in people:
        own = comings(log, ttl, PeopleSet.from_ids([person.id], PEOPLE))
        turns = sorted(
            [(moment, 1) for moment in own.added] + [(moment, -1) for moment in (*own.removed, *own.expired)]
        )
        there = 0
        for _, turn in turns:
            there += turn
            assert there in (0, 1)


def test_instants_are_kept_to_the_microsecond() -> None:
    moment = START + timedelta(microseconds=1)
    assert instant_of(microseconds(moment)) == moment
    log = ListLog.of(np.array([3]), np.array([microseconds(moment)]), np.array([False]))
    assert log.members(Span(until=START)).tolist() == []
    assert log.members(Span(until=moment)).tolist() == [3]
    assert log.members(Span(after=moment)).tolist() == []
    assert log.last == moment
    with pytest.raises(IndexError):
        _ = ListLog.of(*arrays([])).last
