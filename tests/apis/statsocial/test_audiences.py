"""The life of an audience: created, listed, read, renamed, built again, deleted; paid for and paid back."""

from typing import Any

import pytest

from houselights.model.workspace import Workspace
from houselights.services.demo.world import AS_OF
from tests.apis.statsocial.conftest import EVERYTHING, Speaker, Stage
from tests.apis.statsocial.test_parameters import NOBODY, SURGEON, of


def body(**more: Any) -> dict[str, Any]:
    return {"audience": {"name": "Surgeons", "description": "who cut"}, "parameters": of("OR", SURGEON), **more}


@pytest.mark.covers("create")
def test_an_audience_is_begun_and_read_when_it_is_built(client: Speaker) -> None:
    made = client.told("POST", "/audiences", body(callback_url="https://example.org/hook", outputs=["md5"]))
    assert made == {"id": made["id"], "status": "running"}
    running = client.told("GET", f"/audiences/{made['id']}")
    assert (running["status"], running["size"], running["finished_at"]) == ("running", None, None)
    client.house.build_worker.work()
    read = client.told("GET", f"/audiences/{made['id']}")
    assert read["status"] == "completed"
    assert read["size"] > 0
    assert (read["name"], read["description"], read["callback_url"]) == (
        "Surgeons",
        "who cut",
        "https://example.org/hook",
    )
    assert (read["error"], read["notes"], read["made_from"]) == (None, [], None)
    assert read["created_at"] == "2026-11-01T00:00:00.000Z" == read["finished_at"]


@pytest.mark.covers("list")
def test_audiences_are_listed_newest_first(stage: Stage) -> None:
    client = stage.speaker()
    ids = [client.told("POST", "/audiences", body())["id"] for _ in range(3)]
    client.house.build_worker.work()
    page = client.told("GET", "/audiences?per_page=2")
    assert [each["id"] for each in page["data"]] == ids[:0:-1]
    assert page["has_next"]
    assert page["total"] >= 3
    assert client.told("GET", "/audiences?per_page=2&page=2")["data"][0]["id"] == ids[0]
    assert page["data"][0] == client.told("GET", f"/audiences/{ids[2]}") | {"outputs": page["data"][0]["outputs"]}
    assert client.refused("GET", "/audiences?page=0")["errors"][0]["field"] == "page"


@pytest.mark.covers("rename")
def test_an_audience_is_renamed(client: Speaker) -> None:
    path = f"/audiences/{client.built(body())['id']}"
    assert client.told("PATCH", path, {"name": "Cutters"})["name"] == "Cutters"
    assert client.told("PATCH", path, {"audience": {"description": "x"}})["description"] == "x"
    assert client.told("PUT", path, {"name": "Surgeons"})["description"] == ""
    assert client.told("GET", path)["name"] == "Surgeons"
    for method, wrong in (("PATCH", {}), ("PUT", {"description": "x"}), ("PATCH", {"name": ""})):
        assert client.refused(method, path, wrong)["errors"][0]["field"] == "name"


@pytest.mark.covers("delete")
def test_an_audience_is_deleted_built_or_not(client: Speaker) -> None:
    built, waiting = client.built(body())["id"], client.told("POST", "/audiences", body())["id"]
    for each in (built, waiting):
        assert client.told("DELETE", f"/audiences/{each}") == {"id": each, "status": "deleted"}
        for method, below in (("GET", ""), ("DELETE", ""), ("GET", "/explain"), ("POST", "/regenerate")):
            assert client.refused(method, f"/audiences/{each}{below}", status=404)["code"] == "NOT_FOUND"
    assert client.house.build_worker.work() == 0


@pytest.mark.covers("regenerate")
def test_an_audience_is_built_again_under_another_id(client: Speaker) -> None:
    first = client.built(body(outputs=["md5"], callback_url="https://example.org/hook"))
    made = client.told("POST", f"/audiences/{first['id']}/regenerate", "")
    assert made["id"] != first["id"]
    client.house.build_worker.work()
    again = client.told("GET", f"/audiences/{made['id']}")
    assert again["made_from"] == {"kind": "regenerated", "audience_id": first["id"]}
    same = ("name", "description", "size", "parameters", "callback_url")
    assert {name: again[name] for name in same} == {name: first[name] for name in same}
    assert [each["type"] for each in again["outputs"]] == ["ss_id", "md5"]
    other = client.told(
        "POST", f"/audiences/{first['id']}/regenerate", {"outputs": ["cint_id"], "callback_url": "http://a.b/c"}
    )
    read = client.told("GET", f"/audiences/{other['id']}")
    assert ([each["type"] for each in read["outputs"]], read["callback_url"]) == (["ss_id", "cint_id"], "http://a.b/c")
    client.house.build_worker.work()


@pytest.mark.covers("credit-spent")
def test_an_audience_costs_a_credit_until_it_fails(stage: Stage) -> None:
    client = stage.speaker()
    stage.house.credits.allow(stage.operator, "builds", 2, client_number=client.number)
    assert client.told("GET", "/credits")["builds"] == 2
    client.built(body())
    doomed = client.told("POST", "/audiences", body())["id"]
    assert client.told("GET", "/credits")["builds"] == 0
    error = client.refused("POST", "/audiences", body(), status=403)
    assert error["code"] == "INSUFFICIENT_CREDITS"
    make = stage.house.builds.makers["rule"]

    def broken(*_: Any) -> Any:
        raise RuntimeError("out of memory")

    stage.house.builds.makers["rule"] = broken
    try:
        stage.house.build_worker.work()
    finally:
        stage.house.builds.makers["rule"] = make
    read = client.told("GET", f"/audiences/{doomed}")
    assert (read["status"], read["size"]) == ("failed", None)
    assert "internal error" in read["error"]
    assert client.told("GET", "/credits")["builds"] == 1


def test_counts_are_told_to_those_who_may_know_them(stage: Stage) -> None:
    modest = stage.speaker(*(scope for scope in EVERYTHING if scope != "counts:exact"))
    read = modest.built(body())
    assert (read["size"], read["size_range"]) == (None, {"min": 0, "max": 10_000})
    told = modest.told("GET", f"/audiences/{read['id']}/explain")
    assert told["people"] == {"exact": None, "min": 0, "max": 10_000}


@pytest.mark.covers("tenancy")
def test_nothing_of_another_company_can_be_seen(stage: Stage, client: Speaker) -> None:
    built = client.built(body())
    other: Workspace = stage.house.control.workspaces.create("rival", created_at=AS_OF)
    made = stage.house.access.create_client(workspace_id=other.id, name="rival", scopes=EVERYTHING)
    rival = Speaker(stage.http, stage.house.access.static_token(made.client), stage.house, made.client.id)
    for method, below, sent in (
        ("GET", "", None), ("PATCH", "", {"name": "mine"}), ("PUT", "", {"name": "mine"}), ("DELETE", "", None),
        ("POST", "/regenerate", {}), ("GET", "/explain", None),
    ):  # fmt: skip
        assert rival.refused(method, f"/audiences/{built['id']}{below}", sent, status=404)["code"] == "NOT_FOUND"
    assert rival.told("GET", "/audiences")["data"] == []
    assert client.told("GET", f"/audiences/{built['id']}")["name"] == "Surgeons"


def test_what_meant_nobody_is_noted(client: Speaker) -> None:
    read = client.audience(*of("OR", SURGEON, "OR", NOBODY))
    assert read["size"] > 0
    assert read["notes"] == [
        'parameters[1]: accounts[0]: nobody here follows "no such account"',
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"callback_url": "ftp://x.y"}, "callback_url"),
        ({"callback_url": "https://"}, "callback_url"),
        ({"insight_callback_url": "nowhere"}, "insight_callback_url"),
        ({"audience": {}}, "audience.name"),
        ({"audience": {"name": ""}}, "audience.name"),
        ({"audience": {"name": "a\x00b"}}, "audience.name"),
        ({"generate_insights_automatically": "perhaps"}, "generate_insights_automatically"),
        ({"outputs": "md5"}, "outputs"),
        ({"parameters": {}}, "parameters"),
    ],
)
def test_a_wrong_field_is_named(client: Speaker, wrong: dict[str, Any], field: str) -> None:
    fields = [each["field"] for each in client.refused("POST", "/audiences", body(**wrong))["errors"]]
    assert fields == [field]
