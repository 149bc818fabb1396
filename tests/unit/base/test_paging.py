"""Page tokens come back as they went out, for the same request, in time; everything else is refused by name."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.base.errors import InvalidInput
from houselights.base.paging import PageTokens, request_fingerprint


@dataclass
class Hands:
    at: datetime = datetime(2026, 5, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


SECRET = b"k" * 32
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


@given(st.dictionaries(st.text(), json_values, max_size=5))
def test_a_payload_comes_back(payload: dict[str, object]) -> None:
    pages = PageTokens(SECRET, Hands())
    assert pages.read(pages.issue(payload, 60)) == payload


def test_another_process_with_the_secret_reads_it() -> None:
    token = PageTokens(SECRET, Hands()).issue({"after": 413642381039213536}, 60)
    assert PageTokens(SECRET, Hands()).read(token) == {"after": 413642381039213536}


def test_it_expires_and_says_so() -> None:
    clock = Hands()
    pages = PageTokens(SECRET, clock)
    token = pages.issue({"offset": 10}, 8 * 3600)
    clock.at += timedelta(hours=8, microseconds=-1)
    assert pages.read(token) == {"offset": 10}
    clock.at += timedelta(microseconds=1)
    with pytest.raises(InvalidInput, match="nextToken has expired") as caught:
        pages.read(token)
    assert caught.value.field == "nextToken"


def test_it_belongs_to_one_request() -> None:
    pages = PageTokens(SECRET, Hands())
    asked = request_fingerprint({"adType": "X", "filters": [1, 2]})
    token = pages.issue({"offset": 10}, 60, fingerprint=asked)
    same = request_fingerprint({"filters": [1, 2], "adType": "X"})
    assert pages.read(token, fingerprint=same) == {"offset": 10}
    with pytest.raises(InvalidInput, match="cursor belongs to another request") as caught:
        pages.read(token, fingerprint=request_fingerprint({"adType": "Y"}), field="cursor")
    assert caught.value.field == "cursor"


def forged() -> list[str]:
    token = PageTokens(SECRET, Hands()).issue({"offset": 10}, 60)
    body, signature = token.rsplit(".", 1)
    other = urlsafe_b64encode(json.dumps({"p": {"offset": 0}, "e": 9e9, "f": ""}).encode()).decode()
    return [
        "",
        ".",
        "nonsense",
        token + "A",
        f"{other}.{signature}",
        f"{body}.",
        PageTokens(b"x" * 32, Hands()).issue({"offset": 10}, 60),
        "é" + token,
        "A" * 100_000,
    ]


@pytest.mark.parametrize("token", forged(), ids=range(9))
def test_a_forged_token_is_not_valid(token: str) -> None:
    with pytest.raises(InvalidInput, match="nextToken is not valid"):
        PageTokens(SECRET, Hands()).read(token)
