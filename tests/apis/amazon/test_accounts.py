"""Profiles and advertisers."""

from typing import Any

import pytest

from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.people import COFFEE, EVERYWHERE, LAMPS, NOT_YOURS, PROFILE, VENDOR_PROFILE

SCOPE = "Amazon-Advertising-API-Scope"


def ids(told: Any) -> list[int]:
    return [profile["profileId"] for profile in told]


@pytest.mark.covers("profiles", "compact-json")
def test_a_profile_is_a_granted_account_with_its_country_currency_and_entity(lamps: Speaker) -> None:
    """Profile ids are JSON numbers of 64 bits; no Scope header is needed to list them."""
    response = lamps.get("/v2/profiles", headers={SCOPE: None})
    assert f'"profileId":{PROFILE},' in response.text
    agency, vendor = sorted(response.json(), key=lambda profile: profile["profileId"])
    assert agency == {
        "profileId": PROFILE,
        "countryCode": "US",
        "currencyCode": "USD",
        "timezone": "America/New_York",
        "accountInfo": {
            "marketplaceStringId": "ATVPDKIKX0DER",
            "id": "ENTITY1STAGELEFT",
            "type": "agency",
            "name": "Stage Left Agency",
            "validPaymentMethod": True,
        },
    }
    assert (vendor["profileId"], vendor["countryCode"]) == (VENDOR_PROFILE, "UK")


@pytest.mark.covers("profiles")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [PROFILE, VENDOR_PROFILE]),
        ({"profileTypeFilter": "agency"}, [PROFILE]),
        ({"profileTypeFilter": "seller"}, []),
        ({"profileTypeFilter": "vendor,agency"}, [PROFILE, VENDOR_PROFILE]),
        ({"validPaymentMethodFilter": "true"}, [PROFILE, VENDOR_PROFILE]),
        ({"validPaymentMethodFilter": "false"}, []),
        ({"apiProgram": "billing", "accessLevel": "edit"}, [PROFILE, VENDOR_PROFILE]),
    ],
)
def test_profiles_are_filtered(lamps: Speaker, filters: dict[str, str], expected: list[int]) -> None:
    assert ids(lamps.get("/v2/profiles", **filters).json()) == expected


@pytest.mark.covers("profiles")
def test_a_client_that_only_reads_may_edit_nothing(stage: Stage) -> None:
    limited = stage.speaker(stage.limited)
    assert ids(limited.get("/v2/profiles").json()) == [PROFILE]
    assert ids(limited.get("/v2/profiles", accessLevel="edit").json()) == []


@pytest.mark.covers("profiles")
@pytest.mark.parametrize("filters", [{"profileTypeFilter": "person"}, {"apiProgram": "x"}, {"accessLevel": "own"}])
def test_unknown_filters_are_refused(lamps: Speaker, filters: dict[str, str]) -> None:
    response = lamps.get("/v2/profiles", **filters)
    assert response.status_code == 400
    assert response.json()["code"] == "400"
    assert next(iter(filters)) in response.json()["details"]


@pytest.mark.covers("profiles", "tenancy", "id-kinds")
def test_one_profile_is_read_by_its_id_and_no_other_id(lamps: Speaker) -> None:
    assert lamps.get(f"/v2/profiles/{PROFILE}").json()["profileId"] == PROFILE
    foreign = lamps.get("/v2/profiles/111000000000000003")
    assert foreign.status_code == 404
    entity = lamps.get("/v2/profiles/ENTITY1STAGELEFT").json()
    assert "an entity id" in entity["details"]
    assert "a DSP advertiserId" in lamps.get(f"/v2/profiles/{LAMPS}").json()["details"]


@pytest.mark.covers("advertisers", "compact-json")
def test_advertisers_are_those_below_the_profile(lamps: Speaker) -> None:
    told = lamps.get("/dsp/advertisers").json()
    assert told["totalResults"] == 3
    assert told["response"][0] == {
        "advertiserId": str(LAMPS),
        "name": "Lumen Lamps",
        "currency": "USD",
        "url": "https://lamps.example",
        "country": "US",
        "timezone": "America/New_York",
    }
    assert "country" not in told["response"][2], "a global advertiser has none"
    other = lamps.get("/dsp/advertisers", headers={SCOPE: str(VENDOR_PROFILE)}, advertiserId=None).json()
    assert other == {"totalResults": 0, "response": []}


@pytest.mark.covers("advertisers")
def test_advertisers_come_in_pages(lamps: Speaker) -> None:
    def page(**query: int) -> list[str]:
        told = lamps.get("/dsp/advertisers", **query).json()
        assert told["totalResults"] == 3
        return [advertiser["advertiserId"] for advertiser in told["response"]]

    assert page(count=2) == [str(LAMPS), str(COFFEE)]
    assert page(startIndex=2, count=2) == [str(EVERYWHERE)]
    assert page(startIndex=3) == []


@pytest.mark.covers("advertisers")
def test_advertisers_are_picked_by_id(lamps: Speaker) -> None:
    told = lamps.get("/dsp/advertisers", advertiserIdFilter=f"{COFFEE},{NOT_YOURS}").json()
    assert [advertiser["advertiserId"] for advertiser in told["response"]] == [str(COFFEE)]
    assert told["totalResults"] == 1


@pytest.mark.covers("advertisers", "error-families")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 101}, "count"),
        ({"startIndex": -1}, "startIndex"),
        ({"startIndex": "x"}, "startIndex"),
        ({"advertiserIdFilter": "ENTITY1"}, "advertiserIdFilter"),
    ],
)
def test_malformed_parameters_are_422_with_field(lamps: Speaker, query: dict[str, Any], field: str) -> None:
    response = lamps.get("/dsp/advertisers", **query)
    assert response.status_code == 422
    error = response.json()["errors"][0]
    assert (error["errorType"], error["field"]) == ("DSP_INVALID_QUERY_PARAM", field)


@pytest.mark.covers("advertisers", "tenancy")
def test_one_advertiser_is_read_by_its_id(lamps: Speaker) -> None:
    assert lamps.get(f"/dsp/advertisers/{COFFEE}").json()["name"] == "Curtain Call Coffee"
    foreign = lamps.get(f"/dsp/advertisers/{NOT_YOURS}")
    assert foreign.status_code == 404
    assert foreign.json()["errors"][0]["errorType"] == "DSP_NOT_FOUND"
    assert "a profileId" in lamps.get(f"/dsp/advertisers/{PROFILE}").json()["message"]
