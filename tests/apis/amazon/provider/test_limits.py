"""How much, how often, in which media type: published limits, and an operator's own."""

import json
from typing import Any

import httpx
import pytest

from houselights.apis.amazon import room
from houselights.apis.amazon.provider.operations import CREATE, DELETE_USERS, HASHED, PATCH, READ
from houselights.apis.amazon.rates import Rates
from houselights.apis.amazon.sizes import MEGABYTE, Size, Sizes
from tests.apis.amazon import oracle
from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.people import email
from tests.apis.amazon.provider import asking
from tests.apis.amazon.provider.asking import AUDIENCES, audience, hashed, patch, sha256
from tests.apis.amazon.serving import serving

MEDIA_IN = "application/vnd.dpuploadhashedrecordsrequest.v3+json"
MEDIA_OUT = "application/vnd.dpuploadhashedrecordsresponse.v3+json"


def refused(response: httpx.Response, status: int) -> dict[str, str]:
    """Return the only error of a v2 refusal."""
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert error["httpStatusCode"] == str(status)
    (only,) = error["errors"]
    return {"description": error["description"], **only}


def raw(speaker: Speaker, method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    """Send bytes, or an iterator of them, as they are, and have the reply judged."""
    response = speaker.http.request(method, path, content=body, headers={**speaker.headers, **(headers or {})})
    media_type = response.headers["content-type"].partition(";")[0]
    assert oracle.check(method, path, response.status_code, media_type, response.content)
    return response


# ── hashed records ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.covers("provider-media", "media-types")
@pytest.mark.parametrize(
    ("headers", "answered"),
    [
        ({"Accept": "*/*"}, MEDIA_OUT),
        ({"Accept": MEDIA_OUT, "Content-Type": MEDIA_IN}, MEDIA_OUT),
        ({"Accept": "application/vnd.dpuploadhashedrecordsresponse.v3.1+json"}, MEDIA_OUT),
        ({"Accept": MEDIA_IN}, MEDIA_OUT),
        ({"Accept": "application/json", "Content-Type": "application/json"}, "application/json"),
    ],
)
def test_hashed_records_come_and_go_in_either_type(lamps: Speaker, headers: dict[str, str], answered: str) -> None:
    """200 `{"requestId"}`; seeds and clients send application/json, and a trailing slash."""
    for path in (asking.HASHED, f"{asking.HASHED}/"):
        response = raw(lamps, "POST", path, json.dumps(hashed([1])).encode(), headers)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == answered


@pytest.mark.covers("provider-media", "error-families")
@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Accept": "application/vnd.dpuploadhashedrecordsresponse.v4+json"}, "Invalid `accept` header provided."),
        ({"Content-Type": "application/vnd.dpuploadhashedrecordsrequest.v2+json"}, "Invalid `content-type` header"),
    ],
)
def test_an_unknown_version_of_hashed_records(lamps: Speaker, headers: dict[str, str], message: str) -> None:
    response = raw(lamps, "POST", asking.HASHED, b"{}", headers)
    assert response.status_code == 415
    assert response.headers["content-type"] == MEDIA_OUT
    assert response.json()["errorMessage"].startswith(message)


@pytest.mark.covers("provider-media")
def test_an_unknown_version_of_plain_json(lamps: Speaker) -> None:
    headers = {"Accept": "application/vnd.dpaudience.v3+json"}
    response = lamps.send("PATCH", asking.PATCH, {}, advertiserId=None, headers=headers)
    assert refused(response, 415)["errorType"] == "UNSUPPORTED_MEDIA_TYPE"


PARSE = "Failed to parse request data. It might not be a valid JSON object."


@pytest.mark.covers("hashed-records", "error-families")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", PARSE),
        (b"{", PARSE),
        (b'{"records":[{"externalId":"\xff"}]}', PARSE),
        (b"[]", "expected an object, found a list of 0 items"),
        (b"{}", "records: the field is required"),
        (b'{"records":[]}', "records: expected a list of at least 1 item, found a list of 0 items"),
        (b'{"records":[{"hashedRecords":[]}]}', "records[0].externalId: the field is required"),
        (b'{"records":[{"externalId":"a b","hashedRecords":[]}]}', "records[0].externalId: expected 1 to 128 letters"),
        (b'{"records":[{"externalId":"a\\n","hashedRecords":[]}]}', "records[0].externalId: expected 1 to 128 letters"),
        (b'{"records":[{"externalId":"a","hashedRecords":[{"email":1}]}]}', "records[0].hashedRecords[0].email"),
    ],
)
def test_malformed_hashed_records(lamps: Speaker, body: bytes, message: str) -> None:
    """400 `{"errorMessage"}` in the vendor's type, whatever was asked for."""
    response = raw(lamps, "POST", asking.HASHED, body, {"Accept": "application/json"})
    assert response.status_code == 400
    assert response.headers["content-type"] == MEDIA_OUT
    assert response.json()["errorMessage"].startswith(message), response.text


@pytest.mark.covers("hashed-records", "error-families")
def test_what_is_no_hash_is_named_with_its_external_id(lamps: Speaker) -> None:
    good = sha256(email(1))
    records = [
        {"externalId": "fine", "hashedRecords": [{"email": good}]},
        {"externalId": "dpid1", "hashedRecords": [{"email": good, "phone": good.upper()}, {"postalCode": "98109"}]},
        {"externalId": "dpid2", "hashedRecords": [{"firstName": good[:-1]}, {"firstName": good[:-1] + "ü"}]},
    ]
    response = lamps.post(asking.HASHED, {"records": records}, advertiserId=None)
    assert response.status_code == 400
    first, second = response.json()["errorMessage"].split("; ")
    invalid = "contains invalid hashed attributes"
    assert first.startswith(f"Hashed records associated with [externalId:dpid1] {invalid} [phone, postalCode].")
    assert second.startswith(f"Hashed records associated with [externalId:dpid2] {invalid} [firstName].")


@pytest.mark.covers("hashed-records", "callers")
def test_hashed_records_of_nobody_we_know(lamps: Speaker, stage: Stage) -> None:
    for headers in ({"Authorization": None}, {"Authorization": "Atza|made-up"}):
        response = lamps.post(asking.HASHED, hashed([1]), advertiserId=None, headers=headers)
        assert response.status_code == 401
        assert response.json()["errorMessage"].startswith("The caller is not authorized to perform this operation.")
    limited = stage.speaker(stage.limited).post(asking.HASHED, hashed([1]), advertiserId=None)
    assert limited.status_code == 403
    assert "imports:write" in limited.json()["errorMessage"]


@pytest.mark.covers("provider-limits")
def test_hashed_records_have_five_megabytes(lamps: Speaker) -> None:
    body = json.dumps(hashed([1])).encode()
    whole = body + b" " * (5 * MEGABYTE - len(body))
    assert raw(lamps, "POST", asking.HASHED, whole).status_code == 200

    def parts() -> Any:
        yield from (whole[n : n + MEGABYTE] for n in range(0, len(whole), MEGABYTE))
        yield b" "

    for over in (raw(lamps, "POST", asking.HASHED, whole + b" "), raw(lamps, "POST", asking.HASHED, parts())):
        assert over.status_code == 413
        assert over.json() == {
            "errorMessage": "The request exceeded the max size acceptable by the API. Max request size is 5 MB."
        }


# ── patches ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.covers("provider-limits", "error-families")
def test_patches_have_six_megabytes_and_two_thousand_records(lamps: Speaker) -> None:
    most = patch("add", [f"COOKIE-{n}" for n in range(2000)], [1])
    response = lamps.send("PATCH", asking.PATCH, most, advertiserId=None)
    assert response.status_code == 200
    assert response.json()["requestId"] == response.headers["x-amzn-requestid"]
    more = patch("add", [f"COOKIE-{n}" for n in range(2001)], [1])
    told = refused(lamps.send("PATCH", asking.PATCH, more, advertiserId=None), 413)
    assert (told["description"], told["errorType"]) == ("Input Too Large", "INPUT_TOO_LARGE")
    assert "2,001 records; at most 2,000" in told["message"]
    large = json.dumps(patch("add", ["COOKIE-1"], [1])).encode() + b" " * (6 * MEGABYTE)
    told = refused(raw(lamps, "PATCH", asking.PATCH, large), 413)
    assert told["message"] == "The input payload exceeds 6MB limit."


@pytest.mark.covers("provider-patches", "error-families")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"op": "replace"}, "patches[0].op"),
        ({"op": None}, "patches[0].op"),
        ({"path": "/COOKIE-/audiences"}, "patches[0].path"),
        ({"path": "/EMAIL-x/audiences"}, "patches[0].path"),
        ({"path": "COOKIE-x/audiences"}, "patches[0].path"),
        ({"path": "/COOKIE-x"}, "patches[0].path"),
        ({"path": "/COOKIE-a b/audiences"}, "patches[0].path"),
        ({"value": []}, "patches[0].value"),
        ({"value": 1}, "patches[0].value"),
        ({"value": ["x"]}, "patches[0].value[0]"),
        ({"value": [1, 2**63]}, "patches[0].value[1]"),
        ({"value": [1, str(2**63)]}, "patches[0].value[1]"),
        ({"value": [1.5]}, "patches[0].value[0]"),
        ({"consent": {}}, "patches[0].consent.consentType"),
        ({"consent": {"consentType": "VERBAL"}}, "patches[0].consent.consentType"),
        (
            {"consent": {"consentType": "Amazon", "amazonConsent": {"amazonAdStorage": "GRANTED"}}},
            "patches[0].consent.amazonConsent.amazonUserData",
        ),
    ],
)
def test_malformed_patches_name_their_field(lamps: Speaker, change: dict[str, Any], field: str) -> None:
    one = {"op": "add", "path": "/COOKIE-x/audiences", "value": [1]} | change
    response = lamps.send("PATCH", asking.PATCH, {"patches": [one]}, advertiserId=None)
    told = refused(response, 400)
    assert (told["errorType"], told["fieldName"], told["description"]) == ("INVALID_INPUT", field, "Bad Request")


@pytest.mark.covers("provider-patches")
def test_every_malformed_path_is_named(lamps: Speaker) -> None:
    body = patch("add", ["COOKIE-1", "BISCUIT-2", "COOKIE-3", "X"], [1])
    response = lamps.send("PATCH", asking.PATCH, body, advertiserId=None)
    errors = response.json()["error"]["errors"]
    assert [error["fieldName"] for error in errors] == ["patches[1].path", "patches[3].path"]


# ── rates ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.covers("provider-throttle", "throttle")
def test_published_rates_hold_unless_an_operator_says_otherwise() -> None:
    published = {one.path: Rates().of(one.path, one.rate) for one in (CREATE, READ, PATCH, DELETE_USERS, HASHED)}
    assert published == {
        AUDIENCES: "1/second", f"{AUDIENCES}/{{audienceId}}": "1/second", asking.PATCH: "100/second",
        asking.USERS: "1/second", asking.HASHED: "100/second",
    }  # fmt: skip
    assert Rates.read("*=5/second").of(CREATE.path, CREATE.rate) == "5/second"
    assert Rates.read(f"*=5/second,{AUDIENCES}=7/second").of(CREATE.path, CREATE.rate) == "7/second"


@pytest.mark.covers("provider-throttle", "throttle", "error-families")
def test_too_many_requests_in_both_envelopes(stage: Stage) -> None:
    """429 with whole seconds in Retry-After, as published: one audience a second."""
    speaker = stage.speaker(stage.client)
    rates = Rates(by_path={asking.HASHED: "1 per 5 seconds", AUDIENCES: "1 per 5 seconds"})
    with serving(room(stage.house, rates)) as base_url, httpx.Client(base_url=base_url) as http:
        speaker.http = http
        plain = [speaker.post(AUDIENCES, audience(), advertiserId=None) for _ in range(2)]
        records = [speaker.post(asking.HASHED, hashed([1]), advertiserId=None) for _ in range(2)]
    assert [one.status_code for one in (*plain, *records)] == [200, 429, 200, 429]
    for response in (plain[1], records[1]):
        assert 1 <= int(response.headers["retry-after"]) <= 5
    told = refused(plain[1], 429)
    assert (told["description"], told["errorType"]) == ("Too Many Requests", "TOO_MANY_REQUESTS")
    assert records[1].json() == {"errorMessage": "Too Many Requests"}


@pytest.mark.covers("provider-limits")
def test_an_operator_may_set_other_sizes(stage: Stage) -> None:
    """The guide says one megabyte where the specification says six."""
    speaker = stage.speaker(stage.client)
    sizes = Sizes(by_path={asking.PATCH: Size(bytes_most=MEGABYTE, entries_most=2)})
    app = room(stage.house, Rates(otherwise="1000/second"), sizes)
    with serving(app) as base_url, httpx.Client(base_url=base_url) as http:
        speaker.http = http
        few = speaker.send("PATCH", asking.PATCH, patch("add", ["COOKIE-1", "COOKIE-2"], [1]), advertiserId=None)
        many = speaker.send("PATCH", asking.PATCH, patch("add", ["COOKIE-1"] * 3, [1]), advertiserId=None)
        large = raw(speaker, "PATCH", asking.PATCH, b" " * (MEGABYTE + 1))
    assert few.status_code == 200
    assert "at most 2 are allowed" in refused(many, 413)["message"]
    assert refused(large, 413)["message"] == "The input payload exceeds 1MB limit."
