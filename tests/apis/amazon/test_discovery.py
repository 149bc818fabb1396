"""Listing audiences and walking their taxonomy."""

from typing import Any

import pytest

from tests.apis.amazon.conftest import Speaker
from tests.apis.amazon.people import BANDS, DISCOVERY, FLAT, LAMPS, TREES

LIST, TAXONOMY = "/audiences/list", "/audiences/taxonomy/list"
REFERENCES = {
    facet: len(TREES.get(facet) or BANDS.get(facet) or FLAT[facet]) for facet in DISCOVERY
}  # facet → how many of its traits are audiences


def where(*filters: tuple[str, list[str]] | tuple[str, list[str], str], **more: Any) -> dict[str, Any]:
    """Return a body with filters written (field, values[, operator])."""
    written = [
        {"field": field, "values": values, **({"operator": operator[0]} if operator else {})}
        for field, values, *operator in filters
    ]
    return {"adType": "DSP", "filters": written, **more}


def names(speaker: Speaker, body: dict[str, Any], **query: Any) -> set[str]:
    """Return the names of all audiences that match, combined ones of other tests left out."""
    told = speaker.told(LIST, body, maxResults=250, **query)
    assert told["matchCount"] == len(told["audiences"])
    return {row["audienceName"] for row in told["audiences"] if row["category"] != "Combined audience"}


@pytest.mark.covers("list", "compact-json")
def test_an_item_has_everything_a_client_reads(lamps: Speaker) -> None:
    (item,) = lamps.told(LIST, where(("audienceName", ["Vegan"])))["audiences"]
    assert item["audienceId"].isdigit()
    assert len(item["audienceId"]) == 18
    assert (item["audienceName"], item["category"], item["status"]) == ("Vegan", "Interest", "Active")
    forecast = item["forecasts"]["inventoryForecasts"]["all"]
    for bounds in (forecast["dailyReach"], forecast["dailyImpressions"]):
        assert 0 < bounds["lowerBoundInclusive"] < bounds["upperBoundExclusive"]
    assert "fees" not in item


@pytest.mark.covers("list")
def test_other_programs_have_no_impressions_and_need_no_advertiser(lamps: Speaker) -> None:
    body = where(("audienceName", ["Vegan"])) | {"adType": "SD"}
    (item,) = lamps.told(LIST, body, advertiserId=None)["audiences"]
    assert set(item["forecasts"]["inventoryForecasts"]["all"]) == {"dailyReach"}
    missing = lamps.post(LIST, body | {"adType": "DSP"}, advertiserId=None)
    assert missing.status_code == 400
    assert missing.json()["errors"][0]["fieldName"] == "advertiserId"


@pytest.mark.covers("list")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([("audienceName", ["vegan"])], {"Vegan"}),
        ([("audienceName", ["run", "foot"])], {"Running", "Football"}),
        ([("audienceName", ["f*d"])], {"Food"}),
        ([("category", ["Lifestyle"])], {"Gamers", "Fitness", "Frequent travellers"}),
        ([("category", ["LIFE_EVENT"])], {"Moving", "New parents", "Wedding"}),
        ([("category", ["Lifestyle", "life event"]), ("audienceName", ["m"])], {"Gamers", "Moving"}),
        ([("category", ["In-market"]), ("audienceName", ["p*"], "NOT_EQ")], {"Audio", "Toys"}),
        (
            [("audienceName", ["a"]), ("audienceName", ["e"]), ("category", ["Lifestyle"])],
            {"Gamers", "Frequent travellers"},
        ),
        ([("category", ["Lifestyle"]), ("category", ["Interest"])], set()),
        ([("category", ["Contextual"])], set()),
        ([("category", ["Lifestyle"]), ("status", ["Active"])], {"Gamers", "Fitness", "Frequent travellers"}),
        ([("category", ["Lifestyle"]), ("status", ["Deactivated", "Failed"])], set()),
    ],
)
def test_filters_hold_together_and_values_are_alternatives(
    lamps: Speaker, filters: list[Any], expected: set[str]
) -> None:
    found = names(lamps, where(*filters))
    if ("audienceName", ["p*"], "NOT_EQ") in filters:
        found &= {"Audio", "Toys", "Puzzles"}
    if filters == [("audienceName", ["f*d"])]:
        found &= {"Food", "Vegan", "Sport"}
    assert found == expected


@pytest.mark.covers("list")
def test_ids_pick_and_exclude(lamps: Speaker) -> None:
    lifestyle = lamps.ids("Lifestyle")
    gamers, fitness = lifestyle["Gamers"], lifestyle["Fitness"]
    assert names(lamps, where(("audienceId", [gamers, fitness, "1"]))) == {"Gamers", "Fitness"}
    rest = where(("category", ["Lifestyle"]), ("audienceId", [gamers], "NOT_EQ"))
    assert names(lamps, rest) == {"Fitness", "Frequent travellers"}
    twice = where(("audienceId", [gamers, fitness]), ("audienceId", [fitness]))
    assert names(lamps, twice) == {"Fitness"}


@pytest.mark.covers("list", "taxonomy")
def test_a_category_is_a_whole_sub_tree_and_a_path_is_one_node(lamps: Speaker) -> None:
    everything = names(lamps, where(("category", ["Interest"])))
    assert len(everything) == len(TREES["interests"])
    told = lamps.told(LIST, where(("category", ["Interest"])), maxResults=250)["audiences"]
    vegan = next(row for row in told if row["audienceName"] == "Vegan")
    path = ["Interest"]
    while True:
        nodes = {
            node["category"] for node in lamps.told(TAXONOMY, {"adType": "DSP", "categoryPath": path})["categories"]
        }
        direct = names(lamps, where(("categoryPath", path)))
        if "Vegan" in direct:
            break
        path = [*path, next(iter(nodes & {"Interests", "Food", "Cooking"}))]
    assert path[-1] == "Cooking"
    assert direct == {"Vegan", "Baking"}
    assert vegan["subCategory"] == path[1]


@pytest.mark.covers("taxonomy")
def test_the_taxonomy_counts_what_the_list_finds(lamps: Speaker) -> None:
    told = lamps.told(TAXONOMY, {"adType": "DSP"})
    assert told["categoryPath"] == []
    counts = {node["category"]: node["audienceCount"] for node in told["categories"]}
    for category in set(DISCOVERY.values()):
        assert counts[category] == sum(REFERENCES[facet] for facet, own in DISCOVERY.items() if own == category)
    below = lamps.told(TAXONOMY, {"adType": "DSP", "categoryPath": ["DEMOGRAPHIC"]})
    assert below["categoryPath"] == ["DEMOGRAPHIC"]
    assert sum(node["audienceCount"] for node in below["categories"]) == counts["Demographics"]


@pytest.mark.covers("taxonomy")
def test_a_leaf_has_no_categories(lamps: Speaker) -> None:
    told = lamps.told(TAXONOMY, {"adType": "DSP", "categoryPath": ["Interest", "No such node"]})
    assert told == {"categoryPath": ["Interest", "No such node"], "categories": []}


@pytest.mark.covers("list", "error-families")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        (where(("horoscope", ["x"])), "filters[0].field"),
        (where(("audienceName", [])), "filters[0].values"),
        (where(("audienceName", ["x"], "LIKE")), "filters[0].operator"),
        (where(("audienceName", ["x"]), ("audienceId", ["x"])), "filters[1].values"),
        (where(("status", ["Asleep"])), "filters[0].values"),
        ({"adType": "TV"}, "adType"),
        ({"adType": "DSP", "countries": ["US", "GB"]}, "countries"),
    ],
)
def test_malformed_requests_name_their_field(lamps: Speaker, body: dict[str, Any], field: str) -> None:
    response = lamps.post(LIST, body)
    assert response.status_code == 400
    told = response.json()
    assert told["message"] == "'1' validation error(s) occurred. Please correct them and request again."
    assert [error["fieldName"] for error in told["errors"]] == [field]
    assert told["errors"][0]["errorType"] == "Invalid value"


def test_half_a_character_cannot_be_given_back(lamps: Speaker) -> None:
    body = b'{"adType":"DSP","categoryPath":["Interest","\\ud83d"]}'
    response = lamps.http.post(TAXONOMY, content=body, headers=lamps.headers, params={"advertiserId": LAMPS})
    assert response.status_code == 400
    assert response.json()["errors"][0]["fieldName"] == "categoryPath[1]"


@pytest.mark.covers("countries")
def test_a_global_advertiser_names_the_country_it_browses(everywhere: Speaker) -> None:
    response = everywhere.post(LIST, {"adType": "DSP"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["fieldName"] == "countries"
    assert everywhere.told(LIST, {"adType": "DSP", "countries": ["UK"]})["audiences"]
