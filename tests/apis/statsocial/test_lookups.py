"""Look-ups: shapes as the guide prints them, searched in any case, in pages where it has pages."""

from collections.abc import Iterator
from typing import Any

import pytest

from houselights.apis.statsocial.lookups import routes
from houselights.apis.statsocial.vocabulary import ROOTS, TERMS
from tests.apis.statsocial.conftest import Speaker, Stage


def nodes(tree: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in tree:
        yield node
        yield from nodes(node.get("children", []))


def names(tree: list[dict[str, Any]]) -> set[str]:
    return {node["name"] for node in nodes(tree)}


@pytest.mark.covers("affinities")
def test_the_seven_roots_are_always_there(client: Speaker) -> None:
    for query in ("", "?query=soccer", "?query=nothing-has-this-name"):
        tree = client.told("GET", f"/affinities{query}")
        assert [node["id"] for node in tree] == list(ROOTS)
        assert [node["name"] for node in tree] == list(ROOTS.values())
        assert all(node["is_category"] and not node["can_add"] and node["kind"] == "affinity" for node in tree)
        assert not any("followers_count" in node for node in tree)
    assert client.told("GET", "/affinities") == client.told("GET", "/affinities?query=nothing-has-this-name")


def test_a_match_is_shown_with_its_path(client: Speaker) -> None:
    tree = client.told("GET", "/affinities?query=sOCcer")
    (interests,) = (node for node in tree if node["id"] == ".interests.")
    (sports,) = interests["children"]
    (soccer,) = sports["children"]
    assert (sports["name"], sports["is_category"], sports["can_add"]) == ("Sports", True, True)
    assert "is_match" not in sports
    assert soccer == {
        "id": soccer["id"], "name": "Soccer", "is_category": False, "followers_count": soccer["followers_count"],
        "can_add": True, "is_match": True, "kind": "affinity",
    }  # fmt: skip
    assert soccer["id"][0] == "a"
    assert soccer["id"][1:].isdigit()
    by_id = client.told("GET", f"/affinities?query={soccer['id']}")
    assert [node["name"] for node in nodes(by_id) if node.get("is_match")] == ["Soccer"]


def test_what_stands_below_one_is_shown(client: Speaker) -> None:
    tree = client.told("GET", "/affinities?parent_id=.interests.")
    below = {node["name"] for node in tree[3]["children"]}
    assert {"Sports", "Culture", "Technology"} <= below
    sports = next(node["id"] for node in tree[3]["children"] if node["name"] == "Sports")
    tree = client.told("GET", f"/affinities?parent_id={sports}")
    assert "Running" in names(tree)
    assert "Culture" not in names(tree)
    assert not any(node.get("is_match") for node in nodes(tree))
    found = client.told("GET", "/affinities?query=sports&parent_id=.influencers.")
    assert [node["name"] for node in nodes(found) if node.get("is_match")] == ["Sports"]
    assert client.refused("GET", "/affinities?parent_id=a1", status=404)["errors"][0]["field"] == "parent_id"


def test_rollups_are_categories(client: Speaker) -> None:
    tree = client.told("GET", "/affinities?query=sports&rollups_only=true")
    matches = [node for node in nodes(tree) if node.get("is_match")]
    assert matches
    assert all(node["is_category"] for node in matches)
    assert client.told("GET", "/affinities?query=soccer&rollups_only=true") == client.told("GET", "/affinities")
    everything = client.told("GET", "/affinities?query=sports")
    assert any(not node["is_category"] for node in nodes(everything) if node.get("is_match"))


@pytest.mark.covers("work")
def test_job_titles_are_found_by_their_words(client: Speaker) -> None:
    found = client.told("GET", "/b2b/job-titles?query=Analyst%2C%20Senior%20Programmer")
    title = "Analyst, Senior Programmer"
    assert found == {
        "data": [{"id": title, "name": title, "followers_count": found["data"][0]["followers_count"],
                  "kind": "b2b_jobtitle"}],
        "has_next": False,
        "next": "",
    }  # fmt: skip
    assert found["data"][0]["followers_count"] > 0


@pytest.mark.parametrize(("path", "kind"), [("job-titles", "b2b_jobtitle"), ("employers", "b2b_employer")])
def test_work_comes_in_pages(client: Speaker, path: str, kind: str) -> None:
    page = client.told("GET", f"/b2b/{path}")
    seen = list(page["data"])
    while page["has_next"]:
        page = client.told("GET", f"/b2b/{path}?next={page['next']}")
        seen += page["data"]
    assert page["next"] == ""
    assert len(seen) > 60
    assert len({one["id"] for one in seen}) == len(seen)
    assert {one["kind"] for one in seen} == {kind}


def test_a_page_belongs_to_its_request(client: Speaker) -> None:
    token = client.told("GET", "/b2b/job-titles")["next"]
    for path in (f"/b2b/employers?next={token}", f"/b2b/job-titles?query=a&next={token}", "/b2b/employers?next=x"):
        assert client.refused("GET", path)["errors"][0]["field"] == "next"


@pytest.mark.covers("personality-types")
def test_the_terms_of_personality_are_the_fifty_two(client: Speaker, stage: Stage) -> None:
    told = client.told("GET", "/personality-types")
    assert told == {"personalities": [{"term": term} for term in TERMS]}
    assert len(set(TERMS)) == 52
    assert (TERMS[0], TERMS[12], TERMS[-1]) == ("challenge", "agreeableness", "self-transcendence")
    known = {trait.name for trait in stage.house.discovery.catalogue(stage.operator).of("personality")}
    assert known == set(TERMS)


@pytest.mark.covers("places")
@pytest.mark.parametrize(
    ("path", "query", "kind", "some"),
    [
        ("cities", "New%20York", "city", {"New York City", "West New York"}),
        ("cities", "new", "city", {"New Orleans"}),
        ("countries", "united%20STATES", "country", {"United States"}),
        ("dmas", "new", "dma", {"New York", "New Orleans"}),
        ("regions", "New%20York", "region", {"New York"}),
    ],
)
def test_places_are_found_by_their_words(client: Speaker, path: str, query: str, kind: str, some: set[str]) -> None:
    told = client.told("GET", f"/location/{path}?query={query}")
    assert set(told) == {"data"}
    assert some <= {place["name"] for place in told["data"]}
    assert {place["kind"] for place in told["data"]} == {kind}
    assert all(
        {"id", "name", "kind"} <= set(place) <= {"id", "name", "kind", "region", "country"} for place in told["data"]
    )


def test_more_places_than_are_told_at_once_have_a_next(client: Speaker, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = client.told("GET", "/location/cities?query=n")["data"]
    monkeypatch.setattr(routes, "PLACES_MOST", len(whole) // 3 + 1)
    seen, more = [], ""
    for has_next in (True, True, False):
        told = client.told("GET", f"/location/cities?query=n&next={more}")
        seen += told["data"]
        assert told.get("has_next", False) is has_next
        more = told.get("next", "")
    assert seen == whole


@pytest.mark.parametrize("path", ["/location/cities", "/b2b/employers", "/affinities"])
def test_a_query_that_is_too_long_is_told_at_its_field(client: Speaker, path: str) -> None:
    assert client.refused("GET", f"{path}?query={'a' * 501}")["errors"][0]["field"] == "query"


def test_market_areas_have_the_codes_that_everybody_knows(client: Speaker) -> None:
    told = client.told("GET", "/location/dmas?query=new")["data"]
    codes = {place["id"]: place["name"] for place in told}
    assert (codes["501"], codes["622"]) == ("New York", "New Orleans")


@pytest.mark.covers("credits")
def test_credits_without_end_are_minus_one(client: Speaker) -> None:
    assert client.told("GET", "/credits") == {
        "builds": -1, "insights": -1, "universes": -1, "expansions": -1, "distributions": -1, "scheduled_reruns": -1,
    }  # fmt: skip
