"""`/search/namespaces` and `/search/entities`."""

from typing import Any

import pytest

from tests.apis.adobe.conftest import Speaker


@pytest.fixture(scope="module", autouse=True)
def saved(twelve: Speaker) -> None:
    twelve.audience("true", "Loyal people", description="gold and silver")
    twelve.audience("true", "Other people")
    external = {"name": "Loyal guests", "type": "ExternalSegment", "audienceId": "guests", "namespace": "AO"}
    twelve.told("POST", "/audiences", {**external, "linkedAudienceRef": {"audienceFolderId": "folder-1"}})


@pytest.mark.covers("search")
def test_namespaces_are_counted(twelve: Speaker) -> None:
    told = twelve.told(
        "GET", "/search/namespaces", params={"schema.name": "_xdm.context.segmentdefinition", "s": "loyal"}
    )
    counts = {each["namespace"]: each["count"] for each in told["namespaces"]}
    assert counts == {"AEPSegments": 1, "AO": 1}
    assert told["totalCount"] == 2


@pytest.mark.covers("search")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"s": "loyal"}, ["Loyal guests", "Loyal people"]),
        ({"s": "name:loy* people"}, ["Loyal people"]),
        ({"s": '"loyal people"'}, ["Loyal people"]),
        ({"s": "description:silver"}, ["Loyal people"]),
        ({"s": "*", "namespace": "AO"}, ["Loyal guests"]),
        ({"s": "*", "namespace": "ECID", "limit": 2}, ["Loyal guests", "Loyal people"]),
        ({"s": "*", "entityId": "folder-1"}, ["Loyal guests"]),
        ({"s": "[x"}, []),
    ],
)
def test_entities_are_found(twelve: Speaker, query: dict[str, Any], names: list[str]) -> None:
    told = twelve.told("GET", "/search/entities", params={"schemaClass": "_xdm.context.segmentdefinition", **query})
    assert [each["name"] for each in told["entities"]] == names
    assert told["page"]["totalPages"] >= 1


@pytest.mark.covers("search")
def test_grammar_that_is_not_read_is_refused(twelve: Speaker) -> None:
    assert twelve.refused("GET", "/search/entities?s=a%20OR%20b", status=400)["field"] == "s"
    assert twelve.refused("GET", "/search/entities?schemaClass=x&s=a", status=400)["field"] == "schema.name"
