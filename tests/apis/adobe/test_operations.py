"""The table of operations and the routes are the same list."""

from typing import Any

from houselights.apis.adobe.operations import OPERATIONS, PATHS, operation_at
from tests.apis.adobe.conftest import UPS, Stage


def test_the_table_and_the_routes_are_the_same_list(stage: Stage) -> None:
    document: Any = stage.http.get("/adobe/openapi.json").json()
    routes = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert routes == {(operation.method, operation.path) for operation in OPERATIONS}


def test_every_operation_is_below_a_prefix_of_the_room() -> None:
    for operation in OPERATIONS:
        assert any(operation.path.startswith(f"{prefix}/") for prefix in PATHS)


def test_a_path_finds_its_operation() -> None:
    found = operation_at("GET", f"{UPS}/config/mergePolicies/a-b-c")
    assert found is not None
    assert found.path == f"{UPS}/config/mergePolicies/{{policy_id}}"
    assert operation_at("GET", f"{UPS}/config/mergePolicies/a/b") is None
    assert operation_at("DELETE", f"{UPS}/config/mergePolicies") is None
