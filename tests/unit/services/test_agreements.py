"""Agreements: accepted with the token of the text that was shown, by the client it was shown to."""

import pytest

from houselights.base.errors import InvalidInput, NotAllowed
from houselights.model.workspace import SCOPES, Workspace
from houselights.services.caller import Caller
from houselights.services.house import House


def _client(house: House, workspace: Workspace) -> Caller:
    made = house.access.create_client(workspace_id=workspace.id, name="c", scopes=set(SCOPES))
    return Caller(client=made.client, workspace=workspace, scopes=frozenset(SCOPES))


def test_a_text_is_accepted_by_its_token_and_taken_back(house: House, workspace: Workspace) -> None:
    client = _client(house, workspace)
    offered = house.agreements.offered(client, "uploads", "Be kind.")
    assert not offered.accepted
    assert house.agreements.answer(client, "uploads", "Be kind.", token=offered.token, accepted=True).accepted
    assert house.agreements.offered(client, "uploads", "Be kind.").accepted
    assert not house.agreements.answer(client, "uploads", "Be kind.", token=offered.token, accepted=False).accepted
    assert not house.agreements.offered(client, "uploads", "Be kind.").accepted


def test_another_text_is_another_agreement(house: House, workspace: Workspace) -> None:
    client = _client(house, workspace)
    token = house.agreements.offered(client, "uploads", "Be kind.").token
    house.agreements.answer(client, "uploads", "Be kind.", token=token, accepted=True)
    assert not house.agreements.offered(client, "uploads", "Be kinder.").accepted
    assert not house.agreements.offered(client, "exports", "Be kind.").accepted
    with pytest.raises(InvalidInput):
        house.agreements.answer(client, "uploads", "Be kinder.", token=token, accepted=True)


def test_a_token_is_good_for_its_client_only(house: House, workspace: Workspace) -> None:
    mine, theirs = _client(house, workspace), _client(house, workspace)
    token = house.agreements.offered(mine, "uploads", "Be kind.").token
    for wrong in (token[:-1], "", "\ud800"):
        with pytest.raises(InvalidInput):
            house.agreements.answer(mine, "uploads", "Be kind.", token=wrong, accepted=True)
    with pytest.raises(InvalidInput):
        house.agreements.answer(theirs, "uploads", "Be kind.", token=token, accepted=True)
    assert not house.agreements.offered(mine, "uploads", "Be kind.").accepted


def test_the_command_line_has_nobody_to_accept(house: House, caller: Caller) -> None:
    with pytest.raises(NotAllowed):
        house.agreements.offered(caller, "uploads", "Be kind.")
