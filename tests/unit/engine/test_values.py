"""What the plain evaluator answers on its own, without a language: lists, maps, missing things, chains."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from houselights.base.errors import InvalidRule
from houselights.engine.values.document import read, read_person
from houselights.engine.values.evaluate import Circumstances, evaluate, holds, step
from houselights.model.schema import AnyType, ListType, MapType, ObjectType, Scalar, Schema
from houselights.rules.functions.lists import Keyed
from houselights.rules.values import EVENTS, Call, Chain, Field, Input, Lambda, Literal, Member, Step, Value, Variable

NOW = datetime(2026, 11, 1, 15, 30, tzinfo=UTC)


def answer(rule: Value, **person: Any) -> Any:
    return evaluate(rule, Circumstances(inputs=(person,), now=NOW))


def call(function: str, *arguments: Any) -> Call:
    return Call(
        function, tuple(each if isinstance(each, Lambda | Field | Call) else Literal(each) for each in arguments)
    )


def path(*names: str) -> Value:
    made: Value = Input(1)
    for name in names:
        made = Field(made, name)
    return made


def test_a_path_goes_through_lists_and_drops_what_is_not_there() -> None:
    document = {"a": [{"b": 1}, {"b": None}, {}, {"b": [2, 3]}, 7]}
    assert step(document["a"], "b") == [1, 2, 3]
    assert answer(path("a", "b"), **document) == [1, 2, 3]
    assert answer(path("x", "y")) is None


def test_an_unknown_function_is_refused() -> None:
    with pytest.raises(InvalidRule, match="no function"):
        answer(call("nonsense", 1))


def test_membership_is_asked_for() -> None:
    assert holds(Member("a"), {}, now=NOW, is_member=lambda audience: audience == "a")
    assert not holds(Member("a"), {}, now=NOW)


def test_two_inputs() -> None:
    rule = call("equal", Field(Input(1), "x"), Field(Input(2), "x"))
    assert evaluate(rule, Circumstances(inputs=({"x": 1}, {"x": 1.0}), now=NOW))
    assert not evaluate(rule, Circumstances(inputs=({"x": 1},), now=NOW))


def test_events_without_a_time_never_happened() -> None:
    any_event = Lambda(("@1",), Literal(True))
    rule = Chain(path(EVENTS), Lambda(("@1",), Field(Variable("@1"), "time")), (Step("A", any_event),))
    assert not holds(rule, {EVENTS: [{"type": "x"}]}, now=NOW)
    assert holds(rule, {EVENTS: [{"time": NOW}]}, now=NOW)


SCHEMA = Schema(
    person=ObjectType(
        {
            "born": Scalar.DATE,
            "seen": Scalar.TIMESTAMP,
            "age": Scalar.INTEGER,
            "score": Scalar.NUMBER,
            "name": Scalar.STRING,
            "ok": Scalar.BOOLEAN,
            "tags": ListType(Scalar.STRING),
            "by": MapType(Scalar.INTEGER),
            "home": ObjectType({"city": Scalar.STRING}),
            "free": AnyType(),
        }
    ),
    event=ObjectType({"time": Scalar.TIMESTAMP}),
)


def test_a_document_is_read_by_its_schema() -> None:
    person = read_person(
        {
            "born": "2004-02-29", "seen": "2026-11-01T16:30:00+01:00", "age": 22.0, "score": 3, "name": "Eli",
            "ok": True, "tags": ["a", None, 3, "b"], "by": {"x": 1, "y": "no"}, "home": {"city": "Austin", "zip": 1},
            "free": {"any": [1]}, "unknown": 1, EVENTS: [{"time": "2026-11-01", "more": 1}],
        },
        SCHEMA,
    )  # fmt: skip
    assert person == {
        "born": date(2004, 2, 29), "seen": NOW, "age": 22, "score": 3.0, "name": "Eli", "ok": True,
        "tags": ["a", "b"], "by": {"x": 1}, "home": {"city": "Austin"}, "free": {"any": [1]},
        EVENTS: [{"time": datetime(2026, 11, 1, tzinfo=UTC)}],
    }  # fmt: skip
    assert isinstance(person["by"], Keyed)


@pytest.mark.parametrize(
    ("value", "kind"),
    [("no date", Scalar.DATE), (1, Scalar.STRING), ("1", Scalar.INTEGER), (1.5, Scalar.INTEGER), (True, Scalar.INTEGER),
     (1, Scalar.BOOLEAN), ("x", ListType(Scalar.STRING)), ([], MapType(Scalar.STRING)), ("x", ObjectType({}))],
)  # fmt: skip
def test_a_value_of_another_type_is_dropped(value: object, kind: Any) -> None:
    assert read(value, kind) is None


def test_a_chain_with_many_events_is_quick() -> None:
    events = [{"time": NOW - timedelta(seconds=second), "n": second % 7} for second in range(2000)]
    steps = tuple(
        Step(f"S{number}", Lambda(("@1",), call("equal", Field(Variable("@1"), "n"), 8))) for number in range(6)
    )
    rule = Chain(path(EVENTS), Lambda(("@1",), Field(Variable("@1"), "time")), steps)
    assert not holds(rule, {EVENTS: events}, now=NOW)
