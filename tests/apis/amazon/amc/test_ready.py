"""An uploaded audience in the DSP: Processing while it has too few members, then an audience like any other."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.apis.amazon.amc.conftest import METADATA, Uploader, record, uploader_of
from tests.apis.amazon.conftest import Speaker, Stage
from tests.apis.amazon.people import COFFEE, LAMPS, MINIMUM_LIST


@pytest.fixture(scope="module")
def uploads(stage: Stage) -> Uploader:
    return uploader_of(stage, stage.http)


@pytest.fixture(scope="module")
def small(uploads: Uploader) -> int:
    """An audience that lacks one member."""
    audience = uploads.audience({"advertiserId": LAMPS}, name="One too few")
    uploads.upload(audience, [record(n) for n in range(MINIMUM_LIST - 1)])
    return audience


@pytest.fixture(scope="module")
def large(uploads: Uploader) -> int:
    """An audience with just enough of them."""
    audience = uploads.audience({"advertiserId": LAMPS}, name="Just enough")
    uploads.upload(audience, [record(n) for n in range(MINIMUM_LIST)])
    return audience


def listed(lamps: Speaker, *filters: dict[str, Any], **more: Any) -> dict[int, str]:
    """Return the statuses of the audiences that match."""
    body = {"adType": "DSP", "filters": list(filters)}
    found = lamps.told("/audiences/list", body, maxResults=250, **more)["audiences"]
    return {int(one["audienceId"]): one["status"] for one in found}


def status(*values: str, operator: str = "EQ") -> dict[str, Any]:
    return {"field": "status", "operator": operator, "values": list(values)}


def expression(*audiences: int) -> dict[str, Any]:
    members: Sequence[Any] = [{"audienceId": str(one), "groupId": str(one), "negative": False} for one in audiences]
    return {"audienceTargetingExpression": {"audiences": members}}


CATEGORY = {"field": "category", "values": ["Advertiser audiences"]}


@pytest.mark.covers("amc-ready")
def test_it_is_listed_as_processing_and_cannot_be_targeted(lamps: Speaker, small: int, large: int) -> None:
    found = listed(lamps, CATEGORY)
    assert (found[small], found[large]) == ("Processing", "Active")
    targetable = listed(lamps, CATEGORY, canTarget=True)
    assert small not in targetable
    assert large in targetable


@pytest.mark.covers("amc-ready")
def test_filters_by_status_tell_the_two_apart(lamps: Speaker, small: int, large: int) -> None:
    both = {small, large}
    for which, expected in (
        (status("Active"), {large}),
        (status("Processing"), {small}),
        (status("Active", "Processing"), both),
        (status("Processing", "Deactivated"), {small}),
        (status("Deactivated"), set()),
        (status("Active", operator="NOT_EQ"), {small}),
        (status("Processing", operator="NOT_EQ"), {large}),
    ):
        assert both & set(listed(lamps, CATEGORY, which)) == expected, which


@pytest.mark.covers("amc-ready")
def test_an_expression_can_name_it_once_it_is_ready(lamps: Speaker, small: int, large: int) -> None:
    for path in ("/insights/bandedSize", "/insights/demographics", "/insights/topOverlappingAudiences"):
        assert lamps.post(path, expression(large)).status_code == 200
        refused = lamps.post(path, expression(large, small))
        assert refused.status_code == 404
        (error,) = refused.json()["errors"]
        assert error["fieldName"] == "audienceTargetingExpression.audiences[1].audienceId"
        assert error["message"].endswith("has fewer than 200 active members, and cannot be used yet")
    told = lamps.told("/insights/topOverlappingAudiences", expression(large), maxResults=250)
    assert str(small) not in {one["id"] for one in told["audiences"]}
    path = "/insights/audiences/{}/overlappingAudiences"
    assert lamps.get(path.format(large), adType="DSP").status_code == 200
    assert lamps.get(path.format(small), adType="DSP").status_code == 404


@pytest.mark.covers("amc-ready")
def test_who_leaves_takes_it_below_again(uploads: Uploader, lamps: Speaker) -> None:
    audience = uploads.audience({"advertiserId": LAMPS}, name="Now large, now small")
    uploads.upload(audience, [record(n) for n in range(MINIMUM_LIST)])
    assert listed(lamps, CATEGORY)[audience] == "Active"
    for ttl, word in ((0, "Processing"), (604_800, "Active")):
        uploads.send("PUT", f"{METADATA}/{audience}", {"metadata": {"ttl": ttl}})
        assert listed(lamps, CATEGORY)[audience] == word
    uploads.upload(audience, [record(0, "DELETE")])
    assert listed(lamps, CATEGORY)[audience] == "Processing"


def test_it_belongs_to_its_advertiser(coffee: Speaker, lamps: Speaker, large: int) -> None:
    assert large not in listed(coffee, CATEGORY)
    assert coffee.post("/insights/bandedSize", expression(large)).status_code == 404
    assert lamps.advertiser != coffee.advertiser == COFFEE
