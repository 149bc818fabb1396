"""The list of audiences: pages, order, filters, and nobody else's."""

from typing import Any

import pytest

from tests.apis.adobe.conftest import ORGANIZATION, SANDBOX, Speaker, Stage


@pytest.fixture(scope="module")
def five(twelve: Speaker) -> list[Any]:
    names = ("Alpha", "beta", "Gamma ray", "gamma burst", "Omega")
    labels = {"beta": ["core/C1", "core/C2"]}
    return [
        twelve.audience("true", name, description=f"number {place}", labels=labels.get(name, []))
        for place, name in enumerate(names)
    ]


def ids(told: Any) -> list[str]:
    return [each["id"] for each in told["children"]]


@pytest.mark.covers("list")
def test_pages_follow_one_another_and_the_last_has_no_next(twelve: Speaker, five: list[Any]) -> None:
    first = twelve.told("GET", "/audiences?limit=2")
    page = first["_page"]
    assert (page["totalCount"], page["pageSize"], page["next"], page["totalPages"]) == (5, 2, "1", 3)
    assert first["_links"]["next"]["href"] == "@/audiences?start=1&limit=2&totalCount=5"
    seen, start = ids(first), page["next"]
    while start is not None:
        told = twelve.told("GET", f"/audiences?limit=2&start={start}")
        seen += ids(told)
        start = told["_page"].get("next")
    assert sorted(seen) == sorted(each["id"] for each in five)
    assert told["_links"] == {"next": {}}
    assert ids(twelve.told("GET", "/audiences?limit=2&start=9")) == []


@pytest.mark.covers("list")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sort=name:asc", ["Alpha", "beta", "gamma burst", "Gamma ray", "Omega"]),
        ("sort=name:desc", ["Omega", "Gamma ray", "gamma burst", "beta", "Alpha"]),
        ("name=GAMMA&sort=name:asc", ["gamma burst", "Gamma ray"]),
        ("description=NUMBER%204", ["Omega"]),
        ("property=name==Alpha", ["Alpha"]),
        ("property=name==alpha", []),
        ("property=evaluationInfo.continuous.enabled==true&property=name==beta", ["beta"]),
        ("entityType=_xdm.context.profile&name=beta", ["beta"]),
        ("entityType=_xdm.context.account", []),
        ("name=100%25", []),
        ("property=isSystem==false&name=beta", ["beta"]),
        ("property=isSystem==true", []),
        ("property=overridePerformanceWarnings==False&name=beta", ["beta"]),
        (f"property=sandbox.sandboxName=={SANDBOX}&name=beta", ["beta"]),
        (f"property=imsOrgId=={ORGANIZATION}&property=state==enabled&name=beta", ["beta"]),
        ("property=labels==core/C2", ["beta"]),
        ("property=labels==core", []),
        ("property=colour==None", []),
        ("sort=type:asc,description:desc", ["Omega", "gamma burst", "Gamma ray", "beta", "Alpha"]),
        ("sort=namespace,name:desc&name=gamma", ["Gamma ray", "gamma burst"]),
    ],
)
def test_filters_and_order(twelve: Speaker, five: list[Any], query: str, names: list[str]) -> None:
    told = twelve.told("GET", f"/audiences?{query}")
    assert [each["name"] for each in told["children"]] == names
    assert told["_page"]["totalCount"] == len(names)


@pytest.mark.covers("list")
def test_audiences_are_found_by_what_they_stand_on(twelve: Speaker, five: list[Any]) -> None:
    upper = twelve.audience(f'inSegment("{five[0]["id"]}")', "Upper")
    assert ids(twelve.told("GET", f"/audiences?property=dependencies=={five[0]['id']}")) == [upper["id"]]
    assert ids(twelve.told("GET", f"/audiences?property=dependents=={upper['id']}")) == [five[0]["id"]]
    twelve.told("DELETE", f"/audiences/{upper['id']}", status=204)


@pytest.mark.covers("errors")
@pytest.mark.parametrize(
    ("query", "field"),
    [("sort=name:asc,colour:asc", "sort"),
     ("sort=colour:asc", "sort"), ("sort=name:up", "sort"), ("limit=0", "limit"), ("start=-1", "start"),
     ("property=name", "property"), ("limit=many", "limit")],
)  # fmt: skip
def test_parameters_that_mean_nothing_are_refused(twelve: Speaker, query: str, field: str) -> None:
    assert twelve.refused("GET", f"/audiences?{query}", status=400)["field"] == field


@pytest.mark.covers("tenancy")
def test_nothing_of_another_organisation_can_be_seen(twelve: Speaker, neighbour: Speaker, five: list[Any]) -> None:
    audience_id = five[0]["id"]
    assert ids(neighbour.told("GET", "/audiences")) == []
    for method, body in (("GET", None), ("PUT", {"name": "x"}), ("PATCH", []), ("DELETE", None)):
        neighbour.refused(method, f"/audiences/{audience_id}", body, status=404)
    neighbour.refused("POST", "/audiences/bulk-get", [audience_id], status=404)


@pytest.mark.covers("permissions")
def test_reading_is_not_writing(stage: Stage, five: list[Any]) -> None:
    reader = stage.speaker(stage.client(scopes=frozenset({"audiences:read"})))
    path = f"/audiences/{five[0]['id']}"
    assert reader.told("GET", path)["name"] == "Alpha"
    for method, where, body in (
        ("POST", "/audiences", {"name": "x", "expression": {"value": "true"}}),
        ("PUT", path, {"name": "x"}),
        ("DELETE", path, None),
        ("POST", "/config/mergePolicies", {"name": "x"}),
    ):
        refused = reader.refused(method, where, body, status=403)
        assert refused["code"] == "UPAPI-113752-403"
        assert "audiences:write" in refused["message"]
