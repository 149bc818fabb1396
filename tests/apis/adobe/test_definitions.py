"""`/segment/definitions` and `/segment/conversion`."""

from typing import Any

import pytest

from tests.apis.adobe.conftest import ORGANIZATION, Speaker

PATH = "/segment/definitions"


def body(name: str, pql: str = 'plan = "trial"', **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "description": "said",
        "schema": {"name": "_xdm.context.profile"},
        "expression": {"type": "PQL", "format": "pql/text", "value": pql},
        "ttlInDays": 30,
        **more,
    }


@pytest.mark.covers("definitions")
def test_a_definition_is_made_read_changed_and_deleted(twelve: Speaker) -> None:
    response = twelve.send("POST", PATH, body("Trials"))
    assert response.status_code == 200, response.text
    made = response.json()
    assert response.headers["x-location"].endswith(made["id"])
    assert made["evaluationInfo"]["batch"] == {"enabled": True}
    assert twelve.told("GET", f"{PATH}/{made['id']}") == made == twelve.told("GET", f"/audiences/{made['id']}")
    changed = twelve.told("PATCH", f"{PATH}/{made['id']}", body("Trials again", 'plan = "basic"'))
    assert (changed["name"], changed["expression"]["value"]) == ("Trials again", 'plan = "basic"')
    assert twelve.told("DELETE", f"{PATH}/{made['id']}")["status"] is True
    twelve.refused("GET", f"{PATH}/{made['id']}", status=404)


@pytest.mark.covers("definitions")
def test_names_are_unique_and_three_fields_are_needed(twelve: Speaker) -> None:
    twelve.told("POST", PATH, body("Only once"))
    assert twelve.refused("POST", PATH, body("Only once"), status=422)["field"] == "name"
    other = twelve.told("POST", PATH, body("Something else"))
    assert twelve.refused("PATCH", f"{PATH}/{other['id']}", body("Only once"), status=422)["field"] == "name"
    for field in ("name", "schema", "expression"):
        refused = twelve.refused("POST", PATH, {**body("Lacking"), field: None}, status=400)
        assert refused["field"] == field


@pytest.mark.covers("definitions")
def test_pages_count_from_zero_and_the_one_after_the_last_is_empty(twelve: Speaker) -> None:
    for number in range(5):
        twelve.told("POST", PATH, body(f"Page {number}"))
    first = twelve.told("GET", f"{PATH}?limit=2")
    pages = first["page"]["totalPages"]
    assert first["link"] == {}
    assert first["page"]["sortField"] == "creationTime"
    seen = [
        each["id"] for page in range(pages) for each in twelve.told("GET", f"{PATH}?limit=2&page={page}")["segments"]
    ]
    assert len(seen) == len(set(seen)) == first["page"]["totalCount"]
    assert twelve.told("GET", f"{PATH}?limit=2&page={pages}")["segments"] == []
    assert twelve.refused("GET", f"{PATH}?limit=101", status=400)["field"] == "limit"
    assert "100" in twelve.refused("GET", f"{PATH}?limit=0", status=400)["message"]
    flag = "evaluationInfo.batch.enabled"
    assert twelve.refused("GET", f"{PATH}?{flag}=maybe", status=400)["field"] == flag
    names = [each["name"] for each in twelve.told("GET", f"{PATH}?sort=name:asc,internalId:desc")["segments"]]
    assert names == sorted(names, key=str.casefold)


@pytest.mark.covers("definitions")
def test_definitions_are_listed_by_how_they_are_evaluated(twelve: Speaker) -> None:
    made = twelve.audience('plan = "basic"', "Streaming")
    told = twelve.told("GET", f"{PATH}?evaluationInfo.continuous.enabled=True")["segments"]
    assert made["id"] in {each["id"] for each in told}
    assert all(each["evaluationInfo"]["continuous"]["enabled"] for each in told)


@pytest.mark.covers("definitions")
def test_definitions_are_got_in_bulk(twelve: Speaker) -> None:
    made = twelve.told("POST", PATH, body("In bulk"))
    for sent in ([made["id"]], {"ids": [{"id": made["id"]}]}):
        assert twelve.told("POST", f"{PATH}/bulk-get", sent, status=207) == {"results": {made["id"]: made}}


@pytest.mark.covers("conversion")
def test_the_guides_conversion_there_and_back(twelve: Speaker) -> None:
    pql = 'workAddress.country = "US"'
    nodes = (
        '{"nodeType":"fnApply","fnName":"=","params":[{"nodeType":"fieldLookup","fieldName":"country","object":'
        '{"nodeType":"fieldLookup","fieldName":"workAddress","object":{"nodeType":"parameterReference","position":1}}},'
        '{"nodeType":"literal","literalType":"String","value":"US"}]}'
    )
    told = twelve.told("POST", "/segment/conversion", body("Any", pql))
    assert told["expression"] == {"type": "PQL", "format": "pql/json", "value": nodes}
    assert (told["imsOrgId"], told["ttlInDays"], told["description"]) == (ORGANIZATION, 30, "said")
    assert "id" not in told
    back = twelve.told("POST", "/segment/conversion", {"expression": told["expression"]})
    assert back["expression"] == {"type": "PQL", "format": "pql/text", "value": pql}


@pytest.mark.covers("conversion")
def test_what_cannot_be_read_cannot_be_converted(twelve: Speaker) -> None:
    refused = twelve.refused("POST", "/segment/conversion", body("Any", "plan == 1"), status=400)
    assert (refused["column"], refused["hint"]) == (7, "equality is a single =")
