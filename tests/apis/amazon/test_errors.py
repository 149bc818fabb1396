"""The envelopes, one by one: the docstring of each test is the wire shape that clients parse."""

import json
from typing import Annotated, Any

import pytest
from fastapi import Response
from pydantic import BaseModel, Field, ValidationError

from houselights.apis.amazon import errors
from houselights.apis.amazon.errors import Detail, Family, Kind, OAuthError, Rejected, UnknownMediaType
from houselights.apis.amazon.wire import UUID, Text
from houselights.base import errors as base

BAD_ADVERTISER = Rejected([Detail(Kind.INVALID, "advertiserId is invalid: 111.", "advertiserId")])


def told(family: Family, error: base.HouselightsError, **more: Any) -> Response:
    return errors.envelope(family, errors.problem_of(error, "r-1", **more))


def body(response: Response) -> Any:
    return json.loads(bytes(response.body))


def test_insights_and_combined_audiences() -> None:
    """{"requestId","message","errors":[{"errorType","message","fieldName"}]} as application/json"""
    response = told(errors.dsp_family, BAD_ADVERTISER)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    assert body(response) == {
        "requestId": "r-1",
        "message": "advertiserId is invalid: 111.",
        "errors": [
            {"errorType": "VALUE_INVALID", "message": "advertiserId is invalid: 111.", "fieldName": "advertiserId"}
        ],
    }


def test_discovery() -> None:
    """The sentence and the errorType of the one real sample that is public."""
    assert body(told(errors.audience_family, BAD_ADVERTISER)) == {
        "requestId": "r-1",
        "message": "'1' validation error(s) occurred. Please correct them and request again.",
        "errors": [
            {"errorType": "Invalid value", "message": "advertiserId is invalid: 111.", "fieldName": "advertiserId"}
        ],
    }


def test_advertisers() -> None:
    """`field` instead of `fieldName`, and 422 for malformed parameters."""
    response = told(
        errors.advertiser_family, Rejected([Detail(Kind.INVALID, "no", "advertiserIdFilter")]), invalid_status=422
    )
    assert response.status_code == 422
    assert body(response) == {
        "message": "no",
        "requestId": "r-1",
        "errors": [{"errorType": "DSP_INVALID_QUERY_PARAM", "message": "no", "field": "advertiserIdFilter"}],
    }


def test_overlap() -> None:
    """{"message","requestId"} as application/vnd.insightserror.v1+json"""
    response = told(errors.overlap_family, base.NotFound("no audience 7"))
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/vnd.insightserror.v1+json"
    assert body(response) == {"message": "no audience 7", "requestId": "r-1"}


def test_profiles() -> None:
    """{"code":"401","details"}: the code is a string"""
    response = told(errors.generic_family, base.NotAuthenticated("Unauthenticated"))
    assert response.headers["www-authenticate"] == "Bearer"
    assert body(response) == {"code": "401", "details": "Unauthenticated", "requestId": "r-1"}


def test_tokens() -> None:
    """{"error","error_description"} of RFC 6749"""
    response = told(errors.oauth_family, OAuthError("invalid_grant", "The refresh token is unknown"))
    assert response.status_code == 400
    assert body(response) == {
        "error": "invalid_grant",
        "error_description": "The refresh token is unknown",
        "request_id": "r-1",
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (base.InvalidInput("x"), 400),
        (base.InvalidRule("x"), 400),
        (base.NotAuthenticated("x"), 401),
        (base.NotAllowed("x"), 403),
        (base.NotFound("x"), 404),
        (base.Conflict("x"), 409),
        (base.TooLarge("x"), 413),
        (UnknownMediaType("Accept", "application/vnd.x", ["application/json"]), 415),
        (base.TooManyRequests("x", retry_after_seconds=3), 429),
        (base.HouselightsError("x"), 500),
        (base.Unavailable("x"), 503),
        (Rejected([Detail(Kind.NOT_FOUND, "x")], status=404), 404),
    ],
)
def test_each_error_has_its_status_in_every_family(error: base.HouselightsError, status: int) -> None:
    for family in (errors.dsp_family, errors.audience_family, errors.advertiser_family, errors.overlap_family):
        response = told(family, error)
        assert response.status_code == status
        assert b'": ' not in bytes(response.body), "compact JSON"
        assert response.headers["x-amzn-requestid"] == "r-1"


def test_retry_after_is_whole_seconds() -> None:
    response = told(errors.dsp_family, base.TooManyRequests("slow down", retry_after_seconds=2))
    assert int(response.headers["retry-after"]) == 2


def test_half_a_character_of_the_callers_own_is_quoted_as_a_question_mark() -> None:
    refused = Rejected([Detail(Kind.INVALID, '"\ud800" is not an audience id', "audiences[0].audienceId")])
    assert body(told(errors.dsp_family, refused))["errors"][0]["message"] == '"?" is not an audience id'


def test_fields_are_named_as_the_caller_wrote_them() -> None:
    assert errors.field_path(("body", "expression", "audiences", 3, "groupId")) == "expression.audiences[3].groupId"
    assert errors.field_path(("query", "maxResults")) == "maxResults"
    assert errors.field_path(("body", "negative", "function-after[f(), str]")) == "negative"
    assert errors.field_path(("body",)) == ""


def test_at_most_a_hundred_errors_are_told() -> None:
    class Row(BaseModel):
        rows: list[int]

    with pytest.raises(ValidationError) as refused:
        Row.model_validate({"rows": ["x"] * 300})
    details = errors.details_of(refused.value.errors())
    assert len(details) == 100
    assert details[99].field == "rows[99]"


class Spoken(BaseModel):
    name: Annotated[Text, Field(min_length=10, max_length=12)] = "ten letters"
    key: Annotated[str, Field(pattern=UUID)] = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"name": "short"}, "expected at least 10 characters, found 5"),
        ({"name": "x" * 13}, "expected at most 12 characters, found 13"),
        ({"key": "x"}, 'expected a UUID: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12, found "x"'),
        ([1, 2], "expected an object, found a list of 2 items"),
    ],
)
def test_messages_are_about_the_request_and_not_about_python(content: Any, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Spoken.model_validate(content)
    (detail,) = errors.details_of(refused.value.errors())
    assert detail.message == message
