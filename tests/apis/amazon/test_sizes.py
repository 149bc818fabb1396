"""Sizes an operator can set."""

import pytest

from houselights.apis.amazon.sizes import BODY_BYTES, MEGABYTE, VARIABLE, WHOLE_ROOM, Size, Sizes
from houselights.base.errors import InvalidInput


def test_a_path_has_its_published_size_until_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert Sizes.from_environment().of("/v2/dp/audience", WHOLE_ROOM) == Size(bytes_most=BODY_BYTES)
    monkeypatch.setenv(VARIABLE, "/v2/dp/audience=0.5MB/1000, /v2/dp/users = 2MB")
    sizes = Sizes.from_environment()
    assert sizes.of("/v2/dp/audience", WHOLE_ROOM) == Size(bytes_most=MEGABYTE // 2, entries_most=1000)
    assert sizes.of("/v2/dp/users", WHOLE_ROOM) == Size(bytes_most=2 * MEGABYTE)
    assert sizes.of("/dp/records/hashed", WHOLE_ROOM) is WHOLE_ROOM


@pytest.mark.parametrize("text", ["5MB", "/a=5", "/a=5MB/", "a=5MB", "/a=0MB", "/a=9MB", "/a=-1MB"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Sizes.read(text)
    assert caught.value.field == VARIABLE


@pytest.mark.parametrize(("size", "said"), [(5 * MEGABYTE, "5"), (MEGABYTE // 2, "0.5")])
def test_megabytes_are_said_shortly(size: int, said: str) -> None:
    assert Size(bytes_most=size).megabytes == said
