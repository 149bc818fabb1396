"""The decisions of docs/decisions/0010-pql-semantics.md, one by one, on documents made for the purpose."""

from datetime import UTC, datetime
from typing import Any

import pytest

from houselights.apis.adobe.language.parse import parse
from houselights.engine.values.evaluate import Circumstances, evaluate, holds
from houselights.rules.functions.lists import Keyed
from houselights.rules.values import EVENTS

NOW = datetime(2026, 11, 1, 15, 30, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def asks(text: str, **person: Any) -> bool:
    return holds(parse(text).tree, person, now=NOW)


def answers(text: str, **person: Any) -> Any:
    return evaluate(parse(text).tree, Circumstances(inputs=(person,), now=NOW))


NEGATIVES = ('x != "a"', 'x notIn ["a"]', 'x.doesNotContain("a")', 'x.doesNotStartWith("a")', 'x.doesNotEndWith("a")',
             'x.notEqualTo("a")')  # fmt: skip
POSITIVES = ('x = "a"', 'x in ["a"]', 'x.contains("a")', 'x.startsWith("a")', 'x.endsWith("a")', 'x.equals("a")',
             'x like "a"', 'x.matches("a")', 'x < "b"', "x occurs today", 'x.includes("a")')  # fmt: skip


@pytest.mark.parametrize("text", [*NEGATIVES, *POSITIVES])
def test_what_is_missing_never_qualifies_except_through_not(text: str) -> None:
    for person in ({}, {"x": None}, {"x": []}):
        assert not asks(text, **person)
        assert asks(f"not ({text})", **person)


@pytest.mark.parametrize("text", NEGATIVES)
def test_negative_tests_hold_for_what_is_known_and_different(text: str) -> None:
    assert asks(text, x="b")
    assert not asks(text, x="a")
    assert asks(text, x=["a", "b"]), "some item is different"


@pytest.mark.parametrize("empty", [None, [], Keyed()], ids=["null", "list", "map"])
def test_an_empty_list_is_a_missing_one(empty: object) -> None:
    assert asks("x.isNull()", x=empty)
    assert not asks("x.isNotNull()", x=empty)
    assert not asks("x.subsetOf([1])", x=empty)
    assert not asks("[1].supersetOf(x)", x=empty)
    assert not asks("x.intersects([1])", x=empty)
    assert not asks("x = x", x=empty)


def test_aggregates_over_nothing() -> None:
    assert answers("x.count()") == 0
    assert answers("x.sum()") == 0
    for function in ("average", "min", "max", "head"):
        assert answers(f"x.{function}()") is None
        assert not asks(f"x.{function}() >= 0")
        assert not asks(f"x.{function}() < 0")
    assert not asks("x.exists(true)")
    assert asks("x.forall(false)")


def test_aggregates_pass_over_items_without_a_value() -> None:
    items = [{"p": 1}, {"p": None}, {}, {"p": 3}]
    assert answers("x.average(p)", x=items) == 2
    assert answers("x.sum(p)", x=items) == 4
    assert answers("x.min(p)", x=items) == 1
    assert answers("x.count()", x=items) == 4
    assert answers("count I.p over I from x", x=items) == 2


def test_any_item_will_do() -> None:
    assert asks("x > 2", x=[1, 3])
    assert asks("x < 2", x=[1, 3])
    assert asks("2 < x", x=[1, 3])
    assert not asks("x = 2", x=[1, 3])
    assert asks("x.y = 3", x=[{"y": [1]}, {"y": [3]}])
    assert asks("x + 1 = 4", x=[1, 3])


def test_lists_are_equal_in_any_order() -> None:
    assert asks("x = [1, 2]", x=[2, 1])
    assert not asks("x = [1, 2]", x=[1, 2, 2])
    assert asks("x != [1, 2]", x=[1, 2, 2])
    assert not asks("x < [5]", x=[1]), "two lists have no order"


def test_lists_as_conditions() -> None:
    assert asks("x", x=[False])
    assert not asks("x", x=[])
    assert not asks("x", x="text")
    assert not asks("x", x=1)
    assert asks("x[a = 1] and true", x=[{"a": 1}])


def test_ranking() -> None:
    items = [{"n": "a", "k": 1}, {"n": "b"}, {"n": "c", "k": 3}, {"n": "d", "k": 3}, {"n": "e", "k": 2}]
    assert answers("x.topN(k, 3).n", x=items) == ["c", "d", "e"]
    assert answers("x.bottomN(k, 2).n", x=items) == ["a", "e"]
    assert answers("x.topN(k, 99).n", x=items) == ["c", "d", "e", "a"]


def test_reckoning() -> None:
    assert answers("7 / 2") == 3.5
    assert answers("-7 % 3") == -1
    assert answers("-7.5 % 2") == -1.5
    assert answers("1 / 0") is None
    assert answers("1 % 0") is None
    assert answers("9223372036854775807 * 2") is None
    assert answers("1e308 * 10") is None
    assert answers("x + 1") is None
    assert answers("x * x", x=[1, 2]) is None
    assert answers("x * 2", x=[1, 2]) == [2, 4]


def test_kinds_do_not_mix() -> None:
    for operator in ("=", "!=", "<", ">="):
        assert not asks(f'x {operator} "1"', x=1)
        assert not asks(f"x {operator} 1", x=True)
    assert asks("x = 1.0", x=1)
    assert asks("x = date(2026, 11, 1)", x=at("2026-11-01"))
    assert asks("x < y", x="Z", y="a"), "by code point"


def test_case() -> None:
    assert asks('x.equals("STRASSE", false)', x="Strasse")
    assert not asks('x.equals("STRASSE", false)', x="Straße")
    assert not asks('x.equals("cafe", false)', x="Café")
    assert asks('x.contains("İ", false)', x="istanbul")


def test_the_case_flag_is_the_last_of_several() -> None:
    assert asks('x.equals("a", "B", false)', x="b")
    assert not asks('x.equals("a", "B", true)', x="b")


def test_leap_day_birthdays() -> None:
    born = at("2004-02-29").date()

    def age(day: str) -> int:
        tree = parse("age(born)").tree
        return int(evaluate(tree, Circumstances(inputs=({"born": born},), now=at(day))))

    assert (age("2025-02-28"), age("2025-03-01"), age("2028-02-28"), age("2028-02-29")) == (20, 21, 23, 24)


@pytest.mark.parametrize(
    ("text", "moment", "lies"),
    [
        ("<= 3 days before now", "2026-10-29T15:30", True),
        ("< 3 days before now", "2026-10-29T15:30", False),
        ("< 3 days before now", "2026-11-01T15:30", True),
        ("< 3 days before now", "2026-11-01T15:31", False),  # the future is not within three days before
        ("> 3 days before now", "2026-10-29T15:30", False),
        ("> 3 days before now", "2020-01-01", True),
        (">= 3 days before now", "2026-10-29T15:30", True),
        ("= 3 days before now", "2026-10-29T00:00", True),
        ("= 3 days before now", "2026-10-29T23:59", True),
        ("= 3 days before now", "2026-10-28T23:59", False),
        ("!= 3 days before now", "2026-10-28T23:59", True),
        ("= 3 hours before now", "2026-11-01T12:00", True),
        ("= 1 month before now", "2026-10-31", True),
        ("<= 1 month before date(2026, 3, 31)", "2026-02-28", True),
        ("<= 24 hours after now", "2026-11-02T15:30", True),
        ("< 2 days from now", "2026-11-03T15:29", True),
        ("<= 3 days before today", "2026-11-01T08:00", False),  # today begins at midnight
        ("today", "2026-11-01T23:59", True),
        ("today", "2026-11-02", False),
        ("before today", "2026-10-31T23:59", True),
        ("before today", "2026-11-01T00:00", False),
        ("after today", "2026-11-01T23:59", False),
        ("after today", "2026-11-02", True),
        ("from today", "2026-11-01", True),
        ("after now", "2026-11-01T15:30", False),
        ("last week", "2026-10-19", True),
        ("last week", "2026-10-26", False),
        ("last month", "2026-10-01", True),
        ("this week", "2026-10-26", True),
        ("on now", "2026-11-01T00:00", True),
        ("on date(2026, 10, 31)", "2026-10-31T23:59", True),
        ("between date(2026, 10, 1) and date(2026, 10, 31)", "2026-10-31T23:59", True),
        ("between date(2026, 10, 1) and date(2026, 10, 31)", "2026-11-01", False),
        ("between yesterday and now", "2026-11-01T15:30", True),
    ],
)
def test_occurs(text: str, moment: str, *, lies: bool) -> None:
    assert asks(f"t occurs {text}", t=at(moment)) is lies


def test_a_chain_may_need_a_later_completion() -> None:
    def event(kind: str, time: str) -> dict[str, Any]:
        return {"type": kind, "timestamp": at(time)}

    events = [event("a", "2026-10-01T10:00"), event("a", "2026-10-02T10:00"), event("b", "2026-10-02T10:30")]
    chain = 'CHAIN(xEvent, timestamp, [A: WHAT(type = "a"), B: WHAT(type = "b") WHEN(<= 1 hour after A)])'
    assert asks(chain, **{EVENTS: events})
    assert not asks(chain, **{EVENTS: [events[0], events[2]]})
    assert not asks(chain, **{EVENTS: [event("a", "2026-10-01"), event("b", "2026-10-01")]}), "strictly later"


def test_counts_in_chains_are_at_least_and_used_up() -> None:
    events = [{"timestamp": at(f"2026-10-0{day}")} for day in (1, 2, 3)]
    for counts, happened in (((1,), True), ((3,), True), ((4,), False), ((2, 1), True), ((2, 2), False)):
        steps = ", ".join(f"S{place}: WHAT(true) COUNT({count})" for place, count in enumerate(counts))
        assert asks(f"CHAIN(xEvent, timestamp, [{steps}])", **{EVENTS: events}) is happened
