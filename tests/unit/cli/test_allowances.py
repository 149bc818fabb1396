"""Credits and rights from the command line."""

import json
from typing import Any

import pytest

from houselights.services.house import House
from tests.unit.cli.test_commands import ask as ask  # the fixture


def test_credits_are_shown_and_set(ask: Any, house: House) -> None:
    assert "without end" in ask("clients", "credits")
    left = json.loads(ask("clients", "credits", "--kind", "builds", "--amount", "3", "--json"))
    assert left["builds"] == 3
    assert left["insights"] is None
    assert json.loads(ask("clients", "credits", "--kind", "builds", "--json"))["builds"] is None
    workspace = house.control.workspaces.by_name("twelve")
    assert workspace is not None
    assert [entry.amount for entry in house.control.credits.list(workspace.id)] == [None, 3]


def test_rights_are_shown_and_set(ask: Any) -> None:
    number = json.loads(ask("clients", "create", "Report", "--json"))["id"]
    everything = {"choose_outputs": True, "demographics_first": True, "generate": None, "view": None, "download": None}
    assert json.loads(ask("clients", "rights", number, "--json")) == everything
    narrowed = ("--no-choose-outputs", "--download", "md5", "--download", "ss_id", "--view", "none")
    told = json.loads(ask("clients", "rights", number, *narrowed, "--json"))
    assert told == {**everything, "choose_outputs": False, "download": ["md5", "ss_id"], "view": []}
    assert json.loads(ask("clients", "rights", number, "--download", "all", "--json"))["download"] is None
    assert "none" in ask("clients", "rights", number)


@pytest.mark.parametrize("words", [["credits", "--kind", "luck"], ["rights", "999"]])
def test_what_there_is_not_is_refused(ask: Any, words: list[str]) -> None:
    with pytest.raises(AssertionError):
        ask("clients", *words)
