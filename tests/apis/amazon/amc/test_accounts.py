"""AMC accounts, instances, and the advertisers of an instance."""

import pytest

from tests.apis.amazon.amc.conftest import Uploader
from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.people import CLEANROOM, CLEANROOM_ACCOUNT, COFFEE, EVERYWHERE, LAMPS, PROFILE

ACCOUNT = "Amazon-Advertising-API-AdvertiserId"
MARKETPLACE = "Amazon-Advertising-API-MarketplaceId"
US = "ATVPDKIKX0DER"


@pytest.mark.covers("amc-accounts")
def test_accounts_are_those_the_client_reaches(visitor: Uploader, stage: Stage) -> None:
    told = visitor.get("/amc/accounts")
    assert told.headers["content-type"] == "application/vnd.amcaudiencesconnections.v1+json"
    assert told.json() == {
        "amcAccounts": [{"accountId": CLEANROOM_ACCOUNT, "accountName": "Stage Left Measurement", "marketplaceId": US}]
    }
    assert visitor.judged == 1
    neighbour = Uploader(stage.http, stage.speaker(stage.neighbour).headers)
    assert neighbour.get("/amc/accounts").json() == {"amcAccounts": []}
    assert neighbour.get("/amc/instances").json() == {"instances": []}


@pytest.mark.covers("amc-instances")
def test_ten_instances_are_listed_and_the_rest_on_the_next_page(visitor: Uploader) -> None:
    first = visitor.get("/amc/instances").json()
    assert [one["instanceName"] for one in first["instances"]] == [f"Room {n}" for n in range(1, 11)]
    rest = visitor.get("/amc/instances", nextToken=first["nextToken"]).json()
    assert [one["instanceName"] for one in rest["instances"]] == ["Room 11", "Room 12"]
    assert "nextToken" not in rest
    assert len(visitor.get("/amc/instances", limit=100).json()["instances"]) == 12
    assert len(visitor.get("/amc/instances", limit="3").json()["instances"]) == 3
    assert visitor.judged == 4


def test_an_instance_says_whose_it_is_and_where_it_is_asked(visitor: Uploader) -> None:
    (one,) = visitor.get("/amc/instances", limit=1).json()["instances"]
    assert one["instanceId"] == CLEANROOM
    assert one["apiEndpoint"].endswith(f"/amc/reporting/{CLEANROOM}")
    assert (one["entities"], one["creationStatus"]) == ([CLEANROOM_ACCOUNT], "COMPLETED")


@pytest.mark.parametrize("limit", ["0", "101", "many", ""])
def test_a_limit_is_one_to_a_hundred(visitor: Uploader, limit: str) -> None:
    refused = visitor.get("/amc/instances", limit=limit)
    assert refused.status_code == 400
    assert refused.json()["code"] == "400"
    assert refused.json()["details"].startswith("limit: ")
    assert visitor.judged == 1


def test_headers_name_one_account(visitor: Uploader) -> None:
    headers = {ACCOUNT: CLEANROOM_ACCOUNT, MARKETPLACE: US}
    assert len(visitor.get("/amc/instances", limit=100, headers=headers).json()["instances"]) == 12
    assert visitor.get("/amc/instances", headers={MARKETPLACE: "A1F83G8C2ARO7P"}).json()["instances"] == []


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (str(LAMPS), "a DSP advertiserId"),
        (str(PROFILE), "a profileId"),
        (CLEANROOM, "an AMC instance"),
        ("ENTITY1STAGELEFT", "an entity id"),
        ("ENTITY6NOTYOURS", "an entity id"),
        ("333000000000000001", "not known here or not granted"),
    ],
)
def test_an_account_that_is_none_is_refused_with_what_it_is(visitor: Uploader, sent: str, received: str) -> None:
    refused = visitor.get("/amc/instances", headers={ACCOUNT: sent, MARKETPLACE: US})
    assert refused.status_code == 403
    assert received in refused.json()["details"]
    assert ACCOUNT in refused.json()["details"]


def test_a_marketplace_must_be_the_accounts(visitor: Uploader) -> None:
    refused = visitor.get("/amc/instances", headers={ACCOUNT: CLEANROOM_ACCOUNT, MARKETPLACE: "A1F83G8C2ARO7P"})
    assert refused.status_code == 400
    assert US in refused.json()["details"]


def test_a_token_of_another_request_is_refused(visitor: Uploader) -> None:
    token = visitor.get("/amc/instances").json()["nextToken"]
    refused = visitor.get("/amc/instances", nextToken=token, headers={ACCOUNT: CLEANROOM_ACCOUNT})
    assert refused.status_code == 400
    assert "belongs to another request" in refused.json()["details"]


@pytest.mark.covers("amc-instances")
def test_an_instance_holds_the_advertisers_of_its_agency(visitor: Uploader) -> None:
    path = f"/amc/instances/{CLEANROOM}/advertisers"
    told = visitor.get(path).json()
    assert [one["id"] for one in told["advertisers"]] == [str(LAMPS), str(COFFEE), str(EVERYWHERE)]
    assert told["totalCount"] == 3
    page = visitor.get(path, limit=2).json()
    assert (len(page["advertisers"]), page["totalCount"]) == (2, 3)
    (last,) = visitor.get(path, limit=2, nextToken=page["nextToken"]).json()["advertisers"]
    assert last["id"] == str(EVERYWHERE)
    assert visitor.get(path, type="SPONSORED_ADS").json()["advertisers"] == []
    assert visitor.judged == 4


@pytest.mark.parametrize("instance", ["amcnotyours", "amc0", str(LAMPS)])
def test_the_instance_of_somebody_else_is_none(visitor: Uploader, instance: str) -> None:
    assert visitor.get(f"/amc/instances/{instance}/advertisers").status_code == 404
    assert visitor.judged == 1


def test_credentials_are_asked_for_in_each_envelope(visitor: Uploader) -> None:
    nobody = Speaker(visitor.http, {}, None)
    assert set(nobody.get("/amc/instances").json()) == {"code", "details"}
    assert set(nobody.get("/amc/accounts").json()) == {"message", "requestId"}
    assert set(nobody.get("/amc/audiences/metadata/1").json()) == {"message"}
    assert nobody.judged == 2
