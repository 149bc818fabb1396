"""The judge can say no: replies that break the published shapes are refused."""

import json
from typing import Any

import pytest

from tests.apis.amazon import oracle

SIZE = "/insights/bandedSize"
SIZED = {"estimatedSize": {"min": 10000, "max": 50000}, "lastUpdatedAt": "2026-11-01T00:00:00.000Z"}
VENDOR = "application/vnd.bandedsizeinsights.v1+json"


def judged(body: Any, *, method: str = "POST", path: str = SIZE, status: int = 200, media_type: str = VENDOR) -> bool:
    compact = json.dumps(body, separators=(",", ":")).encode()
    return oracle.check(method, path, status, media_type, compact)


def test_a_published_shape_passes() -> None:
    assert judged(SIZED)
    assert judged(SIZED, media_type="application/json")
    assert judged(SIZED, path=f"{SIZE}/")


@pytest.mark.parametrize(
    "body",
    [
        {"estimatedSize": {"min": 1}},
        SIZED | {"surprise": 1},
        SIZED | {"lastUpdatedAt": "yesterday"},
        SIZED | {"estimatedSize": {"min": "10000"}},
    ],
)
def test_another_shape_does_not(body: object) -> None:
    with pytest.raises(AssertionError):
        judged(body)


def test_another_media_type_does_not() -> None:
    with pytest.raises(AssertionError):
        judged(SIZED, media_type="text/html")


def test_errors_are_judged_too() -> None:
    with pytest.raises(AssertionError):
        judged({"requestId": "r", "message": "m", "errors": []}, status=400, media_type="application/json")


@pytest.mark.parametrize("body", [b'{"a": 1}', b'{"a":1e5}', b'{"a":1}\n'])
def test_json_must_be_compact(body: bytes) -> None:
    with pytest.raises(AssertionError):
        oracle.assert_compact(body)


def test_white_space_inside_strings_is_no_matter() -> None:
    oracle.assert_compact(b'{"a":"one two \\" 1e5 three"}')
