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
        ({"s": "guests OR other"}, ["Loyal guests", "Other people"]),
        ({"s": "loyal AND NOT guests"}, ["Loyal people"]),
        ({"s": "+loyal -guests"}, ["Loyal people"]),
        ({"s": "people !(name:loyal || silver)"}, ["Other people"]),
        ({"s": "name:(guests OR other) && l*l"}, ["Loyal guests"]),
        ({"s": "(loyal guests) OR (description:silver)"}, ["Loyal guests", "Loyal people"]),
        ({"s": 'namespace:AO OR name:"other people"'}, ["Loyal guests", "Other people"]),
        ({"s": "-*"}, []),
        ({"s": "loy-al"}, []),
    ],
)
def test_entities_are_found(twelve: Speaker, query: dict[str, Any], names: list[str]) -> None:
    told = twelve.told("GET", "/search/entities", params={"schemaClass": "_xdm.context.segmentdefinition", **query})
    assert [each["name"] for each in told["entities"]] == names
    assert told["page"]["totalPages"] >= 1


@pytest.mark.covers("search")
@pytest.mark.parametrize(
    "query",
    ["OR", "a OR", "AND a", "a NOT", "(a", "a)", "()", "name:", "name::a", '"a', "a~2", "price:[1 TO 5}", "a^2",
     "(" * 40 + "a" + ")" * 40, "!" * 990 + "a", "+" * 990 + "a", "a:" * 400 + "a", "a" * 1001],
)  # fmt: skip
def test_grammar_that_is_not_read_is_refused(twelve: Speaker, query: str) -> None:
    assert twelve.refused("GET", "/search/entities", params={"s": query}, status=400)["field"] == "s"


@pytest.mark.covers("search")
def test_other_things_are_not_searched(twelve: Speaker) -> None:
    assert twelve.refused("GET", "/search/entities?schemaClass=x&s=a", status=400)["field"] == "schema.name"
