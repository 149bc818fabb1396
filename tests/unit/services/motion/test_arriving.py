"""What is accepted is in its place soon after, once; the audiences it matters to are asked, others are not."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from houselights.base.errors import InvalidInput, NotAllowed
from houselights.engine.values.names import EVENT_TYPE
from houselights.model.audience import Audience, Evaluation
from houselights.model.workspace import Workspace
from houselights.rules.tree import HasTrait, InAudience, Listed, Not, Rule, Where
from houselights.rules.values import (
    EVENTS,
    IDENTITIES,
    Call,
    Field,
    Input,
    Lambda,
    Literal,
    Member,
    Value,
    Variable,
)
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.motion.incoming import NewEvent, NewProfile, Who
from houselights.services.profiles import who_of
from tests.world import IDS


def path(*steps: str) -> Value:
    made: Value = Input()
    for step in steps:
        made = Field(made, step)
    return made


def city(name: str) -> Value:
    return Call("equal", (path("homeAddress", "city"), Literal(name)))


def did(kind: str) -> Value:
    return Call(
        "exists", (path(EVENTS), Lambda(("E",), Call("equal", (Field(Variable("E"), EVENT_TYPE), Literal(kind)))))
    )


@pytest.fixture
def audience(house: House, caller: Caller) -> Callable[..., Audience]:
    def make(name: str, rule: Rule | Value, evaluation: Evaluation = Evaluation.CONTINUOUS, **more: Any) -> Audience:
        tree = rule if isinstance(rule, Where | HasTrait | InAudience | Not | Listed) else Where(rule)
        return house.audiences.create(caller, name=name, description="", rule=tree, evaluation=evaluation, **more)

    return make


def members(house: House, workspace: Workspace, audience_id: int) -> set[str]:
    """Who is in an audience by its rule, by key."""
    snapshot = house.snapshots.newest(workspace.id)
    found = snapshot.evaluate(InAudience(audience_id), house.audiences.resolve(workspace))
    return {snapshot.key(int(person)) for person in found.ids()}


def recorded(house: House, workspace: Workspace, audience_id: int) -> set[str]:
    """Who is in an audience by the membership log, by key."""
    snapshot = house.snapshots.newest(workspace.id)
    return {snapshot.key(int(person)) for person in snapshot.leaves.listed(Listed(audience_id)).ids()}


def changes(house: House, caller: Caller, arrival_id: int) -> list[tuple[str, str]]:
    (found,) = house.profiles.arrivals(caller, [arrival_id])
    assert found.outcome is not None
    return [(each["action"], each["because"]) for each in found.outcome["changes"]]


def test_a_profile_is_laid_over_what_was_known(house: House, caller: Caller, workspace: Workspace) -> None:
    who = Who(key="ada")
    house.profiles.accept(caller, [NewProfile(who=who, attributes={"homeAddress": {"city": "Leeds"}})])
    assert house.applier.apply_all() == 1
    document = house.snapshots.newest(workspace.id).person(IDS["ada"]).document
    assert document["homeAddress"] == {"city": "Leeds", "country": "GB"}
    assert document["person"] == {"gender": "female"}
    house.profiles.accept(caller, [NewProfile(who=who, attributes={"homeAddress": {"city": None}, "person": None})])
    house.applier.apply_all()
    document = house.snapshots.newest(workspace.id).person(IDS["ada"]).document
    assert document["homeAddress"] == {"country": "GB"}
    assert "person" not in document
    assert house.snapshots.newest(workspace.id).index.people == 12


def test_a_new_person_is_found_by_key_and_by_identity(house: House, caller: Caller, workspace: Workspace) -> None:
    who = who_of("nia", {"email": ["Nia@Example.com"]}, "items[0]")
    house.profiles.accept(caller, [NewProfile(who=who, attributes={"homeAddress": {"city": "Accra"}})])
    again = who_of(None, {"email": [" nia@example.com"]}, "items[0]")
    at = datetime(2026, 11, 2, tzinfo=UTC)
    house.profiles.accept(caller, [NewEvent(who=again, time=at, type="buy")])
    house.profiles.accept(caller, [NewEvent(who=who_of(None, {"cookie": ["c-9"]}, "i"), time=at, type="open")])
    assert house.applier.apply_all() == 3
    snapshot = house.snapshots.newest(workspace.id)
    assert (snapshot.index.people, snapshot.generation.people) == (14, 14)
    nia = snapshot.person(12)
    assert (nia.key, nia.document["homeAddress"]) == ("nia", {"city": "Accra"})
    assert [event["eventType"] for event in nia.document[EVENTS]] == ["buy"]
    assert "email" in nia.document[IDENTITIES]
    assert snapshot.person(13).key == "cookie:c-9"
    people = snapshot.evaluate(HasTrait("gender", ("female",)), house.audiences.resolve(workspace))
    assert len(people) == 6


def test_only_audiences_that_could_change_are_asked(
    house: House, caller: Caller, workspace: Workspace, audience: Callable[..., Audience]
) -> None:
    leeds = audience("Leeds", city("Leeds"))
    buyers = audience("Buyers", did("buy"))
    audience("Women", HasTrait("gender", ("female",)))
    audience("Batch", city("Leeds"), Evaluation.BATCH)
    (one,) = house.profiles.accept(
        caller, [NewProfile(who=Who(key="ada"), attributes={"homeAddress": {"city": "Leeds"}})]
    )
    applied = house.applier.applying.apply(workspace)
    assert (applied.asked, [entry.audience_id for entry in applied.entries]) == (1, [leeds.id])
    assert changes(house, caller, one) == [("CREATE", "it looks at homeAddress.city, which changed")]
    assert recorded(house, workspace, leeds.id) == {"ada"}
    at = datetime(2026, 11, 2, tzinfo=UTC)
    house.profiles.accept(caller, [NewEvent(who=Who(key="ben"), time=at, type="open")])
    assert house.applier.applying.apply(workspace).asked == 0
    (two,) = house.profiles.accept(caller, [NewEvent(who=Who(key="ben"), time=at, type="buy")])
    assert house.applier.applying.apply(workspace).asked == 1
    assert changes(house, caller, two) == [("CREATE", "it looks at events such as buy")]
    assert recorded(house, workspace, buyers.id) == {"ben"} == members(house, workspace, buyers.id)


def test_leaving_is_recorded_and_the_same_profile_twice_changes_nothing(
    house: House, caller: Caller, workspace: Workspace, audience: Callable[..., Audience]
) -> None:
    leeds = audience("Leeds", city("Leeds"))
    there = NewProfile(who=Who(key="ada"), attributes={"homeAddress": {"city": "Leeds"}})
    for profile, asked, entries in [(there, 1, 1), (there, 0, 0)]:
        house.profiles.accept(caller, [profile])
        applied = house.applier.applying.apply(workspace)
        assert (applied.asked, len(applied.entries)) == (asked, entries)
    (gone,) = house.profiles.accept(
        caller, [NewProfile(who=Who(key="ada"), attributes={"homeAddress": {"city": "York"}})]
    )
    house.applier.apply_all()
    assert [action for action, _ in changes(house, caller, gone)] == ["DELETE"]
    assert recorded(house, workspace, leeds.id) == set()
    assert members(house, workspace, leeds.id) == {"ben", "cleo"}


def test_audiences_upon_audiences_follow(
    house: House, caller: Caller, workspace: Workspace, audience: Callable[..., Audience]
) -> None:
    leeds = audience("Leeds", city("Leeds"))
    elsewhere = audience("Elsewhere", Call("not", (Member(str(leeds.id)),)))
    listed = audience("Recorded", Listed(leeds.id))
    house.profiles.accept(caller, [NewProfile(who=Who(key="zoe"), attributes={"homeAddress": {"city": "Leeds"}})])
    house.applier.apply_all()
    assert recorded(house, workspace, leeds.id) == {"zoe"} == recorded(house, workspace, listed.id)
    house.profiles.accept(caller, [NewProfile(who=Who(key="zoe"), attributes={"homeAddress": {"city": "York"}})])
    house.applier.apply_all()
    assert recorded(house, workspace, leeds.id) == set() == recorded(house, workspace, listed.id)
    assert recorded(house, workspace, elsewhere.id) == {"zoe"}


def test_those_who_opted_out_are_no_members(
    house: House, caller: Caller, workspace: Workspace, audience: Callable[..., Audience]
) -> None:
    women = audience("Women", HasTrait("gender", ("female",)), exclude_opted_out=True)
    assert "dara" not in members(house, workspace, women.id)
    everybody = audience("All women", HasTrait("gender", ("female",)))
    assert members(house, workspace, everybody.id) - members(house, workspace, women.id) == {"dara"}
    house.profiles.accept(caller, [NewProfile(who=Who(key="ada"), attributes={"optOut": False})])
    house.applier.apply_all()
    assert recorded(house, workspace, women.id) == {"ada"}
    house.profiles.accept(caller, [NewProfile(who=Who(key="ada"), attributes={"optOut": True})])
    house.applier.apply_all()
    assert recorded(house, workspace, women.id) == set()
    assert "ada" not in members(house, workspace, women.id)


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({"homeAdress": {}}, "items[0].attributes.homeAdress"),
        ({"homeAddress": {"town": "x"}}, "items[0].attributes.homeAddress.town"),
        ({"homeAddress": {"city": 7}}, "items[0].attributes.homeAddress.city"),
        ({"homeAddress": "Leeds"}, "items[0].attributes.homeAddress"),
        ({"optOut": "yes"}, "items[0].attributes.optOut"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_place(
    house: House, caller: Caller, attributes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        house.profiles.accept(caller, [NewProfile(who=Who(key="ada"), attributes=attributes)])
    assert caught.value.field == field
    assert house.applier.apply_all() == 0


def test_who_may_not_bring_people_in_may_not_send_profiles(house: House, workspace: Workspace) -> None:
    nobody = Caller(client=None, workspace=workspace, scopes=frozenset({"audiences:read"}))
    with pytest.raises(NotAllowed):
        house.profiles.accept(nobody, [NewProfile(who=Who(key="ada"))])


def test_a_crash_before_publishing_leaves_nothing_twice(
    house: House, caller: Caller, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    house.profiles.accept(caller, [NewEvent(who=Who(key="ben"), time=at, type="buy")])
    house.profiles.accept(caller, [NewProfile(who=Who(key="nia"), attributes={"homeAddress": {"city": "Accra"}})])

    def crash(*_: object) -> None:
        raise RuntimeError("the machine went down")

    for _ in range(2):
        with monkeypatch.context() as patched:
            patched.setattr(type(house.control.generations), "publish", crash)
            with pytest.raises(RuntimeError):
                house.applier.applying.apply(workspace)
    assert house.applier.apply_all() == 2
    snapshot = house.snapshots.newest(workspace.id)
    assert len(snapshot.person(IDS["ben"]).document[EVENTS]) == 1
    assert (snapshot.person(12).key, snapshot.index.people) == ("nia", 13)


def test_over_http_an_entry_is_visible_soon(
    house: House, client: TestClient, workspace: Workspace, audience: Callable[..., Audience]
) -> None:
    leeds = audience("Leeds", city("Leeds"))
    sent = client.post("/v1/profiles", json={"key": "ada", "attributes": {"homeAddress": {"city": "Leeds"}}})
    deadline = time.monotonic() + 60  # how long it takes is measured by bench/streaming.py
    assert sent.status_code == 202, sent.text
    (arrival,) = sent.json()["arrivals"]
    while (found := client.get(f"/v1/arrivals/{arrival}").json())["generation"] is None:
        assert time.monotonic() < deadline, "nobody applied it"
        time.sleep(0.02)
    assert found["changes"] == [
        {"audience": str(leeds.id), "action": "CREATE", "because": "it looks at homeAddress.city, which changed"}
    ]
    assert recorded(house, workspace, leeds.id) == {"ada"}
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    batch = [{"identities": {"cookie": ["c-1"]}, "time": at, "type": "open"} for _ in range(3)]
    assert len(client.post("/v1/events", json={"items": batch}).json()["arrivals"]) == 3
    refused = client.post("/v1/events", json={"key": "ada", "time": at, "type": "open", "attributes": {"x": 1}})
    assert (refused.status_code, refused.json()["field"]) == (422, "items[0].attributes.x")


def test_after_many_batches_there_are_few_files_and_few_generations(
    house: House, caller: Caller, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("houselights.services.motion.apply.TIDY_EVERY", 5)
    monkeypatch.setattr("houselights.services.imports.tidy.READING_SPAN", timedelta(0))
    at = datetime(2026, 11, 2, tzinfo=UTC)
    for turn in range(9):
        house.profiles.accept(caller, [NewEvent(who=Who(key="ben"), time=at + timedelta(hours=-turn), type="buy")])
        house.profiles.accept(caller, [NewProfile(who=Who(key="ada"), attributes={"homeAddress": {"city": str(turn)}})])
        house.applier.apply_all()
    snapshot = house.snapshots.newest(workspace.id)
    times = [event["timestamp"] for event in snapshot.person(IDS["ben"]).document[EVENTS]]
    assert times == sorted(times)
    assert len(times) == 9
    assert snapshot.person(IDS["ada"]).document["homeAddress"]["city"] == "8"
    events = snapshot.generation.tables["events"]
    assert len(house.lake.files(workspace.id, "events", events)) == 1
    assert [each.number for each in house.control.generations.list(workspace.id)] == [10, 9, 1]
