"""The JSON form of expressions: what goes out comes back equal, and what is not understood is refused by its path."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.apis.adobe.language.trees import trees

from houselights.base.errors import InvalidRule
from houselights.rules.value_json import from_json, to_json, value_from_json
from houselights.rules.values import Call, Field, Input, Literal, Member, Value
from houselights.rules.walk import renamed

WORDS = (
    "text",
    "call",
    "path",
    "steps",
    "function",
    "arguments",
    "null",
    "integer",
    "list",
    "chain",
    "lambda",
    "occurs",
)
ANY_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.sampled_from(WORDS), st.text()), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=400)
@given(trees())
def test_every_expression_comes_back_equal(value: Value) -> None:
    written = json.dumps(to_json(value))
    if "\\u0000" not in written:
        assert from_json(json.loads(written)) == value
        assert from_json(json.loads(written)) != Call("not", (value,))


@pytest.mark.parametrize("plain", [1, 1.0, True, 2**53 + 1, -(2**80), float("inf"), -0.0, "1", None, date(2020, 2, 29)])
def test_literals_keep_their_type_and_every_digit(plain: Any) -> None:
    back = from_json(json.loads(json.dumps(to_json(Literal(plain)))))
    assert isinstance(back, Literal)
    assert (repr(back.value), back.kind) == (repr(plain), type(plain).__name__)


@settings(max_examples=300)
@given(ANY_JSON)
def test_anything_at_all_is_read_or_refused(document: Any) -> None:
    field: str | None = None
    try:
        value_from_json(document, "where")
    except InvalidRule as error:
        field = error.field or ""
    assert field is None or field.startswith("where")


def refusal(node: object) -> tuple[str | None, str, str | None]:
    with pytest.raises(InvalidRule) as caught:
        value_from_json(node, "where")
    return caught.value.field, caught.value.message, caught.value.hint


def test_refusals_name_the_place() -> None:
    assert refusal({"call": {"function": "equal", "arguments": [{"tex": "a"}]}}) == (
        "where.call.arguments[0]", 'unknown kind of value "tex"', 'did you mean "text"?',
    )  # fmt: skip
    assert refusal({"period": {"which": "next", "unit": "fortnight"}})[0] == "where.period.unit"
    assert refusal({"path": {"steps": []}})[0] == "where.path.steps"
    assert refusal({"instant": "yesterday"})[2] == 'such as "2026-02-28T12:30:00+00:00"'


def test_nesting_has_an_end() -> None:
    node: dict[str, Any] = {"now": True}
    for _ in range(500):
        node = {"list": [node]}
    assert "nest more than 120 levels" in refusal(node)[1]


@settings(max_examples=200)
@given(trees())
def test_renaming_audiences_changes_nothing_else(value: Value) -> None:
    assert renamed(value, lambda name: name) == value


def test_audiences_are_renamed_wherever_they_stand() -> None:
    one = Call("and", (Call("not", (Member("a"),)), Call("equal", (Field(Input(), "x"), Literal("a")))))
    two = Call("and", (Call("not", (Member("A"),)), Call("equal", (Field(Input(), "x"), Literal("a")))))
    assert renamed(one, str.upper) == two
