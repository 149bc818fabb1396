"""Audiences grown over our own API: a planted group, since the twelve are too few to learn from."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from houselights.engine.plain import Person
from houselights.model.catalogue import Catalogue, Facet, Trait
from houselights.model.workspace import Workspace
from houselights.services.house import House
from tests.settle import publish

PEOPLE, GROUPS, EACH = 900, 3, 10


@pytest.fixture
def grown(house: House, workspace: Workspace) -> dict[int, int]:
    """Three groups whose members are alike, in place of the twelve; return the group of each person."""
    random = np.random.default_rng(12)
    group = random.integers(0, GROUPS, PEOPLE)
    traits = GROUPS * EACH
    likely = np.full((GROUPS, traits), 0.1)
    for each in range(GROUPS):
        likely[each, each * EACH : (each + 1) * EACH] = 0.5
    carried = random.random((PEOPLE, traits)) < likely[group]
    facets = [Facet(key="likes", name="Likes", multi=True), Facet(key="asked", name="Asked")]
    known = [Trait(id=i, facet="likes", key=str(i), name=f"Thing {i}", path=(f"Thing {i}",)) for i in range(traits)]
    known.append(Trait(id=traits, facet="asked", key="yes", name="Yes", path=("Yes",)))
    people = [
        Person(
            id=person,
            key=f"p{person}",
            traits={
                "likes": frozenset(str(each) for each in np.flatnonzero(carried[person])),
                "asked": frozenset({"yes"} if group[person] == 1 and person % 2 else ()),
            },
        )
        for person in range(PEOPLE)
    ]
    publish(house, workspace, Catalogue(facets, known), people, measures=False)
    house.snapshots.forget(workspace.id)
    return dict(enumerate(group.tolist()))


def told(reply: Any, status: int = 200) -> Any:
    assert reply.status_code == status, reply.text
    return reply.json()


@pytest.fixture
def seed(client: TestClient, grown: dict[int, int]) -> str:
    rule = {"trait": {"facet": "asked", "any_of": ["yes"]}}
    return str(told(client.post("/v1/audiences", json={"name": "Asked", "rule": rule}), 201)["id"])


def finished(client: TestClient, begun: Any) -> Any:
    """Wait for the worker of the application, and read what it did."""
    ends = time.monotonic() + 60
    while (done := told(client.get(f"/v1/expansions/{begun['id']}")))["state"] in {"waiting", "running"}:
        assert time.monotonic() < ends, done
        time.sleep(0.02)
    return done


def test_an_audience_is_grown_by_those_like_its_members(
    client: TestClient, house: House, seed: str, grown: dict[int, int], workspace: Workspace
) -> None:
    begun = told(client.post(f"/v1/audiences/{seed}/expand", json={"factor": 2}), 202)
    done = finished(client, begun)
    assert done["state"] == "succeeded", done["reason"]
    members = sum(group == 1 and person % 2 for person, group in grown.items())
    assert done["people"]["exact"] == 2 * members
    build = house.builds.get(house.callers.identify(client.headers["Authorization"].split()[1]), "", int(done["id"]))
    new = [int(each) for each in house.builds.people(build) if not (grown[int(each)] == 1 and int(each) % 2)]
    assert np.mean([grown[each] == 1 for each in new]) > 0.8
    assert done["lookalike"]["model"]["auc"] > 0.7
    assert [each["key"] for each in done["lookalike"]["model"]["traits"]["left_out_since_the_rule_names_them"]] == [
        "yes"
    ]

    audience = told(client.get(f"/v1/audiences/{done['audience']}"))
    assert audience["kind"] == "lookalike"
    assert audience["lookalike"]["model"] == done["lookalike"]["model"]
    assert "counts" not in audience["lookalike"]
    explained = told(client.post("/v1/explain", json={"audience": done["audience"]}))
    assert explained["lookalike"] == audience["lookalike"]
    assert explained["people"]["exact"] == 2 * members


def test_nobody_new_is_taken_whom_the_rule_does_not_hold(client: TestClient, house: House, seed: str) -> None:
    within = {"trait": {"facet": "likes", "any_of": ["3"]}}
    body = {"factor": 1, "with_seed": False, "within": within, "name": "Like them, and thing 3"}
    done = finished(client, told(client.post(f"/v1/audiences/{seed}/expand", json=body), 202))
    rule = {"and": [{"audience": done["audience"]}, {"not": within}]}
    assert told(client.post("/v1/size", json={"rule": rule}))["exact"] == 0
    assert done["people"]["exact"] > 0


@pytest.mark.parametrize(
    "body", [{"factor": 0}, {"factor": 11}, {"factor": 0.5}, {}, {"factor": 2, "within": {"x": 1}}]
)
def test_what_cannot_be_is_refused(client: TestClient, seed: str, body: dict[str, Any]) -> None:
    assert client.post(f"/v1/audiences/{seed}/expand", json=body).status_code in {400, 422}


def test_an_audience_that_is_not_there_is_not_grown(client: TestClient, token: Callable[..., str], seed: str) -> None:
    assert client.post("/v1/audiences/123/expand", json={"factor": 2}).status_code == 404
    assert client.get("/v1/expansions/1").status_code == 404
    reader = {"Authorization": f"Bearer {token('audiences:read')}"}
    assert client.post(f"/v1/audiences/{seed}/expand", json={"factor": 2}, headers=reader).status_code == 403
