"""pql/json: the documented shapes to the letter, what is accepted besides, and what is refused."""

import json
import re
from typing import Any

import pytest

from houselights.apis.adobe.language.check import check_audience
from houselights.apis.adobe.language.json_form import write_json
from houselights.apis.adobe.language.json_read import read_json
from houselights.apis.adobe.language.parse import parse
from houselights.apis.adobe.language.write import write
from houselights.base.errors import InvalidRule
from tests.apis.adobe.profiles import SCHEMA

DOCUMENTED = (
    '{"nodeType":"fnApply","fnName":"=","params":[{"nodeType":"fieldLookup","fieldName":"country","object":'
    '{"nodeType":"fieldLookup","fieldName":"workAddress","object":{"nodeType":"parameterReference","position":1}}},'
    '{"nodeType":"literal","literalType":"String","value":"US"}]}'
)


def test_the_documented_conversion_to_the_letter() -> None:
    assert write_json(parse('workAddress.country = "US"').tree) == DOCUMENTED
    assert write(read_json(DOCUMENTED)) == 'workAddress.country = "US"'


def test_clients_that_search_the_text_find_the_audiences() -> None:
    """A widely used client looks for ids with this expression: no spaces, `value` last."""
    text = write_json(parse('inSegment("a-1") and not (inSegment("b-2"))').tree)
    assert re.findall(r'inSegment[^}]+value":"(.+?)"}', text) == ["a-1", "b-2"]


def test_text_or_object() -> None:
    assert read_json(json.loads(DOCUMENTED)) == read_json(DOCUMENTED)


def literal(value: Any, kind: str | None = None) -> dict[str, Any]:
    return {"nodeType": "literal", **({"literalType": kind} if kind else {}), "value": value}


def field(name: str, **more: Any) -> dict[str, Any]:
    return {"nodeType": "fieldLookup", "fieldName": name, **more}


def apply(word: str, *params: Any) -> dict[str, Any]:
    return {"nodeType": "fnApply", "fnName": word, "params": list(params)}


def declared(name: str, source: Any, where: Any = None) -> dict[str, Any]:
    made = {"nodeType": "varDecl", "varName": name, "from": source}
    return made if where is None else {**made, "where": where}


PROFILE = literal("profile", "XDMObject")


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (apply("=", field("plan"), literal("trial")), 'plan = "trial"'),  # no object, no literalType
        (apply("AND", apply("=", field("a"), literal(1)), apply("in", field("b"), literal([1, 2], "List"))),
         "a = 1 and b in [1, 2]"),
        (apply("exists", field("orders"), {"nodeType": "lambda", "varNames": ["O"], "body": apply(
            ">", field("price", object={"nodeType": "varRef", "varName": "O"}), literal(5, "Double"))}),
         "exists O from orders where O.price > 5.0"),
        ({"nodeType": "lambda", "varNames": ["P"], "body": apply(
            "=", field("plan", object={"nodeType": "varRef", "varName": "P"}), literal("trial"))}, 'plan = "trial"'),
        (apply("equals", field("plan"), literal("TRIAL"), literal(False, "Boolean")), 'plan.equals("TRIAL", false)'),
        (apply("get", field("identityMap"), literal("email")), 'identityMap.get("email")'),
        ({"nodeType": "chain", "array": field("xEvent"), "timestampField": field("timestamp"), "elements": [
            {"what": {"nodeType": "lambda", "varNames": ["E"], "body": apply(
                "=", field("eventType", object={"nodeType": "varRef", "varName": "E"}), literal("x"))}}]},
         'CHAIN(xEvent, timestamp, [C0: WHAT((E) => E.eventType = "x")])'),
        (apply("inSegment", literal("a")), 'inSegment("a")'),
        (apply("date", literal(2020), literal(3), literal(14)), "date(2020, 3, 14)"),
        (apply("in", field("gender", object=field("person", object=PROFILE)), literal(["female"], "List")),
         'person.gender in ["female"]'),
        ({"nodeType": "select", "variables": [declared("_Checkouts1", field("xEvent", object=PROFILE), apply(
            "equals", field("eventType", object={"nodeType": "varRef", "varName": "_Checkouts1"}),
            literal("commerce.checkouts", "String"), literal(True, "Boolean")))]},
         'select _Checkouts1 from xEvent where _Checkouts1.eventType.equals("commerce.checkouts")'),
        ({"nodeType": "quantification", "quantifier": "some", "variables": [
            declared("x", field("xEvent")),
            declared("i", field("productListItems", object={"nodeType": "varRef", "varName": "x"}), apply(
                "=", field("SKU", object={"nodeType": "varRef", "varName": "i"}), literal("PS")))]},
         'exists x from xEvent where (exists i from x.productListItems where i.SKU = "PS")'),
        ({"nodeType": "quantification", "quantifier": "all", "variables": [
            declared("t", literal(["a", "b"], "List"), apply(
                "in", {"nodeType": "varRef", "varName": "t"}, field("favoriteColors", object=field("person"))))]},
         'forall t from ["a", "b"] where t in person.favoriteColors'),
        (apply("occurs", field("saleDate", object=field("product")), {
            "nodeType": "when", "comparison": "<=", "amount": 2, "unit": "Centuries", "direction": "BEFORE",
            "time": apply("today")}),
         "product.saleDate occurs <= 2 centuries before today"),
    ],
)  # fmt: skip
def test_what_is_accepted_besides(node: dict[str, Any], text: str) -> None:
    assert write(read_json(node)) == text


@pytest.mark.parametrize(
    ("value", "field_at_fault", "message"),
    [
        ("not json", "value", "not JSON"),
        ("[1]", "value", "nodeType"),
        ({}, "value.nodeType", "nodeType"),
        ({"nodeType": "fnaply"}, "value.nodeType", "no node"),
        (apply("=", field("a")), "value.params", "takes 2"),
        (apply("equls", field("a"), literal("b")), "value.fnName", "no function"),
        (apply("=", field("a"), literal("x", "Integer")), "value.params[1].value", "is not a Integer"),
        (apply("=", field("a"), literal(2**64)), "value.params[1].value", "is not"),
        (apply("=", field("a b`"), literal(1)), "value.params[0].fieldName", "not the name"),
        (apply("=", {"nodeType": "varRef", "varName": "X"}, literal(1)), "value.params[0].varName", "no variable"),
        (apply("exists", field("a"), literal(1)), "value.params[1]", "a lambda must stand here"),
        (apply("exists", field("a"), {"nodeType": "lambda", "varNames": ["and"], "body": literal(True)}),
         "value.params[1].varNames[0]", "cannot name"),
        (apply("exists", field("a"), {"nodeType": "lambda", "varNames": ["@7"], "body": literal(True)}),
         "value.params[1].varNames", "is called @1"),
        (apply("inSegment", field("a")), "value.params[0]", "as a literal"),
        (apply("occurs", field("a"), literal(1)), "value.params[1]", "type when"),
        ({"nodeType": "chain", "array": field("xEvent"), "timestampField": field("t"), "elements": []},
         "value.elements", "at least one"),
        ({"nodeType": "parameterReference", "position": 0}, "value.position", "from 1"),
        ({"nodeType": "select", "variables": []}, "value.variables", "at least one variable"),
        ({"nodeType": "select", "variables": [field("xEvent")]}, "value.variables[0]", "type varDecl"),
        ({"nodeType": "select", "variables": [declared("select", field("xEvent"))]}, "value.variables[0].varName",
         "cannot name"),
        ({"nodeType": "quantification", "quantifier": "most", "variables": [declared("x", field("xEvent"))]},
         "value.quantifier", "not one of exists, forall, some, all"),
        (apply("=", field("plan", object=literal("event", "XDMObject")), literal("x")), "value.params[0].object.value",
         'only "profile"'),
    ],
)  # fmt: skip
def test_what_is_refused_is_named_by_its_path(value: Any, field_at_fault: str, message: str) -> None:
    with pytest.raises(InvalidRule, match=re.escape(message)) as caught:
        read_json(value)
    assert caught.value.field == field_at_fault


@pytest.mark.parametrize(
    "text",
    [
        "exists " + ", ".join(f'v{n} from xEvent where v{n}.eventType = "a"' for n in range(48)),
        "(sum X.price over X from orders where " * 24 + "true" + ") > 0" * 24,
        "1" + " + 1" * 98 + " > 0",
        'not (exists e from xEvent where inSegment("a") and ' * 15 + "true" + ")" * 15,
        "xEvent" + "[true]" * 97,
    ],
)
def test_whatever_text_may_nest_json_may(text: str) -> None:
    tree = parse(text).tree
    assert read_json(write_json(tree)) == tree


@pytest.mark.parametrize(
    "text",
    [
        "exists " + ", ".join(f"v{n} from xEvent" for n in range(1000)),
        "1" + " + 1" * 2000 + " > 0",
        "(sum X.price over X from orders where " * 60 + "true" + ") > 0" * 60,
    ],
)
def test_forms_that_nest_without_brackets_have_an_end_too(text: str) -> None:
    with pytest.raises(InvalidRule, match="nested too deeply"):
        parse(text)


def test_faults_of_meaning_are_shown_in_the_text_that_the_json_stands_for() -> None:
    tree = read_json(apply("=", field("contry", object=field("workAddress")), literal("US")))
    with pytest.raises(InvalidRule) as caught:
        check_audience(tree, SCHEMA)
    assert caught.value.span is not None
    assert caught.value.span.caret() == 'workAddress.contry = "US"\n            ^^^^^^'
