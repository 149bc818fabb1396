"""`python-amazon-ad-api`, as it comes from PyPI, against a real server. Only its hosts are told where we are."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from ad_api.api import Audiences, Profiles
from ad_api.api.insights import Insights
from ad_api.auth import AccessTokenClient
from ad_api.auth import access_token_client as tokens
from ad_api.auth.exceptions import AuthorizationError
from ad_api.base.exceptions import AdvertisingApiException

from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import LAMPS, PROFILE

pytestmark = [
    pytest.mark.covers("sdk"),
    # the library's own habits: it leaves sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def how(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Keyword arguments that aim the library at our server."""
    host = str(stage.http.base_url).removeprefix("http://").rstrip("/")
    monkeypatch.setattr(AccessTokenClient, "scheme", "http://", raising=False)
    monkeypatch.setattr(AccessTokenClient, "host", host)
    tokens.cache.clear()
    yield {
        "marketplace": SimpleNamespace(endpoint=f"http://{host}"),
        "credentials": {
            "refresh_token": stage.client.refresh_token,
            "client_id": stage.client.client.client_id,
            "client_secret": stage.client.secret,
            "profile_id": str(PROFILE),
        },
    }
    tokens.cache.clear()


def test_it_gets_a_token_and_lists_profiles(how: dict[str, Any]) -> None:
    listed = Profiles(**how).list_profiles(profileTypeFilter="agency").payload
    assert [profile["profileId"] for profile in listed] == [PROFILE]
    assert Profiles(**how).get_profile(PROFILE).payload["accountInfo"]["type"] == "agency"


def test_it_lists_audiences_page_by_page(how: dict[str, Any]) -> None:
    audiences, token, seen = Audiences(**how), None, []
    body = {"adType": "DSP", "filters": [{"field": "category", "values": ["In-market", "Interest"]}]}
    while True:
        query = {"advertiserId": str(LAMPS), "maxResults": 5} | ({"nextToken": token} if token else {})
        told = audiences.list_audiences(body=body, **query).payload
        seen += [audience["audienceId"] for audience in told["audiences"]]
        token = told.get("nextToken")
        if not token:
            break
    assert len(seen) == len(set(seen)) == told["matchCount"]


def test_it_walks_the_taxonomy(how: dict[str, Any]) -> None:
    told = Audiences(**how).list_audiences_taxonomy(body={"adType": "DSP"}, advertiserId=str(LAMPS)).payload
    assert {"Interest", "In-market"} <= {node["category"] for node in told["categories"]}


def test_it_asks_for_overlapping_audiences(how: dict[str, Any]) -> None:
    body = {"adType": "DSP", "filters": [{"field": "audienceName", "values": ["Running"]}]}
    running = Audiences(**how).list_audiences(body=body, advertiserId=str(LAMPS)).payload["audiences"][0]["audienceId"]
    told = Insights(**how).get_insights(running, adType="DSP", advertiserId=str(LAMPS)).payload
    assert told["requestedAudienceMetadata"]["audienceId"] == running
    assert told["overlappingAudiences"]


def test_it_understands_our_refusals(how: dict[str, Any]) -> None:
    with pytest.raises(AdvertisingApiException) as refused:
        Audiences(**how).list_audiences(body={"adType": "DSP"}, advertiserId="ENTITY1STAGELEFT")
    assert refused.value.code == 400
    with pytest.raises(AuthorizationError) as unknown:
        Profiles(**{**how, "credentials": how["credentials"] | {"refresh_token": "Atzr|made-up"}}).list_profiles()
    assert unknown.value.error_code == "invalid_grant"
