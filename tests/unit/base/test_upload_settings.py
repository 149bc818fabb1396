"""Knobs of the upload path, from the environment."""

import pytest

from houselights.base.errors import InvalidInput
from houselights.base.upload_settings import VARIABLE, UploadSettings


def test_without_the_variable_knobs_have_their_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert UploadSettings.from_environment() == UploadSettings(workers="inside")


def test_knobs_are_set_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "workers=apart, waiting_records = 5,lease_seconds=3")
    assert UploadSettings.from_environment() == UploadSettings(workers="apart", waiting_records=5, lease_seconds=3)


@pytest.mark.parametrize(
    "given", ["worker=apart", "workers=outside", "waiting_records=many", "batch_bytes=-1", "keep_days=0", "workers"]
)
def test_what_is_no_knob_or_no_value_of_it_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv(VARIABLE, given)
    with pytest.raises(InvalidInput):
        UploadSettings.from_environment()
