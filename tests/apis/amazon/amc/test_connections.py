"""Connections: where lists go, which of them is meant by default, and the terms that come before uploads."""

import re
from typing import Any

import pytest

from tests.apis.amazon.amc.conftest import CONNECTIONS, ROOM, TERMS, Uploader, uploader_of
from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import CLEANROOM, CLEANROOM_ACCOUNT, COFFEE, LAMPS, NOT_YOURS, PROFILE, VENDOR_PROFILE

US = "ATVPDKIKX0DER"
MEDIA = "application/vnd.amcaudiencesconnections.v1+json"


@pytest.mark.covers("amc-connections")
def test_a_connection_is_made_and_told_with_the_names_of_what_it_connects(uploader: Uploader) -> None:
    sample = {
        "amcAccountId": CLEANROOM_ACCOUNT,
        "amcAccountMarketplaceId": US,
        "amcInstanceId": CLEANROOM,
        "dspAdvertiserId": str(COFFEE),
        "dspProfileId": str(PROFILE),
        "isDefault": True,
    }
    made = uploader.post(CONNECTIONS, sample, headers={"Content-Type": MEDIA})
    assert made.status_code == 201
    assert made.headers["content-type"] == MEDIA
    assert re.fullmatch(r'\{"connectionId":"[0-9a-f-]{36}"\}', made.text)
    (told,) = uploader.get(CONNECTIONS, connectionId=made.json()["connectionId"]).json()["connections"]
    assert told.items() >= sample.items()
    assert told["clientId"] == uploader.headers["Amazon-Advertising-API-ClientId"]
    assert told["amcInstanceName"] == "Room 1"
    assert (told["dspAdvertiserName"], told["dspAdvertiserCountryCode"]) == ("Curtain Call Coffee", "GB")
    assert (told["dspAdvertiserRegion"], told["dspAdvertiserMarketplaceId"]) == ("EU", "A1F83G8C2ARO7P")
    assert uploader.judged == 2


@pytest.mark.covers("amc-connections")
def test_there_is_always_one_default(uploader: Uploader) -> None:
    def default() -> Any:
        return [one["connectionId"] for one in uploader.get(CONNECTIONS, isDefault=True).json()["connections"]]

    assert default() == []
    first = uploader.connect(dspAdvertiserId=str(LAMPS))
    second = uploader.connect(**ROOM)
    assert default() == [first]
    third = uploader.connect(dspAdvertiserId=str(COFFEE), isDefault=True)
    assert default() == [third]
    everything = uploader.get(CONNECTIONS, isDefault=False).json()["connections"]
    assert {one["connectionId"] for one in everything} == {first, second, third}
    assert [one["connectionId"] for one in everything if one["isDefault"]] == [third]
    assert uploader.send("DELETE", CONNECTIONS, connectionId=third).status_code == 204
    assert len(default()) == 1


@pytest.mark.covers("amc-connections")
@pytest.mark.parametrize("query", [{}, {"connectionId": ""}])
def test_without_an_id_all_are_taken_away(uploader: Uploader, query: dict[str, str]) -> None:
    for _ in range(3):
        uploader.connect(dspAdvertiserId=str(LAMPS))
    assert uploader.send("DELETE", CONNECTIONS, **query).status_code == 204
    assert uploader.get(CONNECTIONS).json() == {"connections": []}
    assert uploader.send("DELETE", CONNECTIONS, **query).status_code == 204


def test_an_unknown_connection_is_not_found_and_another_clients_is_unknown(uploader: Uploader, stage: Stage) -> None:
    mine = uploader.connect(dspAdvertiserId=str(LAMPS))
    other = uploader_of(stage, stage.http)
    for method in ("GET", "DELETE"):
        for unknown in ("00000000-0000-0000-0000-000000000000", mine):
            refused = other.send(method, CONNECTIONS, connectionId=unknown)
            assert refused.status_code == 404
            assert set(refused.json()) == {"message", "requestId"}
    assert other.get(CONNECTIONS).json() == {"connections": []}
    assert other.send("DELETE", CONNECTIONS).status_code == 204
    assert len(uploader.get(CONNECTIONS).json()["connections"]) == 1
    assert other.judged == 5


def test_an_id_can_be_chosen_once(uploader: Uploader) -> None:
    assert uploader.connect(dspAdvertiserId=str(LAMPS), connectionId="ours") == "ours"
    again = uploader.post(CONNECTIONS, {"dspAdvertiserId": str(LAMPS), "connectionId": "ours"})
    assert again.status_code == 400
    assert again.json()["message"] == "connectionId: there is a connection ours already"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 400, "a connection needs"),
        ({"amcAccountId": "", "dspAdvertiserId": ""}, 400, "a connection needs"),
        ({"amcInstanceId": CLEANROOM}, 400, "amcAccountId: an amcInstanceId needs its amcAccountId"),
        ({"amcAccountId": CLEANROOM_ACCOUNT}, 400, "amcInstanceId: "),
        ({"amcAccountId": CLEANROOM_ACCOUNT, "amcInstanceId": "amcnotyours"}, 403, "amcInstanceId: "),
        ({"amcAccountId": str(PROFILE), "amcInstanceId": CLEANROOM}, 403, "amcAccountId: received a profileId"),
        ({**ROOM, "amcAccountMarketplaceId": "A1F83G8C2ARO7P"}, 400, "amcAccountMarketplaceId: "),
        ({"dspAdvertiserId": str(NOT_YOURS)}, 403, "dspAdvertiserId: "),
        ({"dspAdvertiserId": str(PROFILE)}, 403, "dspAdvertiserId: received a profileId"),
        ({"dspAdvertiserId": CLEANROOM}, 403, "dspAdvertiserId: received an AMC instance"),
        ({"dspAdvertiserId": str(LAMPS), "dspProfileId": str(VENDOR_PROFILE)}, 400, "dspProfileId: "),
        ({"dspAdvertiserId": str(LAMPS), "isDefault": "perhaps"}, 400, "isDefault: "),
        ({"dspAdvertiserId": str(LAMPS), "connectionId": "x" * 129}, 400, "connectionId: "),
    ],
)
def test_what_leads_nowhere_is_refused(visitor: Uploader, body: Any, status: int, message: str) -> None:
    refused = visitor.post(CONNECTIONS, body)
    assert refused.status_code == status
    assert refused.json()["message"].startswith(message)
    assert visitor.judged == 1


@pytest.mark.covers("amc-terms")
def test_terms_are_read_accepted_and_taken_back(uploader: Uploader) -> None:
    offered = uploader.get(TERMS).json()
    assert offered["agreementContent"].startswith("<h1>")
    assert offered["hasAccepted"] is False
    for _ in range(2):
        answer = {"agreementToken": offered["agreementToken"], "hasAccepted": True}
        assert uploader.send("PATCH", TERMS, answer).status_code == 204
        assert uploader.get(TERMS).json() == {"hasAccepted": True}
    answer["hasAccepted"] = False
    assert uploader.send("PATCH", TERMS, answer).status_code == 204
    assert uploader.get(TERMS).json() == offered


@pytest.mark.covers("amc-terms")
def test_a_token_of_other_terms_or_another_client_is_refused(uploader: Uploader, stage: Stage) -> None:
    foreign = uploader_of(stage, stage.http).get(TERMS).json()["agreementToken"]
    for wrong in (foreign, "{xxx}", ""):
        refused = uploader.send("PATCH", TERMS, {"agreementToken": wrong, "hasAccepted": True})
        assert refused.status_code == 400
        assert refused.json()["message"].startswith("agreementToken: ")
    for field in ("agreementToken", "hasAccepted"):
        body = {"agreementToken": foreign, "hasAccepted": True}
        del body[field]
        assert uploader.send("PATCH", TERMS, body).json()["message"] == f"{field}: Field required"
    assert uploader.get(TERMS).json()["hasAccepted"] is False
    assert uploader.judged == 6
