"""The JSON form: what goes out comes back equal, and what is not understood is refused by its path."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import World, worlds

from houselights.base.errors import InvalidRule
from houselights.rules.json_form import DEPTH_MAX, KINDS, from_json, node_from_json, to_json
from houselights.rules.tree import HasTrait, InAudience, Listed, Nobody, Not

ANY_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.sampled_from((*KINDS, "facet", "any_of", "k", "of")), st.text()), inner, max_size=3
        ),
    ),
    max_leaves=8,
)


@given(worlds())
def test_every_rule_comes_back_equal(world: World) -> None:
    for rule in (world.rule, *world.audiences.values()):
        assert from_json(json.loads(json.dumps(to_json(rule)))) == rule


@given(st.integers(0, 2**63 - 1))
def test_ids_keep_every_digit(number: int) -> None:
    for rule in (InAudience(number), Listed(number)):
        assert from_json(json.loads(json.dumps(to_json(rule)))) == rule


@given(ANY_JSON)
def test_anything_at_all_is_read_or_refused(document: Any) -> None:
    field: str | None = None
    try:
        rule = node_from_json(document)
    except InvalidRule as error:
        field = error.field or ""
    else:
        assert from_json(to_json(rule)) == rule
    assert field is None or field.startswith("rule")


def refusal(document: object) -> tuple[str | None, str, str | None]:
    with pytest.raises(InvalidRule) as caught:
        from_json(document)
    return caught.value.field, caught.value.message, caught.value.hint


def in_rule(node: object) -> dict[str, object]:
    return {"version": 1, "rule": node}


def test_the_version_is_required_and_must_be_known() -> None:
    rule = {"everyone": True}
    assert refusal(rule) == ("version", "a rule names its version", 'write {"version": 1, "rule": …}')
    assert refusal({"rule": rule})[:2] == ("version", '"version" is missing')
    assert refusal({"version": 1})[:2] == ("rule", '"rule" is missing')
    assert refusal({"version": 2, "rule": rule})[:2] == ("version", "version 2 is not one we read; this is version 1")
    assert refusal({"version": True, "rule": rule})[0] == "version"
    assert refusal({"version": 1, "rule": rule, "rules": []}) == (None, 'unknown key "rules"', 'did you mean "rule"?')
    assert refusal([])[:2] == ("rule", "a rule is an object, not a list")


def test_hostile_nesting_is_refused_and_the_deepest_allowed_is_read() -> None:
    def nested(levels: int) -> object:
        node: object = {"nobody": True}
        for _ in range(levels - 1):
            node = {"not": node}
        return in_rule(node)

    rule = from_json(nested(DEPTH_MAX))
    for _ in range(DEPTH_MAX - 1):
        assert isinstance(rule, Not)
        rule = rule.rule
    assert rule == Nobody()
    for levels in (DEPTH_MAX + 1, 100_000):
        field, message, _ = refusal(nested(levels))
        assert message == f"rules nest more than {DEPTH_MAX} levels deep"
        assert field == "rule" + ".not" * DEPTH_MAX


def test_an_id_as_a_number_is_refused_because_a_double_would_have_changed_it() -> None:
    field, message, hint = refusal(in_rule({"audience": 413642381039213536}))
    assert field == "rule.audience"
    assert message == "expected an id written as a string of digits, not 413642381039213536"
    assert hint == 'such as "1234"'


@pytest.mark.parametrize("written", ["", "-1", "007", "1.5", "１２", "9" * 5000, str(2**63), " 1"])
def test_what_is_not_an_id_is_refused(written: str) -> None:
    assert refusal(in_rule({"listed": written}))[0] == "rule.listed"


def test_a_number_too_long_to_print_is_still_refused_politely() -> None:
    assert (
        refusal(in_rule({"trait": 10**5000}))[1]
        == "expected an object with facet and any_of, not a number too large to show"
    )


@pytest.mark.parametrize("text", ["\ud800", "a\0b"])
def test_text_that_cannot_be_stored_is_refused(text: str) -> None:
    assert refusal(in_rule({"trait": {"facet": "age", "any_of": [text]}}))[0] == "rule.trait.any_of[0]"
    message = refusal(in_rule({text: True}))[1]
    assert message.encode()


def test_empty_lists_are_rules_like_any_other() -> None:
    assert from_json(in_rule({"trait": {"facet": "age", "any_of": []}})) == HasTrait("age", ())
