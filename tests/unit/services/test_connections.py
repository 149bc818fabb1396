"""Connections: exactly one default, whatever is made and taken away; nothing of another client."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from houselights.base.errors import Conflict, InvalidInput, NotAllowed, NotFound
from houselights.model.workspace import SCOPES, Account, Workspace
from houselights.services.caller import Caller
from houselights.services.connections import MOST
from houselights.services.house import House


@pytest.fixture
def client(house: House, workspace: Workspace, accounts: tuple[Account, Account]) -> Caller:
    """A client that is granted the agency, and so reaches both advertisers below it."""
    return _client(house, workspace, 700)


def _client(house: House, workspace: Workspace, *granted: int) -> Caller:
    made = house.access.create_client(workspace_id=workspace.id, name="c", scopes=set(SCOPES), accounts=granted)
    return Caller(client=made.client, workspace=workspace, scopes=frozenset(SCOPES))


def test_the_first_is_the_default_and_a_new_default_demotes_the_old(house: House, client: Caller) -> None:
    first = house.connections.create(client, advertiser_id=701)
    second = house.connections.create(client, advertiser_id=702)
    assert (first.is_default, second.is_default) == (True, False)
    third = house.connections.create(client, advertiser_id=701, is_default=True, connection_id="mine")
    assert house.connections.default(client) == third == house.connections.get(client, "mine")
    assert [one.is_default for one in house.connections.list(client)].count(True) == 1
    house.connections.remove(client, "mine")
    assert house.connections.default(client).id == second.id


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example empties it
@given(steps=st.lists(st.tuples(st.sampled_from("+!-"), st.integers(0, 9)), max_size=12))
def test_there_is_always_exactly_one_default(house: House, client: Caller, steps: list[tuple[str, int]]) -> None:
    house.connections.remove(client)
    for step, which in steps:
        known = house.connections.list(client)
        if step == "-" and known:
            house.connections.remove(client, known[which % len(known)].id)
        elif step != "-":
            house.connections.create(client, advertiser_id=701, is_default=step == "!")
        left = house.connections.list(client)
        assert [one.is_default for one in left].count(True) == bool(left)


def test_places_must_be_within_reach(house: House, workspace: Workspace, accounts: tuple[Account, Account]) -> None:
    client = _client(house, workspace, 701)
    house.connections.create(client, advertiser_id=701)
    with pytest.raises(NotAllowed):
        house.connections.create(client, advertiser_id=702)
    with pytest.raises(NotAllowed):
        house.connections.create(client, advertiser_id=701, cleanroom_id=999)
    with pytest.raises(InvalidInput):
        house.connections.create(client)


def test_another_client_sees_none_of_them(house: House, workspace: Workspace, client: Caller) -> None:
    mine = house.connections.create(client, advertiser_id=701, connection_id="same")
    other = _client(house, workspace, 700)
    assert house.connections.list(other) == []
    for ask in (house.connections.get, house.connections.remove):
        with pytest.raises(NotFound):
            ask(other, "same")
    with pytest.raises(NotFound):
        house.connections.default(other)
    theirs = house.connections.create(other, advertiser_id=702, connection_id="same")
    assert house.connections.remove(other) == 1
    assert house.connections.get(client, "same") == mine != theirs


def test_ids_are_used_once_and_there_is_an_end(house: House, client: Caller) -> None:
    house.connections.create(client, advertiser_id=701, connection_id="one")
    with pytest.raises(Conflict):
        house.connections.create(client, advertiser_id=701, connection_id="one")
    for _ in range(MOST - 1):
        house.connections.create(client, advertiser_id=701)
    with pytest.raises(Conflict):
        house.connections.create(client, advertiser_id=701)
    assert house.connections.remove(client) == MOST
    assert house.connections.remove(client) == 0


def test_reading_alone_changes_nothing(house: House, client: Caller) -> None:
    reader = replace(client, scopes=frozenset({"audiences:read"}))
    assert house.connections.list(reader) == []
    with pytest.raises(NotAllowed):
        house.connections.create(reader, advertiser_id=701)
    with pytest.raises(NotAllowed):
        house.connections.remove(reader)
