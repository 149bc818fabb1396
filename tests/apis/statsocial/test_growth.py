"""Audiences grown by people like their own, and the universes they were drawn from."""

from typing import Any

import pytest

from houselights.rules.tree import And, HasTrait, Not, Or
from houselights.services.lookalike.expand import SEED_LEAST
from tests.apis.statsocial.conftest import EVERYTHING, Speaker, Stage

YOUNG = {"operation": "OR", "age": {"ranges": ["18-24"]}}
WOMEN = {"operation": "AND", "gender": {"genders": ["female"]}}
NOT_ASIAN = {"operation": "NOT", "ethnicity": {"ethnicities": ["asian"]}}


@pytest.fixture(scope="module")
def client(stage: Stage) -> Speaker:
    return stage.speaker()


@pytest.fixture(scope="module")
def seed(client: Speaker) -> Any:
    """Young women of declared ethnicities."""
    return client.audience(YOUNG, WOMEN, NOT_ASIAN)


def people(stage: Stage, number: int) -> set[int]:
    build = stage.house.builds.get(stage.operator, "statsocial", number)
    return {int(each) for each in stage.house.builds.people(build)}


def grown(client: Speaker, audience: Any, **body: Any) -> Any:
    made = client.told("POST", f"/audiences/{audience['id']}/expand", body)
    assert made["status"] == "running"
    client.house.build_worker.work()
    return client.told("GET", f"/audiences/{made['id']}")


@pytest.mark.covers("expand")
@pytest.mark.parametrize("factor", [2, 1.5, "2.50"])
def test_an_audience_grows_by_the_factor_and_keeps_its_own(
    client: Speaker, stage: Stage, seed: Any, factor: float | str
) -> None:
    made = grown(client, seed, expansion_factor=factor, expansion_name=f"Grown {factor}")
    assert made["status"] == "completed", made["error"]
    assert made["name"] == f"Grown {factor}"
    assert made["size"] == round(float(factor) * seed["size"])
    assert people(stage, seed["id"]) <= people(stage, made["id"])
    told = made["details"]["lookalike"]
    assert told["enough"]
    assert 0.5 < told["model"]["auc"] <= 1
    assert set(told["model"]["lift"]) == {"1%", "5%", "10%"}
    assert told["counts"]["seed"] == seed["size"]


@pytest.mark.covers("expand")
@pytest.mark.parametrize("words", [{"remove_seed": True}, {"include_seed": False}])
def test_without_its_own_all_are_from_outside(client: Speaker, stage: Stage, seed: Any, words: dict[str, bool]) -> None:
    made = grown(client, seed, expansion_factor=0.5, **words)
    assert made["size"] == round(0.5 * seed["size"])
    assert not people(stage, seed["id"]) & people(stage, made["id"])


@pytest.mark.covers("expand-again")
@pytest.mark.parametrize(("filters", "exclusions"), [(True, False), (False, True), (True, True)])
def test_filters_and_exclusions_apply_to_those_who_are_new(
    client: Speaker, stage: Stage, seed: Any, filters: bool, exclusions: bool
) -> None:
    words = {"reapply_filters": filters, "reapply_exclusions": exclusions, "remove_seed": True}
    made = grown(client, seed, expansion_factor=1, **words)
    snapshot = stage.house.snapshots.current(stage.workspace.id)
    resolve = stage.house.audiences.resolve(stage.workspace)
    new = people(stage, made["id"])
    assert new
    women = set(snapshot.evaluate(HasTrait("gender", ("female",)), resolve).ids().tolist())
    asian = set(snapshot.evaluate(HasTrait("ethnicity", ("asian",)), resolve).ids().tolist())
    assert (new <= women) is filters
    if exclusions:
        assert not new & asian


@pytest.mark.covers("expand")
def test_when_there_are_not_enough_the_true_size_is_told(client: Speaker, stage: Stage) -> None:
    most = client.audience({"operation": "OR", "gender": {"genders": ["female", "male"]}})
    made = grown(client, most, expansion_factor=10)
    assert made["status"] == "completed"
    assert made["size"] == len(stage.house.snapshots.current(stage.workspace.id).index.everyone)
    assert made["details"]["lookalike"]["enough"] is False


@pytest.mark.covers("expand")
def test_what_chose_the_seed_is_not_learnt_from(client: Speaker, seed: Any) -> None:
    made = grown(client, seed, expansion_factor=2)
    model = made["details"]["lookalike"]["model"]
    named = {each["facet"] for each in model["traits"]["left_out_since_the_rule_names_them"]}
    assert named == {"age", "gender", "ethnicity"}
    spoken = {each["facet"] for each in model["speaks_for"] + model["speaks_against"]}
    assert spoken
    assert not spoken & named


@pytest.mark.covers("expand-explained")
def test_explain_tells_of_the_model_and_not_of_counts(client: Speaker, seed: Any) -> None:
    made = grown(client, seed, expansion_factor=2)
    told = client.told("GET", f"/audiences/{made['id']}/explain")
    assert "grown 2 times" in told["order"]
    assert told["expansion"]["model"]["auc"] == made["details"]["lookalike"]["model"]["auc"]
    assert "counts" not in told["expansion"]


@pytest.mark.covers("expand-again")
def test_expanded_audiences_cannot_be_regenerated(client: Speaker, seed: Any) -> None:
    made = grown(client, seed, expansion_factor=2)
    error = client.refused("POST", f"/audiences/{made['id']}/regenerate", {}, status=409)
    assert "cannot be regenerated" in error["message"]
    error = client.refused(
        "POST", f"/audiences/{made['id']}/expand", {"expansion_factor": 2, "reapply_filters": True}, status=409
    )
    assert error["errors"][0]["field"] == "reapply_filters"


@pytest.mark.covers("expand")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "expansion_factor"),
        ({"expansion_factor": 0}, "expansion_factor"),
        ({"expansion_factor": 10.01}, "expansion_factor"),
        ({"expansion_factor": "many"}, "expansion_factor"),
        ({"expansion_factor": "nan"}, "expansion_factor"),
        ({"expansion_factor": True}, "expansion_factor"),
        ({"expansion_factor": 2, "include_seed": True, "remove_seed": True}, ""),
        ({"expansion_factor": 0.5}, ""),
    ],
)
def test_what_cannot_be_is_refused(client: Speaker, seed: Any, body: dict[str, Any], field: str) -> None:
    error = client.refused("POST", f"/audiences/{seed['id']}/expand", body)
    assert error["errors"][0].get("field", "") == field


@pytest.mark.covers("expand")
def test_a_seed_too_small_to_learn_from_fails_and_costs_nothing(stage: Stage) -> None:
    client = stage.speaker()
    stage.house.credits.allow(stage.operator, "expansions", 1, client_number=client.number)
    city = client.told("GET", "/location/cities?query=a")["data"]
    for each in city:
        audience = client.audience({"operation": "OR", "location": {"cities": [{"id": each["id"]}]}})
        if 0 < audience["size"] < SEED_LEAST:
            break
    made = grown(client, audience, expansion_factor=2)
    assert made["status"] == "failed"
    assert f"at least {SEED_LEAST}" in made["error"]
    assert client.told("GET", "/credits")["expansions"] == 1


@pytest.mark.covers("expand")
def test_readers_without_exact_counts_see_no_counts(stage: Stage, seed: Any) -> None:
    modest = stage.speaker(*(scope for scope in EVERYTHING if scope != "counts:exact"))
    made = grown(modest, seed, expansion_factor=2)
    assert made["status"] == "completed", made["error"]
    assert made["size"] is None
    assert "counts" not in made["details"]["lookalike"]


@pytest.mark.covers("universe")
def test_a_universe_is_whom_filters_and_exclusions_let_in(client: Speaker, stage: Stage, seed: Any) -> None:
    path = f"/audiences/{seed['id']}/universe"
    client.refused("GET", path, status=404)
    assert client.told("POST", path) == f"universe for audience {seed['id']} enqueued for generation"
    assert client.told("GET", path)["status"] == "running"
    stage.house.build_worker.work()
    told = client.told("GET", path)
    snapshot = stage.house.snapshots.current(stage.workspace.id)
    resolve = stage.house.audiences.resolve(stage.workspace)
    rule = And((HasTrait("gender", ("female",)), Not(Or((HasTrait("ethnicity", ("asian",)),)))))
    assert told["status"] == "completed"
    assert told["universe_size"] == snapshot.count(rule, resolve)
    assert told["audience_size"] == seed["size"]
    assert told["share_of_universe"] == pytest.approx(seed["size"] / told["universe_size"])
    assert {"demographics", "places"} <= set(told)


@pytest.mark.covers("universe")
def test_a_universe_costs_a_credit_and_overwrites_the_last(stage: Stage) -> None:
    client = stage.speaker()
    stage.house.credits.allow(stage.operator, "universes", 2, client_number=client.number)
    audience = client.audience(YOUNG)
    for left in (1, 0):
        client.told("POST", f"/audiences/{audience['id']}/universe", {})
        assert client.told("GET", "/credits")["universes"] == left
        stage.house.build_worker.work()
        everybody = len(stage.house.snapshots.current(stage.workspace.id).index.everyone)
        assert client.told("GET", f"/audiences/{audience['id']}/universe")["universe_size"] == everybody
    client.refused("POST", f"/audiences/{audience['id']}/universe", {}, status=403)
