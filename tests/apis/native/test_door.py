"""What every request passes: its id, its line in the log, its place in the numbers; and the OpenAPI page."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from houselights.base.logs import write_logs
from houselights.model.workspace import Workspace
from houselights.services.caller import Caller
from houselights.services.house import House
from tests.apis.native.test_imports import write_population
from tests.settle import put_audience

RULE = {"trait": {"facet": "gender", "any_of": ["female"]}}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    write_logs(stream)
    yield stream
    quiet = logging.getLogger("houselights")
    quiet.handlers, quiet.propagate = [], True
    quiet.setLevel(logging.NOTSET)


def test_a_request_id_is_kept_when_it_is_a_modest_word(client: TestClient) -> None:
    assert client.get("/v1/health", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    for odd in ("a b", "x" * 129, 'a"b'):
        drawn = client.get("/v1/health", headers={"X-Request-Id": odd}).headers["x-request-id"]
        assert re.fullmatch(r"[0-9a-f-]{36}", drawn)


def test_every_request_has_one_line_of_json_in_the_log(client: TestClient, log: io.StringIO) -> None:
    client.post("/v1/size", json={"rule": RULE}, headers={"X-Request-Id": "r-9"})
    client.get("/nowhere")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(one["event"], one["room"], one["method"], one["path"], one["status"]) for one in lines] == [
        ("request", "native", "POST", "/v1/size", 200),
        ("request", "none", "GET", "/nowhere", 404),
    ]
    assert lines[0]["request_id"] == "r-9"
    assert lines[0]["client"].startswith("hl-")
    assert lines[0]["milliseconds"] > 0


def test_neither_tokens_nor_queries_are_logged(client: TestClient, log: io.StringIO) -> None:
    client.get("/v1/traits", params={"q": "something private"})
    assert "private" not in log.getvalue()
    assert client.headers["Authorization"].split()[1] not in log.getvalue()


def test_faults_are_logged_with_their_trace(
    client: TestClient, log: io.StringIO, house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(house.insights), "size", lambda *_, **__: 1 / 0)
    reply = client.post("/v1/size", json={"rule": RULE})
    fault = next(one for one in map(json.loads, log.getvalue().splitlines()) if one["event"] == "fault")
    assert fault["request_id"] == reply.headers["x-request-id"]
    assert "ZeroDivisionError" in fault["exception"]


def test_metrics_count_requests_by_template_and_name_the_generation(client: TestClient) -> None:
    client.get("/v1/audiences/9001")
    client.get("/v1/audiences/9002")
    client.get("/nowhere")
    reply = client.get("/v1/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    lines = reply.text.splitlines()
    assert (
        'houselights_requests_total{method="GET",room="native",route="/v1/audiences/{audience_id}",status="200"} 2.0'
        in lines
    )
    assert 'houselights_requests_total{method="GET",room="none",route="other",status="404"} 1.0' in lines
    assert 'houselights_generation{workspace="twelve"} 1.0' in lines
    assert 'houselights_people{workspace="twelve"} 12.0' in lines
    assert not any("9001" in line for line in lines)


def test_health_and_readiness_ask_for_no_token(http: TestClient) -> None:
    assert http.get("/v1/health").json()["status"] == "ok"
    assert http.get("/v1/ready").json() == {"status": "ready", "workspaces": 1}


# ── the OpenAPI page ────────────────────────────────────────────────────────────────────────────────────────────────


def operations(page: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in page["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def test_every_operation_is_described_and_documents_its_problems(http: TestClient) -> None:
    page = http.get("/v1/openapi.json").json()
    for method, path, operation in operations(page):
        assert operation["description"].endswith("."), (method, path)
        assert operation["tags"], (method, path)
        problem = operation["responses"]["401"]["content"]
        assert set(problem) == {"application/problem+json"}, (method, path)
        for parameter in operation.get("parameters", []):
            known = parameter.get("description") or parameter["schema"].get("description")
            assert known or parameter["in"] == "path" or parameter["name"] == "limit", (path, parameter["name"])


def resolve(page: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema["$ref"].rsplit("/", 1)[1]
    found: dict[str, Any] = page["components"]["schemas"][name]
    return found


def test_every_request_body_has_an_example_that_works(client: TestClient, house: House, workspace: Workspace) -> None:
    """The examples of the page, sent as they stand, are answered; ids in paths are put in."""
    page = client.get("/v1/openapi.json").json()
    for example_id in (413642381039213536, 521036718394421650):
        put_audience(house, workspace, example_id, f"Example {example_id}", RULE)
    write_population(house.settings.import_folders[0] / "spring")
    local = Caller.local(workspace)
    person = house.operators.add(local, name="ada", password="a long sentence")
    roster = house.rosters.create(local, name="Known", description="", account_id=None, ttl_seconds=None)
    known = {"audience_id": "9001", "name": "ada", "language": "adobe"}
    known |= {"list_id": str(roster.id), "client_number": str(person.client.id)}
    tried = set()
    for method, path, operation in operations(page):
        if "requestBody" not in operation:
            continue
        examples = resolve(page, operation["requestBody"]["content"]["application/json"]["schema"])["examples"]
        for example in examples:
            reply = client.request(method, path.format(**known), json=example)
            assert reply.status_code in {200, 201, 202, 204}, (path, reply.text)
            tried.add(path)
    assert len(tried) >= 17
    house.imports.wait(workspace.id)


def test_the_page_is_shown_without_a_token_and_without_a_network(http: TestClient) -> None:
    reply = http.get("/v1/docs")
    assert reply.headers["content-type"].startswith("text/html")
    assert "<code>/v1/insights</code>" in reply.text
    assert "<script" not in reply.text
