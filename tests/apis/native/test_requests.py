"""Requests and replies of every operation, on the twelve people everybody knows."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from houselights.model.workspace import Account
from houselights.services.house import House

RULE = {"trait": {"facet": "gender", "any_of": ["female"]}}
Token = Callable[..., str]


def ok(reply: Any, status: int = 200) -> Any:
    assert reply.status_code == status, reply.text
    return reply.json() if reply.content else None


def test_facets_are_listed_read_and_found_by_role(client: TestClient) -> None:
    page = ok(client.get("/v1/facets"))
    assert [one["key"] for one in page["items"]] == [
        "age", "gender", "country", "interests", "bought", "watched", "genre", "follows_chirp",
    ]  # fmt: skip
    assert (page["total"], page["next_page_token"]) == (8, None)
    assert ok(client.get("/v1/facets", params={"role": "age"}))["items"] == [ok(client.get("/v1/facets/age"))]
    assert ok(client.get("/v1/facets/bought"))["window_days"] == 365


def test_traits_are_listed_walked_and_searched(client: TestClient) -> None:
    assert ok(client.get("/v1/facets/age/traits"))["items"][1]["low"] == 18
    roots = ok(client.get("/v1/facets/interests/traits", params={"below": ""}))
    assert [one["key"] for one in roots["items"]] == ["food", "sport", "travel"]
    assert ok(client.get("/v1/facets/interests/traits", params={"below": "food"}))["total"] == 2
    found = ok(client.get("/v1/traits", params={"q": "vegan"}))["items"][0]
    assert found["path"] == ["Food and drink", "Cooking", "Vegan cooking"]
    assert found == ok(client.get("/v1/facets/interests/traits/vegan"))


def test_the_taxonomy_is_walked(client: TestClient) -> None:
    top = ok(client.get("/v1/taxonomy"))
    assert {"name": "Interest", "audiences": 9} in top["nodes"]
    below = ok(client.get("/v1/taxonomy", params={"path": ["Interest", "Interests"]}))
    assert below["path"] == ["Interest", "Interests"]
    assert [one["name"] for one in below["nodes"]] == ["Food and drink", "Sport"]


def test_the_life_of_an_audience(client: TestClient) -> None:
    reply = client.post("/v1/audiences", json={"name": "Women", "rule": RULE, "path": ["By hand"]})
    made = ok(reply, 201)
    url = reply.headers["location"]
    assert url == f"/v1/audiences/{made['id']}"
    assert len(made["id"]) == 18
    assert ok(client.get(url)) == made
    on_top = ok(
        client.post("/v1/audiences", json={"name": "Not women", "rule": {"not": {"audience": made["id"]}}}), 201
    )
    assert ok(client.post("/v1/size", json={"audience": on_top["id"]}))["exact"] == 6

    changed = ok(client.patch(url, json={"rule": {"trait": {"facet": "gender", "any_of": ["male"]}}}))
    assert (changed["version"], changed["name"]) == (2, "Women")
    assert ok(client.post("/v1/size", json={"audience": on_top["id"]}))["exact"] == 8, "what depends on it follows"
    assert client.patch(url, json={"name": "x", "expected_version": 1}).status_code == 409
    assert [one["version"] for one in ok(client.get(f"{url}/versions"))] == [1, 2]
    assert [one["id"] for one in ok(client.get(f"{url}/dependents"))] == [on_top["id"]]
    assert [one["id"] for one in ok(client.get(f"/v1/audiences/{on_top['id']}/dependencies"))] == [made["id"]]

    assert client.post(f"{url}/archive").status_code == 409
    ok(client.post(f"/v1/audiences/{on_top['id']}/archive"))
    assert ok(client.post(f"{url}/archive"))["status"] == "archived"
    assert ok(client.get("/v1/audiences", params={"status": "archived"}))["total"] == 2


def test_an_idempotency_key_makes_one_audience(client: TestClient) -> None:
    key = {"Idempotency-Key": "2026-w47"}
    first = ok(client.post("/v1/audiences", json={"name": "Women", "rule": RULE}, headers=key), 201)
    assert ok(client.post("/v1/audiences", json={"name": "Women", "rule": RULE}, headers=key), 201) == first
    assert client.post("/v1/audiences", json={"name": "Other", "rule": RULE}, headers=key).status_code == 409


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"kind": "custom", "name": "run"}, ["Runners", "Cooks who run"]),
        ({"kind": "custom", "name": ["c*run", "reach*cooks"]}, ["Cooks who run", "Reachable cooks"]),
        ({"under": ["Interest", "Interests", "Sport"]}, ["Football", "Running"]),
        ({"category": "Lifestyle"}, ["Comedy", "Documentary", "Drama"]),
        ({"category": "Nothing"}, []),
    ],
)
def test_audiences_are_filtered(client: TestClient, params: dict[str, Any], names: list[str]) -> None:
    found = [one["name"] for one in ok(client.get("/v1/audiences", params=params))["items"]]
    assert sorted(found) == sorted(names)


def test_pages_follow_one_another_and_belong_to_their_question(client: TestClient) -> None:
    seen: list[str] = []
    token: str | None = None
    while True:
        params = {"limit": 8} | ({} if token is None else {"page_token": token})
        page = ok(client.get("/v1/audiences", params=params))
        seen += [one["id"] for one in page["items"]]
        assert page["total"] == 34
        last, token = token, page["next_page_token"]
        if token is None:
            break
    assert len(seen) == len(set(seen)) == 34
    for params, field in (
        ({"limit": 9, "page_token": last}, "another request"),
        ({"limit": 8, "page_token": f"{last}x"}, "not valid"),
    ):
        reply = client.get("/v1/audiences", params=params)
        assert (reply.status_code, reply.json()["field"]) == (422, "page_token")
        assert field in reply.json()["detail"]


def test_sizes_are_bands_and_numbers_for_those_who_may(client: TestClient, http: TestClient, token: Token) -> None:
    """{"as_of": …, "built_at": …, "band": {"low": …, "high": …}, "exact": …, "universe": …}"""
    assert ok(client.post("/v1/size", json={"rule": RULE})) == {
        "as_of": "2026-11-01T00:00:00Z",
        "built_at": "2026-11-02T03:04:05Z",
        "band": {"low": 5, "high": 10},
        "exact": 6,
        "universe": 12,
    }
    headers = {"Authorization": f"Bearer {token('insights:read')}"}
    banded = ok(http.post("/v1/size", json={"rule": RULE}, headers=headers))
    assert (banded["exact"], banded["universe"]) == (None, None)


def test_insights_beside_traits(client: TestClient) -> None:
    body = {
        "rule": RULE,
        "roles": ["age"],
        "facets": ["gender"],
        "universe": {"not": {"trait": {"facet": "country", "any_of": ["JP"]}}},
    }
    answer = ok(client.post("/v1/insights", json=body))
    female = next(one for one in answer["items"] if one["subject"]["key"] == "female")
    assert (female["overlap"], female["both"], female["subject_people"]) == (1.0, 5, 5)
    assert female["affinity"] == pytest.approx(2.0), "5 of 5 women, 5 of the 10 whose gender is known"
    assert (answer["audience"], answer["universe"], answer["coverage"], answer["suppressed"]) == (5, 11, None, 0)
    assert {one["subject"]["facet"] for one in answer["items"]} == {"age", "gender"}


def test_insights_beside_audiences_page_by_page(client: TestClient) -> None:
    body: dict[str, Any] = {"rule": RULE, "audiences": {"kinds": ["custom"]}, "rank": "overlap", "limit": 2}
    first = ok(client.post("/v1/insights", json=body))
    assert first["items"][0]["subject"]["name"] == "Reachable"
    second = ok(client.post("/v1/insights", json={**body, "page_token": first["next_page_token"]}))
    assert first["total"] == second["total"] == 5
    assert not {one["subject"]["id"] for one in first["items"]} & {one["subject"]["id"] for one in second["items"]}
    assert (
        client.post(
            "/v1/insights", json={**body, "rank": "affinity", "page_token": first["next_page_token"]}
        ).status_code
        == 422
    )


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "facets"),
        ({"roles": ["agee"]}, "roles"),
        ({"facets": ["agee"]}, "facets"),
        ({"facets": ["age"], "audiences": {}}, "audiences"),
    ],
)
def test_insights_need_one_kind_of_subject(client: TestClient, more: dict[str, Any], field: str) -> None:
    reply = client.post("/v1/insights", json={"rule": RULE, **more})
    assert (reply.status_code, reply.json()["field"]) == (422, field)


def test_overlap_and_forecast(client: TestClient) -> None:
    answer = ok(client.post("/v1/overlap", json={"audiences": ["9001", "9002"]}))
    assert [one["people"]["exact"] for one in answer["sizes"]] == [4, 3]
    assert answer["pairs"][0]["both"]["exact"] == 2
    assert [(one["inside"], one["people"]["exact"]) for one in answer["regions"]] == [
        (["9001"], 2), (["9002"], 1), (["9001", "9002"], 2),
    ]  # fmt: skip
    assert ok(client.post("/v1/forecast", json={"rule": RULE})) == {
        "daily_reach": {"low": 2, "high": 3},
        "daily_impressions": {"low": 20, "high": 30},
    }


def test_a_rule_is_explained(client: TestClient, http: TestClient, token: Token) -> None:
    body = {
        "rule": {"and": [RULE, {"trait": {"facet": "interests", "any_of": ["food"]}}, {"not": {"audience": "9002"}}]}
    }
    told = ok(client.post("/v1/explain", json=body))
    assert told["rule"] == body["rule"]
    assert "Female" in told["english"]
    assert told["people"]["exact"] == 3  # dara, hana, ines
    assert [one["after"]["exact"] for one in told["funnel"]][-1] == 3
    assert set(told["matches"]) <= {"dara", "hana", "ines"}
    assert len(told["matches"]) == 2
    assert told["nearly"]["key"] not in {"dara", "hana", "ines"}
    headers = {"Authorization": f"Bearer {token('insights:read', 'counts:exact')}"}
    partner = ok(http.post("/v1/explain", json=body, headers=headers))
    assert (partner["matches"], partner["nearly"]) == ([], None), "only operators are told names"


def test_operators_manage_clients(client: TestClient, http: TestClient) -> None:
    made = ok(client.post("/v1/clients", json={"name": "Report", "scopes": ["insights:read"]}), 201)
    mine = {"Authorization": f"Bearer {made['token']}"}
    assert ok(http.get("/v1/me", headers=mine)) == {
        "workspace": "twelve", "client": made["client_id"], "scopes": ["insights:read"], "accounts": [],
    }  # fmt: skip
    listed = ok(client.get("/v1/clients"))["items"]
    assert [one["name"] for one in listed] == ["a test", "Report"]
    assert "secret" not in listed[1]
    assert client.post(f"/v1/clients/{made['id']}/disable").status_code == 204
    assert http.get("/v1/me", headers=mine).status_code == 401
    assert client.post("/v1/clients", json={"name": "x", "scopes": ["fly"]}).status_code == 422


def test_the_audit_log_is_read_page_by_page(client: TestClient) -> None:
    for _ in range(3):
        ok(client.post("/v1/size", json={"rule": RULE}, headers={"X-Request-Id": "asked-1"}))
    first = ok(client.get("/v1/audit", params={"limit": 2}))
    assert [one["action"] for one in first["items"]] == ["insights.size"] * 2
    assert first["items"][0]["details"]["request_id"] == "asked-1"
    rest = ok(client.get("/v1/audit", params={"before": first["next_before"]}))
    assert [one["action"] for one in rest["items"]] == ["insights.size"]
    assert rest["next_before"] is None


def test_acting_for_an_account(http: TestClient, token: Token, accounts: tuple[Account, Account], house: House) -> None:
    bearer = {"Authorization": f"Bearer {token(accounts=(701,))}"}
    own = {**bearer, "Houselights-Account": "701"}
    made = ok(http.post("/v1/audiences", json={"name": "Ours", "rule": RULE}, headers=own), 201)
    assert made["account_id"] == "701"
    assert ok(http.get(f"/v1/audiences/{made['id']}", headers=own)) == made
    assert http.get("/v1/me", headers={**bearer, "Houselights-Account": "702"}).status_code == 403
    other = {"Authorization": f"Bearer {token(accounts=(702,))}", "Houselights-Account": "702"}
    assert http.get(f"/v1/audiences/{made['id']}", headers=other).status_code == 404
