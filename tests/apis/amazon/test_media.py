"""Content negotiation: everything real clients send is taken; only unknown vendor versions are refused."""

import pytest

from houselights.apis.amazon.errors import UnknownMediaType
from houselights.apis.amazon.media import PLAIN, Media, negotiate
from houselights.apis.amazon.wire import JSON

ASK = "application/vnd.bandedsizeinputexpression.v1+json"
TELL = "application/vnd.bandedsizeinsights.v1+json"
SIZE = Media(request=ASK, reply=TELL)


@pytest.mark.parametrize(
    ("accept", "content_type", "answer"),
    [
        (None, None, TELL),
        ("", JSON, TELL),
        ("*/*", ASK, TELL),
        ("*/*", JSON, TELL),
        ("application/*", JSON, TELL),
        (TELL, ASK, TELL),
        (TELL.upper(), ASK, TELL),
        (ASK, JSON, TELL),
        (f"{JSON}, {TELL};q=0.5", JSON, TELL),
        (JSON, JSON, JSON),
        (JSON, f"{ASK}; charset=utf-8", JSON),
        (JSON, "application/x-www-form-urlencoded", JSON),
        ("text/html, */*;q=0.1", JSON, TELL),
        (f"{JSON}, text/plain, */*", JSON, JSON),
        (f"{JSON}, {TELL}, */*", JSON, TELL),
        (f"application/vnd.bandedsizeinsights.v9+json, {JSON}", JSON, JSON),
        ("text/plain", "text/plain", JSON),
    ],
)
def test_what_real_clients_send_is_taken(accept: str | None, content_type: str | None, answer: str) -> None:
    assert negotiate(SIZE, accept=accept, content_type=content_type) == answer


@pytest.mark.parametrize(
    ("accept", "content_type", "header"),
    [
        ("application/vnd.bandedsizeinsights.v9+json", JSON, "Accept"),
        ("application/vnd.demographicinsights.v1+json", JSON, "Accept"),
        ("*/*", "application/vnd.bandedsizeinputexpression.v2+json", "Content-Type"),
    ],
)
def test_an_unknown_vendor_version_is_refused(accept: str, content_type: str, header: str) -> None:
    with pytest.raises(UnknownMediaType) as refused:
        negotiate(SIZE, accept=accept, content_type=content_type)
    assert refused.value.field == header
    assert TELL in refused.value.message


def test_an_operation_without_vendor_types_answers_plain_json() -> None:
    assert negotiate(PLAIN, accept="*/*", content_type=JSON) == JSON
    with pytest.raises(UnknownMediaType):
        negotiate(PLAIN, accept="application/vnd.audiences.v2+json", content_type=None)
