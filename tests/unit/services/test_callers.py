"""From a bearer token to a caller, and for whom a client may act."""

from collections.abc import Callable

import pytest

from houselights.base.errors import NotAllowed, NotAuthenticated, NotFound
from houselights.model.workspace import Account, Workspace
from houselights.services.caller import Caller
from houselights.services.house import House

Token = Callable[..., str]


def test_a_token_names_client_workspace_and_scopes(house: House, workspace: Workspace, token: Token) -> None:
    caller = house.callers.identify(token("insights:read"), request_id="r-1")
    assert caller.client is not None
    assert (caller.workspace, caller.scopes, caller.request_id) == (workspace, frozenset({"insights:read"}), "r-1")
    assert caller.account is None
    assert not caller.exact


def test_a_made_up_token_is_nobodys(house: House) -> None:
    with pytest.raises(NotAuthenticated):
        house.callers.identify("hls_made-up")


def test_a_client_acts_for_granted_accounts_only(house: House, token: Token, accounts: tuple[Account, Account]) -> None:
    first, second = accounts
    bearer = token("audiences:read", accounts=(first.id,))
    assert house.callers.identify(bearer, account_id=first.id).account == first
    messages = set()
    for other in (second.id, 4711):
        with pytest.raises(NotAllowed) as refused:
            house.callers.identify(bearer, account_id=other)
        messages.add(refused.value.message)
    assert len(messages) == 1, "unknown and not granted sound the same"
    assert house.callers.accounts(house.callers.identify(bearer)) == [first]


def test_clients_are_made_and_turned_away_by_operators(house: House, caller: Caller, partner: Caller) -> None:
    made = house.clients.create(caller, name=" Report ", scopes=["insights:read"], token=True)
    assert made.client.name == "Report"
    assert made.token is not None
    assert house.callers.identify(made.token).client == made.client
    house.clients.disable(caller, made.client.id)
    with pytest.raises(NotAuthenticated):
        house.callers.identify(made.token)
    assert [one.disabled for one in house.clients.list(caller)] == [True]
    for forbidden in (
        lambda: house.clients.list(partner),
        lambda: house.clients.create(partner, name="x", scopes=[]),
        lambda: house.clients.disable(partner, made.client.id),
        lambda: house.audit.entries(partner),
    ):
        with pytest.raises(NotAllowed, match="operator"):
            forbidden()
    with pytest.raises(NotFound):
        house.clients.disable(caller, 4711)


def test_a_client_makes_none_that_is_stronger_than_itself(house: House, token: Token) -> None:
    operator = house.callers.identify(token("operator", "insights:read"))
    house.clients.create(operator, name="weaker", scopes=["insights:read"])
    with pytest.raises(NotAllowed, match="counts:exact"):
        house.clients.create(operator, name="stronger", scopes=["insights:read", "counts:exact"])
    assert operator.client is not None
    with pytest.raises(NotAllowed, match="does not disable itself"):
        house.clients.disable(operator, operator.client.id)
