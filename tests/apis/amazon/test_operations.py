"""The table of operations and the routes are the same list."""

from collections.abc import Iterator
from typing import Any

from houselights.apis.amazon.operations import OPERATIONS, PATHS, operation_at
from houselights.apis.amazon.wire import PATTERN_WORDS
from tests.apis.amazon.conftest import Stage


def test_the_table_and_the_routes_are_the_same_list(stage: Stage) -> None:
    document: Any = stage.http.get("/amazon/openapi.json").json()
    routes = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert routes == {(operation.method, operation.path) for operation in OPERATIONS}


def test_every_operation_is_below_a_prefix_of_the_room() -> None:
    for operation in OPERATIONS:
        assert any(operation.path == prefix or operation.path.startswith(f"{prefix}/") for prefix in PATHS)


def test_a_path_finds_its_operation() -> None:
    found = operation_at("GET", "/insights/audiences/413642381039213536/overlappingAudiences")
    assert found is not None
    assert found.path == "/insights/audiences/{audienceId}/overlappingAudiences"
    assert operation_at("GET", "/insights/audiences/1/2/overlappingAudiences") is None
    assert operation_at("DELETE", "/v2/profiles") is None


def test_every_pattern_of_a_request_can_be_said_in_words(stage: Stage) -> None:
    document: Any = stage.http.get("/amazon/openapi.json").json()
    patterns = set(patterns_in(document))
    assert patterns
    assert patterns <= set(PATTERN_WORDS)


def patterns_in(node: Any) -> Iterator[str]:
    """Every `pattern` anywhere in a document."""
    if isinstance(node, dict):
        yield from ([node["pattern"]] if isinstance(node.get("pattern"), str) else [])
        yield from (pattern for each in node.values() for pattern in patterns_in(each))
    elif isinstance(node, list):
        yield from (pattern for each in node for pattern in patterns_in(each))
