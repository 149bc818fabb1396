"""An audience is built and a real receiver hears of it: the same body as reading it, signed; nobody inside does."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from houselights.base.callback_settings import CallbackSettings
from houselights.model.callback import Callback, CallbackState
from houselights.services.callbacks.sender import Sender
from houselights.services.callbacks.wiring import calling
from houselights.services.imports.parts import Parts
from tests.apis.statsocial.conftest import Speaker, Stage
from tests.receiving import Says, receiver

WOMEN = {"operation": "OR", "gender": {"genders": ["female"]}}
Asked = Callable[[str], Any]


@pytest.fixture
def sender(stage: Stage) -> Iterator[Sender]:
    """What sends callbacks where the operator allows this machine. What others left is sent before, to nobody."""
    house = stage.house
    house.callback_sender.send_all()
    settings = replace(house.settings, callbacks=CallbackSettings(hosts=frozenset({"127.0.0.1"})))
    parts = Parts(settings=settings, control=house.control, lake=house.lake, clock=house.clock)
    made = calling(parts, house.audit)
    made.callbacks.bodies = house.callbacks.bodies
    yield made.sender
    house.callback_sender.send_all()


def without_links(audience: Any) -> Any:
    outputs = [{**each, "url": bool(each["url"]), "expires_at": None} for each in audience["outputs"]]
    return {**audience, "outputs": outputs}


def callbacks_of(stage: Stage, audience: Any) -> list[Callback]:
    return [each for each in stage.house.callbacks.list(stage.operator) if each.subject == str(audience["id"])]


@pytest.mark.covers("callback")
def test_the_receiver_gets_what_reading_the_audience_answers(client: Speaker, stage: Stage, sender: Sender) -> None:
    with receiver() as there:
        audience = client.audience(WOMEN, callback_url=there.url, outputs=["md5"])
        assert there.received == []
        assert sender.send_all() == 1
    [request] = there.received
    secret = stage.house.callbacks.secret(stage.operator, client.number)
    content = Webhook(secret).verify(request.body, dict(request.headers))
    assert set(content) == {"response", "information"}
    told = content["response"]
    assert told["status"] == "completed"
    assert without_links(told) == without_links(client.told("GET", f"/audiences/{audience['id']}"))
    link = next(each["url"] for each in told["outputs"] if each["type"] == "md5")
    ids = client.http.get(link.removeprefix(stage.house.settings.base_url)).text.splitlines()
    assert len(ids) == next(each["count"] for each in told["outputs"] if each["type"] == "md5")
    assert [each.state for each in callbacks_of(stage, audience)] == [CallbackState.DELIVERED]


@pytest.mark.covers("callback")
def test_a_receiver_that_is_not_ready_hears_of_it_later(client: Speaker, stage: Stage, sender: Sender) -> None:
    with receiver(Says(503), Says(200)) as there:
        audience = client.audience(WOMEN, callback_url=there.url)
        sender.send_all()
        [waiting] = callbacks_of(stage, audience)
        assert waiting.state is CallbackState.WAITING
        client.told("PATCH", f"/audiences/{audience['id']}", {"name": "Another name"})
        with stage.house.control.transaction() as conn:
            conn.exec_driver_sql("UPDATE callback SET due_at = created_at")
        sender.send_all()
    assert b'"Another name"' in there.received[1].body  # what is told is what is so when it is told
    assert there.received[0].headers["webhook-id"] == there.received[1].headers["webhook-id"]


@pytest.mark.covers("callback")
def test_a_failure_is_told_too(client: Speaker, stage: Stage, sender: Sender) -> None:
    with receiver() as there:
        made = client.told(
            "POST", "/audiences", {"audience": {"name": "n"}, "parameters": [WOMEN], "callback_url": there.url}
        )
        build = stage.house.control.builds.get(stage.workspace.id, made["id"])
        stage.house.build_worker._work.fail(build, None, "the roof fell in")
        sender.send_all()
    assert b'"status":"failed"' in there.received[0].body
    assert b"the roof fell in" in there.received[0].body


@pytest.mark.covers("callback-guard")
def test_the_seeds_own_address_is_taken_and_refused_when_it_is_to_be_called(client: Speaker, stage: Stage) -> None:
    audience = client.audience(WOMEN, callback_url="http://localhost:8080")
    assert audience["callback_url"] == "http://localhost:8080"
    stage.house.callback_sender.send_all()
    assert [each.state for each in callbacks_of(stage, audience)] == [CallbackState.REFUSED]


@pytest.mark.covers("callback-guard")
@pytest.mark.parametrize("url", ["ftp://example.com/", "http://user:pass@example.com/", "http://", "http://a:99999/"])
def test_what_is_no_address_is_refused_at_once(client: Speaker, url: str) -> None:
    body = {"audience": {"name": "n"}, "parameters": [WOMEN], "callback_url": url}
    assert client.refused("POST", "/audiences", body)["errors"][0]["field"] == "callback_url"


@pytest.mark.covers("callback")
def test_nothing_is_told_of_an_audience_that_is_deleted(client: Speaker, stage: Stage, sender: Sender) -> None:
    with receiver() as there:
        audience = client.audience(WOMEN, callback_url=there.url)
        client.told("DELETE", f"/audiences/{audience['id']}")
        sender.send_all()
        assert there.received == []
    assert [each.state for each in callbacks_of(stage, audience)] == [CallbackState.FAILED]
