"""Hashed records and patches: who comes into an audience, who leaves it, and what a job says of the rest."""

import uuid
from collections.abc import Iterable
from typing import Any

import pytest

from tests.apis.amazon.asking import asks
from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.naive import People, having, in_country, metrics, table
from tests.apis.amazon.people import COFFEE, cookie, email, maid
from tests.apis.amazon.provider.asking import (
    AUDIENCES,
    NOTHING,
    change,
    create,
    externals,
    hashed,
    patch,
    read,
    rival_of,
    sha256,
    upload,
)
from tests.apis.amazon.test_consent import tcf

MEDIA_IN = "application/vnd.dpuploadhashedrecordsrequest.v3+json"
MEDIA_OUT = "application/vnd.dpuploadhashedrecordsresponse.v3+json"


def active(stage: Stage, speaker: Speaker, audience_id: int) -> int:
    """Return how many people an audience has, as its operator may know."""
    house = stage.house
    caller = house.callers.identify(speaker.headers["Authorization"].removeprefix("Bearer "))
    return house.rosters.sizes(caller, house.rosters.get(caller, audience_id)).active


@pytest.mark.covers("hashed-records", "provider-patches", "provider-jobs")
def test_people_come_by_their_hashes_and_are_told_in_aggregate(stage: Stage, lamps: Speaker) -> None:
    """150 of 200 are known; the rest have addresses of nobody."""
    number = create(lamps)
    body = hashed(range(150))
    body["records"] += [
        {"externalId": f"id-{n}", "hashedRecords": [{"email": sha256(f"nobody{n}@x.example")}]} for n in range(150, 200)
    ]
    job = upload(lamps, body)
    assert job["jobType"] == "HASHED_RECORDS"
    assert (job["status"], job["receivedRecordSize"], job["processedRecordSize"]) == ("SUCCEEDED", 200, 200)
    assert job["matchedRecordSize"] == 150
    job = change(lamps, patch("add", externals(range(200)), [number]))
    assert (job["jobType"], job["status"], job["matchedRecordSize"]) == ("AUDIENCE_PATCH", "SUCCEEDED", 150)
    assert job["receivedAt"] <= job["finishedAt"]
    size = read(lamps, number)["metadata"]["audienceSize"]
    assert size == {"receivedRecordSize": 200, "matchedRecordSize": 150, "matchRate": 0.75}
    assert active(stage, lamps, number) == 150
    change(lamps, patch("remove", externals(range(50)), [number]))
    assert active(stage, lamps, number) == 100


@pytest.mark.covers("hashed-records", "provider-jobs")
def test_of_a_few_records_nobody_learns_who_matched(lamps: Speaker) -> None:
    number = create(lamps)
    job = upload(lamps, hashed([1, 2], prefix="few"))
    assert "matchedRecordSize" not in job
    job = change(lamps, patch("add", externals([1, 2, 9999], prefix="few"), [number]))
    assert "matchedRecordSize" not in job
    assert "invalidRecords" not in job, "that nobody is known by an id is no fault of the record, and not told"
    assert read(lamps, number)["metadata"]["audienceSize"] == {"receivedRecordSize": 3}


def ids(kind: str, numbers: Iterable[int]) -> list[str]:
    made = {"MAID": maid, "COOKIE": cookie}[kind]
    return [f"{kind}-{made(n)}" for n in numbers]


@pytest.mark.covers("provider-patches")
@pytest.mark.parametrize(
    ("kind", "numbers"), [("COOKIE", range(0, 400, 4)), ("MAID", range(0, 300, 3))], ids=["cookies", "phones"]
)
def test_people_come_by_cookie_and_phone_and_leave_again(
    stage: Stage, lamps: Speaker, kind: str, numbers: range
) -> None:
    """Cookies here have hyphens in them; phones are written in either case."""
    number = create(lamps)
    change(lamps, patch("add", ids(kind, numbers), [number]))
    assert active(stage, lamps, number) == 100
    if kind == "MAID":
        change(lamps, patch("add", [one.replace("ABCDEF", "abcdef") for one in ids(kind, numbers)], [number]))
        assert active(stage, lamps, number) == 100
    change(lamps, patch("remove", ids(kind, numbers[:30]), [number]))
    assert active(stage, lamps, number) == 70
    change(lamps, patch("add", [f"{kind}-of-nobody"], [number]))
    assert active(stage, lamps, number) == 70


@pytest.mark.covers("hashed-records")
def test_many_people_may_stand_under_one_external_id(stage: Stage, lamps: Speaker) -> None:
    number = create(lamps)
    people = [{"email": sha256(email(n))} for n in range(40)]
    upload(lamps, {"records": [{"externalId": "crowd", "hashedRecords": people}]})
    change(lamps, patch("add", ["EXTERNAL_USER_ID-crowd"], [number]))
    assert active(stage, lamps, number) == 40
    change(lamps, patch("remove", ["EXTERNAL_USER_ID-crowd"], [number]))
    assert active(stage, lamps, number) == 0


@pytest.mark.covers("hashed-records", "unknown-fields")
def test_the_hash_of_nothing_is_no_hash(stage: Stage, lamps: Speaker) -> None:
    """What some clients send for a field that they have not got, and a `country` that nobody asked for."""
    number = create(lamps)
    full = {"firstName": NOTHING, "lastName": NOTHING, "phone": NOTHING, "country": sha256("us"), "city": None}
    records = [
        {"externalId": "someone", "hashedRecords": [{"email": sha256(email(7)), **full}], "surprise": {}},
        {"externalId": "no-one", "hashedRecords": [{"email": NOTHING, **full}]},
    ]
    job = upload(lamps, {"records": records, "surprise": 1})
    assert job["invalidRecords"] == [{"externalId": "no-one", "error": "none of its hashes is of anything"}]
    change(lamps, patch("add", ["EXTERNAL_USER_ID-someone", "EXTERNAL_USER_ID-no-one"], [number]))
    assert active(stage, lamps, number) == 1


@pytest.mark.covers("provider-tenancy", "tenancy")
def test_external_ids_are_the_clients_own(stage: Stage, lamps: Speaker) -> None:
    """The same id means other people to another client, and one client's audience is unknown to the other."""
    rival = rival_of(stage)
    upload(lamps, hashed([11], prefix="shared"))
    upload(rival, {"records": [{"externalId": "shared-11", "hashedRecords": [{"email": sha256(email(12))}]}]})
    mine, theirs = create(lamps), create(rival)
    job = change(rival, patch("add", externals([11], "shared"), [theirs, mine]))
    assert job["invalidRecords"] == [
        {"audienceId": mine, "externalId": "shared-11", "error": "there is no such audience"}
    ]
    assert (active(stage, lamps, mine), active(stage, rival, theirs)) == (0, 1)
    change(lamps, patch("add", externals([11], "shared"), [mine]))
    assert active(stage, lamps, mine) == 1
    hidden = lamps.get(f"/v2/dp/jobs/{job['jobId']}", advertiserId=None)
    assert hidden.status_code == 404, "a job is told to its own client"


@pytest.mark.covers("provider-jobs", "error-families")
@pytest.mark.parametrize("job_id", ["f076ddd9-3f84-44e8-b5cf-742b08f2bc9f", "x"])
def test_no_such_job(lamps: Speaker, job_id: str) -> None:
    response = lamps.get(f"/v2/dp/jobs/{job_id}", advertiserId=None)
    assert response.status_code == 404
    assert response.json()["error"]["errors"][0]["errorType"] == "NOT_FOUND"


@pytest.mark.covers("provider-patches", "provider-jobs")
def test_an_audience_that_is_not_there_spoils_its_own_part_only(stage: Stage, lamps: Speaker) -> None:
    upload(lamps, hashed([21], prefix="part"))
    number, interest = create(lamps), int(lamps.ids("Interest")["Music"])
    job = change(lamps, patch("add", externals([21], "part"), [413642381039213536, str(number), interest]))
    assert job["status"] == "SUCCEEDED"
    assert (job["receivedRecordSize"], job["processedRecordSize"]) == (3, 1)
    assert {one["audienceId"] for one in job["invalidRecords"]} == {413642381039213536, interest}
    assert active(stage, lamps, number) == 1
    job = change(lamps, patch("add", externals([21], "part"), [413642381039213536]))
    assert (job["status"], job["error"]) == ("FAILED", "none of its records is valid")


@pytest.mark.covers("provider-patches")
def test_one_patch_may_name_audiences_of_several_advertisers(stage: Stage, lamps: Speaker) -> None:
    upload(lamps, hashed(range(5), prefix="both"))
    here, there = create(lamps), create(lamps, advertiser=COFFEE)
    change(lamps, patch("add", externals(range(5), "both"), [here, there, here]))
    assert (active(stage, lamps, here), active(stage, lamps, there)) == (5, 5)


GRANTED = {"consentType": "Amazon", "amazonConsent": {"amazonAdStorage": "GRANTED", "amazonUserData": "GRANTED"}}


@pytest.mark.covers("provider-consent")
@pytest.mark.parametrize(
    ("consent", "error"),
    [
        (GRANTED, None),
        ({"consentType": "TCF", "tcf": tcf(1, 3, 4)}, None),
        ({"consentType": "TCF", "tcf": tcf(1, 3)}, "consent is denied"),
        ({"consentType": "GPP", "gpp": f"DBABMA~{tcf(1)}"}, "consent is denied"),
        (GRANTED | {"amazonConsent": {"amazonAdStorage": "DENIED", "amazonUserData": "GRANTED"}}, "consent is denied"),
        (GRANTED | {"amazonConsent": {"amazonAdStorage": "GRANTED", "amazonUserData": "DENIED"}}, "consent is denied"),
        ({"consentType": "TCF", "tcf": "string"}, "consent: not a TC string of version 2"),
        ({"consentType": "TCF", "gpp": "string"}, "consent: consentType is TCF, and there is no such consent"),
    ],
)
def test_without_consent_a_record_is_counted_and_left_out(
    stage: Stage, lamps: Speaker, consent: dict[str, Any], error: str | None
) -> None:
    number = create(lamps)
    job = change(lamps, patch("add", ids("COOKIE", [8]), [number], consent=consent))
    assert job["receivedRecordSize"] == 1
    if error is None:
        assert (job["processedRecordSize"], active(stage, lamps, number)) == (1, 1)
    else:
        assert job["invalidRecords"] == [{"audienceId": number, "externalId": "c-8-x", "error": error}]
        assert (job["processedRecordSize"], active(stage, lamps, number)) == (0, 0)


@pytest.mark.covers("provider-consent")
def test_nobody_needs_consent_to_leave(stage: Stage, lamps: Speaker) -> None:
    number = create(lamps)
    change(lamps, patch("add", ids("COOKIE", [8]), [number]))
    denied = {"consentType": "TCF", "tcf": tcf()}
    change(lamps, patch("remove", ids("COOKIE", [8]), [number], consent=denied))
    assert active(stage, lamps, number) == 0


@pytest.mark.covers("provider-ttl")
def test_a_shorter_ttl_takes_people_off_and_a_longer_one_brings_them_back(stage: Stage, lamps: Speaker) -> None:
    number = create(lamps)
    change(lamps, patch("add", ids("COOKIE", range(0, 40, 4)), [number]))
    sizes = []
    for ttl in (0, 86400):
        body = {"metadata": {"ttl": ttl}}
        assert lamps.send("PUT", f"{AUDIENCES}/{number}", body, advertiserId=None).status_code == 200
        sizes.append(active(stage, lamps, number))
    assert sizes == [0, 10]
    assert read(lamps, number)["metadata"]["audienceSize"]["receivedRecordSize"] == 10


@pytest.mark.covers("provider-everywhere")
def test_a_provider_audience_is_one_like_any_other(lamps: Speaker, coffee: Speaker) -> None:
    """Listed for its advertiser, in expressions, compared with others, and inside a combined audience."""
    people: People = frozenset(range(0, 1200, 2))
    number = create(lamps, name="Used in every room")
    upload(lamps, hashed(sorted(people), prefix="every"))
    for start in range(0, len(people), 500):
        change(lamps, patch("add", externals(sorted(people)[start : start + 500], "every"), [number]))
    by_id = {"adType": "DSP", "filters": [{"field": "audienceId", "values": [str(number)]}]}
    (item,) = lamps.told("/audiences/list", by_id)["audiences"]
    assert (item["category"], item["audienceName"], item["status"]) == (
        "Advertiser audiences", "Used in every room", "Active",
    )  # fmt: skip
    assert coffee.told("/audiences/list", by_id)["audiences"] == []
    universe = in_country("US")
    told = lamps.told("/insights/demographics", asks([str(number)]))["demographics"]
    ages = table("age", people, universe)
    assert told["age"]
    for row in told["age"]:
        low, high = row["range"].get("min"), row["range"].get("max")
        expected = ages[f"{'' if low is None else low}-{'' if high is None else high}"]
        shown = row["insightMetrics"]
        assert (shown["affinity"], shown["overlapPercentage"]) == pytest.approx(expected, rel=6e-4)
    path = f"/insights/audiences/{number}/overlappingAudiences"
    overlaps = lamps.get(path, adType="DSP", audienceCategory="In-market", maxResults=50)
    assert overlaps.status_code == 200, overlaps.text
    assert overlaps.json()["overlappingAudiences"]
    music = lamps.ids("Interest")["Music"]
    body = {
        "name": "Provided or musical", "description": "x", "idempotencyKey": str(uuid.uuid4()),
        "inputExpression": asks([str(number), music]),
    }  # fmt: skip
    combined = lamps.told("/dsp/audiences/combinedAudiences", body)["audienceId"]
    told = lamps.told("/insights/topOverlappingAudiences", asks([combined], categoryFilter=["IN_MARKET"]))["audiences"]
    audio = next(row for row in told if row["name"] == "Audio")["insightMetrics"]
    expected = metrics(people | having("interests", "music"), having("in_market", "audio"), universe)
    assert (audio["affinity"], audio["overlapPercentage"]) == pytest.approx(expected, rel=6e-4)
    assert coffee.post("/insights/bandedSize", asks([str(number)])).status_code == 404
