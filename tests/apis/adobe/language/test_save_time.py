"""What is said when an audience is saved: thresholds, warnings and their override; how it can be evaluated, and why."""

import pytest

from houselights.apis.adobe.language.eligibility import Method, eligibility
from houselights.apis.adobe.language.parse import parse
from houselights.apis.adobe.language.validate import Thresholds, clauses_of, list_depth, refuse, validate
from houselights.base.errors import InvalidRule

USUAL = Thresholds()


def checks(text: str, thresholds: Thresholds = USUAL, share: float | None = None) -> list[str]:
    return [each.check for each in validate(parse(text).tree, thresholds, audience_share=share)]


def chain(count: int) -> str:
    steps = ", ".join(f'S{number}: WHAT(eventType = "e{number}")' for number in range(count))
    return f"CHAIN(xEvent, timestamp, [{steps}])"


def test_the_number_of_events_in_sequence_is_a_setting() -> None:
    assert checks(chain(6)) == []
    assert checks(chain(7)) == ["sequentialEvents"]
    assert checks(chain(4), Thresholds(sequence=3)) == ["sequentialEvents"]


def test_logic_that_would_blow_up_is_refused() -> None:
    assert clauses_of(parse("a = 1 and b = 2").tree) == 2
    assert clauses_of(parse("(a = 1 and b = 2) or (c = 3 and d = 4)").tree) == 4
    assert clauses_of(parse("not (a = 1 and b = 2 and c = 3)").tree) == 1
    pairs = " or ".join(f"(a{number} = 1 and b{number} = 2)" for number in range(40))
    assert checks(pairs) == ["logicalComplexity"]
    with pytest.raises(InvalidRule, match="clauses"):
        refuse(validate(parse(pairs).tree, USUAL), USUAL, override_warnings=True)


def test_warnings() -> None:
    assert checks(" and ".join(f"x{number}.count() > 1" for number in range(3))) == []
    assert checks(" and ".join(f"x{number}.count() > 1" for number in range(4))) == ["aggregation"]
    assert checks("xEvent[items[true]]") == []
    assert checks("xEvent[items[tags[true]]]") == ["nestingDepth"]
    assert checks("CHAIN(xEvent, timestamp, [A: WHAT(items.exists(tags.exists(true)))])") == ["nestingDepth"]
    assert list_depth(parse('segmentMembership.get("ups").get("x").status').tree) == 2
    assert checks("true", share=0.31) == ["audienceSize"]
    assert checks("true", share=0.30) == []


def test_warnings_refuse_only_where_the_deployment_says_so_and_nobody_overrides() -> None:
    findings = validate(parse("true").tree, USUAL, audience_share=0.5)
    assert [each.critical for each in findings] == [False]
    refuse(findings, USUAL, override_warnings=False)
    strict = Thresholds(warnings_refuse=True)
    refuse(findings, strict, override_warnings=True)
    with pytest.raises(InvalidRule, match="50% of all profiles") as caught:
        refuse(findings, strict, override_warnings=False)
    assert caught.value.hint is not None
    assert "overridePerformanceWarnings" in caught.value.hint


EVENT = 'WHAT(eventType = "x")'


@pytest.mark.parametrize(
    ("text", "methods", "why"),
    [
        ('workAddress.country = "US"', "batch continuous synchronous", "continuous or synchronous"),
        (f"CHAIN(xEvent, timestamp, [A: {EVENT} WHEN(today)])", "batch continuous synchronous", "continuous or"),
        (f"CHAIN(xEvent, timestamp, [A: {EVENT} WHEN(<= 24 hours before now)]) and a = 1",
         "batch continuous synchronous", "continuous or"),
        (f"CHAIN(xEvent, timestamp, [A: {EVENT} WHEN(<= 25 hours before now)])", "batch", "the window is 25 hours"),
        (f"CHAIN(xEvent, timestamp, [A: {EVENT} WHEN(< 30 days before now)])", "batch", "the window is 30 days"),
        (f"CHAIN(xEvent, timestamp, [A: {EVENT} WHEN(yesterday)])", "batch", "the window is yesterday"),
        (f"CHAIN(xEvent, timestamp, [A: {EVENT}])", "batch", "events of any age"),
        (f"CHAIN(xEvent, timestamp, [A: {EVENT} WHEN(today), B: {EVENT} WHEN(today)])", "batch continuous",
         "more than one event"),
        (f"CHAIN(xEvent, timestamp, [A: {EVENT} WHEN(today) COUNT(5)])", "batch continuous", "more than one event"),
        ((f"CHAIN(xEvent, timestamp, [A: {EVENT} WHEN(today)]) and not (CHAIN(xEvent, timestamp, "
         f"[A: {EVENT} WHEN(today)]))"), "batch continuous", "more than one event"),
        (f"not (CHAIN(xEvent, timestamp, [A: {EVENT} WHEN(today)]))", "batch", "as a whole it is a negation"),
        (f"a = 1 and not (CHAIN(xEvent, timestamp, [A: {EVENT} WHEN(today)]))", "batch continuous",
         "events that did not happen"),
        ('inSegment("a") and a = 1', "batch continuous synchronous", "continuous or"),
        (f'inSegment("a") and CHAIN(xEvent, timestamp, [A: {EVENT} WHEN(today)])', "batch", "another audience"),
        ('xEvent[eventType = "x" and timestamp occurs < 12 hours before now]', "batch continuous synchronous", ""),
        ('exists E from xEvent where E.timestamp occurs today and E.eventType = "x"',
         "batch continuous synchronous", ""),
        ('xEvent[eventType = "x" or timestamp occurs today]', "batch", "events of any age"),
        ("xEvent[timestamp occurs today].count() > 3", "batch", "aggregates events"),
        ("xEvent.commerce.order.priceTotal > 3", "batch", "events of any age"),
    ],
)  # fmt: skip
def test_eligibility(text: str, methods: str, why: str) -> None:
    found = eligibility(parse(text).tree)
    assert [each.value for each in Method if found.allows(each)] == methods.split()
    assert why in found.explain()


def test_a_merge_policy_that_is_not_on_edge_leaves_batch() -> None:
    found = eligibility(parse("a = 1").tree, active_on_edge=False)
    assert found.chosen is Method.BATCH
    assert found.explain() == "batch, because its merge policy is not active on edge"
