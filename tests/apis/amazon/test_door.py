"""The way in: who is let in, and how everybody else is told why not."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from houselights.apis.amazon import room
from houselights.apis.amazon.rates import Rates
from houselights.apis.amazon.sizes import BODY_BYTES
from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.people import FOREIGN_PROFILE, LAMPS, NOT_YOURS, PROFILE, VENDOR_PROFILE
from tests.apis.amazon.serving import serving

CLIENT, SCOPE = "Amazon-Advertising-API-ClientId", "Amazon-Advertising-API-Scope"
ANY = {"audienceTargetingExpression": {"audiences": [{"audienceId": "1", "groupId": "g", "negative": False}]}}
VENDOR = "application/vnd.bandedsizeinsights.v1+json"


def expression(speaker: Speaker) -> dict[str, Any]:
    audience = speaker.ids("Interest")["Food"]
    return {"audienceTargetingExpression": {"audiences": [{"audienceId": audience, "groupId": "g", "negative": False}]}}


@pytest.mark.covers("callers")
def test_the_word_bearer_may_be_missing_and_the_client_header_may_be_spelt_in_any_case(lamps: Speaker) -> None:
    bare = lamps.headers["Authorization"].removeprefix("Bearer ")
    client = lamps.headers[CLIENT]
    for headers in ({"Authorization": bare}, {CLIENT: None, "Amazon-Advertising-API-ClientID": client}):
        assert lamps.post("/insights/bandedSize", expression(lamps), headers=headers).status_code == 200


@pytest.mark.covers("callers")
@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Authorization": None}, "Unauthenticated"),
        ({"Authorization": "Bearer"}, "Unauthenticated"),
        ({"Authorization": "Bearer Atza|made-up"}, "access token"),
        ({CLIENT: None}, "ClientId header is missing"),
        ({CLIENT: "amzn1.application-oa2-client.other"}, "not the client"),
        ({SCOPE: None}, "Scope header is missing"),
        ({SCOPE: str(FOREIGN_PROFILE)}, "Not authorized to access scope"),
        ({SCOPE: "123"}, "Not authorized to access scope"),
    ],
)
def test_each_reason_to_be_kept_out_has_its_words(lamps: Speaker, headers: dict[str, str | None], message: str) -> None:
    response = lamps.post("/insights/bandedSize", ANY, headers=headers)
    assert response.status_code == 401
    assert message in response.json()["message"]


@pytest.mark.covers("callers")
def test_the_door_is_before_the_body(lamps: Speaker) -> None:
    """Whoever may not ask learns nothing of how they asked."""
    response = lamps.http.post("/insights/bandedSize", content=b"{", headers={"Content-Type": "application/json"})
    assert response.status_code == 401


@pytest.mark.covers("id-kinds")
@pytest.mark.parametrize(
    ("scope", "received"),
    [
        ("ENTITY1STAGELEFT", 'an entity id ("ENTITY1STAGELEFT")'),
        ("amzn1.application-oa2-client.1", "a client id"),
        (str(LAMPS), f"a DSP advertiserId ({LAMPS})"),
        ("Stage Left", "not a number"),
    ],
)
def test_a_wrong_scope_is_told_what_it_is(lamps: Speaker, scope: str, received: str) -> None:
    told = lamps.post("/insights/bandedSize", ANY, headers={SCOPE: scope}).json()
    assert received in told["message"]
    assert "expected a profileId" in told["message"]


@pytest.mark.covers("id-kinds")
@pytest.mark.parametrize(
    ("advertiser", "received"),
    [(str(PROFILE), "a profileId"), ("ENTITY1STAGELEFT", "an entity id"), ("x", "not a number")],
)
def test_a_wrong_advertiser_is_told_what_it_is(lamps: Speaker, advertiser: str, received: str) -> None:
    response = lamps.post("/audiences/list", {"adType": "DSP"}, advertiserId=advertiser)
    assert response.status_code == 400
    error = response.json()["errors"][0]
    assert (error["fieldName"], error["errorType"]) == ("advertiserId", "Invalid value")
    assert f"advertiserId is invalid: {advertiser}" in error["message"]
    assert received in error["message"]


@pytest.mark.covers("tenancy")
def test_a_foreign_advertiser_is_as_unknown_as_a_made_up_one(lamps: Speaker) -> None:
    foreign, made_up = (
        lamps.post("/insights/bandedSize", ANY, advertiserId=advertiser)
        for advertiser in (NOT_YOURS, 222000000000009999)
    )
    assert foreign.status_code == made_up.status_code == 400
    assert foreign.json()["message"].replace(str(NOT_YOURS), "222000000000009999") == made_up.json()["message"]


@pytest.mark.covers("callers")
def test_a_missing_advertiser_is_asked_for_and_the_newer_header_will_do(lamps: Speaker) -> None:
    body = expression(lamps)
    response = lamps.post("/insights/bandedSize", body, advertiserId=None)
    assert response.status_code == 400
    assert response.json()["errors"][0]["fieldName"] == "advertiserId"
    newer = lamps.post("/insights/bandedSize", body, advertiserId=None, headers={"Amazon-Ads-AccountId": str(LAMPS)})
    assert newer.status_code == 200


@pytest.mark.covers("callers")
def test_an_advertiser_belongs_to_its_profile(lamps: Speaker) -> None:
    response = lamps.post("/insights/bandedSize", ANY, headers={SCOPE: str(VENDOR_PROFILE)})
    assert response.status_code == 400


@pytest.mark.covers("callers")
def test_a_token_without_the_scope_is_refused(stage: Stage) -> None:
    limited = stage.speaker(stage.limited)
    response = limited.post("/insights/bandedSize", expression(limited))
    assert response.status_code == 403
    assert "insights:read" in response.json()["message"]


@pytest.mark.covers("media-types")
@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, VENDOR),
        ("*/*", VENDOR),
        (VENDOR, VENDOR),
        ("application/vnd.bandedsizeinputexpression.v1+json", VENDOR),
        ("application/json", "application/json"),
    ],
)
def test_the_reply_comes_in_the_type_asked_for(lamps: Speaker, accept: str | None, answered: str) -> None:
    response = lamps.post("/insights/bandedSize", expression(lamps), headers={"Accept": accept or ""})
    assert response.status_code == 200
    assert response.headers["content-type"] == answered


@pytest.mark.covers("media-types")
@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "application/vnd.bandedsizeinsights.v2+json"},
        {"Content-Type": "application/vnd.bandedsizeinputexpression.v2+json"},
        {"Content-Type": "application/vnd.demographicinputexpressions.v1+json"},
    ],
)
def test_an_unknown_version_is_refused(lamps: Speaker, headers: dict[str, str]) -> None:
    response = lamps.post("/insights/bandedSize", ANY, headers=headers)
    assert response.status_code == 415
    assert response.json()["errors"][0]["fieldName"] == next(iter(headers))


@pytest.mark.covers("media-types")
@pytest.mark.parametrize(
    "content_type",
    [
        "application/vnd.bandedsizeinputexpression.v1+json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "application/json; charset=utf-8",
    ],
)
def test_a_body_is_json_whatever_it_is_called(lamps: Speaker, content_type: str) -> None:
    response = lamps.post("/insights/bandedSize", expression(lamps), headers={"Content-Type": content_type})
    assert response.status_code == 200, response.text


@pytest.mark.covers("trailing-slash")
@pytest.mark.parametrize("path", ["/v2/profiles/", "/dsp/advertisers/", f"/v2/profiles/{PROFILE}/"])
def test_trailing_slashes_are_forgiven_when_reading(lamps: Speaker, path: str) -> None:
    assert lamps.get(path).status_code == 200


@pytest.mark.covers("trailing-slash")
def test_trailing_slashes_are_forgiven_when_posting(stage: Stage, lamps: Speaker) -> None:
    assert lamps.post("/insights/bandedSize/", expression(lamps)).status_code == 200
    assert lamps.post("/audiences/list/", {"adType": "DSP"}).status_code == 200
    form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
    assert stage.http.post("/auth/o2/token/", data=form).json()["error"] == "invalid_client"


@pytest.mark.covers("throttle")
def test_too_many_requests_are_told_when_to_come_back(stage: Stage) -> None:
    rates = Rates(otherwise="1000/second", by_path={"/audiences/taxonomy/list": "3 per 2 seconds"})
    limited, other = stage.speaker(stage.limited), stage.speaker(stage.client)
    with serving(room(stage.house, rates)) as base_url, httpx.Client(base_url=base_url) as http:
        limited.http = other.http = http
        answers = [limited.post("/audiences/taxonomy/list", {"adType": "DSP"}) for _ in range(5)]
        another_path = limited.post("/audiences/list", {"adType": "DSP"})
        another_client = other.post("/audiences/taxonomy/list", {"adType": "DSP"})
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 2
    assert "3 requests" in answers[-1].json()["message"]
    assert another_path.status_code == another_client.status_code == 200


@pytest.mark.covers("error-families")
def test_each_product_wears_its_own_envelope(lamps: Speaker) -> None:
    """The keys of a 4xx body, product by product."""
    nobody = {"Authorization": None}
    post, get = lamps.post, lamps.get
    keys = {
        "/insights/bandedSize": post("/insights/bandedSize", {}, headers=nobody),
        "/audiences/list": post("/audiences/list", {}, headers=nobody),
        "/dsp/advertisers": get("/dsp/advertisers", headers=nobody),
        "/v2/profiles": get("/v2/profiles", headers=nobody),
        "overlap": get("/insights/audiences/1/overlappingAudiences", headers=nobody, adType="DSP"),
        "combined": post("/dsp/audiences/combinedAudiences", {}, headers=nobody),
        "nobody's path": get("/dsp/nothing"),
    }
    assert {name: sorted(response.json()) for name, response in keys.items()} == {
        "/insights/bandedSize": ["errors", "message", "requestId"],
        "/audiences/list": ["errors", "message", "requestId"],
        "/dsp/advertisers": ["errors", "message", "requestId"],
        "/v2/profiles": ["code", "details", "requestId"],
        "overlap": ["message", "requestId"],
        "combined": ["errors", "message", "requestId"],
        "nobody's path": ["code", "details", "requestId"],
    }
    assert keys["nobody's path"].status_code == 404
    assert keys["overlap"].headers["content-type"] == "application/vnd.insightserror.v1+json"


@pytest.mark.covers("error-families")
def test_a_wrong_method_and_a_broken_body_wear_it_too(lamps: Speaker) -> None:
    wrong = lamps.get("/insights/bandedSize")
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "POST"
    assert sorted(wrong.json()) == ["errors", "message", "requestId"]
    headers = {**lamps.headers, "Content-Type": "application/json"}
    broken = lamps.http.post(
        "/insights/bandedSize",
        content=b'{"audienceTargetingExpression":',
        headers=headers,
        params={"advertiserId": LAMPS},
    )
    assert broken.status_code == 400
    assert "not valid JSON" in broken.json()["errors"][0]["message"]
    missing = lamps.post("/insights/bandedSize", {})
    assert missing.json()["errors"] == [
        {"errorType": "VALUE_INVALID", "message": "Field required", "fieldName": "audienceTargetingExpression"}
    ]


def test_a_body_beyond_all_reason_is_413(lamps: Speaker) -> None:
    def parts() -> Iterator[bytes]:
        """A body that does not say beforehand how long it is."""
        yield from (b" " * (1 << 20) for _ in range(BODY_BYTES // (1 << 20) + 1))

    for body in (b" " * (BODY_BYTES + 1), parts()):
        told = lamps.http.post(
            "/insights/bandedSize", content=body, headers=lamps.headers, params={"advertiserId": LAMPS}
        )
        assert told.status_code == 413
        assert sorted(told.json()) == ["errors", "message", "requestId"]


@pytest.mark.covers("unknown-fields")
def test_unknown_fields_are_ignored(lamps: Speaker) -> None:
    """The guide's own sample sends a categoryFilter to an operation that has none."""
    body = expression(lamps) | {"categoryFilter": ["INTEREST"], "surprise": {"a": 1}}
    assert lamps.post("/insights/topCategoriesPurchased", body).status_code == 200
    assert lamps.post("/insights/bandedSize", body, surprise="1").status_code == 200


@pytest.mark.covers("tenancy")
def test_a_neighbour_sees_nothing(stage: Stage, lamps: Speaker) -> None:
    neighbour = stage.speaker(stage.neighbour)
    assert neighbour.get("/v2/profiles").json() == []
    assert neighbour.post("/insights/bandedSize", expression(lamps)).status_code == 401


def test_the_openapi_page_names_every_operation(stage: Stage) -> None:
    document = stage.http.get("/amazon/openapi.json").json()
    assert stage.http.get("/amazon/docs").status_code == 200
    size = document["paths"]["/insights/bandedSize"]["post"]
    assert set(size["responses"]["200"]["content"]) >= {VENDOR, "application/json"}
    names = {parameter["name"] for parameter in size["parameters"]}
    assert {"Amazon-Advertising-API-ClientId", "Amazon-Advertising-API-Scope", "advertiserId"} <= names
