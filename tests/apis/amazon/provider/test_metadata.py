"""Provider audiences: made, read, changed; who may do which, and how the rest is refused."""

from typing import Any

import pytest

from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.people import LAMPS, NOT_YOURS, PROFILE
from tests.apis.amazon.provider.asking import AUDIENCES, audience, create, read, rival_of

TTL_MOST = 34300800


def put(speaker: Speaker, audience_id: int | str, body: Any) -> Any:
    return speaker.send("PUT", f"{AUDIENCES}/{audience_id}", body, advertiserId=None)


@pytest.mark.covers("provider-audiences", "compact-json")
def test_an_audience_is_told_as_it_was_made(lamps: Speaker) -> None:
    asked = audience(ttl=86400, audienceFees=[{"cpmCents": 150, "currency": "USD"}], dataSourceCountry=["US", "CA"])
    response = lamps.post(f"{AUDIENCES}/", asked, advertiserId=None)
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["requestId"] == response.headers["x-amzn-requestid"]
    made = body["audience"]
    assert f'"id":{made["id"]},' in response.text, "a number, and no space before it"
    assert made["id"] > 2**53
    assert made == asked | {"id": made["id"]}
    told = read(lamps, made["id"])
    assert told["metadata"].pop("audienceSize") == {"receivedRecordSize": 0}
    assert told == made


@pytest.mark.covers("provider-audiences")
def test_the_guides_own_sample_needs_only_a_longer_name(lamps: Speaker) -> None:
    """`"name": "string"` has six letters, and ten are asked for."""
    sample = {
        "name": "string",
        "description": "string",
        "advertiserId": LAMPS,
        "metadata": {
            "type": "DATA_PROVIDER", "externalAudienceId": "string", "ttl": TTL_MOST, "dataSourceCountry": ["US"],
        },
    }  # fmt: skip
    assert lamps.post(f"{AUDIENCES}/", sample, advertiserId=None).status_code == 400
    assert lamps.post(f"{AUDIENCES}/", sample | {"name": "string string"}, advertiserId=None).status_code == 200


@pytest.mark.covers("provider-audiences", "unknown-fields")
@pytest.mark.parametrize("name", ["audience_device", "Device audiences", "Élan-vital 2026", "x" * 128])
def test_names_have_letters_digits_and_a_little_more(lamps: Speaker, name: str) -> None:
    made = lamps.post(AUDIENCES, audience(name) | {"surprise": [1], "advertiserId": str(LAMPS)}, advertiserId=None)
    assert made.status_code == 200, made.text
    assert made.json()["audience"]["name"] == name
    assert made.json()["audience"]["metadata"]["ttl"] == TTL_MOST, "the longest, unless another is asked for"


@pytest.mark.covers("provider-audiences", "error-families")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "too short"}, "name"),
        ({"name": "x" * 129}, "name"),
        ({"name": "Buy now! <b>cheap</b>"}, "name"),
        ({"name": None}, "name"),
        ({"description": "x" * 1001}, "description"),
        ({"description": None}, "description"),
        ({"advertiserId": "Lumen Lamps"}, "advertiserId"),
        ({"advertiserId": 2**63}, "advertiserId"),
        ({"metadata": None}, "metadata"),
        ({"metadata": {"type": "ADVERTISER"}}, "metadata.type"),
        ({"metadata": {"ttl": TTL_MOST + 1}}, "metadata.ttl"),
        ({"metadata": {"ttl": -1}}, "metadata.ttl"),
        ({"metadata": {"ttl": True}}, "metadata.ttl"),
        ({"metadata": {"externalAudienceId": ""}}, "metadata.externalAudienceId"),
        ({"metadata": {"dataSourceCountry": []}}, "metadata.dataSourceCountry"),
        ({"metadata": {"dataSourceCountry": ["XX"]}}, "metadata.dataSourceCountry[0]"),
        ({"metadata": {"audienceFees": [{"cpmCents": 1, "currency": "CHF"}]}}, "metadata.audienceFees[0].currency"),
        ({"metadata": {"audienceFees": [{"currency": "USD"}]}}, "metadata.audienceFees[0].cpmCents"),
    ],
)
def test_malformed_bodies_name_their_field(lamps: Speaker, change: dict[str, Any], field: str) -> None:
    """{"requestId","error":{"httpStatusCode":"400","description":"Bad Request","errors":[{…,"fieldName"}]}}"""
    body = audience()
    for key, value in change.items():
        body[key] = body[key] | value if isinstance(value, dict) else value
    response = lamps.post(AUDIENCES, body, advertiserId=None)
    assert response.status_code == 400, response.text
    assert response.headers["content-type"] == "application/json"
    error = response.json()["error"]
    assert (error["httpStatusCode"], error["description"]) == ("400", "Bad Request")
    (only,) = error["errors"]
    assert (only["errorType"], only["fieldName"]) == ("INVALID_INPUT", field)
    assert only["message"]


@pytest.mark.covers("provider-audiences", "id-kinds")
@pytest.mark.parametrize(
    ("advertiser", "received"), [(PROFILE, "a profileId"), (NOT_YOURS, "is invalid"), (1, "is invalid")]
)
def test_an_advertiser_out_of_reach_is_refused(lamps: Speaker, advertiser: int, received: str) -> None:
    response = lamps.post(AUDIENCES, audience(advertiser=advertiser), advertiserId=None)
    assert response.status_code == 400
    (only,) = response.json()["error"]["errors"]
    assert only["fieldName"] == "advertiserId"
    assert received in only["message"]


@pytest.mark.covers("provider-audiences")
def test_what_can_change_changes_and_the_rest_stays(lamps: Speaker) -> None:
    number = create(lamps, ttl=1000)
    before = read(lamps, number)
    response = put(lamps, number, {"description": "Another", "metadata": {"ttl": 0}})
    assert response.status_code == 200, response.text
    after = response.json()["audience"]
    assert (after["description"], after["metadata"]["ttl"]) == ("Another", 0)
    fees = [{"cpmCents": 0, "currency": "EUR"}]
    put(lamps, number, {"metadata": {"audienceFees": fees, "dataSourceCountry": ["UK", "de"]}})
    told = read(lamps, number)
    assert told["metadata"] | {"audienceSize": None} == before["metadata"] | {
        "ttl": 0, "audienceFees": fees, "dataSourceCountry": ["UK", "de"], "audienceSize": None,
    }  # fmt: skip
    assert (told["description"], told["name"], told["id"]) == ("Another", before["name"], number)
    assert put(lamps, number, {}).json()["audience"]["description"] == "Another"


@pytest.mark.covers("provider-audiences")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Another name"}, "name"),
        ({"advertiserId": LAMPS}, "advertiserId"),
        ({"metadata": {"externalAudienceId": "crm-8"}}, "metadata.externalAudienceId"),
    ],
)
def test_what_cannot_change_is_named(lamps: Speaker, change: dict[str, Any], field: str) -> None:
    number = create(lamps)
    response = put(lamps, number, {"description": "Not this either", **change})
    assert response.status_code == 400
    (only,) = response.json()["error"]["errors"]
    assert only == {
        "errorType": "INVALID_INPUT", "message": f"The input field '{field}' cannot be updated", "fieldName": field,
    }  # fmt: skip
    assert read(lamps, number)["description"] == "Made by a test"


@pytest.mark.covers("provider-audiences", "error-families")
@pytest.mark.parametrize("audience_id", ["1", "413642381039213536", "99999999999999999999", "x", "-1"])
def test_no_such_audience(lamps: Speaker, audience_id: str) -> None:
    for response in (
        lamps.get(f"{AUDIENCES}/{audience_id}", advertiserId=None),
        put(lamps, audience_id, {"description": "x"}),
    ):
        assert response.status_code == 404
        error = response.json()["error"]
        assert (error["httpStatusCode"], error["errors"][0]["errorType"]) == ("404", "NOT_FOUND")


@pytest.mark.covers("provider-audiences")
def test_an_interest_is_no_provider_audience(lamps: Speaker) -> None:
    assert lamps.get(f"{AUDIENCES}/{lamps.ids('Interest')['Music']}", advertiserId=None).status_code == 404


@pytest.mark.covers("provider-tenancy", "tenancy")
def test_another_client_of_the_same_advertiser_does_not_know_it(stage: Stage, lamps: Speaker) -> None:
    number = create(lamps, name="Nobody elses business")
    rival, neighbour = rival_of(stage), stage.speaker(stage.neighbour)
    for other in (rival, neighbour):
        assert other.get(f"{AUDIENCES}/{number}", advertiserId=None).status_code == 404
        assert put(other, number, {"description": "mine now"}).status_code == 404
    listed = {"adType": "DSP", "filters": [{"field": "audienceId", "values": [str(number)]}]}
    assert rival.told("/audiences/list", listed)["matchCount"] == 1, "it is the advertiser's, as any other"


@pytest.mark.covers("provider-audiences", "callers")
def test_a_token_that_only_reads_makes_nothing(stage: Stage) -> None:
    limited = stage.speaker(stage.limited)
    response = limited.post(AUDIENCES, audience(), advertiserId=None)
    assert response.status_code == 403
    assert response.json()["error"]["description"] == "Forbidden"


@pytest.mark.covers("callers")
def test_no_scope_header_is_asked_for_and_bearer_may_be_missing(lamps: Speaker) -> None:
    bare = lamps.headers["Authorization"].removeprefix("Bearer ")
    headers = {"Authorization": bare, "Amazon-Advertising-API-Scope": None}
    assert lamps.post(AUDIENCES, audience(), advertiserId=None, headers=headers).status_code == 200
    nobody = lamps.post(AUDIENCES, audience(), advertiserId=None, headers={"Authorization": None})
    assert nobody.status_code == 401
    assert nobody.json()["error"]["errors"][0]["errorType"] == "UNAUTHORIZED"
