"""The audiences nearest to one audience."""

from typing import Any

import pytest

from tests.apis.amazon.conftest import Speaker
from tests.apis.amazon.naive import having, in_country, metrics

pytestmark = pytest.mark.covers("overlap")
VENDOR = "application/vnd.insightsaudiencesoverlap.v2+json"


@pytest.fixture(scope="session")
def running(lamps: Speaker) -> str:
    return lamps.ids("Interest")["Running"]


def ask(speaker: Speaker, audience: str, **query: Any) -> Any:
    response = speaker.get(f"/insights/audiences/{audience}/overlappingAudiences", **{"adType": "DSP", **query})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == VENDOR
    return response.json()


def test_the_audience_and_its_neighbours_are_told_with_naive_affinities(lamps: Speaker, running: str) -> None:
    told = ask(lamps, running, audienceCategory="Lifestyle,LIFE_EVENT")
    assert told["marketplace"] == "US"
    requested = told["requestedAudienceMetadata"]
    assert (requested["audienceId"], requested["name"], requested["category"]) == (running, "Running", "Interest")
    by_name = {row["audienceMetadata"]["name"]: row for row in told["overlappingAudiences"]}
    assert set(by_name) >= {"Fitness", "Gamers"}
    assert {row["audienceMetadata"]["category"] for row in by_name.values()} == {"Lifestyle", "Life event"}
    affinity, _ = metrics(having("interests", "running"), having("lifestyle", "fitness"), in_country("US"))
    assert by_name["Fitness"]["affinity"] == pytest.approx(affinity, rel=6e-4)
    forecast = by_name["Fitness"]["audienceMetadata"]["audienceForecast"]
    assert forecast["dailyReach"]["lowerBound"] < forecast["dailyReach"]["upperBound"]


def test_rows_fall_in_affinity_and_the_audience_itself_is_not_among_them(lamps: Speaker, running: str) -> None:
    rows = ask(lamps, running, maxResults=500)["overlappingAudiences"]
    affinities = [row["affinity"] for row in rows]
    assert affinities == sorted(affinities, reverse=True)
    assert running not in {row["audienceMetadata"]["audienceId"] for row in rows}


def test_affinities_are_bounded_inclusively(lamps: Speaker, running: str) -> None:
    whole = [row["affinity"] for row in ask(lamps, running, maxResults=500)["overlappingAudiences"]]
    low, high = whole[-2], whole[1]
    told = ask(lamps, running, maxResults=500, minimumOverlapAffinity=low, maximumOverlapAffinity=high)
    assert [row["affinity"] for row in told["overlappingAudiences"]] == [a for a in whole if low <= a <= high]


@pytest.mark.covers("error-families")
@pytest.mark.parametrize(
    ("audience", "query", "status", "words"),
    [
        ("413642381039213536", {}, 404, "413642381039213536"),
        ("running", {}, 400, "is not an audience id"),
        (None, {"adType": "TV"}, 400, "adType"),
        (None, {"adType": None}, 400, "adType"),
        (None, {"audienceCategory": "Horoscope"}, 400, "unknown category"),
        (None, {"audienceCategory": ",".join(["Interest"] * 21)}, 400, "at most 20"),
        (None, {"maxResults": 501}, 400, "maxResults"),
        (None, {"minimumOverlapAffinity": -1}, 400, "minimumOverlapAffinity"),
        (None, {"advertiserId": None}, 400, "advertiserId"),
    ],
)
def test_refusals_are_a_message_in_the_vendors_media_type(
    lamps: Speaker, running: str, audience: str | None, query: dict[str, Any], status: int, words: str
) -> None:
    path = f"/insights/audiences/{audience or running}/overlappingAudiences"
    response = lamps.get(path, **{"adType": "DSP", **query})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/vnd.insightserror.v1+json"
    assert words in response.json()["message"]


def test_display_advertisers_need_not_be_named(lamps: Speaker, running: str) -> None:
    assert ask(lamps, running, adType="SD", advertiserId=None)["overlappingAudiences"]
