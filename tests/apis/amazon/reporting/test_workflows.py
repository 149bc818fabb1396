"""Workflows are saved, read back as they were written, changed and taken away; each client has its own."""

from typing import Any

import pytest

from tests.apis.amazon.conftest import Stage
from tests.apis.amazon.people import CLEANROOM, CLEANROOM_ACCOUNT
from tests.apis.amazon.reporting.conftest import SOURCES, WORKFLOWS, Asker, asker_of

SQL = "SELECT audience_id, COUNT(DISTINCT user_id) AS people FROM x GROUP BY 1"
WHOLE = {
    "workflowId": "sizes",
    "sqlQuery": SQL,
    "inputParameters": [
        {"name": "since", "dataType": "DATE", "columnType": "DIMENSION", "defaultValue": "2026-01-01",
         "description": "The first day", "displayName": "Since"},
        {"name": "most", "dataType": "INTEGER"},
    ],
    "outputColumns": [{"name": "audience_id", "dataType": "STRING"}, {"name": "people", "columnType": "METRIC"}],
    "outputFormat": {"separatorCharacter": ";", "quoteCharacter": "'"},
    "privacyFilteringBehavior": "REMOVE_VALUES",
    "filteredMetricsDiscriminatorColumn": "filtered",
    "filteredReasonColumn": "why",
}  # fmt: skip


@pytest.fixture
def fresh(stage: Stage) -> Asker:
    return asker_of(stage, stage.http)


@pytest.mark.covers("workflows")
def test_a_workflow_is_read_back_as_it_was_saved(fresh: Asker) -> None:
    assert fresh.told(WORKFLOWS, WHOLE) == {}
    assert fresh.get(f"{WORKFLOWS}/sizes").json() == {"workflow": WHOLE}
    assert fresh.get(WORKFLOWS).json() == {"workflows": [WHOLE]}
    changed = {"workflowId": "sizes", "sqlQuery": "SELECT 1"}
    assert fresh.send("PUT", f"{WORKFLOWS}/sizes", changed).json() == {}
    assert fresh.get(f"{WORKFLOWS}/sizes").json() == {"workflow": changed}
    assert fresh.send("DELETE", f"{WORKFLOWS}/sizes").json() == {}
    assert fresh.get(f"{WORKFLOWS}/sizes").status_code == 404
    assert fresh.judged > 6


@pytest.mark.covers("workflows")
def test_workflows_are_listed_page_by_page_newest_first(fresh: Asker) -> None:
    for number in range(5):
        fresh.told(WORKFLOWS, {"workflowId": f"w{number}", "sqlQuery": SQL})
    found, token = [], None
    while True:
        page = fresh.get(WORKFLOWS, limit=2, nextToken=token).json()
        found += [one["workflowId"] for one in page["workflows"]]
        token = page.get("nextToken")
        if token is None:
            break
    assert found == ["w4", "w3", "w2", "w1", "w0"]


@pytest.mark.covers("workflows")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"workflowId": None}, "workflowId"),
        ({"sqlQuery": "  "}, "sqlQuery"),
        ({"query": ["U0VMRUNU"]}, "query"),
        ({"inputSchema": "sandbox"}, "inputSchema"),
        ({"inputParameters": [{"name": "x", "dataType": "BINARY"}]}, "inputParameters[0].dataType"),
        ({"inputParameters": [{"name": "x"}, {"name": "x"}]}, "inputParameters"),
        ({"privacyFilteringBehavior": "REMOVE_NOTHING"}, "privacyFilteringBehavior"),
    ],
)
def test_what_cannot_be_saved_is_refused_by_name(fresh: Asker, change: dict[str, Any], field: str) -> None:
    response = fresh.post(WORKFLOWS, {**WHOLE, **change})
    assert response.status_code == 400
    assert response.json()["code"] == "400"
    assert field in response.json()["details"]


@pytest.mark.covers("workflows")
def test_a_name_is_taken_once_and_kept(fresh: Asker) -> None:
    fresh.told(WORKFLOWS, WHOLE)
    again = fresh.post(WORKFLOWS, WHOLE)
    assert again.status_code == 400
    assert "already" in again.json()["details"]
    renamed = fresh.send("PUT", f"{WORKFLOWS}/sizes", {**WHOLE, "workflowId": "other"})
    assert renamed.status_code == 400
    assert fresh.send("PUT", f"{WORKFLOWS}/nothing", {**WHOLE, "workflowId": None}).status_code == 404
    assert fresh.send("DELETE", f"{WORKFLOWS}/nothing").status_code == 404


@pytest.mark.covers("workflows")
def test_another_client_of_the_same_instance_has_workflows_of_its_own(fresh: Asker, stage: Stage) -> None:
    fresh.told(WORKFLOWS, WHOLE)
    other = asker_of(stage, stage.http)
    assert other.get(WORKFLOWS).json() == {"workflows": []}
    assert other.get(f"{WORKFLOWS}/sizes").status_code == 404
    assert other.send("PUT", f"{WORKFLOWS}/sizes", WHOLE).status_code == 404
    assert other.told(WORKFLOWS, WHOLE) == {}


@pytest.mark.covers("reporting-callers")
@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Amazon-Advertising-API-AdvertiserId", None, 400),
        ("Amazon-Advertising-API-MarketplaceId", None, 400),
        ("Amazon-Advertising-API-MarketplaceId", "A1F83G8C2ARO7P", 400),
        ("Amazon-Advertising-API-AdvertiserId", "ENTITY6NOTYOURS", 403),
        ("Amazon-Advertising-API-AdvertiserId", CLEANROOM, 403),
        ("Authorization", None, 401),
    ],
)
def test_headers_say_which_account_is_meant(asker: Asker, header: str, value: str | None, status: int) -> None:
    response = asker.get(SOURCES, headers={header: value})
    assert response.status_code == status
    assert response.json()["code"] == str(status)
    assert header in response.json()["details"] or status == 401


@pytest.mark.covers("reporting-callers")
@pytest.mark.parametrize("instance", ["amcnotyours", "amc1", CLEANROOM_ACCOUNT])
def test_an_instance_of_somebody_else_is_as_unknown_as_a_made_up_one(asker: Asker, instance: str) -> None:
    response = asker.get(SOURCES.replace(CLEANROOM, instance))
    assert response.status_code == 403
    assert "instanceId" in response.json()["details"]
