"""Metadata: audiences made empty, read with their sizes, changed."""

import re
from typing import Any

import pytest

from houselights.apis.amazon.amc.errors import QUOTED
from tests.apis.amazon.amc.conftest import AUDIENCES_MEDIA, METADATA, ROOM, Uploader, uploader_of
from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import COFFEE, EVERYWHERE, LAMPS, NOT_YOURS, PROFILE

TTL_MOST = 34_300_800
BODY = {
    "name": "audience_device",
    "description": "Device audiences",
    "countryCode": "US",
    "targetResource": {"advertiserId": LAMPS},
    "metadata": {"externalAudienceId": "audience-id-for-device", "ttl": 604_800},
}


@pytest.mark.covers("amc-metadata")
def test_an_audience_is_made_read_and_changed(uploader: Uploader) -> None:
    made = uploader.post(METADATA, BODY, headers={"Content-Type": AUDIENCES_MEDIA})
    assert made.status_code == 201
    # how a widely used connector rescues the id from the text, before a parser could round it
    found = re.search(r'"audienceId":(\d+)', made.text)
    assert found is not None
    assert int(found[1]) > 2**53
    assert made.json() == {"audienceId": int(found[1]), "externalAudienceId": "audience-id-for-device"}
    told = uploader.get(f"{METADATA}/{found[1]}").json()
    assert told == {
        "audienceId": int(found[1]),
        "advertiserId": LAMPS,
        "name": "audience_device",
        "description": "Device audiences",
        "countryCode": "US",
        "metadata": {
            "externalAudienceId": "audience-id-for-device",
            "ttl": 604_800,
            "audienceSize": {"receivedRecordSize": 0},
        },
    }
    fees = [{"cpmCents": 150, "currency": "USD"}, {"cpmCents": 99.5, "currency": "EUR"}]
    change = {"description": "Fewer", "metadata": {"ttl": 0, "audienceFees": fees}}
    changed = uploader.send("PUT", f"{METADATA}/{found[1]}", change).json()
    assert (changed["description"], changed["metadata"]["ttl"]) == ("Fewer", 0)
    again = uploader.get(f"{METADATA}/{found[1]}").json()
    assert again["metadata"]["audienceFees"] == fees
    assert (again["name"], again["metadata"]["externalAudienceId"]) == (told["name"], "audience-id-for-device")
    assert uploader.judged == 4


@pytest.mark.covers("amc-metadata")
def test_what_is_not_said_has_the_published_default(uploader: Uploader) -> None:
    audience = uploader.audience({"advertiserId": COFFEE})
    told = uploader.get(f"{METADATA}/{audience}").json()
    assert (told["metadata"]["ttl"], told["countryCode"]) == (TTL_MOST, "GB")
    unchanged = uploader.send("PUT", f"{METADATA}/{audience}", {}).json()
    assert unchanged["metadata"]["ttl"] == TTL_MOST


@pytest.mark.covers("amc-countries")
@pytest.mark.parametrize(
    ("connection", "said", "country"),
    [
        ({"dspAdvertiserId": str(COFFEE)}, "FR", "FR"),
        ({"dspAdvertiserId": str(COFFEE)}, None, "GB"),
        ({**ROOM, "dspAdvertiserId": str(COFFEE)}, None, "GB"),
        ({"dspAdvertiserId": str(EVERYWHERE)}, None, "UNKNOWN"),
        (ROOM, None, "UNKNOWN"),
        (ROOM, "ZZ", "UNKNOWN"),
        (ROOM, "UNKNOWN", "UNKNOWN"),
        (ROOM, "XK", "XK"),
    ],
)
def test_the_country_is_said_or_the_advertisers_or_unknown(
    uploader: Uploader, connection: Any, said: str | None, country: str
) -> None:
    target = {"connectionId": uploader.connect(**connection)}
    more = {} if said is None else {"countryCode": said}
    audience = uploader.audience(target, **more)
    assert uploader.get(f"{METADATA}/{audience}").json()["countryCode"] == country


@pytest.mark.covers("amc-metadata")
def test_a_connection_leads_to_an_advertiser_or_to_a_clean_room_alone(uploader: Uploader) -> None:
    both, alone = uploader.connect(**ROOM, dspAdvertiserId=str(COFFEE)), uploader.connect(**ROOM)
    # the guide's own sample sends both ids
    audience = uploader.audience({"connectionId": both, "advertiserId": COFFEE})
    assert uploader.get(f"{METADATA}/{audience}").json()["advertiserId"] == COFFEE
    assert "advertiserId" not in uploader.get(f"{METADATA}/{uploader.audience({'connectionId': alone})}").json()
    blank = uploader.audience({"connectionId": "", "advertiserId": 0})
    assert uploader.get(f"{METADATA}/{blank}").json()["advertiserId"] == COFFEE, "the default connection"


@pytest.mark.covers("amc-strict-ids")
def test_a_quoted_id_is_taken_or_refused_as_the_vendors_parser_does(uploader: Uploader, served_with: Any) -> None:
    assert uploader.audience({"advertiserId": str(LAMPS)})
    strict = served_with(strict_ids=True)
    quoted = {**BODY, "targetResource": {"advertiserId": str(LAMPS)}}
    refused = strict.http.post(METADATA, json=quoted, headers=strict.headers)  # no specification knows the reply
    assert (refused.status_code, refused.text) == (400, f'{{"Message":"{QUOTED}"}}')
    assert strict.post(METADATA, BODY).status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "too short"}, "name"),
        ({"name": "x" * 129}, "name"),
        ({"name": None}, "name"),
        ({"description": "x" * 1001}, "description"),
        ({"countryCode": "Narnia"}, "countryCode"),
        ({"targetResource": {}}, "targetResource"),
        ({"targetResource": {"advertiserId": "seven"}}, "targetResource.advertiserId"),
        ({"targetResource": {"advertiserId": 1 << 63}}, "targetResource.advertiserId"),
        ({"targetResource": {"connectionId": "nowhere"}}, "targetResource.connectionId"),
        ({"targetResource": {"connectionId": ""}}, "targetResource.connectionId"),
        ({"metadata": {}}, "metadata.externalAudienceId"),
        ({"metadata": {"externalAudienceId": "x", "ttl": -1}}, "metadata.ttl"),
        ({"metadata": {"externalAudienceId": "x", "ttl": True}}, "metadata.ttl"),
        ({"metadata": {"externalAudienceId": "x", "ttl": TTL_MOST + 1}}, "metadata.ttl"),
        ({"metadata": {"externalAudienceId": "x", "audienceFees": []}}, "metadata.audienceFees"),
        (
            {"metadata": {"externalAudienceId": "x", "audienceFees": [{"cpmCents": 1, "currency": "BTC"}]}},
            "metadata.audienceFees[0].currency",
        ),
    ],
)
def test_what_has_not_the_published_shape_is_refused_by_field(
    visitor: Uploader, change: dict[str, Any], field: str
) -> None:
    body = {key: value for key, value in (BODY | change).items() if value is not None}
    refused = visitor.post(METADATA, body)
    assert refused.status_code == 400
    assert refused.json()["message"].startswith(f"{field}: ")
    assert visitor.judged == 1


@pytest.mark.parametrize("advertiser", [NOT_YOURS, PROFILE, 7])
def test_an_advertiser_out_of_reach_is_refused_with_what_it_is(visitor: Uploader, advertiser: int) -> None:
    refused = visitor.post(METADATA, {**BODY, "targetResource": {"advertiserId": advertiser}})
    assert refused.status_code == 400
    assert 'expected a DSP advertiserId as listed by "GET /dsp/advertisers"' in refused.json()["message"]


def test_an_advertiser_beside_a_connection_must_be_the_connections(uploader: Uploader) -> None:
    target = {"connectionId": uploader.connect(dspAdvertiserId=str(COFFEE)), "advertiserId": LAMPS}
    refused = uploader.post(METADATA, {**BODY, "targetResource": target})
    assert refused.status_code == 400
    assert refused.json()["message"].startswith("targetResource.advertiserId: the connection leads to")


@pytest.mark.covers("amc-metadata")
def test_names_stay(visitor: Uploader) -> None:
    audience = visitor.audience({"advertiserId": LAMPS})
    for change, field in (
        ({"name": "Another name"}, "name"),
        ({"metadata": {"externalAudienceId": "another"}}, "metadata.externalAudienceId"),
    ):
        refused = visitor.send("PUT", f"{METADATA}/{audience}", change)
        assert refused.status_code == 400
        assert refused.json() == {"message": f"{field}: The input field '{field}' cannot be updated"}
    same = {"name": "Customers of ours", "metadata": {"externalAudienceId": "mine"}}
    assert visitor.send("PUT", f"{METADATA}/{audience}", same).status_code == 200


def test_the_audience_of_another_client_or_kind_is_unknown(uploader: Uploader, stage: Stage) -> None:
    mine = uploader.audience({"advertiserId": LAMPS})
    other = uploader_of(stage, stage.http)
    listed = stage.speaker(stage.client).ids("Interest")["Cooking"]
    for unknown in (mine, listed, 7, 1 << 70, "seven"):
        for refused in (
            other.get(f"{METADATA}/{unknown}"),
            other.send("PUT", f"{METADATA}/{unknown}", {"description": ""}),
        ):
            assert refused.status_code == 404
            assert set(refused.json()) == {"message"}
    assert other.judged == 10
