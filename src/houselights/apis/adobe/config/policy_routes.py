"""`/config/mergePolicies` over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response

from houselights.apis.adobe.bulk import asked_ids, results
from houselights.apis.adobe.config.policies import Policies
from houselights.apis.adobe.door import Visit, visit_of
from houselights.apis.adobe.operations import UPS
from houselights.apis.adobe.pages import asked_page, flag
from houselights.apis.adobe.patching import Changes, patched
from houselights.apis.adobe.wire import nothing, reply
from houselights.services.house import House

PATH = f"{UPS}/config/mergePolicies"
Asks = Annotated[Visit, Depends(visit_of)]
Json = Annotated[dict[str, Any], Body()]


class PolicyRoutes:
    """The endpoints."""

    def __init__(self, policies: Policies):
        self._policies = policies

    def list(
        self,
        visit: Asks,
        start: int = 0,
        limit: int = 20,
        order_by: Annotated[str, Query(alias="orderBy")] = "",
        default: str | None = None,
        edge: Annotated[str | None, Query(alias="isActiveOnEdge")] = None,
        schema: Annotated[str | None, Query(alias="schema.name")] = None,
    ) -> Response:
        """List merge policies; `orderBy` is `+name` or `-name`."""
        wanted = {"default": flag(default, "default"), "isActiveOnEdge": flag(edge, "isActiveOnEdge")}
        found = [
            policy
            for policy in self._policies.all(visit.guest)
            if all(policy[name] is value for name, value in wanted.items() if value is not None)
            and schema in {None, policy["schema"]["name"]}
        ]
        found.sort(key=lambda policy: str(policy["name"]), reverse=order_by.startswith("-"))
        page = asked_page(start, limit, None, ("name",), "name:desc" if order_by.startswith("-") else "name:asc")
        shown = page.of(found)
        described = page.described("/config/mergePolicies", len(found), len(shown), {})
        return reply({**described, "children": shown})

    def create(self, visit: Asks, body: Json) -> Response:
        """Make a merge policy."""
        return reply(self._policies.create(visit.guest, body))

    def read(self, visit: Asks, policy_id: str) -> Response:
        """Return one merge policy."""
        return reply(self._policies.get(visit.guest, policy_id))

    def replace(self, visit: Asks, policy_id: str, body: Json) -> Response:
        """Replace a merge policy."""
        return reply(self._policies.update(visit.guest, policy_id, body))

    def patch(self, visit: Asks, policy_id: str, changes: Changes) -> Response:
        """Change fields of a merge policy."""
        old = self._policies.get(visit.guest, policy_id)
        return reply(self._policies.update(visit.guest, policy_id, patched(old, changes)))

    def delete(self, visit: Asks, policy_id: str) -> Response:
        """Remove a merge policy."""
        self._policies.delete(visit.guest, policy_id)
        return nothing(200)

    def bulk_get(self, visit: Asks, body: Annotated[Any, Body()]) -> Response:
        """Return several merge policies at once."""
        asked = [each if isinstance(each, str) else each[0] for each in asked_ids(body)]
        found = {policy["id"]: policy for policy in self._policies.all(visit.guest) if policy["id"] in asked}
        return results(found, asked, visit.request_id)


def routes(house: House) -> APIRouter:
    """Return the router of merge policies."""
    endpoints = PolicyRoutes(Policies(house))
    router = APIRouter(tags=["Merge policies"])
    router.add_api_route(PATH, endpoints.list, methods=["GET"])
    router.add_api_route(PATH, endpoints.create, methods=["POST"])
    router.add_api_route(f"{PATH}/bulk-get", endpoints.bulk_get, methods=["POST"], status_code=207)
    one = f"{PATH}/{{policy_id}}"
    router.add_api_route(one, endpoints.read, methods=["GET"])
    router.add_api_route(one, endpoints.replace, methods=["PUT"])
    router.add_api_route(one, endpoints.patch, methods=["PATCH"])
    router.add_api_route(one, endpoints.delete, methods=["DELETE"])
    return router
