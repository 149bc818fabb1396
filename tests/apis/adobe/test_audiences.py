"""`/audiences`: every example of the guide, and what the guide says in prose."""

import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from houselights.apis.adobe import PATHS, room
from houselights.apis.adobe.expressions import thresholds_from_environment
from houselights.app import Room, create_app
from houselights.base.errors import InvalidInput
from tests.apis.adobe import seed
from tests.apis.adobe.conftest import ORGANIZATION, Speaker, Stage
from tests.apis.adobe.serving import serving

# An expression in JSON with a node that lacks a part.
NAMELESS = '{"nodeType":"fnApply","fnName":"not","params":[{"nodeType":"fnApply"}]}'


def part_of(expected: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    return {name: told.get(name) for name in expected}


@pytest.mark.covers("create")
def test_the_guides_platform_audience_is_created_and_read(twelve: Speaker) -> None:
    response = twelve.send("POST", "/audiences", seed.CREATE)
    assert response.status_code == 200, response.text
    told = response.json()
    assert part_of(seed.CREATED, told) == seed.CREATED
    assert set(told) >= seed.CREATED_HAS
    assert told["id"] == told["audienceId"]
    assert told["imsOrgId"] == ORGANIZATION
    assert told["sandbox"].keys() == {"sandboxId", "sandboxName", "type", "default"}
    assert told["sandbox"]["sandboxName"] == "prod"
    assert told["creationTime"] == told["createEpoch"] * 1000
    tag = re.fullmatch(r'"[0-9a-f]{8}-0000-0200-0000-([0-9a-f]{8})0000"', told["_etag"])
    assert tag is not None
    assert int(tag[1], 16) == told["updateEpoch"]
    assert response.headers["etag"] == told["_etag"]
    assert ": " not in response.text.replace("workAddress.country", "").split('"value"')[0]
    assert twelve.told("GET", f"/audiences/{told['id']}") == told


@pytest.mark.covers("external")
def test_the_guides_external_audience_is_created_and_read(twelve: Speaker) -> None:
    told = twelve.told("POST", "/audiences", seed.EXTERNAL)
    assert part_of(seed.EXTERNAL, told) == seed.EXTERNAL
    assert told["id"] != told["audienceId"]
    assert not {"expression", "mergePolicyId", "evaluationInfo", "listId"} & set(told)
    assert twelve.told("GET", f"/audiences/{told['id']}") == told
    twelve.refused("GET", f"/audiences/{told['audienceId']}", status=404)
    twelve.refused("POST", "/audiences", seed.EXTERNAL, status=409)
    elsewhere = twelve.told("POST", "/audiences", {**seed.EXTERNAL, "namespace": "AO", "type": "ExternalAudience"})
    assert elsewhere["type"] == "ExternalSegment"


@pytest.mark.covers("update")
def test_the_guides_update_overwrites(twelve: Speaker) -> None:
    made = twelve.told("POST", "/audiences", seed.CREATE)
    told = twelve.told("PUT", f"/audiences/{made['id']}", seed.UPDATE)
    assert part_of(seed.UPDATE, told) == seed.UPDATE
    assert (told["id"], told["createdBy"]) == (made["id"], made["createdBy"])
    assert told["expression"] == made["expression"]
    assert told["_etag"] != made["_etag"]
    assert told["lastModifiedBy"] == made["createdBy"]


@pytest.mark.covers("update")
def test_what_was_got_can_be_put_back(twelve: Speaker) -> None:
    made = twelve.told("POST", "/audiences", {**seed.CREATE, "ansibleDataModel": {"a": [1]}, "tags": ["t"]})
    again = twelve.told("PUT", f"/audiences/{made['id']}", made)
    ours = {"_etag", "lastModifiedBy", "updateEpoch", "updateTime"}
    assert {k: v for k, v in again.items() if k not in ours} == {k: v for k, v in made.items() if k not in ours}


@pytest.mark.covers("bulk")
def test_the_guides_bulk_get_finds_both_types(twelve: Speaker) -> None:
    platform = twelve.told("POST", "/audiences", seed.CREATE)
    external = twelve.told("POST", "/audiences", seed.ORCHESTRATED)
    assert part_of(seed.ORCHESTRATED, external) == seed.ORCHESTRATED
    ids = [platform["id"], external["id"]]
    expected = {"results": {platform["id"]: platform, external["id"]: external}}
    for body in ({"ids": [{"id": each} for each in ids]}, ids, {"ids": ids}, [{"id": each} for each in ids]):
        assert twelve.told("POST", "/audiences/bulk-get", body, status=207) == expected
    pair = {"ids": [{"audienceId": "test-audience-id", "namespace": "AO"}]}
    assert twelve.told("POST", "/audiences/bulk-get", pair, status=207)["results"] == {"test-audience-id": external}
    own = {"ids": [{"audienceId": platform["audienceId"], "namespace": "AEPSegments"}]}
    assert twelve.told("POST", "/audiences/bulk-get", own, status=207)["results"] == {platform["id"]: platform}


@pytest.mark.covers("bulk")
def test_bulk_get_says_which_are_missing(twelve: Speaker) -> None:
    made, missing = twelve.audience("true"), str(uuid4())
    told = twelve.told("POST", "/audiences/bulk-get", [made["id"], missing], status=207)["results"]
    assert told[made["id"]] == made
    assert set(told[missing]["errors"]) == {"404"}
    assert twelve.refused("POST", "/audiences/bulk-get", [missing], status=404)["code"] == "UPAPI-113000-404"
    for bad in ([], [missing] * 101):
        assert twelve.refused("POST", "/audiences/bulk-get", bad, status=400)["code"] == "UPAPI-113015-400"


@pytest.mark.covers("patch")
def test_a_patch_sets_fields(twelve: Speaker) -> None:
    made = twelve.audience(seed.US)
    changes = [
        {"op": "add", "path": "/expression", "value": {"type": "PQL", "format": "pql/text", "value": 'plan = "trial"'}},
        {"op": "add", "path": "/name", "value": "Trials"},
        {"op": "add", "path": "/labels/-", "value": "core/C2"},
        {"op": "add", "path": "/linkedAudienceRef", "value": {"audienceFolderId": "f1"}},
    ]
    told = twelve.told("PATCH", f"/audiences/{made['id']}", changes)
    assert (told["name"], told["labels"]) == ("Trials", ["core/C2"])
    assert told["expression"]["value"] == 'plan = "trial"'
    assert told["linkedAudienceRef"] == {"audienceFolderId": "f1"}
    told = twelve.told("PATCH", f"/audiences/{made['id']}", [{"op": "remove", "path": "/linkedAudienceRef"}])
    assert "linkedAudienceRef" not in told


@pytest.mark.covers("patch")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"op": "add", "path": "/id", "value": "x"}, "[0].path"),
        ({"op": "add", "path": "/sandbox/sandboxName", "value": "x"}, "[0].path"),
        ({"op": "remove", "path": "/dependents"}, "[0].path"),
        ({"op": "remove", "path": "/expression"}, "expression"),
        ({"op": "add", "path": "/expression", "value": None}, "expression"),
        ({"op": "remove", "path": "/name"}, "name"),
        ({"op": "add", "path": "/evaluationInfo", "value": []}, "evaluationInfo"),
    ],
)
def test_a_patch_that_would_change_nothing_is_refused(twelve: Speaker, change: dict[str, Any], field: str) -> None:
    made = twelve.audience(seed.US)
    assert twelve.refused("PATCH", f"/audiences/{made['id']}", [change], status=400)["field"] == field
    assert twelve.told("GET", f"/audiences/{made['id']}") == made


@pytest.mark.covers("external")
def test_an_external_audience_gets_no_rule(twelve: Speaker) -> None:
    made = twelve.told("POST", "/audiences", {**seed.EXTERNAL, "audienceId": "unruled"})
    change = [{"op": "add", "path": "/expression", "value": {"value": "true"}}]
    assert twelve.refused("PATCH", f"/audiences/{made['id']}", change, status=400)["field"] == "expression"


@pytest.mark.covers("external")
def test_an_audience_id_changes_only_while_no_expression_calls_it_so(twelve: Speaker) -> None:
    made = twelve.told("POST", "/audiences", {**seed.EXTERNAL, "audienceId": "called-so"})
    twelve.told("POST", "/audiences", {**seed.EXTERNAL, "audienceId": "taken"})
    path, change = f"/audiences/{made['id']}", [{"op": "add", "path": "/audienceId", "value": "otherwise"}]
    taken = [{**change[0], "value": "taken"}]
    assert twelve.refused("PATCH", path, taken, status=409)["field"] == "audienceId"
    upper = twelve.audience('inSegment("called-so")', "Caller")
    refused = twelve.refused("PATCH", path, change, status=400)
    assert (refused["field"], refused["message"]) == ("audienceId", '"Caller" calls this audience "called-so"')
    by_id = [{"op": "add", "path": "/expression", "value": {"value": f'inSegment("{made["id"]}")'}}]
    twelve.told("PATCH", f"/audiences/{upper['id']}", by_id)
    assert twelve.told("PATCH", path, change)["audienceId"] == "otherwise"


@pytest.mark.covers("lifecycle")
@pytest.mark.parametrize("state", ["deleted", "Delete", "archived"])
def test_deleting_is_no_state(twelve: Speaker, state: str) -> None:
    assert twelve.refused("POST", "/audiences", {**seed.CREATE, "lifecycleState": state}, status=400)["hint"]
    made = twelve.audience("true")
    change = [{"op": "add", "path": "/lifecycleState", "value": state}]
    refused = twelve.refused("PATCH", f"/audiences/{made['id']}", change, status=400)
    assert refused["code"] == "UPAPI-113434-400"


@pytest.mark.covers("lifecycle")
def test_an_audience_is_drafted_published_and_taken_out_of_use(twelve: Speaker) -> None:
    made = twelve.audience("true", lifecycleState="draft")

    def to(state: str, status: int = 200) -> Any:
        change = [{"op": "add", "path": "/lifecycleState", "value": state}]
        return twelve.told("PATCH", f"/audiences/{made['id']}", change, status=status)

    assert made["lifecycleState"] == "draft"
    assert to("active")["lifecycleState"] == "published"
    to("draft", 400)
    assert to("inactive")["lifecycleState"] == "inactive"
    to("draft", 400)
    assert to("published")["lifecycleState"] == "published"


@pytest.mark.covers("list")
def test_inactive_audiences_are_hidden_unless_asked_for(twelve: Speaker) -> None:
    made = twelve.audience("true", "To be put away")
    twelve.told("PUT", f"/audiences/{made['id']}", {"name": "To be put away", "lifecycleState": "inactive"})
    assert twelve.told("GET", "/audiences?name=put%20away")["children"] == []
    shown = twelve.told("GET", "/audiences", params={"property": f"audienceId=={made['id']}"})["children"]
    assert [each["id"] for each in shown] == [made["id"]]
    assert twelve.told("GET", f"/audiences/{made['id']}")["lifecycleState"] == "inactive"


@pytest.mark.covers("delete")
def test_deleting_leaves_nothing_behind(twelve: Speaker) -> None:
    made = twelve.audience("true", "Short-lived")
    response = twelve.send("DELETE", f"/audiences/{made['id']}")
    assert (response.status_code, response.content) == (204, b"")
    refused = twelve.refused("GET", f"/audiences/{made['id']}", status=404)
    assert refused["code"] == "UPAPI-113430-404"
    assert refused["message"] == f"The audience entity {made['id']} is not found. Use a valid entity and try again."
    assert twelve.told("GET", "/audiences?name=Short-lived")["children"] == []


@pytest.mark.covers("dependents")
def test_audiences_of_audiences_know_each_other(twelve: Speaker) -> None:
    inner = twelve.audience(seed.US, "Inner")
    outer = twelve.audience(f'inSegment("{inner["id"]}") and plan = "trial"', "Outer")
    assert outer["dependencies"] == [inner["id"]]
    assert twelve.told("GET", f"/audiences/{inner['id']}")["dependents"] == [outer["id"]]
    refused = twelve.refused("DELETE", f"/audiences/{inner['id']}", status=400)
    assert refused["code"] == "UPAPI-113631-403"
    assert "Outer" in refused["message"]
    inactive = {"name": "Inner", "lifecycleState": "inactive"}
    assert "Outer" in twelve.refused("PUT", f"/audiences/{inner['id']}", inactive, status=400)["message"]
    circle = [{"op": "add", "path": "/expression", "value": {"value": f'inSegment("{outer["id"]}")'}}]
    refused = twelve.refused("PATCH", f"/audiences/{inner['id']}", circle, status=400)
    assert (refused["message"], refused["field"]) == (f'"{inner["name"]}" would contain itself', "expression.value")
    assert twelve.send("DELETE", f"/audiences/{outer['id']}").status_code == 204
    assert twelve.send("DELETE", f"/audiences/{inner['id']}").status_code == 204


@pytest.mark.covers("errors")
def test_a_fault_in_an_expression_is_shown_where_it_is(twelve: Speaker) -> None:
    text = 'plan = "trial"\n  and regoin = "emea"'
    body = {"name": "Wrong", "expression": {"type": "PQL", "format": "pql/text", "value": text}}
    refused = twelve.refused("POST", "/audiences", body, status=400)
    assert refused == {
        "code": "UPAPI-113434-400",
        "message": 'there is no field "regoin" in the profile',
        "field": "expression.value",
        "hint": 'did you mean "region"?',
        "line": 2,
        "column": 7,
        "caret": '  and regoin = "emea"\n      ^^^^^^',
    }


@pytest.mark.covers("errors")
@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"name": " "}, "UPLIB-101206-500", "name"),
        ({"name": None}, "UPLIB-101206-500", "name"),
        ({"expression": None}, "UPAPI-113434-400", "expression"),
        ({"expression": {"type": "ARL", "value": "x"}}, "UPAPI-113434-400", "expression.type"),
        ({"expression": {"format": "pql/xml", "value": "x"}}, "UPAPI-113434-400", "expression.format"),
        ({"expression": {"value": 'inSegment("nobody")'}}, "UPAPI-113434-400", "expression.value"),
        ({"expression": {"value": "1 + 1"}}, "UPAPI-113434-400", "expression.value"),
        ({"expression": {"format": "pql/json", "value": "{"}}, "UPAPI-113434-400", "expression.value"),
        (
            {"expression": {"format": "pql/json", "value": NAMELESS}},
            "UPAPI-113434-400",
            "expression.value.params[0].fnName",
        ),
        ({"evaluationInfo": []}, "UPAPI-113434-400", "evaluationInfo"),
        ({"type": "Segment"}, "UPAPI-113434-400", "type"),
        ({"namespace": "aam"}, "UPAPI-113434-400", "namespace"),
        ({"schema": {"name": "_xdm.context.account"}}, "UPAPI-113434-400", "schema.name"),
        ({"labels": ["C1"]}, "UPAPI-113434-400", "labels"),
        ({"mergePolicyId": "none"}, "UPAPI-113434-400", "mergePolicyId"),
        ({"originName": "HEARSAY"}, "UPAPI-113434-400", "originName"),
        ({"dataGovernancePolicy": {"excludeOptOut": "no"}}, "UPAPI-113434-400", "dataGovernancePolicy.excludeOptOut"),
    ],
)
def test_what_cannot_be_accepted_is_named(twelve: Speaker, change: dict[str, Any], code: str, field: str) -> None:
    refused = twelve.refused("POST", "/audiences", {**seed.CREATE, **change}, status=400)
    assert (refused["code"], refused["field"]) == (code, field)


@pytest.mark.covers("errors")
def test_bodies_that_are_none_are_refused(twelve: Speaker) -> None:
    broken = twelve.send("POST", "/audiences", content=b"{", headers={"Content-Type": "application/json"})
    assert broken.json()["errors"]["400"][0]["code"] == "UPLIB-101206-500"
    assert twelve.refused("POST", "/audiences", [], status=400)["code"] == "UPLIB-101206-500"
    plain = twelve.send("POST", "/audiences", content=b"{}", headers={"Content-Type": "text/plain"})
    assert plain.status_code == 400
    assert plain.json() == {
        "type": "/placeholder/type/uri",
        "status": 400,
        "title": "BadRequestError",
        "detail": "A valid content-type must be specified",
    }


@pytest.mark.covers("namespaces")
def test_a_namespace_never_changes(twelve: Speaker) -> None:
    made = twelve.audience("true")
    refused = twelve.refused("PUT", f"/audiences/{made['id']}", {"name": "x", "namespace": "AO"}, status=400)
    assert (refused["code"], refused["message"]) == ("UPAPI-113434-400", "Namespace is immutable field")


@pytest.mark.covers("etag")
def test_a_change_upon_an_old_version_is_refused(twelve: Speaker) -> None:
    made = twelve.audience("true")
    path, body = f"/audiences/{made['id']}", {"name": "Renamed"}
    renamed = twelve.told("PUT", path, body, headers={"If-Match": made["_etag"]})
    for method, sent in (("PUT", body), ("PATCH", []), ("DELETE", None)):
        twelve.refused(method, path, sent, status=412, headers={"If-Match": made["_etag"]})
    definition = f"/segment/definitions/{made['id']}"
    for method, sent in (("PATCH", {**seed.CREATE, "name": "Renamed"}), ("DELETE", None)):
        twelve.refused(method, definition, sent, status=412, headers={"If-Match": made["_etag"]})
    assert twelve.send("GET", definition).headers["ETag"] == renamed["_etag"]
    several = {"If-Match": f"{made['_etag']}, {renamed['_etag']}"}
    renamed = twelve.told("PUT", path, body, headers=several)
    assert twelve.send("DELETE", path, headers={"If-Match": renamed["_etag"]}).status_code == 204


@pytest.mark.covers("evaluation")
def test_how_an_audience_is_evaluated_is_decided_and_explained(twelve: Speaker) -> None:
    month = 'CHAIN(xEvent, timestamp, [C0: WHAT(eventType = "purchase") WHEN(< 30 days before now)])'
    made = twelve.audience(month)
    assert made["evaluationInfo"]["batch"] == {"enabled": True}
    told = twelve.told("GET", f"/audiences/{made['id']}/eligibility")
    assert told["explanation"] == "batch, because the window is 30 days"
    assert told["continuous"] == {"enabled": False, "eligible": False, "reasons": ["the window is 30 days"]}
    wanted = {"evaluationInfo": {"continuous": {"enabled": True}}}
    body = {"name": "x", "expression": {"value": month}, **wanted}
    refused = twelve.refused("POST", "/audiences", body, status=400)
    assert refused["message"] == "the audience cannot be continuous: the window is 30 days"
    edge = twelve.audience("true", evaluationInfo={"synchronous": {"enabled": True}})
    assert edge["evaluationInfo"]["synchronous"] == {"enabled": True}
    assert edge["evaluationInfo"]["continuous"] == {"enabled": False}


@pytest.mark.covers("validation")
def test_too_long_a_chain_is_refused_whatever_is_overridden(twelve: Speaker) -> None:
    steps = ", ".join(f'C{number}: WHAT(eventType = "e{number}")' for number in range(7))
    body = {"name": "Long", "expression": {"value": f"CHAIN(xEvent, timestamp, [{steps}])"}}
    for override in (False, True):
        sent = {**body, "overridePerformanceWarnings": override}
        assert "7 events in sequence" in twelve.refused("POST", "/audiences", sent, status=400)["message"]


@pytest.mark.covers("validation")
def test_warnings_refuse_where_the_operator_says_so_and_can_be_overridden(
    stage: Stage, twelve: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOUSELIGHTS_ADOBE_VALIDATION", "aggregations=1, warnings_refuse=1")
    body = {"name": "Costly", "expression": {"value": "orders.count() > 1 or numbers.count() > 1"}}
    strict = create_app(stage.house, [Room("adobe", PATHS, room)])
    with serving(strict) as base_url, httpx.Client(base_url=base_url, timeout=60) as http:
        speaker = Speaker(http, twelve.headers)
        refused = speaker.refused("POST", "/audiences", body, status=400)
        assert "overridePerformanceWarnings" in refused["hint"]
        speaker.told("POST", "/audiences", {**body, "overridePerformanceWarnings": True})
    assert twelve.told("POST", "/audiences", body)["overridePerformanceWarnings"] is False


def test_thresholds_that_are_none_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSELIGHTS_ADOBE_VALIDATION", "patience=3")
    with pytest.raises(InvalidInput, match="patience"):
        thresholds_from_environment()


@pytest.mark.covers("json")
def test_json_expressions_are_kept_as_they_were_sent(twelve: Speaker) -> None:
    inner = twelve.audience("true")
    named = {"nodeType": "literal", "literalType": "String", "value": inner["id"]}
    value = json.dumps({"nodeType": "fnApply", "fnName": "inSegment", "params": [named]})
    expression = {"type": "PQL", "format": "pql/json", "value": value}
    made = twelve.told("POST", "/audiences", {"name": "By JSON", "expression": expression})
    assert made["expression"] == expression
    assert made["dependencies"] == [inner["id"]]
