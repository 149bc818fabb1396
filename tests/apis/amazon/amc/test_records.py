"""Records: who gets into an audience and who does not, and what the job says of it."""

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from houselights.apis.amazon.amc.audiences.records import HashedPerson, Record, members_of
from houselights.apis.amazon.amc.errors import QUOTED
from houselights.apis.amazon.errors import Rejected
from houselights.services.intake.payload import FIELDS
from tests.apis.amazon.amc.conftest import (
    AUDIENCES_MEDIA,
    CONNECTIONS,
    METADATA,
    RECORDS,
    ROOM,
    Uploader,
    hashed,
    record,
    uploader_of,
)
from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import COFFEE, COUNT, LAMPS

NOTHING = hashed("")
EMPTY_TCF = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA"


@pytest.mark.covers("amc-records")
def test_records_put_people_on_an_audience_and_take_them_off(uploader: Uploader) -> None:
    uploader.accept_terms()
    audience = uploader.audience({"connectionId": uploader.connect()}, countryCode="US")
    strangers = [record(COUNT + n) for n in range(100)]
    done = uploader.upload(audience, [record(n) for n in range(500)] + strangers)
    assert done["jobState"] == "SUCCEEDED"
    assert done["successful"] == {"recordsProcessedRate": 100}
    assert done["invalidRecords"] == []
    whole = {"receivedRecordSize": 600, "idResolutionCount": 500, "dspAudienceSize": 500}
    assert done["audienceSize"] == whole == uploader.size(audience)
    done = uploader.upload(audience, [record(n, "DELETE") for n in range(100)])
    assert done["jobState"] == "SUCCEEDED"
    assert uploader.size(audience)["dspAudienceSize"] == 400
    back = uploader.upload(audience, [record(n) for n in range(50)])
    assert back["audienceSize"]["dspAudienceSize"] == 450
    # an id that came with hashes once is enough to leave by
    leaving = [{**record(n, "DELETE"), "hashedPII": [{"email": hashed("another@x.example")}]} for n in range(400, 500)]
    assert uploader.upload(audience, leaving)["audienceSize"]["dspAudienceSize"] == 350
    assert uploader.judged > 10


@pytest.mark.covers("amc-records")
def test_sending_one_record_again_and_again_does_not_tell_whether_it_matched(visitor: Uploader) -> None:
    known, stranger = (visitor.audience({"advertiserId": LAMPS}) for _ in range(2))
    for audience, number in ((known, 1), (stranger, COUNT + 1)):
        visitor.upload(audience, [record(number)] * 1000)
        visitor.upload(audience, [record(number)] * 1000)
    assert visitor.size(known) == visitor.size(stranger)


@pytest.mark.covers("amc-records")
def test_the_reply_is_a_job_in_the_vendors_type_and_numbers_are_read_bare(visitor: Uploader) -> None:
    audience = visitor.audience({"advertiserId": LAMPS})
    body = f'{{"audienceId":{audience},"records":[{json.dumps(record(1))}],"unknown":{{}}}}'
    headers = {**visitor.headers, "Content-Type": AUDIENCES_MEDIA}
    sent = visitor.http.post(RECORDS, content=body, headers=headers)
    assert (sent.status_code, sent.headers["content-type"]) == (202, AUDIENCES_MEDIA)
    job = visitor.job(sent.json()["jobRequestId"])
    assert job["jobState"] == "SUCCEEDED"
    assert job["audienceSize"] == {"receivedRecordSize": 1}, "of one record nobody is told whether it matched"


@pytest.mark.covers("amc-strict-ids")
def test_a_quoted_audience_is_taken_or_refused(uploader: Uploader, served_with: Any) -> None:
    audience = uploader.audience({"advertiserId": LAMPS})
    body = {"audienceId": str(audience), "records": [record(1)]}
    sent = uploader.post(RECORDS, body)
    assert uploader.job(sent.json()["jobRequestId"])["jobState"] == "SUCCEEDED"
    strict = served_with(strict_ids=True)
    refused = strict.http.post(RECORDS, json=body, headers=strict.headers)  # no specification knows the reply
    assert (refused.status_code, refused.text) == (400, f'{{"Message":"{QUOTED}"}}')


@pytest.mark.covers("amc-records")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"records": []}, "records"),
        ({"records": [{}]}, "records[0].externalUserId"),
        ({"records": [record(1), record(2, "UPSERT")]}, "records[1].action"),
        ({"records": [record(1, externalUserId="white space")]}, "records[0].externalUserId"),
        ({"records": [record(1, externalUserId="line\n")]}, "records[0].externalUserId"),
        ({"records": [record(1, externalUserId="x" * 129)]}, "records[0].externalUserId"),
        ({"records": [record(1, hashedPII=[])]}, "records[0].hashedPII"),
        ({"records": [record(1, hashedPII=[{}] * 101)]}, "records[0].hashedPII"),
        ({"records": [record(1, hashedPII=[{"email": 7}])]}, "records[0].hashedPII[0].email"),
        ({"records": [record(1, userConsent={"consent": {"amzn": {"amznUserData": "YES"}}})]},
         "records[0].userConsent.consent.amzn.amznUserData"),
        ({"records": [record(1)] * 10_001}, "records"),
        ({"audienceId": None}, "audienceId"),
        ({"audienceId": "seven"}, "audienceId"),
        ({"audienceId": 1.5}, "audienceId"),
        ({"audienceId": 1 << 64}, "audienceId"),
        ({"targetResource": {"connectionId": "nowhere"}}, "targetResource.connectionId"),
        ({"targetResource": {"connectionId": ""}}, "targetResource.connectionId"),
        ({"targetResource": {"targetTypes": ["DSP", "DSP"]}}, "targetResource.targetTypes"),
        ({"targetResource": {"targetTypes": ["AMC"]}}, "targetResource.targetTypes[0]"),
    ],
)  # fmt: skip
def test_what_has_not_the_published_shape_is_refused_as_a_whole(
    visitor: Uploader, change: dict[str, Any], field: str
) -> None:
    refused = visitor.post(RECORDS, {"audienceId": 7, "records": [record(1)], **change})
    assert refused.status_code == 400
    assert refused.json()["message"].startswith(f"{field}: ")
    assert visitor.judged == 1


@pytest.mark.covers("amc-records")
def test_ten_thousand_records_are_taken_at_once(visitor: Uploader) -> None:
    audience = visitor.audience({"advertiserId": LAMPS})
    done = visitor.upload(audience, [record(n) for n in range(10_000)])
    assert done["jobState"] == "SUCCEEDED"
    assert done["audienceSize"]["receivedRecordSize"] == 10_000
    assert done["audienceSize"]["dspAudienceSize"] == COUNT


@pytest.mark.covers("amc-jobs")
def test_what_is_wrong_with_single_records_is_told_of_them_alone(visitor: Uploader) -> None:
    audience = visitor.audience({"advertiserId": LAMPS})
    denied = {"consent": {"amzn": {"amznAdStorage": "GRANTED", "amznUserData": "DENIED"}}}
    records = [
        record(1),
        record(2, hashedPII=[{"email": "somebody@stage.example"}]),
        record(3, hashedPII=[{"email": hashed("x")[:-1]}]),
        record(4, hashedPII=[{}]),
        record(5, countryCode="NO"),
        record(6, countryCode="Narnia"),
        record(7, userConsent=denied),
        record(8, userConsent={"consent": {"tcf": "not a string"}}),
        record(9, hashedPII=[{"email": NOTHING}]),
        record(10, hashedPII=[{"email": hashed("p00010@stage.example").upper(), "phone": "", "city": NOTHING}]),
    ]
    done = visitor.upload(audience, records)
    assert done["jobState"] == "SUCCEEDED"
    assert done["successful"] == {"recordsProcessedRate": 20}
    errors = {one["externalId"]: one["error"] for one in done["invalidRecords"]}
    assert {one["audienceId"] for one in done["invalidRecords"]} == {str(audience)}
    assert list(errors) == [f"crm-{n}" for n in range(2, 10)]
    for number, said in (
        (2, "hashedPII[0].email is not a SHA-256 hash"),
        (3, "hashedPII[0].email is not a SHA-256 hash"),
        (4, "hashedPII is empty"),
        (5, "records from NO are not matched"),
        (6, '"Narnia" is not a country code'),
        (7, "consent is denied"),
        (8, "userConsent: not a"),
        (9, "none of its hashes is of anything"),
    ):
        assert said in errors[f"crm-{number}"]
    assert visitor.size(audience)["receivedRecordSize"] == 2


@given(st.text(alphabet="0123456789abcdefABCDEF \n\t_xg٣", min_size=62, max_size=66))
@example("a" * 64)
@example("A0" * 32)
@example("a" * 62 + "  ")
@example("0x" + "a" * 62)
@example("٣" * 64)
def test_a_hash_is_64_hexadecimal_digits_however_that_is_found_out(text: str) -> None:
    asked = Record(external_user_id="x", action="CREATE", hashed_pii=[HashedPerson(email=text)])
    (taken,) = members_of([asked], 1, None, consent_required=False)
    is_hash = re.fullmatch(r"[0-9a-fA-F]{64}", text) is not None
    assert (taken.fault is None) is is_hash
    assert taken.hashed == (({"email": text.lower()},) if is_hash else ())


FIELDS_SENT = st.sampled_from(sorted(HashedPerson.__annotations__))


@given(st.lists(st.dictionaries(FIELDS_SENT, st.sampled_from("ab0"), max_size=4), min_size=1, max_size=4))
def test_one_look_at_all_hashes_finds_what_a_look_at_each_finds(persons: list[dict[str, str]]) -> None:
    hashed: Any = [{name: digit * 64 for name, digit in person.items()} for person in persons]
    clean = Record(external_user_id="x", action="CREATE", hashed_pii=hashed)
    shouted: Any = [{"email": "A" * 64}]
    other = Record(external_user_id="y", action="CREATE", hashed_pii=shouted)
    (alone,) = members_of([clean], 1, "US", consent_required=False)
    beside, _ = members_of([clean, other], 1, "US", consent_required=False)
    assert alone == beside
    assert (alone.fault == "hashedPII is empty") is not any(persons)
    assert [set(each) <= set(FIELDS) for each in alone.hashed] == [True for person in persons if person]


@pytest.mark.parametrize("bad", ["a b", "a\n", "é", "a/b", "a.b"])
def test_an_id_that_is_none_is_named_by_its_place(bad: str) -> None:
    people: Any = [{"email": "a" * 64}]
    asked = [Record(external_user_id=text, action="CREATE", hashed_pii=people) for text in ("fine-1", bad, "_")]
    with pytest.raises(Rejected) as refused:
        members_of(asked, 1, None, consent_required=False)
    assert [detail.field for detail in refused.value.details] == ["records[1].externalUserId"]


@pytest.mark.covers("amc-consent")
def test_consent_is_asked_for_where_the_operator_says_so_and_never_to_leave(
    uploader: Uploader, served_with: Any
) -> None:
    signals = {name: {"amzn": {"amznUserData": name}} for name in ("GRANTED", "DENIED", "UNKNOWN")}
    storage = {"amzn": {"amznUserData": "GRANTED", "amznAdStorage": "DENIED"}}
    denied, missing = "consent is denied", "userConsent: a record from {} needs consent, as tcf, gpp or amzn"
    # country, action, consent, why it is left out, why it is where consent is required
    cases: list[tuple[str, str, Any, str | None, str | None]] = [
        ("GB", "CREATE", None, None, missing.format("GB")),
        ("DE", "CREATE", None, None, missing.format("DE")),
        ("US", "CREATE", None, None, None),
        ("GB", "DELETE", None, None, None),
        ("GB", "CREATE", signals["GRANTED"], None, None),
        ("GB", "CREATE", signals["DENIED"], denied, denied),
        ("US", "CREATE", signals["DENIED"], denied, denied),
        ("US", "CREATE", storage, denied, denied),
        ("GB", "DELETE", signals["DENIED"], None, None),
        ("GB", "CREATE", signals["UNKNOWN"], None, missing.format("GB")),
        ("GB", "CREATE", {"tcf": EMPTY_TCF}, denied, denied),
        ("GB", "CREATE", {"tcf": " "}, None, missing.format("GB")),
        ("GB", "CREATE", {}, None, missing.format("GB")),
    ]
    records = [
        record(
            number,
            action,
            countryCode=country,
            **({} if consent is None else {"userConsent": {"geo": {"ipAddress": "192.0.2.1"}, "consent": consent}}),
        )
        for number, (country, action, consent, _, _) in enumerate(cases)
    ]
    for which, column in ((uploader, 3), (served_with(consent_required=True), 4)):
        done = which.upload(which.audience({"advertiserId": LAMPS}), records)
        errors = {one["externalId"]: one["error"] for one in done["invalidRecords"]}
        assert errors == {f"crm-{n}": case[column] for n, case in enumerate(cases) if case[column] is not None}


@pytest.mark.covers("amc-countries")
def test_a_records_country_goes_before_the_audiences(uploader: Uploader, stage: Stage) -> None:
    audience = uploader.audience({"advertiserId": COFFEE}, countryCode="FR")
    geo = {"geo": {"countryCode": "de", "ipAddress": "not an address"}}
    done = uploader.upload(
        audience,
        [
            record(1),
            record(2, countryCode="us"),
            record(3, userConsent=geo),
            record(4, countryCode="UK", userConsent=geo),
            record(5, countryCode="UNKNOWN"),
        ],
    )
    assert done["successful"] == {"recordsProcessedRate": 100}, done
    assert sorted(countries_of(stage, audience)) == ["DE", "FR", "GB", "UNKNOWN", "US"]


def countries_of(stage: Stage, audience: int) -> list[str]:
    """Return the countries in the membership log of an audience."""
    workspace = stage.house.control.workspaces.by_name("stage")
    assert workspace is not None
    version = stage.house.snapshots.newest(workspace.id).generation.tables["memberships"]
    rows = stage.house.lake.dataset(workspace.id, "memberships", version).to_table().to_pylist()
    return [row["country"] for row in rows if row["audience_id"] == audience]


@pytest.mark.covers("amc-terms")
def test_the_clean_room_needs_the_terms_and_the_dsp_does_not(uploader: Uploader) -> None:
    connection = uploader.connect()
    both = uploader.audience({"connectionId": connection})
    alone = uploader.audience({"advertiserId": LAMPS})
    for body in (
        {"audienceId": both},
        {"audienceId": both, "targetResource": {"connectionId": connection, "targetTypes": ["DSP"]}},
        {"audienceId": alone, "targetResource": {"connectionId": ""}},
    ):
        refused = uploader.post(RECORDS, {"records": [record(1)], **body})
        assert refused.status_code == 400
        assert refused.json()["message"].startswith("accept the AMC terms before uploading to AMC")
    assert uploader.upload(alone, [record(1)])["jobState"] == "SUCCEEDED"
    uploader.accept_terms()
    assert uploader.upload(both, [record(1)])["jobState"] == "SUCCEEDED"


@pytest.mark.covers("amc-jobs")
def test_one_target_of_two_is_a_partial_success(uploader: Uploader) -> None:
    uploader.accept_terms()
    audience = uploader.audience({"connectionId": uploader.connect()})
    elsewhere = {"connectionId": uploader.connect(**ROOM, dspAdvertiserId=str(COFFEE))}
    done = uploader.upload(audience, [record(1)], targetResource=elsewhere)
    assert done["jobState"] == "PARTIALLYSUCCEEDED"
    (fault,) = done["invalidRecords"]
    assert fault == {
        "audienceId": str(audience),
        "error": f"DSP: the audience does not belong to advertiser {COFFEE}",
    }
    room_only = uploader.connect(**ROOM)
    done = uploader.upload(audience, [record(2)], targetResource={"connectionId": room_only, "targetTypes": ["DSP"]})
    assert done["jobState"] == "PARTIALLYSUCCEEDED"
    assert done["invalidRecords"][0]["error"] == "DSP: the connection has no DSP advertiser"
    dsp_only = uploader.connect(dspAdvertiserId=str(COFFEE))
    done = uploader.upload(audience, [record(3)], targetResource={"connectionId": dsp_only})
    assert done["jobState"] == "FAILED"
    assert len(done["invalidRecords"]) == 1
    assert uploader.size(audience)["receivedRecordSize"] == 2
    lamps_only = uploader.audience({"advertiserId": LAMPS})
    both = uploader.connect()
    done = uploader.upload(lamps_only, [record(4)], targetResource={"connectionId": both})
    assert done["jobState"] == "PARTIALLYSUCCEEDED"
    assert done["invalidRecords"][0]["error"] == "AMC: the audience was not made for this instance"


@pytest.mark.covers("amc-jobs")
def test_an_audience_not_made_here_fails_in_the_job_and_not_before(uploader: Uploader, stage: Stage) -> None:
    foreign = uploader_of(stage, stage.http).audience({"advertiserId": LAMPS})
    listed = int(stage.speaker(stage.client).ids("Interest")["Cooking"])
    for unknown in (123_456_789_012_345_678, foreign, listed):
        done = uploader.upload(unknown, [record(1), record(2)])
        assert done["jobState"] == "FAILED"
        assert done["successful"] == {"recordsProcessedRate": 0}
        errors = done["invalidRecords"]
        assert [one["externalId"] for one in errors] == ["crm-1", "crm-2"]
        assert {(one["audienceId"], one["error"]) for one in errors} == {(str(unknown), "there is no such audience")}


@pytest.mark.covers("amc-jobs")
def test_a_job_is_its_clients_own(uploader: Uploader, stage: Stage) -> None:
    audience = uploader.audience({"advertiserId": LAMPS})
    sent = uploader.post(RECORDS, {"audienceId": audience, "records": [record(1)]}).json()["jobRequestId"]
    other = uploader_of(stage, stage.http)
    for unknown in (sent, "00000000-0000-4000-8000-000000000000", "x"):
        refused = other.get(f"{RECORDS}/{unknown}")
        assert refused.status_code == 404
        assert set(refused.json()) == {"message"}
    assert other.judged == 3
    assert uploader.job(sent)["jobRequestId"] == sent


@pytest.mark.covers("amc-meter")
def test_a_connection_has_so_many_records_an_hour(served_with: Any) -> None:
    uploader = served_with(records_per_hour=150)
    uploader.accept_terms()
    audience = uploader.audience({"connectionId": uploader.connect()})
    assert uploader.upload(audience, [record(n) for n in range(100)])["jobState"] == "SUCCEEDED"
    body = {"audienceId": audience, "records": [record(n) for n in range(51)]}
    refused = uploader.post(RECORDS, body)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert "150" in refused.json()["message"]
    body["records"] = body["records"][:50]
    assert uploader.post(RECORDS, body).status_code == 202, "what was refused does not count"
    another = uploader.connect(**ROOM, dspAdvertiserId=str(LAMPS))
    assert uploader.post(RECORDS, {**body, "targetResource": {"connectionId": another}}).status_code == 202


@pytest.mark.covers("amc-metadata")
def test_ttl_hides_and_brings_back(visitor: Uploader) -> None:
    audience = visitor.audience({"advertiserId": LAMPS})
    visitor.upload(audience, [record(n) for n in range(300)])
    for ttl, size in ((0, 0), (604_800, 300), (0, 0)):
        visitor.send("PUT", f"{METADATA}/{audience}", {"metadata": {"ttl": ttl}})
        assert visitor.size(audience)["dspAudienceSize"] == size


def test_a_connection_that_is_gone_leads_nowhere(uploader: Uploader) -> None:
    uploader.accept_terms()
    connection = uploader.connect()
    audience = uploader.audience({"connectionId": connection})
    uploader.send("DELETE", CONNECTIONS)
    for target in ({"connectionId": connection}, {"connectionId": ""}):
        refused = uploader.post(RECORDS, {"audienceId": audience, "records": [record(1)], "targetResource": target})
        assert refused.status_code == 400
    assert uploader.upload(audience, [record(1)])["jobState"] == "SUCCEEDED", "the audience knows where it goes"
