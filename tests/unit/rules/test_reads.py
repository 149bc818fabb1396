"""What an expression reads is never understated: whoever changes something else cannot change its answer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.apis.adobe.language.trees import trees

from houselights.apis.adobe.language.parse import parse
from houselights.rules.reads import Reads, reads
from houselights.rules.values import Value


def of(text: str) -> Reads:
    return reads(parse(text).tree, event_type="eventType")


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ('homeAddress.city = "Leeds" and person.age > 3', {("homeAddress", "city"), ("person", "age")}),
        ("orders[price > 3].count() > 1", {("orders",)}),
        ('xEvent[eventType = ^plan].count() > 1', {("plan",), ("@events",)}),
        ("homeAddress.isNull()", {("homeAddress",)}),
        ("1 = 1", set()),
    ],
)  # fmt: skip
def test_paths(text: str, paths: set[tuple[str, ...]]) -> None:
    assert of(text).paths == {path for path in paths if not path[0].startswith("@")}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ('CHAIN(xEvent, timestamp, [A: WHAT(eventType = "buy"), B: WHAT(eventType = "open")])', {"buy", "open"}),
        ('CHAIN(xEvent, timestamp, [A: WHAT(eventType.equals("Buy", false) and price > 3)])', {"buy"}),
        ('select E from xEvent where E.eventType in ["buy", "sell"]', {"buy", "sell"}),
        ('xEvent[eventType = "buy" or eventType = "sell"].count() > 2', {"buy", "sell"}),
        ('xEvent[eventType = "buy" or price > 1].count() > 2', None),
        ('xEvent[eventType != "buy"].count() > 2', None),
        ('forall E from xEvent : E.eventType = "buy"', None),
        ("xEvent.price > 3", None),
        ('xEvent[eventType = "buy"].count() > 2 and xEvent.count() > 7', None),
        ('city = "x"', set()),
        ('select E from xEvent where E.eventType = "buy" and (select F from xEvent where F.price > 1)', None),
    ],
)
def test_kinds_of_events(text: str, kinds: set[str] | None) -> None:
    assert of(text).event_types == kinds


def test_the_rest() -> None:
    found = of('inSegment("9001") and identityMap.get("email").isNotNull() and joined occurs last week')
    assert (found.audiences, found.identities, found.now) == ({"9001"}, True, True)
    assert not found.memberships


def test_a_change_above_or_below_what_is_read_concerns_it() -> None:
    found = of('homeAddress.city = "Leeds"')
    assert found.concerns_path(("homeAddress",))
    assert found.concerns_path(("homeAddress", "city"))
    assert found.concerns_path(("homeAddress", "city", "x"))
    assert not found.concerns_path(("homeAddress", "country"))
    assert not found.concerns_event("buy")


@settings(max_examples=200)
@given(trees(), st.text())
def test_every_expression_can_be_asked(value: Value, kind: str) -> None:
    found = reads(value, event_type="eventType")
    assert found.concerns_event(kind) in (True, False)
