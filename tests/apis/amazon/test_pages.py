"""`nextToken`: nothing twice, nothing left out, eight hours from the first request, for the same request only."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from houselights.base.clock import FixedClock
from tests.apis.amazon.asking import asks
from tests.apis.amazon.conftest import Speaker, Stage

pytestmark = pytest.mark.covers("pages")
Page = Callable[..., Any]


def pages(ask: Page, rows: str, size: int) -> list[list[str]]:
    """Follow nextToken to the end; return the ids of each page."""
    found, token = [], None
    while True:
        told = ask(maxResults=size, nextToken=token)
        found.append(
            [row.get("id") or row.get("audienceId") or row["audienceMetadata"]["audienceId"] for row in told[rows]]
        )
        token = told.get("nextToken")
        if token is None:
            return found


@pytest.fixture(scope="session")
def sporty(lamps: Speaker) -> str:
    return lamps.ids("Interest")["Running"]


@pytest.fixture(params=["topOverlappingAudiences", "topCategoriesPurchased", "list", "overlappingAudiences"])
def listing(request: pytest.FixtureRequest, lamps: Speaker, sporty: str) -> tuple[Page, str]:
    """Each operation that answers in pages, and where its rows are."""

    def overlap(**query: Any) -> Any:
        return lamps.get(f"/insights/audiences/{sporty}/overlappingAudiences", adType="DSP", **query).json()

    insight = lambda path: lambda **query: lamps.told(path, asks([sporty]), **query)  # noqa: E731 - a table of calls
    return {
        "topOverlappingAudiences": (insight("/insights/topOverlappingAudiences"), "audiences"),
        "topCategoriesPurchased": (insight("/insights/topCategoriesPurchased"), "retailCategories"),
        "list": (lambda **query: lamps.told("/audiences/list", {"adType": "DSP"}, **query), "audiences"),
        "overlappingAudiences": (overlap, "overlappingAudiences"),
    }[request.param]


def test_small_pages_are_the_large_page_cut_up(listing: tuple[Page, str]) -> None:
    ask, rows = listing
    (whole,) = pages(ask, rows, 250)
    small = pages(ask, rows, 4)
    assert [row for page in small for row in page] == whole
    assert len(set(whole)) == len(whole) > 4
    assert all(len(page) == 4 for page in small[:-1])
    assert small[-1]


def test_a_page_of_the_exact_length_is_the_last(listing: tuple[Page, str]) -> None:
    ask, rows = listing
    (whole,) = pages(ask, rows, 250)
    assert "nextToken" not in ask(maxResults=len(whole))


@pytest.mark.parametrize("change", ["body", "path", "advertiser"])
def test_a_token_belongs_to_its_request(lamps: Speaker, coffee: Speaker, sporty: str, change: str) -> None:
    path, body = "/insights/topOverlappingAudiences", asks([sporty])
    token = lamps.told(path, body, maxResults=2)["nextToken"]
    assert lamps.post(path, body, maxResults=3, nextToken=token).status_code == 200
    speaker = coffee if change == "advertiser" else lamps
    other_body = asks([sporty], categoryFilter=["INTEREST"]) if change == "body" else body
    other_path = "/insights/topCategoriesPurchased" if change == "path" else path
    response = speaker.post(other_path, other_body, maxResults=2, nextToken=token)
    assert response.status_code == 400
    error = response.json()["errors"][0]
    assert error["fieldName"] == "nextToken"
    assert "another request" in error["message"]


@pytest.mark.parametrize("token", ["x", "é", "a.b.c", "A" * 5000])
def test_a_made_up_token_is_refused(lamps: Speaker, sporty: str, token: str) -> None:
    response = lamps.post("/insights/topOverlappingAudiences", asks([sporty]), nextToken=token)
    assert response.status_code == 400
    assert response.json()["errors"][0]["fieldName"] == "nextToken"


def test_a_token_lives_eight_hours_from_the_first_request(
    stage: Stage, lamps: Speaker, sporty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, body = "/insights/topOverlappingAudiences", asks([sporty])
    start = datetime.now(UTC)

    def at(hours: float, token: str | None = None) -> Any:
        monkeypatch.setattr(stage.house.pages, "clock", FixedClock(start + timedelta(hours=hours)))
        return lamps.post(path, body, maxResults=1, nextToken=token)

    first = at(0).json()["nextToken"]
    second = at(7.9, first)
    assert second.status_code == 200
    assert at(8.01, first).status_code == 400
    late = at(8.01, second.json()["nextToken"])
    assert late.status_code == 400, "the clock started with the first page"
    assert "expired" in late.json()["errors"][0]["message"]


@pytest.mark.parametrize("size", [0, 251, -1, "many"])
def test_page_sizes_have_limits(lamps: Speaker, sporty: str, size: Any) -> None:
    response = lamps.post("/insights/topOverlappingAudiences", asks([sporty]), maxResults=size)
    assert response.status_code == 400
    assert response.json()["errors"][0]["fieldName"] == "maxResults"


def test_thirty_rows_come_unless_asked_otherwise(lamps: Speaker, sporty: str) -> None:
    assert len(lamps.told("/insights/topOverlappingAudiences", asks([sporty]))["audiences"]) == 30
    assert len(lamps.told("/audiences/list", {"adType": "DSP"})["audiences"]) == 10
