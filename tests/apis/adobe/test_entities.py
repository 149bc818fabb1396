"""`/access/entities`: profiles and their events, by identity or by id."""

import pytest

from houselights.apis.adobe.profiles import key_of, xid_of
from tests.apis.adobe.conftest import Speaker

PROFILE, EVENT = "_xdm.context.profile", "_xdm.context.experienceevent"


@pytest.mark.covers("entities")
@pytest.mark.parametrize(
    ("namespace", "value"),
    [("email", "ada@example.com"), ("Email", "ADA@example.com"), ("", xid_of("ada"))],
)
def test_a_profile_is_found_by_an_identity_or_its_id(twelve: Speaker, namespace: str, value: str) -> None:
    query = {"schema.name": PROFILE, "entityId": value, "entityIdNS": namespace}
    told = twelve.told("GET", "/access/entities", params=query)
    assert list(told) == [xid_of("ada")]
    entity = told[xid_of("ada")]["entity"]
    assert entity["person"]["birthDate"] == "1992-03-14"
    assert entity["scores"] == {"churn": 0.1, "spend": 0.9}
    assert len(entity["identityMap"]["email"]) >= 3


@pytest.mark.covers("entities")
def test_only_the_fields_asked_for_are_shown(twelve: Speaker) -> None:
    query = {"schema.name": PROFILE, "entityId": "ada@example.com", "entityIdNS": "email", "fields": "plan,person.age"}
    told = twelve.told("GET", "/access/entities", params=query)[xid_of("ada")]
    assert told["entity"] == {"plan": "trial", "person": {"age": 34}}


@pytest.mark.covers("entities")
def test_events_of_a_profile_come_in_order(twelve: Speaker) -> None:
    query = {"schema.name": EVENT, "relatedEntityId": "ben@example.com", "relatedEntityIdNS": "email"}
    told = twelve.told("GET", "/access/entities", params=query)
    assert told["_page"]["totalCount"] == len(told["children"]) == 7
    times = [each["timestamp"] for each in told["children"]]
    assert times == sorted(times)
    last = twelve.told("GET", "/access/entities", params={**query, "limit": 1, "orderby": "-timestamp"})
    assert last["children"][0]["entity"]["eventType"] == "directMarketing.emailClicked"
    since = twelve.told("GET", "/access/entities", params={**query, "startTime": times[-2]})
    assert len(since["children"]) == 2


@pytest.mark.covers("entities")
def test_several_profiles_at_once(twelve: Speaker) -> None:
    identities = [
        {"entityId": "ada@example.com", "entityIdNS": {"code": "email"}},
        {"entityId": "K-10", "entityIdNS": {"code": "external_user_id"}},
        {"entityId": "nobody@example.com", "entityIdNS": {"code": "email"}},
    ]
    told = twelve.told("POST", "/access/entities", {"schema": {"name": PROFILE}, "identities": identities})
    assert set(told) == {xid_of("ada"), xid_of("kofi")}


@pytest.mark.covers("entities")
def test_nobodys_and_everybodys_identity_is_not_found(twelve: Speaker) -> None:
    shared = "6d1b6f3e-0000-4000-8000-00000000beef"  # the tablet of two people
    for namespace, value in (("email", "nobody@example.com"), ("maid", shared), ("", "Azzz"), ("", "ada")):
        query = {"schema.name": PROFILE, "entityId": value, "entityIdNS": namespace}
        twelve.refused("GET", "/access/entities", status=404, params=query)
    assert twelve.refused("GET", "/access/entities?schema.name=x", status=400)["field"] == "schema.name"


@pytest.mark.parametrize("key", ["ada", "", "ключ", "a/b+c"])
def test_a_key_comes_back_from_its_id(key: str) -> None:
    assert key_of(xid_of(key)) == key


@pytest.mark.covers("entities", "errors")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"schema": "x"}, "schema.name"),
        ({"schema": {"name": "x"}}, "schema.name"),
        ({"identities": "x"}, "identities"),
        ({"identities": [{}]}, "identities[0].entityId"),
        ({"identities": [{"entityId": "a", "entityIdNS": 5}]}, "identities[0].entityIdNS"),
        ({"identities": [{"entityId": "a", "entityIdNS": {"code": 5}}]}, "identities[0].entityIdNS"),
        ({"fields": 5}, "fields"),
        ({"mergePolicyId": "none"}, "mergePolicyId"),
        ({"fields": [5]}, "fields"),
    ],
)
def test_a_body_that_means_nothing_is_refused(twelve: Speaker, change: dict[str, object], field: str) -> None:
    asked = {"identities": [{"entityId": "ada@example.com", "entityIdNS": {"code": "email"}}], **change}
    assert twelve.refused("POST", "/access/entities", asked, status=400)["field"] == field


@pytest.mark.covers("entities")
@pytest.mark.parametrize("fields", ["plan,person.age", ["plan", "person.age"]])
def test_fields_are_a_list_or_text(twelve: Speaker, fields: object) -> None:
    asked = {"identities": [{"entityId": "ada@example.com", "entityIdNS": "email"}], "fields": fields}
    told = twelve.told("POST", "/access/entities", asked)
    assert told[xid_of("ada")]["entity"] == {"plan": "trial", "person": {"age": 34}}


@pytest.mark.covers("entities", "tenancy")
def test_what_was_recorded_of_memberships_is_shown(twelve: Speaker) -> None:
    def evaluated(audience_id: str) -> None:
        job = twelve.told("POST", "/segment/jobs", [{"segmentId": audience_id}])
        assert twelve.settled(f"/segment/jobs/{job['id']}", "status")["status"] == "SUCCEEDED"

    def standings(key: str) -> dict[str, str]:
        query = {"schema.name": PROFILE, "entityId": xid_of(key), "fields": "segmentMembership"}
        told = twelve.told("GET", "/access/entities", params=query)[xid_of(key)]["entity"]
        assert all(each["lastQualificationTime"].endswith("Z") for each in told["segmentMembership"]["ups"].values())
        return {name: each["status"] for name, each in told["segmentMembership"]["ups"].items()}

    ruled = twelve.audience('plan = "trial"', "Trials on record")["id"]
    uploaded = twelve.told("POST", "/audiences", {"name": "Uploaded on record", "type": "ExternalSegment"})["id"]
    assert standings("ada") == {}
    evaluated(ruled)
    given = [{"namespace": "email", "id": "ada@example.com"}]
    twelve.told("POST", f"/audiences/{uploaded}/members", given)
    assert standings("ada") == {ruled: "realized", uploaded: "realized"}
    assert standings("ben") == {}
    for name in (ruled, uploaded):
        status = f'segmentMembership.get("ups").get("{name}").status'
        assert twelve.size(f'_id = "ada" and {status} = "realized"') == 1
    twelve.told("PATCH", f"/audiences/{ruled}", [{"op": "add", "path": "/expression/value", "value": 'plan = "none"'}])
    evaluated(ruled)
    assert standings("ada") == {ruled: "exited", uploaded: "realized"}
    assert twelve.send("DELETE", f"/audiences/{ruled}").status_code == 204
    assert standings("ada") == {uploaded: "realized"}
