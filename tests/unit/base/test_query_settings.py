"""Knobs of questions in SQL are read from the environment, and misspelt ones are not overlooked."""

import pytest

from houselights.base.errors import InvalidInput
from houselights.base.query_settings import CLASSES, QUERIES, QuerySettings


def test_without_a_word_from_the_operator_there_are_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(QUERIES, raising=False)
    monkeypatch.delenv(CLASSES, raising=False)
    assert QuerySettings.from_environment() == QuerySettings()


def test_knobs_keep_their_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(QUERIES, "parallel=3, lease_seconds=0.5,memory=2GB,")
    monkeypatch.setenv(CLASSES, "price=NONE,purchase.sku=MEDIUM")
    wanted = QuerySettings(
        parallel=3, lease_seconds=0.5, memory="2GB", classes={"price": "NONE", "purchase.sku": "MEDIUM"}
    )
    assert QuerySettings.from_environment() == wanted


@pytest.mark.parametrize(
    ("text", "why"),
    [("paralel=3", "no knob"), ("parallel=many", "no number"), ("parallel", "expected"), ("classes=x", "no knob")],
)
def test_what_is_no_knob_is_refused(monkeypatch: pytest.MonkeyPatch, text: str, why: str) -> None:
    monkeypatch.setenv(QUERIES, text)
    with pytest.raises(InvalidInput, match=why):
        QuerySettings.from_environment()
