"""Insights of an audience: worked out, read beside baselines, shared by links, and their clusters made audiences."""

import json
from datetime import timedelta
from typing import Any

import pytest

from houselights.apis.statsocial.insights.baselines import BASELINES
from houselights.rules.tree import And, HasTrait
from tests.apis.statsocial.conftest import BASE, EVERYTHING, Speaker, Stage

FIGURES = {"demographics", "affinities", "personality", "places", "jobs"}


@pytest.fixture(scope="module")
def client(stage: Stage) -> Speaker:
    return stage.speaker()


@pytest.fixture(scope="module")
def modest(stage: Stage) -> Speaker:
    """A client that may not know exact counts."""
    return stage.speaker(*(scope for scope in EVERYTHING if scope != "counts:exact"))


@pytest.fixture(scope="module")
def women(client: Speaker) -> Any:
    """An audience whose insights were asked for as it was created."""
    parameters = [{"operation": "OR", "gender": {"genders": ["female"]}}]
    return client.built(
        {"audience": {"name": "Women"}, "parameters": parameters, "generate_insights_automatically": True}
    )


@pytest.fixture(scope="module")
def insight(client: Speaker, women: Any) -> Any:
    return client.told("GET", f"/audiences/{women['id']}/insight")


def rows(insight: Any, section: str, kind: str) -> dict[str, Any]:
    facet = next(each for each in insight[section] if each["kind"] == kind)
    return {row["id"]: row for row in facet["rows"]}


@pytest.mark.covers("insight-auto")
def test_insights_are_worked_out_when_they_were_wished_for(insight: Any, women: Any) -> None:
    assert insight["status"] == "completed"
    assert insight["size"] == women["size"]
    assert insight["baseline"] == "global"
    assert set(insight) >= FIGURES
    assert insight["baselines"] == list(BASELINES)


@pytest.mark.covers("insight")
def test_the_figures_are_those_of_the_people(stage: Stage, insight: Any, women: Any) -> None:
    snapshot = stage.house.snapshots.current(stage.workspace.id)
    resolve = stage.house.audiences.resolve(stage.workspace)
    catalogue = snapshot.catalogue

    def count(*rules: HasTrait) -> int:
        return snapshot.count(And(rules), resolve)

    female = HasTrait("gender", ("female",))
    for trait in catalogue.of("affinity")[20:60:4]:
        row = rows(insight, "affinities", "affinity").get(trait.key)
        if row is None:
            continue
        here, all_of_it = HasTrait("affinity", (trait.key,)), len(snapshot.index.everyone)
        both, everywhere = count(female, here), count(here)
        assert (row["n"], row["baseline_n"]) == (both, everywhere)
        assert row["share"] == pytest.approx(both / women["size"])
        assert row["baseline_share"] == pytest.approx(everywhere / all_of_it)
        assert row["index"] == pytest.approx(100 * row["share"] / row["baseline_share"], abs=0.05)
        assert row["index_interval"]["low"] <= row["index"] <= row["index_interval"]["high"]
    gender = rows(insight, "demographics", "gender")
    assert gender["female"]["share"] == 1
    assert gender["female"]["reliable"]
    assert gender["female"]["significance"]["significant"]


@pytest.mark.covers("insight")
def test_what_is_known_of_nobody_has_no_shares(client: Speaker) -> None:
    nobody = {"operation": "OR", "twitch_followers": {"accounts": [{"id": "nobody follows this"}]}}
    everybody = {"operation": "OR", "gender": {"genders": ["female", "male"]}}
    american = {"operation": "AND", "location": {"countries": [{"id": "US"}]}}
    for parameters in ([nobody], [everybody, american]):
        made = client.audience(*parameters, generate_insights_automatically=True)
        told = client.told("GET", f"/audiences/{made['id']}/insight")
        facets = [each for section in FIGURES for each in told[section]]
        unknown = [each for each in facets if not each["coverage"]]
        assert unknown
        assert all((each["total"], each["rows"]) == (0, []) for each in unknown)


@pytest.mark.covers("baselines")
@pytest.mark.parametrize("baseline", BASELINES)
def test_each_baseline_compares_the_people_inside_it(client: Speaker, stage: Stage, women: Any, baseline: str) -> None:
    told = client.told("GET", f"/audiences/{women['id']}/insight?baseline={baseline}")
    means = BASELINES[baseline]
    rules = [HasTrait("country", (means.country,))] if means.country else []
    rules += [HasTrait("gender", (means.gender,))] if means.gender else []
    snapshot = stage.house.snapshots.current(stage.workspace.id)
    resolve = stage.house.audiences.resolve(stage.workspace)
    assert told["baseline_size"] == snapshot.count(And(tuple(rules)), resolve)
    inside = snapshot.count(And((*rules, HasTrait("gender", ("female",)))), resolve)
    assert told["size"] == inside
    assert told["share_inside_baseline"] == pytest.approx(inside / women["size"])


@pytest.mark.covers("baselines")
def test_an_unknown_baseline_is_refused_with_a_hint(client: Speaker, women: Any) -> None:
    error = client.refused("GET", f"/audiences/{women['id']}/insight?baseline=usa_male")
    assert error["errors"][0]["field"] == "baseline"
    assert "usa_males" in error["message"]


@pytest.mark.covers("insight")
def test_insights_are_begun_for_a_credit_and_replace_the_last(client: Speaker, stage: Stage) -> None:
    audience = client.audience({"operation": "OR", "age": {"ranges": ["18-24"]}})
    path = f"/audiences/{audience['id']}/insight"
    client.refused("GET", path, status=404)
    assert client.told("POST", path) == {"audience_id": audience["id"], "status": "running"}
    assert client.told("GET", path)["status"] == "running"
    stage.house.build_worker.work()
    first = client.told("GET", path)
    assert first["status"] == "completed"
    client.told("POST", path, {})
    assert client.told("GET", path)["status"] == "running"
    stage.house.build_worker.work()
    again = client.told("GET", path)
    assert again["clusters"] == first["clusters"]


@pytest.mark.covers("insight-credits")
def test_without_credit_there_are_none_and_that_is_said(stage: Stage) -> None:
    poor = stage.speaker()
    stage.house.credits.allow(stage.operator, "insights", 0, client_number=poor.number)
    parameters = [{"operation": "OR", "age": {"ranges": ["25-34"]}}]
    body = {"audience": {"name": "Poor"}, "parameters": parameters, "generate_insights_automatically": True}
    audience = poor.built(body)
    assert audience["status"] == "completed"
    insight = poor.told("GET", f"/audiences/{audience['id']}/insight")
    assert insight["status"] == "failed"
    assert "no credits left for insights" in insight["error"]
    error = poor.refused("POST", f"/audiences/{audience['id']}/insight", status=403)
    assert error["code"] == "INSUFFICIENT_CREDITS"


@pytest.mark.covers("insight-credits")
def test_one_credit_is_spent(stage: Stage) -> None:
    client = stage.speaker()
    stage.house.credits.allow(stage.operator, "insights", 2, client_number=client.number)
    audience = client.audience({"operation": "OR", "age": {"ranges": ["25-34"]}})
    client.told("POST", f"/audiences/{audience['id']}/insight")
    assert client.told("GET", "/credits")["insights"] == 1
    stage.house.build_worker.work()


@pytest.mark.covers("insight-privacy")
def test_readers_without_exact_counts_see_none_and_no_small_cell(
    modest: Speaker, women: Any, insight: Any, stage: Stage
) -> None:
    least = stage.workspace.privacy.minimum_cell
    assert least > 1
    told = modest.told("GET", f"/audiences/{women['id']}/insight")
    assert told["size"] is told["baseline_size"] is None
    exact = {
        (section, facet["name"], row["id"]): row["n"]
        for section in FIGURES
        for facet in insight[section]
        for row in facet["rows"]
    }
    hidden = 0
    for section in FIGURES:
        for facet in told[section]:
            hidden += facet["suppressed"]
            for row in facet["rows"]:
                assert row["n"] is row["index_interval"] is row["significance"]["z"] is None
                assert exact.get((section, facet["name"], row["id"]), least) >= least
    assert hidden
    for cluster in told["clusters"]["data"]:
        assert cluster["size"] is None
        assert all(trait["n"] is None for trait in cluster["stands_out"])


@pytest.fixture
def link(client: Speaker, women: Any) -> Any:
    return client.told("GET", f"/audiences/{women['id']}/insight/public-link")


@pytest.mark.covers("public-link")
def test_a_link_is_read_without_a_token_and_tells_what_anybody_may_know(
    client: Speaker, link: Any, women: Any, modest: Speaker
) -> None:
    assert len(bytes.fromhex(link["insights_hash"])) == 20
    assert link["public_link"].endswith("/statsocial/insights/" + link["insights_hash"])
    answer = client.http.get("/statsocial/insights/" + link["insights_hash"])
    assert answer.status_code == 200
    assert answer.json()["response"] == modest.told("GET", f"/audiences/{women['id']}/insight")
    assert client.told("GET", f"/audiences/{women['id']}/insight/public-link") == link


@pytest.mark.covers("public-link")
def test_a_new_link_replaces_the_old_one_and_shows_its_baseline(client: Speaker, link: Any, women: Any) -> None:
    made = client.told("POST", f"/audiences/{women['id']}/insight/public-link", {"baseline": "usa"})
    assert made["insights_hash"] != link["insights_hash"]
    assert client.http.get("/statsocial/insights/" + link["insights_hash"]).status_code == 404
    assert client.http.get("/statsocial/insights/" + made["insights_hash"]).json()["response"]["baseline"] == "usa"
    changed = f"{int(made['insights_hash'], 16) ^ 1:040x}"
    for other in (changed, "0" * 40, "zz", made["insights_hash"][:-2]):
        assert client.http.get(f"/statsocial/insights/{other}").status_code == 404


@pytest.mark.covers("public-link")
def test_a_link_ends_with_its_day(client: Speaker, stage: Stage, women: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/audiences/{women['id']}/insight/public-link"
    now = stage.house.clock.now()
    yesterday = (now - timedelta(days=1)).date().isoformat()
    assert client.refused("POST", path, {"expire_at": yesterday})["errors"][0]["field"] == "expire_at"
    made = client.told("POST", path, {"expire_at": now.date().isoformat(), "baseline": "uk"})
    address = "/statsocial/insights/" + made["insights_hash"]
    assert client.http.get(address).status_code == 200
    monkeypatch.setattr(type(stage.house.clock), "now", lambda _: now + timedelta(days=1))
    assert client.http.get(address).status_code == 404


@pytest.mark.covers("public-link")
def test_no_link_without_insights(client: Speaker) -> None:
    audience = client.audience({"operation": "OR", "age": {"ranges": ["45-54"]}})
    client.refused("GET", f"/audiences/{audience['id']}/insight/public-link", status=404)
    client.refused("POST", f"/audiences/{audience['id']}/insight/public-link", {}, status=404)


@pytest.mark.covers("clusters")
def test_clusters_are_everybody_and_each_says_what_stands_out(insight: Any, women: Any) -> None:
    clusters = insight["clusters"]
    assert clusters["count"] == len(clusters["data"]) > 1
    assert sum(each["size"] for each in clusters["data"]) == women["size"]
    assert clusters["silhouette"] == max(clusters["tried"].values())
    labels = [each["label"] for each in clusters["data"]]
    assert len(set(labels)) == len(labels)
    for each in clusters["data"]:
        assert each["stands_out"]
        assert all(trait["index_low"] > 100 for trait in each["stands_out"])


@pytest.mark.covers("cluster-audience")
@pytest.mark.parametrize("way", ["insight/clusters", "insights"])
def test_a_cluster_becomes_an_audience(client: Speaker, stage: Stage, women: Any, insight: Any, way: str) -> None:
    cluster = insight["clusters"]["data"][1]
    begun = client.told("POST", f"/audiences/{women['id']}/{way}/{cluster['id']}", {"outputs": ["ss_id"]})
    stage.house.build_worker.work()
    made = client.told("GET", f"/audiences/{begun['id']}")
    assert made["size"] == cluster["size"]
    assert made["name"] == f"Women: {cluster['label']}"
    assert made["made_from"] == {"kind": "cluster", "audience_id": women["id"], "cluster_id": cluster["id"]}


@pytest.mark.covers("cluster-audience")
def test_a_cluster_that_is_not_there_is_not_found(client: Speaker, women: Any) -> None:
    client.refused("POST", f"/audiences/{women['id']}/insight/clusters/99", status=404)


@pytest.mark.covers("insight")
def test_what_is_deleted_takes_its_insights_along(client: Speaker, stage: Stage) -> None:
    audience = client.audience({"operation": "OR", "age": {"ranges": ["35-44"]}}, generate_insights_automatically=True)
    link = client.told("GET", f"/audiences/{audience['id']}/insight/public-link")["insights_hash"]
    portrait = stage.house.portraits.find(stage.workspace.id, audience["id"], "statsocial:insight")
    client.told("DELETE", f"/audiences/{audience['id']}")
    client.refused("GET", f"/audiences/{audience['id']}/insight", status=404)
    assert client.http.get(f"/statsocial/insights/{link}").status_code == 404
    for each in portrait.outcome["clusters"]["lists"]:
        people, _ = stage.house.snapshots.newest(stage.workspace.id).list_log(int(each)).standing()
        assert not len(people)


@pytest.mark.covers("insight")
def test_another_company_sees_no_insights(stage: Stage, women: Any) -> None:
    other = stage.house.control.workspaces.by_name("neighbours") or stage.house.control.workspaces.create(
        "neighbours", created_at=stage.house.clock.now()
    )
    stranger = Stage(stage.house, stage.http, other).speaker()
    stranger.refused("GET", f"/audiences/{women['id']}/insight", status=404)
    assert stage.http.get(f"{BASE}/audiences/{women['id']}/insight").status_code == 401


@pytest.mark.covers("insight-callback")
@pytest.mark.parametrize("spelling", ["insight_callback_url", "insights_callback_url"])
def test_a_callback_says_what_reading_the_insights_says(client: Speaker, stage: Stage, spelling: str) -> None:
    parameters = [{"operation": "OR", "age": {"ranges": ["45-54"]}}]
    audience = client.built(
        {
            "audience": {"name": "Called back"},
            "parameters": parameters,
            "generate_insights_automatically": True,
            spelling: f"https://example.com/{spelling}",
        }
    )
    found = [each for each in stage.house.callbacks.list(stage.operator) if each.url.endswith(f"/{spelling}")]
    assert [each.kind for each in found] == ["insight"]
    reader = stage.house.callers.identify(client.token)
    said = json.loads(stage.house.callbacks.bodies["statsocial"](reader, found[0]))
    assert said["response"] == client.told("GET", f"/audiences/{audience['id']}/insight")
