"""Rates an operator can set."""

import pytest

from houselights.apis.amazon.rates import DEFAULT_RATE, VARIABLE, Rates
from houselights.base.errors import InvalidInput


def test_every_path_has_the_default_until_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert Rates.from_environment().of("/insights/bandedSize") == DEFAULT_RATE


def test_paths_and_all_others_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "*=5/second, /insights/bandedSize = 1 per 2 seconds")
    rates = Rates.from_environment()
    assert rates.of("/audiences/list") == "5/second"
    assert rates.of("/insights/bandedSize") == "1 per 2 seconds"


@pytest.mark.parametrize("text", ["5/second", "/a=", "a=5/second", "=5/second"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="path=limit"):
        Rates.read(text)
