"""Combined audiences: saved once, read back word for word, and used like any other audience."""

import uuid
from typing import Any

import pytest

from houselights.model.audience import AudienceKind
from houselights.rules.tree import And, HasTrait, InAudience, Not, Or
from houselights.services.caller import Caller
from tests.apis.amazon import naive
from tests.apis.amazon.asking import asks, members
from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.naive import People, having, in_country, metrics

PATH = "/dsp/audiences/combinedAudiences"


def body(expression: list[dict[str, Any]], name: str = "Runners who travel", **change: Any) -> dict[str, Any]:
    return {
        "name": name,
        "description": "Made by a test",
        "idempotencyKey": str(uuid.uuid4()),
        "inputExpression": {"audienceTargetingExpression": {"audiences": expression}},
    } | change


@pytest.fixture(scope="session")
def interest(lamps: Speaker) -> dict[str, str]:
    return lamps.ids("Interest")


@pytest.fixture(scope="session")
def saved(lamps: Speaker, interest: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """The id of a combined audience, and the body it was made from."""
    asked = body(members([interest["Running"]], [interest["Travel"], interest["Food"]], without=[interest["Baking"]]))
    response = lamps.post(PATH, asked)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/vnd.createcombinedaudienceresponse.v1+json"
    return response.json()["audienceId"], asked


def saved_people() -> People:
    """Who is in it, by the other opinion."""
    running, travel, food, baking = (having("interests", key) for key in ("running", "travel", "food", "baking"))
    return running & (travel | food) - baking


@pytest.mark.covers("combined", "negative")
def test_it_is_read_back_word_for_word(lamps: Speaker, saved: tuple[str, dict[str, Any]]) -> None:
    audience, asked = saved
    told = lamps.get(f"{PATH}/{audience}").json()
    assert told["audienceId"] == audience
    assert told["audienceName"] == asked["name"]
    assert told["description"] == asked["description"]
    assert told["expression"] == asked["inputExpression"]
    assert told["expression"]["audienceTargetingExpression"]["audiences"][0]["negative"] == "false"
    assert (told["category"], told["status"]) == ("Combined audience", "Active")
    assert told["createDate"] == told["updateDate"]


@pytest.mark.covers("combined", "negative")
@pytest.mark.parametrize("negative", [False, "False", "false"])
def test_negative_comes_back_as_it_was_sent(lamps: Speaker, interest: dict[str, str], negative: bool | str) -> None:
    expression = [{"audienceId": interest["Running"], "groupId": "g", "negative": negative}]
    audience = lamps.told(PATH, body(expression))["audienceId"]
    told = lamps.get(f"{PATH}/{audience}").json()["expression"]["audienceTargetingExpression"]["audiences"]
    assert told == expression


@pytest.mark.covers("combined-again")
def test_it_is_sized_and_described_like_any_other(lamps: Speaker, saved: tuple[str, dict[str, Any]]) -> None:
    people = saved_people()
    told = lamps.told("/insights/demographics", asks([saved[0]]))["demographics"]
    ages = naive.table("age", people, in_country("US"))
    assert told["age"]
    for row in told["age"]:
        low, high = row["range"].get("min"), row["range"].get("max")
        affinity, overlap = ages[f"{'' if low is None else low}-{'' if high is None else high}"]
        shown = row["insightMetrics"]
        assert (shown["affinity"], shown["overlapPercentage"]) == pytest.approx((affinity, overlap), rel=6e-4)


@pytest.mark.covers("combined-again")
def test_it_is_listed_for_its_advertiser_and_for_nobody_else(
    lamps: Speaker, coffee: Speaker, saved: tuple[str, dict[str, Any]]
) -> None:
    audience, asked = saved
    listed = {"adType": "DSP", "filters": [{"field": "category", "values": ["Combined Audience"]}]}
    mine = lamps.told("/audiences/list", listed, maxResults=250)["audiences"]
    item = next(row for row in mine if row["audienceId"] == audience)
    assert (item["audienceName"], item["status"]) == (asked["name"], "Active")
    theirs = coffee.told("/audiences/list", listed, maxResults=250)["audiences"]
    assert audience not in {row["audienceId"] for row in theirs}


@pytest.mark.covers("combined-again", "tenancy")
def test_another_advertiser_can_neither_read_nor_name_it(coffee: Speaker, saved: tuple[str, dict[str, Any]]) -> None:
    assert coffee.get(f"{PATH}/{saved[0]}").status_code == 404
    assert coffee.post("/insights/bandedSize", asks([saved[0]])).status_code == 404
    assert coffee.post(PATH, body(members([saved[0]]))).status_code == 404


@pytest.mark.covers("combined-again")
def test_it_is_used_inside_another(lamps: Speaker, interest: dict[str, str], saved: tuple[str, dict[str, Any]]) -> None:
    outer = lamps.told(PATH, body(members([saved[0], interest["Music"]]), name="Or who like music"))["audienceId"]
    people = saved_people() | having("interests", "music")
    told = lamps.told("/insights/topOverlappingAudiences", asks([outer], categoryFilter=["IN_MARKET"]))["audiences"]
    audio = next(row for row in told if row["name"] == "Audio")["insightMetrics"]
    expected = metrics(people, having("in_market", "audio"), in_country("US"))
    assert (audio["affinity"], audio["overlapPercentage"]) == pytest.approx(expected, rel=6e-4)


@pytest.mark.covers("idempotency")
def test_the_same_key_with_the_same_body_is_the_same_audience(lamps: Speaker, interest: dict[str, str]) -> None:
    asked = body(members([interest["Music"]]))
    ids = {lamps.told(PATH, sent)["audienceId"] for sent in (asked, asked, asked | {"surprise": 1})}
    ids.add(lamps.told(PATH, asked | {"idempotencyKey": asked["idempotencyKey"].upper()})["audienceId"])
    assert len(ids) == 1
    assert lamps.told(PATH, asked | {"idempotencyKey": str(uuid.uuid4())})["audienceId"] not in ids


@pytest.mark.covers("idempotency", "error-families")
def test_the_same_key_with_another_body_is_a_conflict(
    lamps: Speaker, coffee: Speaker, interest: dict[str, str]
) -> None:
    asked = body(members([interest["Music"]]))
    lamps.told(PATH, asked)
    for other in (
        asked | {"name": "Another"},
        body(members([interest["Food"]]), idempotencyKey=asked["idempotencyKey"]),
    ):
        response = lamps.post(PATH, other)
        assert response.status_code == 409
        assert response.json()["errors"][0]["fieldName"] == "idempotencyKey"
    assert coffee.post(PATH, asked | {"name": "Another"}).status_code == 200, "keys belong to an advertiser"


@pytest.mark.covers("combined", "error-families")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 129}, "name"),
        ({"name": "   "}, "name"),
        ({"description": ""}, "description"),
        ({"description": "x" * 1001}, "description"),
        ({"idempotencyKey": "0000000-0000-0000-0000-000000000000"}, "idempotencyKey"),
        ({"inputExpression": {}}, "inputExpression.audienceTargetingExpression"),
        (
            {"inputExpression": {"audienceTargetingExpression": {"audiences": members(["1"] * 101)}}},
            "inputExpression.audienceTargetingExpression.audiences",
        ),
        (
            {"inputExpression": {"audienceTargetingExpression": {"audiences": members(["x"])}}},
            "inputExpression.audienceTargetingExpression.audiences[0].audienceId",
        ),
    ],
)
def test_malformed_bodies_name_their_field(
    lamps: Speaker, interest: dict[str, str], change: dict[str, Any], field: str
) -> None:
    response = lamps.post(PATH, body(members([interest["Music"]]), **change))
    assert response.status_code == 400, response.text
    assert response.json()["errors"][0]["fieldName"] == field


@pytest.mark.covers("combined")
def test_an_unknown_audience_inside_is_named(lamps: Speaker, interest: dict[str, str]) -> None:
    response = lamps.post(PATH, body(members([interest["Music"], "413642381039213536"])))
    assert response.status_code == 404
    field = "inputExpression.audienceTargetingExpression.audiences[1].audienceId"
    assert response.json()["errors"][0]["fieldName"] == field


@pytest.mark.covers("combined", "callers")
def test_a_token_that_only_reads_saves_nothing(stage: Stage, interest: dict[str, str]) -> None:
    limited = stage.speaker(stage.limited)
    assert limited.post(PATH, body(members([interest["Music"]]))).status_code == 403


@pytest.mark.covers("combined")
@pytest.mark.parametrize("audience", ["413642381039213536", "0", "99999999999999999999"])
def test_no_such_audience(lamps: Speaker, audience: str) -> None:
    assert lamps.get(f"{PATH}/{audience}").status_code in {400, 404}


@pytest.mark.covers("combined")
def test_an_interest_is_no_combined_audience(lamps: Speaker, interest: dict[str, str]) -> None:
    assert lamps.get(f"{PATH}/{interest['Music']}").status_code == 404


@pytest.mark.covers("combined")
def test_an_audience_combined_elsewhere_is_told_in_this_dialect(
    stage: Stage, lamps: Speaker, interest: dict[str, str]
) -> None:
    workspace = stage.house.control.workspaces.by_name("stage")
    assert workspace is not None
    music, food, travel = (int(interest[name]) for name in ("Music", "Food", "Travel"))
    make = {"description": "Made natively", "kind": AudienceKind.COMBINED, "category": "Combined audience"}
    rule = And((Or((InAudience(music), InAudience(food))), Not(InAudience(travel))))
    one = stage.house.audiences.create(Caller.local(workspace), name="Native", rule=rule, **make)  # type: ignore[arg-type]  # a dict of keywords
    told = lamps.get(f"{PATH}/{one.id}").json()["expression"]["audienceTargetingExpression"]["audiences"]
    assert [(row["audienceId"], row["groupId"], row["negative"]) for row in told] == [
        (str(music), "Group 1", False),
        (str(food), "Group 1", False),
        (str(travel), "Excluded", True),
    ]
    odd = stage.house.audiences.create(
        Caller.local(workspace),
        name="Odd",
        rule=HasTrait("interests", ("music",)),
        **make,  # type: ignore[arg-type]  # as above
    )
    assert lamps.get(f"{PATH}/{odd.id}").status_code == 404


@pytest.mark.covers("combined", "list")
def test_an_archived_audience_is_deactivated(stage: Stage, lamps: Speaker, interest: dict[str, str]) -> None:
    audience = lamps.told(PATH, body(members([interest["Music"]]), name="Soon gone"))["audienceId"]
    workspace = stage.house.control.workspaces.by_name("stage")
    assert workspace is not None
    stage.house.audiences.archive(Caller.local(workspace), int(audience))
    assert lamps.get(f"{PATH}/{audience}").json()["status"] == "Deactivated"
    assert lamps.post("/insights/bandedSize", asks([audience])).status_code == 404
    by_name = {"field": "audienceName", "values": ["Soon gone"]}
    assert lamps.told("/audiences/list", {"adType": "DSP", "filters": [by_name]})["audiences"] == []
    status = {"field": "status", "values": ["Deactivated"]}
    (item,) = lamps.told("/audiences/list", {"adType": "DSP", "filters": [by_name, status]})["audiences"]
    assert item["status"] == "Deactivated"
    assert (
        lamps.told("/audiences/list", {"adType": "DSP", "filters": [by_name, status]}, canTarget=True)["audiences"]
        == []
    )
