"""The five insights, figure by figure, beside the naive opinion."""

import json
from datetime import datetime
from typing import Any

import pytest

from houselights.model.workspace import PrivacyPolicy
from tests.apis.amazon import naive
from tests.apis.amazon.asking import asks
from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.naive import People, any_of, having, in_country, metrics
from tests.apis.amazon.people import FLAT, TREES

POLICY = PrivacyPolicy()
US = "US"


def figures(told: Any) -> tuple[float, float]:
    return told["affinity"], told["overlapPercentage"]


def near(expected: tuple[float, float]) -> Any:
    """Four significant digits leave the house; four decimals are written."""
    return pytest.approx(expected, rel=6e-4, abs=1e-4)


@pytest.fixture(scope="session")
def sporty(lamps: Speaker) -> str:
    return lamps.ids("Interest")["Running"]


@pytest.fixture(scope="session")
def questions(lamps: Speaker) -> list[tuple[dict[str, Any], People]]:
    """Expressions, each with the people it means."""
    interest, market, life = lamps.ids("Interest"), lamps.ids("In-market"), lamps.ids("Life event")
    food, running, travel = (having("interests", key) for key in ("food", "running", "travel"))
    audio, moving = having("in_market", "audio"), having("life_event", "moving")
    return [
        (asks([interest["Running"]]), running),
        (asks([interest["Food"], interest["Travel"]], spelt=False), food | travel),
        (asks([interest["Food"], interest["Travel"]], [interest["Running"]]), (food | travel) & running),
        (asks([interest["Running"]], without=[market["Audio"], life["Moving"]]), running - audio - moving),
        (asks(without=[interest["Running"], interest["Food"]]), naive.everyone() - running - food),
    ]


@pytest.mark.covers("banded-size", "expression", "negative")
def test_sizes_are_the_bands_of_the_true_counts(lamps: Speaker, questions: list[tuple[dict[str, Any], People]]) -> None:
    for body, people in questions:
        told = lamps.told("/insights/bandedSize", body)
        count = len(people & in_country(US))
        low = max(rung for rung in POLICY.bands if rung <= count)
        assert told["estimatedSize"]["min"] == low
        assert told["estimatedSize"]["max"] > count
        assert datetime.fromisoformat(told["lastUpdatedAt"]).tzinfo is not None


@pytest.mark.covers("banded-size")
def test_the_bands_are_the_workspaces_and_the_last_is_open(stage: Stage, lamps: Speaker, sporty: str) -> None:
    workspace = stage.house.control.workspaces.by_name("stage")
    assert workspace is not None
    count = len(having("interests", "running") & in_country(US))
    for bands, expected in (
        ((0, 100, count, count + 1), {"min": count, "max": count + 1}),
        ((0, 100, count + 1), {"min": 100, "max": count + 1}),
        ((0, 100), {"min": 100}),
    ):
        stage.house.control.workspaces.set_privacy(workspace.id, PrivacyPolicy(bands=bands))
        assert lamps.told("/insights/bandedSize", asks([sporty]))["estimatedSize"] == expected
    stage.house.control.workspaces.set_privacy(workspace.id, POLICY)


def _cells(audience: People, subject: People, universe: People) -> bool:
    """Tell whether a many-valued row rests on enough people on every side to be shown."""
    audience, subject = audience & universe, subject & universe
    both = len(audience & subject)
    sides = (both, len(audience) - both, len(subject) - both)
    return both >= POLICY.minimum_cell and all(side == 0 or side >= POLICY.minimum_cell for side in sides[1:])


@pytest.mark.covers("demographics")
def test_demographics_are_the_naive_figures(lamps: Speaker, questions: list[tuple[dict[str, Any], People]]) -> None:
    compared = set()
    for body, people in questions:
        told = lamps.told("/insights/demographics", body)["demographics"]
        ages = naive.table("age", people, in_country(US))
        for row in told["age"]:
            low, high = row["range"].get("min"), row["range"].get("max")
            key = f"{'' if low is None else low}-{'' if high is None else high}"
            assert figures(row["insightMetrics"]) == near(ages[key])
        for group, facet, words in (
            ("gender", "gender", {"female": "FEMALE", "male": "MALE", "unknown": "UNKNOWN"}),
            ("propertyOwnership", "home", {"owning": "OWNING", "renting": "RENTING"}),
        ):
            expected = naive.table(facet, people, in_country(US))
            shown = {row["attribute"]: figures(row["insightMetrics"]) for row in told.get(group, ())}
            assert set(shown) <= set(words.values())
            assert len(shown) != 1, "a group is left out when fewer than two of its values may be shown"
            for key, word in words.items():
                if word in shown:
                    assert shown[word] == near(expected[key])
                    compared.add(group)
    assert compared == {"gender", "propertyOwnership"}


@pytest.mark.covers("demographics")
def test_demographics_speak_the_vendors_words(lamps: Speaker, sporty: str) -> None:
    told = lamps.told("/insights/demographics", asks([sporty]))["demographics"]
    assert told["age"][0]["range"] == {"min": 18, "max": 24}
    assert told["age"][-1]["range"] == {"min": 65}
    assert told["income"][0]["currency"] == "USD"
    assert told["income"][0]["range"] == {"max": 49999}
    assert {row["attribute"] for row in told["education"]} <= {
        "HIGH_SCHOOL",
        "SOME_COLLEGE",
        "BACHELORS_DEGREE",
        "GRADUATE_DEGREE",
    }
    assert "self-described" not in str(told)
    assert all(row["segmentId"].isdigit() for row in told["childrenCount"] + told["childrenAge"])


@pytest.mark.covers("demographics")
def test_a_segment_id_is_an_audience_with_the_same_people(lamps: Speaker, sporty: str) -> None:
    told = lamps.told("/insights/demographics", asks([sporty]))["demographics"]
    female = next(row for row in told["gender"] if row["attribute"] == "FEMALE")
    both = having("interests", "running") & having("gender", "female")
    again = lamps.told("/insights/demographics", asks([sporty], [female["segmentId"]]))["demographics"]
    ages = naive.table("age", both, in_country(US))
    assert figures(again["age"][0]["insightMetrics"]) == near(ages["18-24"])
    assert "gender" not in again, "one gender is fewer than the published minimum of the group"


@pytest.mark.covers("top-categories")
def test_categories_are_the_naive_figures_by_falling_affinity(
    lamps: Speaker, questions: list[tuple[dict[str, Any], People]]
) -> None:
    universe = in_country(US)
    for body, people in questions:
        told = lamps.told("/insights/topCategoriesPurchased", body, maxResults=250)["retailCategories"]
        expected = {
            key: metrics(people, having("bought", key), universe)
            for key in TREES["bought"]
            if _cells(people, having("bought", key), universe)
        }
        assert {row["id"] for row in told} == set(expected)
        for row in told:
            assert figures(row["insightMetrics"]) == near(expected[row["id"]])
        affinities = [row["insightMetrics"]["affinity"] for row in told]
        assert affinities == sorted(affinities, reverse=True)


@pytest.mark.covers("top-categories")
def test_a_path_leads_to_its_category_and_has_at_most_five_steps(lamps: Speaker, sporty: str) -> None:
    told = lamps.told("/insights/topCategoriesPurchased", asks([sporty]))["retailCategories"]
    paths = {row["id"]: [step["browseNodeName"] for step in row["path"]] for row in told}
    assert paths["home"] == []
    assert paths["running-shoes"] == ["Shoes"]
    assert paths["serrated-long"] == ["Home", "Kitchen", "Cutlery", "Knives", "Bread knives"]


@pytest.mark.covers("top-overlapping")
def test_overlapping_audiences_are_the_naive_figures(lamps: Speaker, sporty: str) -> None:
    universe, running = in_country(US), having("interests", "running")
    body = asks([sporty], categoryFilter=["INTEREST", "LIFESTYLE"])
    told = lamps.told("/insights/topOverlappingAudiences", body, maxResults=250)["audiences"]
    names = {
        key.replace("-", " ").capitalize(): (facet, key) for facet in ("interests", "lifestyle") for key in TREES[facet]
    }
    assert sporty not in {row["id"] for row in told}
    shown = {row["name"] for row in told}
    expected = {
        name for name, trait in names.items() if name != "Running" and _cells(running, having(*trait), universe)
    }
    assert shown == expected
    for row in told:
        assert figures(row["insightMetrics"]) == near(metrics(running, having(*names[row["name"]]), universe))
        assert row["category"] in {"Interest", "Lifestyle"}
        for bounds in row["forecast"].values():
            assert 0 <= bounds["lowerBound"] < bounds["upperBound"]


@pytest.mark.covers("top-overlapping")
def test_forecasts_are_the_leading_digits_of_the_measures(lamps: Speaker, sporty: str) -> None:
    told = lamps.told("/insights/topOverlappingAudiences", asks([sporty]), maxResults=250)["audiences"]
    travel = next(row for row in told if row["name"] == "Travel")
    people = [naive.rows()[number] for number in having("interests", "travel")]
    reach, impressions = sum(row.daily_reach for row in people), sum(row.daily_impressions for row in people)
    for name, amount in (("dailyReach", reach), ("dailyImpressions", impressions)):
        step = 10 ** (len(str(int(amount))) - 1)
        low = int(amount) // step * step
        assert travel["forecast"][name] == {"lowerBound": low, "upperBound": low + step}


@pytest.mark.covers("top-overlapping")
def test_affinities_are_filtered_within_inclusive_bounds(lamps: Speaker, sporty: str) -> None:
    whole = lamps.told("/insights/topOverlappingAudiences", asks([sporty]), maxResults=250)["audiences"]
    affinities = [row["insightMetrics"]["affinity"] for row in whole]
    low, high = affinities[-3], affinities[2]
    body = asks([sporty], overlapAffinityFilter={"min": low, "max": high})
    told = lamps.told("/insights/topOverlappingAudiences", body, maxResults=250)["audiences"]
    assert [row["id"] for row in told] == [
        row["id"] for row, a in zip(whole, affinities, strict=True) if low <= a <= high
    ]
    nothing = asks([sporty], overlapAffinityFilter={"min": 1000})
    assert lamps.told("/insights/topOverlappingAudiences", nothing)["audiences"] == []


@pytest.mark.covers("top-overlapping")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"categoryFilter": []}, "categoryFilter"),
        ({"categoryFilter": ["INTEREST", "INTEREST"]}, "categoryFilter"),
        ({"categoryFilter": ["HOROSCOPE"]}, "categoryFilter[0]"),
        ({"overlapAffinityFilter": {"min": -1}}, "overlapAffinityFilter.min"),
        ({"overlapAffinityFilter": {"max": "much"}}, "overlapAffinityFilter.max"),
    ],
)
def test_malformed_filters_name_their_field(lamps: Speaker, sporty: str, change: dict[str, Any], field: str) -> None:
    response = lamps.post("/insights/topOverlappingAudiences", asks([sporty]) | change)
    assert response.status_code == 400
    assert response.json()["errors"][0]["fieldName"] == field


@pytest.mark.covers("prime-video")
def test_viewing_is_the_naive_figures(lamps: Speaker, sporty: str) -> None:
    universe, running = in_country(US), having("interests", "running")
    told = lamps.told("/insights/primeVideo", asks([sporty]))["primeVideoInsights"]
    assert told["dateRange"] == {"startDate": "2026-08-03T00:00:00.000Z", "endDate": "2026-11-01T00:00:00.000Z"}
    assert len(told["movies"]) <= 50
    for group, key in (("genres", "genre"), ("actors", "actor"), ("directors", "director"), ("series", "series")):
        assert told[group], group
        for row in told[group]:
            assert figures(row["insight"]) == near(metrics(running, having(key, row[key]), universe))
        affinities = [row["insight"]["affinity"] for row in told[group]]
        assert affinities == sorted(affinities, reverse=True)


@pytest.mark.covers("prime-video")
def test_only_the_groups_asked_for_are_told(lamps: Speaker, sporty: str) -> None:
    told = lamps.told("/insights/primeVideo", asks([sporty], categoryFilter=["DIRECTORS", "GENRES"]))
    assert set(told["primeVideoInsights"]) == {"directors", "genres", "dateRange"}
    for wrong in ([], ["DIRECTORS", "DIRECTORS"], ["EXTRAS"], ["ACTORS", "DIRECTORS", "GENRES", "MOVIES", "SERIES"]):
        assert lamps.post("/insights/primeVideo", asks([sporty], categoryFilter=wrong)).status_code == 400


@pytest.mark.covers("countries")
def test_the_universe_is_the_advertisers_country(coffee: Speaker, everywhere: Speaker, lamps: Speaker) -> None:
    body = asks([lamps.ids("Interest")["Running"]])
    running = having("interests", "running")
    for speaker, country, more in (
        (coffee, "GB", {}),
        (everywhere, "GB", {"countryCodes": ["GB"]}),
        (lamps, "US", {"countryCodes": ["US"]}),
    ):
        told = speaker.told("/insights/demographics", body | more)["demographics"]
        ages = naive.table("age", running, in_country(country))
        assert figures(told["age"][0]["insightMetrics"]) == near(ages["18-24"])


@pytest.mark.covers("countries")
def test_a_global_advertiser_must_name_a_country(everywhere: Speaker, sporty: str) -> None:
    response = everywhere.post("/insights/bandedSize", asks([sporty]))
    assert response.status_code == 400
    assert response.json()["errors"][0]["fieldName"] == "countryCodes"
    for wrong in (["UK"], ["XX"], ["US", "GB"], "US"):
        assert everywhere.post("/insights/bandedSize", asks([sporty], countryCodes=wrong)).status_code == 400


@pytest.mark.covers("countries")
def test_a_country_without_people_has_a_size_and_nothing_else(lamps: Speaker, sporty: str) -> None:
    body = asks([sporty], countryCodes=["JP"])
    assert lamps.told("/insights/bandedSize", body)["estimatedSize"]["min"] == 0
    for name in ("demographics", "topCategoriesPurchased", "topOverlappingAudiences", "primeVideo"):
        response = lamps.post(f"/insights/{name}", body)
        assert response.status_code == 404, name
        assert "too few people" in response.json()["message"]


@pytest.mark.covers("expression")
def test_every_unknown_audience_is_named(lamps: Speaker, sporty: str) -> None:
    response = lamps.post("/insights/bandedSize", asks(["413642381039213536", sporty], ["0000000000"]))
    assert response.status_code == 404
    errors = response.json()["errors"]
    assert [error["fieldName"] for error in errors] == [
        "audienceTargetingExpression.audiences[0].audienceId",
        "audienceTargetingExpression.audiences[2].audienceId",
    ]
    assert {error["errorType"] for error in errors} == {"VALUE_NOT_FOUND"}
    assert "413642381039213536" in errors[0]["message"]


@pytest.mark.covers("expression", "error-families")
@pytest.mark.parametrize(
    ("members", "field"),
    [
        ([], "audienceTargetingExpression.audiences"),
        ([{"audienceId": "1", "groupId": "g"}], "audienceTargetingExpression.audiences[0].negative"),
        (
            [{"audienceId": "x1", "groupId": "g", "negative": "true"}],
            "audienceTargetingExpression.audiences[0].audienceId",
        ),
        ([{"audienceId": "1", "groupId": "g", "negative": "no"}], "audienceTargetingExpression.audiences[0].negative"),
        (
            [{"audienceId": "1", "groupId": "g", "negative": n} for n in ("true", "false")],
            "audienceTargetingExpression.audiences[1].negative",
        ),
        (
            [{"audienceId": "1", "groupId": g, "negative": True} for g in "ab"],
            "audienceTargetingExpression.audiences",
        ),
        ([{"audienceId": "1", "groupId": "g", "negative": False}] * 5501, "audienceTargetingExpression.audiences"),
        ([{"audienceId": "1", "groupId": "g", "negative": False}] * 501, "audienceTargetingExpression.audiences"),
    ],
)
def test_malformed_expressions_name_their_field(lamps: Speaker, members: list[Any], field: str) -> None:
    response = lamps.post("/insights/bandedSize", {"audienceTargetingExpression": {"audiences": members}})
    assert response.status_code == 400
    assert response.json()["errors"][0]["fieldName"] == field


@pytest.mark.covers("expression")
def test_an_expression_of_the_full_size_is_answered(lamps: Speaker) -> None:
    """Ten included groups and one excluded, 500 members each."""
    ids = [
        audience for category in ("Interest", "In-market", "Demographics") for audience in lamps.ids(category).values()
    ]
    groups = [[ids[(n + g) % len(ids)] for n in range(500)] for g in range(10)]
    assert lamps.told("/insights/bandedSize", asks(*groups, without=ids[:1] * 500))


@pytest.mark.covers("compact-json")
def test_ids_may_come_as_numbers(lamps: Speaker, sporty: str) -> None:
    body = asks([sporty])
    text = json.dumps(body).replace(f'"{sporty}"', sporty)
    assert f'"audienceId": {sporty}' in text
    headers = {**lamps.headers, "Content-Type": "application/json", "Accept": "application/json"}
    bare = lamps.http.post(
        "/insights/bandedSize", content=text, headers=headers, params={"advertiserId": lamps.advertiser}
    )
    assert bare.json() == lamps.told("/insights/bandedSize", body)


def test_a_value_outside_the_vendors_words_is_in_the_data() -> None:
    """Otherwise the tests above would not show that it is left out."""
    assert having("gender", "self-described")
    assert any_of(having("home", key) for key in FLAT["home"])
