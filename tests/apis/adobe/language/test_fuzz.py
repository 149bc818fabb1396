"""No input crashes the parser, none is slow, none nests deeper than it may."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from houselights.apis.adobe.language.json_read import read_json
from houselights.apis.adobe.language.parse import LONGEST_TEXT, parse
from houselights.base.errors import InvalidRule
from tests.apis.adobe.language.fuzz import SECONDS_PER_INPUT, judge, run

# A pattern or a rule that goes astray takes minutes; a busy machine, several times as long as a quiet one.
ASTRAY_SECONDS = 10 * SECONDS_PER_INPUT


def test_mutations_of_the_corpus_are_accepted_or_refused() -> None:
    accepted, slowest, worst = run(2000, seed=1)
    assert accepted > 100, "a fuzzer that hits nothing tests nothing"
    assert slowest < ASTRAY_SECONDS, worst[:200]


@settings(max_examples=300)
@given(st.text(max_size=60))
def test_arbitrary_text_is_accepted_or_refused(text: str) -> None:
    judge(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from(["fnApply", "fieldLookup", "literal", "lambda", "chain", "and", "exists", "String", "@1"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["nodeType", "fnName", "params", "object", "fieldName", "value", "literalType", "varNames",
                         "body", "varName", "array", "elements", "what", "when", "timestampField"]),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=300)
@given(JSON)
def test_arbitrary_json_is_accepted_or_refused(value: object) -> None:
    fields: list[str | None] = ["value"]
    try:
        read_json(value)  # type: ignore[arg-type]  # that is what is tested
    except InvalidRule as error:
        fields.append(error.field)
    assert all(fields), "a refusal names the place in the JSON"


LONG = {
    "conjunction": " and ".join(['plan = "trial"'] * 520),
    "list": "plan in [" + ", ".join(['"trial"'] * 1000) + "]",
    "sum": " + ".join(["1"] * 2500) + " = 1",
    "path": "a" + ".b" * 4900 + " = 1",
    "brackets": "(" * 5000 + "true" + ")" * 5000,
    "open brackets": "(" * 10_000,
    "open lists": "[" * 10_000,
    "filters": "x[" * 3000 + "true" + "]" * 3000,
    "nots": "not " * 2500 + "true",
    "bangs": "!" * 10_000 + "true",
    "climbs": "^" * 10_000 + "a",
    "lambda lookalikes": "(a," * 3300,
    "long lambda lookalike": "(" + "a, " * 3300,
    "generator lookalikes": "exists a from b" + ", c fro" * 1300,
    "aggregates": "sum " * 2500,
    "spaces": " " * 10_000,
    "spaces after a comma": "f(1," + " " * 9_990,
    "quotes": '"' * 9_999,
    "backslashes": '"' + "\\" * 9_998 + '"',
    "lets": "let a = 1 in " * 750 + "true",
    "quantifiers": "exists a from b where " * 450 + "true",
    "relative": "last " * 2000,
    "digits": "1" * 10_000,
    "decimals": "1." * 5000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_ten_kilobytes_lead_nowhere_astray(text: str) -> None:
    assert len(text) <= 10_300
    started = time.thread_time()  # the work of it, not what else the machine is doing
    try:
        parse(text)
    except InvalidRule as error:
        str(error)
    assert time.thread_time() - started < ASTRAY_SECONDS


def test_nesting_stops_before_python_does() -> None:
    parse("(" * 90 + "true" + ")" * 90)
    with pytest.raises(InvalidRule, match="nested too deeply"):
        parse("not " * 200 + "true")
    deep = '{"nodeType":"fnApply","fnName":"not","params":[' * 300 + '{"nodeType":"literal","value":true}' + "]}" * 300
    with pytest.raises(InvalidRule, match="nested too deeply"):
        read_json(deep)


def test_length_is_limited() -> None:
    with pytest.raises(InvalidRule, match="characters"):
        parse("x" * (LONGEST_TEXT + 1))
    with pytest.raises(InvalidRule, match="empty"):
        parse(" \n ")
