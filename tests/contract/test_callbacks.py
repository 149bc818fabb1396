"""Rows of callbacks, on every database: given once, in order, not too many to a host; ended once; wholly forgotten."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.contract.conftest import NOON, Tenant

from houselights.base.errors import NotFound
from houselights.model.callback import Attempt, Callback, CallbackState
from houselights.storage.control.control import Control

MINUTE = timedelta(minutes=1)


def new(acme: Tenant, host: str = "a.example", minutes: int = 0) -> Callback:
    made = Callback(
        id=str(uuid4()), workspace_id=acme.workspace.id, client_id=acme.client.id, origin="room", kind="done",
        subject="7", url=f"http://{host}/", host=host, due_at=NOON + minutes * MINUTE, created_at=NOON,
    )  # fmt: skip
    acme.control.callbacks.add(made)
    return made


def claim(acme: Tenant, worker: str = "me", each: int = 9, minutes: int = 0) -> Callback | None:
    now = NOON + minutes * MINUTE
    return acme.control.callbacks.claim(worker, ["room"], now=now, lease_until=now + MINUTE, each=each)


def test_what_is_due_is_given_once_and_in_order(acme: Tenant) -> None:
    late, early, future = new(acme, minutes=-1), new(acme, minutes=-2), new(acme, minutes=5)
    taken = [claim(acme), claim(acme), claim(acme)]
    assert [each and each.id for each in taken] == [early.id, late.id, None]
    assert taken[0] == replace(early, state=CallbackState.SENDING, attempts=1)
    found = claim(acme, minutes=5)
    assert found is not None
    assert found.id == future.id
    assert acme.control.callbacks.claim("me", [], now=NOON, lease_until=NOON, each=9) is None


def test_many_who_ask_at_once_get_different_ones(acme: Tenant) -> None:
    made = [new(acme, f"{number}.example") for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        taken = [each for each in pool.map(lambda number: claim(acme, str(number)), range(25)) if each]
    assert sorted(each.id for each in taken) == sorted(each.id for each in made)


def test_one_host_gets_no_more_than_it_may_at_once(acme: Tenant) -> None:
    for _ in range(3):
        new(acme, "busy.example", -1)
    other = new(acme, "other.example")
    taken = [claim(acme, each=2) for _ in range(4)]
    assert [each and each.host for each in taken] == ["busy.example", "busy.example", "other.example", None]
    assert taken[2] is not None
    assert taken[2].id == other.id


def test_a_try_is_written_down_with_what_follows_once(acme: Tenant) -> None:
    new(acme)
    sent = claim(acme)
    assert sent is not None
    callbacks = acme.control.callbacks
    attempt = Attempt(at=NOON, milliseconds=3, address="192.0.2.1", status=500, answer="oh")
    assert callbacks.tried(sent, "me", attempt, CallbackState.WAITING, NOON, NOON + MINUTE)
    assert not callbacks.tried(sent, "me", attempt, CallbackState.DELIVERED, NOON, NOON)  # it is nobody's now
    found = callbacks.get(sent.workspace_id, sent.id)
    assert (found.state, found.due_at, found.ended_at) == (CallbackState.WAITING, NOON + MINUTE, None)
    assert callbacks.attempts(sent.workspace_id, sent.id) == [attempt, attempt]
    again = claim(acme, minutes=1)
    assert again is not None
    assert callbacks.tried(again, "me", attempt, CallbackState.DELIVERED, NOON + MINUTE, NOON)
    assert callbacks.get(sent.workspace_id, sent.id).ended_at == NOON + MINUTE
    assert callbacks.again(sent.workspace_id, sent.id, NOON)
    assert not callbacks.again(sent.workspace_id, sent.id, NOON)


def test_who_died_is_found_by_the_lease(acme: Tenant) -> None:
    new(acme)
    sent = claim(acme)
    callbacks = acme.control.callbacks
    assert callbacks.lapsed(NOON + MINUTE) == []
    assert callbacks.lapsed(NOON + 2 * MINUTE) == [(sent, "me")]
    callbacks.renew("me", NOON + 3 * MINUTE)
    assert callbacks.lapsed(NOON + 2 * MINUTE) == []


def test_what_is_over_is_forgotten_with_its_tries(acme: Tenant) -> None:
    new(acme)
    sent = claim(acme)
    assert sent is not None
    callbacks = acme.control.callbacks
    callbacks.tried(sent, "me", Attempt(at=NOON, milliseconds=1), CallbackState.GONE, NOON, NOON)
    kept = new(acme)
    assert callbacks.forget(NOON + MINUTE) == 1
    assert callbacks.attempts(sent.workspace_id, sent.id) == []
    assert [each.id for each in callbacks.list(acme.workspace.id)] == [kept.id]
    assert not callbacks.tried(sent, "me", Attempt(at=NOON, milliseconds=1), CallbackState.GONE, NOON, NOON)
    with pytest.raises(NotFound):
        callbacks.get(acme.workspace.id, sent.id)


def test_a_neighbours_is_unknown(acme: Tenant, control: Control) -> None:
    made = new(acme)
    with pytest.raises(NotFound):
        control.callbacks.get(acme.workspace.id + 1, made.id)
    assert control.callbacks.list(acme.workspace.id + 1) == []
    assert not control.callbacks.again(acme.workspace.id + 1, made.id, NOON)
