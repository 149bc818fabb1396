"""Callbacks on their way to a real receiver: taken, refused, slow, gone, redirected, renamed on the way."""

import json
import ssl
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network
from threading import Event

import pytest
import trustme
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from houselights.base.callback_settings import CallbackSettings
from houselights.base.errors import Conflict, NotAllowed, NotFound
from houselights.model.callback import Callback, CallbackState
from houselights.services.callbacks.addresses import Addresses
from houselights.services.callbacks.post import Poster
from houselights.services.callbacks.sending import Sending
from houselights.services.caller import Caller
from tests.receiving import Says, receiver, until
from tests.unit.services.callbacks.conftest import FAST, ROOM, Desk, body

Desks = Callable[..., Desk]
WAITING, DELIVERED, FAILED = CallbackState.WAITING, CallbackState.DELIVERED, CallbackState.FAILED


def test_a_receiver_gets_the_body_signed_as_its_library_checks_it(desk: Desk) -> None:
    with receiver() as there:
        callback_id = desk.ask(there.url)
        assert desk.send() == 1
    [request] = there.received
    assert (request.method, request.path, request.body) == ("POST", "/hook?from=us", b'{"subject":"7"}')
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == f"127.0.0.1:{there.port}"
    assert request.headers["webhook-id"] == callback_id
    found = desk.read(callback_id)
    assert (found.callback.state, found.callback.ended_at) == (DELIVERED, desk.clock.now())
    [attempt] = found.attempts
    assert (attempt.status, attempt.address, attempt.error, attempt.answer) == (200, "127.0.0.1", None, "thank you")
    assert desk.send() == 0


def test_the_signature_is_that_of_standard_webhooks(desk: Desk) -> None:
    desk.clock.time = desk.clock.time.now(desk.clock.time.tzinfo)  # the library refuses what is not of this minute
    with receiver() as there:
        desk.ask(there.url)
        desk.send()
    request, secret = there.received[0], desk.calling.callbacks.secret(desk.caller)
    assert Webhook(secret).verify(request.body, dict(request.headers)) == {"subject": "7"}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(request.body + b" ", dict(request.headers))
    other = desk.calling.callbacks.secret(desk.operator)
    assert other != secret
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(request.body, dict(request.headers))
    assert desk.calling.callbacks.secret(desk.operator, desk.client.id) == secret
    with pytest.raises(NotAllowed):
        desk.calling.callbacks.secret(desk.caller, desk.client.id + 1)


def test_what_fails_twice_is_tried_again_later_and_then_taken(desk: Desk) -> None:
    with receiver(Says(500, b"oh"), Says(503), Says(204, b"")) as there:
        callback_id = desk.ask(there.url)
        assert desk.send() == 1
        first = desk.read(callback_id).callback
        assert first.state is WAITING
        pause = (first.due_at - desk.clock.now()).total_seconds()
        assert FAST.first_seconds * 0.75 <= pause <= FAST.first_seconds * 1.25
        assert desk.send() == 0  # it is not due yet
        desk.clock.pass_(seconds=pause)
        assert desk.send() == 1
        longer = (desk.read(callback_id).callback.due_at - desk.clock.now()).total_seconds()
        assert FAST.first_seconds * 3 <= longer <= FAST.first_seconds * 5
        desk.clock.pass_(seconds=longer)
        assert desk.send() == 1
    found = desk.read(callback_id)
    assert found.callback.state is DELIVERED
    assert [each.status for each in found.attempts] == [500, 503, 204]
    assert {each.headers["webhook-id"] for each in there.received} == {callback_id}


def test_a_receiver_that_is_down_is_given_up_after_hours(desk: Desk) -> None:
    with receiver() as there:
        pass
    callback_id, began = desk.ask(there.url), desk.clock.now()
    for _ in range(FAST.attempts):
        desk.clock.time = max(desk.clock.now(), desk.read(callback_id).callback.due_at)
        assert desk.send() == 1
    found = desk.read(callback_id)
    assert found.callback.state is FAILED
    assert len(found.attempts) == FAST.attempts
    assert all("no connection" in (each.error or "") and each.status is None for each in found.attempts)
    assert 12 <= (desk.clock.now() - began).total_seconds() / 3600 <= 30
    desk.clock.pass_(days=3)
    assert desk.send() == 0


def test_a_receiver_that_wants_no_more_gets_no_more(desk: Desk) -> None:
    with receiver(Says(410)) as there:
        callback_id = desk.ask(there.url)
        desk.send()
    assert desk.read(callback_id).callback.state is CallbackState.GONE


def test_a_receiver_may_ask_for_time(desk: Desk) -> None:
    with receiver(Says(429, headers={"Retry-After": "1800"}), Says(503, headers={"Retry-After": "999999"})) as there:
        callback_id = desk.ask(there.url)
        desk.send()
        due = desk.read(callback_id).callback.due_at
        assert (due - desk.clock.now()).total_seconds() == 1800
        desk.clock.time = due
        desk.send()
        assert (desk.read(callback_id).callback.due_at - due).total_seconds() == FAST.longest_seconds


def test_a_receiver_that_trickles_is_cut_off(desks: Desks) -> None:
    desk = desks(replace(FAST, timeout_seconds=0.5))
    with receiver(Says(body=b"x" * 1000, trickle_seconds=0.1)) as there:
        callback_id = desk.ask(there.url)
        desk.send()
    [attempt] = desk.read(callback_id).attempts
    assert attempt.error == "no answer within 0.5 seconds"
    assert 400 <= attempt.milliseconds < 20_000


def test_a_receiver_that_never_answers_is_cut_off(desks: Desks) -> None:
    desk, over = desks(replace(FAST, timeout_seconds=0.5)), Event()
    with receiver(hold=lambda: over.wait(30) and None) as there:
        callback_id = desk.ask(there.url)
        desk.send()
        over.set()
    assert desk.read(callback_id).attempts[0].error == "no answer within 0.5 seconds"


def test_a_long_answer_is_not_read_to_its_end(desk: Desk) -> None:
    with receiver(Says(200, b"\x00y" * 5_000_000)) as there:
        callback_id = desk.ask(there.url)
        desk.send()
    [attempt] = desk.read(callback_id).attempts
    assert attempt.answer == "�y" * (FAST.answer_bytes // 2)
    assert desk.read(callback_id).callback.state is DELIVERED


def test_redirects_are_not_followed(desk: Desk) -> None:
    with receiver() as inner, receiver(Says(307, headers={"Location": inner.url})) as there:
        callback_id = desk.ask(there.url)
        desk.send()
        assert inner.received == []
    found = desk.read(callback_id)
    assert found.callback.state is WAITING
    assert (found.attempts[0].status, found.attempts[0].error) == (
        307, "redirects are not followed; name the address it leads to",
    )  # fmt: skip


def test_an_address_inside_is_refused_and_nothing_is_sent(desks: Desks) -> None:
    desk = desks(CallbackSettings())
    with receiver() as there:
        callback_id = desk.ask(there.url)
        desk.send()
        assert there.received == []
    found = desk.read(callback_id)
    assert found.callback.state is CallbackState.REFUSED
    assert found.attempts[0].error == "127.0.0.1 is not a public address; an operator can allow it"
    desk.clock.pass_(days=1)
    assert desk.send() == 0


def test_a_name_that_changes_its_meaning_leads_nowhere_else(desks: Desks) -> None:
    """The first answer is allowed; whoever asked a second time would be told another address and call that."""
    desk = desks(CallbackSettings(networks=(ip_network("127.0.0.1/32"),)))
    with receiver() as there, receiver() as other:
        desk.names["rebind.example"] = [["127.0.0.1"], ["127.0.0.2"], ["10.0.0.1"]]
        callback_id = desk.ask(f"http://rebind.example:{there.port}/")
        desk.send()
        assert desk.read(callback_id).callback.state is DELIVERED
        assert there.received[0].headers["host"] == f"rebind.example:{there.port}"
        assert len(desk.names["rebind.example"]) == 2  # it was asked for once
        again = desk.ask(f"http://rebind.example:{other.port}/")
        desk.send()
        assert desk.read(again).callback.state is CallbackState.REFUSED
        assert other.received == []


def test_the_next_address_is_tried_where_nobody_listens(desks: Desks) -> None:
    desk = desks(CallbackSettings(networks=(ip_network("127.0.0.0/8"),)))
    with receiver() as there:
        desk.names["two.example"] = [["127.0.0.9", "127.0.0.1"]]
        callback_id = desk.ask(f"http://two.example:{there.port}/")
        desk.send()
    assert desk.read(callback_id).attempts[0].address == "127.0.0.1"


def test_a_proxy_of_the_environment_is_not_used(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as proxy, receiver() as there:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        desk.ask(there.url)
        desk.send()
        assert (len(proxy.received), len(there.received)) == (0, 1)


def test_tls_checks_the_name_and_not_the_address(desk: Desk) -> None:
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("hooks.example").configure_cert(server)
    authority.configure_trust(client)
    settings = CallbackSettings(networks=(ip_network("127.0.0.1/32"),))
    desk.names |= {"hooks.example": [["127.0.0.1"]], "others.example": [["127.0.0.1"]]}
    addresses = Addresses(settings, desk.resolve)
    poster = Poster(5.0, 100, client)
    sending = Sending(desk.control, desk.calling.callbacks, desk.clock, addresses, poster, settings)
    with receiver(tls=server) as there:
        for name in ("hooks.example", "others.example"):
            callback_id = desk.ask(f"https://{name}:{there.port}/")
            claimed = desk.control.callbacks.claim(
                "me", [ROOM], now=desk.clock.now(), lease_until=desk.clock.now(), each=4
            )
            assert claimed is not None
            sending.send(claimed, "me")
            found = desk.read(callback_id)
            assert (found.callback.state is DELIVERED) == (name == "hooks.example"), found.attempts
    assert "certificate" in (found.attempts[0].error or "")


def test_what_there_is_nothing_to_tell_of_ends(desk: Desk) -> None:
    def gone(caller: Caller, callback: Callback) -> bytes:
        raise NotFound("no audience 7")

    with receiver() as there:
        callback_id = desk.ask(there.url)
        desk.calling.callbacks.write_bodies(ROOM, gone)
        desk.send()
        assert there.received == []
    found = desk.read(callback_id)
    assert (found.callback.state, found.attempts[0].error) == (
        FAILED, "there is nothing to tell any more: no audience 7",
    )  # fmt: skip


def test_a_client_that_was_turned_away_is_told_nothing(desk: Desk) -> None:
    with receiver() as there:
        callback_id = desk.ask(there.url)
        desk.control.clients.disable(desk.workspace.id, desk.client.id)
        desk.send()
        assert there.received == []
    assert desk.calling.callbacks.get(desk.operator, callback_id).callback.state is FAILED


def test_a_fault_of_ours_is_tried_again(desk: Desk) -> None:
    def broken(caller: Caller, callback: Callback) -> bytes:
        raise RuntimeError("secret detail")

    with receiver() as there:
        callback_id = desk.ask(there.url)
        desk.calling.callbacks.write_bodies(ROOM, broken)
        desk.send()
        assert "secret" not in (desk.read(callback_id).attempts[0].error or "")
        desk.calling.callbacks.write_bodies(ROOM, body)
        desk.clock.pass_(minutes=1)
        desk.send()
    assert desk.read(callback_id).callback.state is DELIVERED


def test_operators_deliver_again_what_is_over(desks: Desks) -> None:
    desk = desks(replace(FAST, attempts=1))
    with receiver(Says(500), Says(200)) as there:
        callback_id = desk.ask(there.url)
        with pytest.raises(Conflict):
            desk.calling.callbacks.redeliver(desk.operator, callback_id)
        desk.send()
        assert desk.read(callback_id).callback.state is FAILED
        with pytest.raises(NotAllowed):
            desk.calling.callbacks.redeliver(desk.caller, callback_id)
        with pytest.raises(NotFound):
            desk.calling.callbacks.redeliver(desk.operator, "none")
        assert desk.calling.callbacks.redeliver(desk.operator, callback_id).callback.state is WAITING
        desk.send()
    found = desk.read(callback_id)
    assert (found.callback.state, [each.status for each in found.attempts]) == (DELIVERED, [500, 200])


def test_what_a_dead_process_was_sending_is_sent_again(desks: Desks) -> None:
    desk = desks(replace(FAST, lease_seconds=60))
    with receiver() as there:
        callback_id = desk.ask(there.url)
        now = desk.clock.now()
        claimed = desk.control.callbacks.claim("dead", [ROOM], now=now, lease_until=now, each=4)
        assert claimed is not None
        assert desk.send() == 0  # its lease has not ended before now
        desk.clock.pass_(seconds=1)
        assert desk.send() == 0  # it waits like any that failed
        desk.clock.pass_(minutes=1)
        assert desk.send() == 1
    found = desk.read(callback_id)
    assert found.callback.state is DELIVERED
    assert [each.error for each in found.attempts] == [
        "the server ended before an answer came; the receiver may have it", None,
    ]  # fmt: skip


def test_threads_send_no_more_at_once_than_they_may_and_each_once(desks: Desks) -> None:
    desk = desks(replace(FAST, parallel=4, each_host=3))
    both = desk.another(replace(FAST, parallel=4, each_host=3)), desk.calling
    with receiver(hold=lambda: Event().wait(0.05) and None) as there:
        asked = [desk.ask(there.url, str(number)) for number in range(24)]
        for each in both:
            each.sender.start()
        until(lambda: all(desk.read(each).callback.state is DELIVERED for each in asked))
        for each in both:
            each.sender.stop()
    assert sorted(int(json.loads(each.body)["subject"]) for each in there.received) == list(range(24))
    assert 2 <= there.most_at_once <= 3


def test_clients_see_their_own(desk: Desk) -> None:
    with receiver() as there:
        asked = [desk.ask(there.url, str(number)) for number in range(5)]
        desk.send()
    callbacks = desk.calling.callbacks
    assert [each.id for each in callbacks.list(desk.caller)] == asked[::-1]
    page = callbacks.list(desk.caller, limit=2)
    assert [each.id for each in callbacks.list(desk.caller, before=page[-1].id)] == asked[2::-1]
    assert callbacks.list(desk.caller, states=[WAITING]) == []
    stranger = replace(desk.caller, client=replace(desk.client, id=desk.client.id + 1))
    assert callbacks.list(stranger) == []
    with pytest.raises(NotFound):
        callbacks.get(stranger, asked[0])
    assert len(callbacks.list(desk.operator)) == 5
    assert desk.control.callbacks.forget(desk.clock.now()) == 0
    desk.clock.pass_(days=91)
    assert desk.control.callbacks.forget(desk.clock.now()) == 5
    assert callbacks.list(desk.operator) == []


KILLED = """
import sys
from pathlib import Path
from houselights.base.callback_settings import CallbackSettings
from houselights.base.settings import Settings
from houselights.services.audit import Audit
from houselights.services.callbacks.wiring import calling
from houselights.services.imports.parts import Parts
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake

callbacks = CallbackSettings(hosts=frozenset({"127.0.0.1"}), lease_seconds=0.1)
settings = Settings(data=Path(sys.argv[1]), callbacks=callbacks)
control = Control.open(settings.database_url)
parts = Parts(settings=settings, control=control, lake=Lake(settings.lake_url), clock=settings.clock)
made = calling(parts, Audit(control))
made.callbacks.write_bodies("a room", lambda caller, callback: b"{}")
made.sender.send_all()
"""


def test_a_process_killed_while_it_sends_loses_nothing(desk: Desk) -> None:
    desk.clock.time = desk.clock.time.now(desk.clock.time.tzinfo)
    hold = Event()
    with receiver(hold=lambda: hold.wait(30) and None) as there:
        callback_id = desk.ask(there.url)
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(desk.parts.settings.data)])
        until(lambda: len(there.received) == 1, 60)
        assert desk.read(callback_id).callback.state is CallbackState.SENDING
        process.kill()
        process.wait()
        hold.set()
        desk.clock.pass_(hours=1)
        desk.send()  # finds that it died
        desk.clock.pass_(hours=1)
        assert desk.send() == 1
    assert desk.read(callback_id).callback.state is DELIVERED
    assert [each.headers["webhook-id"] for each in there.received] == [callback_id] * 2
