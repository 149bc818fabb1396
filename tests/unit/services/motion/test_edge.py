"""One person at once: the same answer as for everybody, whoever the person is."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from houselights.base.errors import NotAllowed, NotFound
from houselights.model.audience import Audience, Evaluation
from houselights.model.workspace import Workspace
from houselights.rules.tree import HasTrait
from houselights.rules.values import Call, Member
from houselights.services.caller import Caller
from houselights.services.edge import Arriving
from houselights.services.house import House
from tests.unit.services.motion.test_arriving import audience, city, members

__all__ = ["audience"]
Make = Callable[..., Audience]


def test_somebody_known_is_in_what_the_audience_says(house: House, caller: Caller, workspace: Workspace) -> None:
    for key in ("ada", "dara", "jo"):
        answer = house.edge.known(caller, key, [9001, 9002, 9003, 9004, 9005])
        for audience_id, is_member in answer.members.items():
            assert is_member == (key in members(house, workspace, audience_id)), (key, audience_id)
    with pytest.raises(NotFound):
        house.edge.known(caller, "nobody", [9001])


def test_a_profile_that_arrives(house: House, caller: Caller, audience: Make) -> None:
    leeds = audience("Leeds", city("Leeds"), Evaluation.SYNCHRONOUS)
    other = audience("Not Leeds", Call("not", (Member(str(leeds.id)),)), Evaluation.SYNCHRONOUS)
    audience("York", city("York"), Evaluation.BATCH)
    there = Arriving(attributes={"homeAddress": {"city": "Leeds"}, "unheard": "of"})
    assert house.edge.arriving(caller, there).members == {leeds.id: True, other.id: False}
    assert house.edge.arriving(caller, Arriving(), [leeds.id, other.id]).members == {leeds.id: False, other.id: True}


def test_a_changed_audience_is_noticed(
    house: House, caller: Caller, audience: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("houselights.services.edge.LOOK_SECONDS", 0.0)
    leeds = audience("Leeds", city("Leeds"), Evaluation.SYNCHRONOUS)
    there = Arriving(attributes={"homeAddress": {"city": "Leeds"}})
    assert house.edge.arriving(caller, there).members == {leeds.id: True}
    house.audiences.update(caller, leeds.id, rule=HasTrait("gender", ("female",)))
    assert house.edge.arriving(caller, there).members == {leeds.id: False}
    house.audiences.archive(caller, leeds.id)
    assert house.edge.arriving(caller, there).members == {}
    with pytest.raises(NotFound):
        house.edge.arriving(caller, there, [leeds.id])


def test_a_membership_test_of_somebody_known_needs_exact_counts(house: House, partner: Caller) -> None:
    with pytest.raises(NotAllowed):
        house.edge.known(partner, "ada", [9001])


def test_over_http(client: TestClient, house: House, audience: Make) -> None:
    leeds = audience("Leeds", city("Leeds"))
    body = {"profile": {"key": "x", "attributes": {"homeAddress": {"city": "Leeds"}}}, "audiences": [str(leeds.id)]}
    answer = client.post("/v1/evaluate", json=body)
    assert answer.json()["results"] == [{"audience": str(leeds.id), "member": True}]
    known = client.post("/v1/evaluate", json={"person": "ada", "audiences": ["9001", str(leeds.id)]}).json()
    assert [each["member"] for each in known["results"]] == [True, False]
    assert client.post("/v1/evaluate", json={"person": "ada", "profile": {}}).status_code == 422
    run = client.post("/v1/evaluations", json={"audiences": [str(leeds.id)]})
    assert run.status_code == 202
    assert client.get("/v1/evaluations/schedule").status_code == 404
    assert client.put("/v1/evaluations/schedule", json={"minute": 5}).json()["enabled"] is True
    assert client.get("/v1/evaluations/schedule").json()["minute"] == 5
    house.scheduler.work()
    found = client.get(run.headers["Location"]).json()
    assert found["state"] in ("succeeded", "running")
    assert len(client.get("/v1/evaluations").json()) == 1
