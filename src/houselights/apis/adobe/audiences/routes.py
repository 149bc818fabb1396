"""`/audiences` over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Response

from houselights.apis.adobe.audiences.evaluation import explained
from houselights.apis.adobe.audiences.fields import EXTERNAL, READ_ONLY
from houselights.apis.adobe.audiences.listing import DEFAULT_SORT, SORT_FIELDS, Wanted, chosen, in_order
from houselights.apis.adobe.audiences.shelf import Shelf
from houselights.apis.adobe.audiences.translate import etag_of, kept_of
from houselights.apis.adobe.bulk import asked_ids, results
from houselights.apis.adobe.door import Visit, visit_of
from houselights.apis.adobe.expressions import read_expression
from houselights.apis.adobe.language.eligibility import eligibility
from houselights.apis.adobe.operations import UPS
from houselights.apis.adobe.pages import asked_page
from houselights.apis.adobe.patching import Changes, patched
from houselights.apis.adobe.wire import nothing, present, reply
from houselights.base.errors import InvalidInput
from houselights.model.audience import Audience

PATH = f"{UPS}/audiences"
Asks = Annotated[Visit, Depends(visit_of)]
Json = Annotated[dict[str, Any], Body()]
IfMatch = Annotated[str | None, Header()]
Properties = Annotated[list[str] | None, Query(alias="property")]


class AudienceRoutes:
    """The endpoints."""

    def __init__(self, shelf: Shelf):
        self._shelf = shelf

    def list(
        self,
        visit: Asks,
        start: int = 0,
        limit: int = 100,
        sort: str | None = None,
        properties: Properties = None,
        name: str = "",
        description: str = "",
        entity_type: Annotated[str | None, Query(alias="entityType")] = None,
    ) -> Response:
        """List audiences. Inactive ones are shown when they are asked for by `property=audienceId==…`."""
        page = asked_page(start, limit, sort, SORT_FIELDS, DEFAULT_SORT)
        wanted = Wanted(name=name, description=description, properties=properties or (), entity_type=entity_type)
        found = chosen(
            self._shelf.all(visit.guest, name=name), wanted, lambda each: self._shelf.told(visit.guest, each)
        )
        found = in_order(found, page)
        shown = [self._shelf.told(visit.guest, audience) for audience in page.of(found)]
        asked = present(name=name or None, description=description or None, sort=sort, entityType=entity_type)
        return reply({"children": shown, **page.described("/audiences", len(found), len(shown), asked)})

    def create(self, visit: Asks, body: Json) -> Response:
        """Make an audience of an expression, or an external one."""
        return self._told(visit, self._shelf.create(visit.guest, body))

    def read(self, visit: Asks, audience_id: str) -> Response:
        """Return one audience by its `id`."""
        return self._told(visit, self._shelf.get(visit.guest, audience_id))

    def replace(self, visit: Asks, audience_id: str, body: Json, if_match: IfMatch = None) -> Response:
        """Overwrite an audience. Fields that only the service sets are ignored."""
        old = self._shelf.get(visit.guest, audience_id)
        return self._told(visit, self._shelf.replace(visit.guest, old, body, if_match))

    def patch(self, visit: Asks, audience_id: str, changes: Changes, if_match: IfMatch = None) -> Response:
        """Change fields of an audience. Fields that only the service sets are refused: each is asked for by name."""
        for place, change in enumerate(changes):
            name = change.path.lstrip("/").partition("/")[0]
            if name in READ_ONLY:
                raise InvalidInput(f"{name} is set by the service", field=f"[{place}].path")
        old = self._shelf.get(visit.guest, audience_id)
        before = self._shelf.told(visit.guest, old)
        body = patched(before, changes)
        if "expression" in before and not body.get("expression"):
            raise InvalidInput("an audience needs an expression", field="expression")
        if any(change.path == "/expression" for change in changes) and not any(
            change.path.startswith("/evaluationInfo") for change in changes
        ):
            body.pop("evaluationInfo", None)  # it belonged to the expression before; the new one is looked at afresh
        return self._told(visit, self._shelf.replace(visit.guest, old, body, if_match))

    def delete(self, visit: Asks, audience_id: str, if_match: IfMatch = None) -> Response:
        """Delete an audience that no other one stands on."""
        self._shelf.delete(visit.guest, self._shelf.get(visit.guest, audience_id), if_match)
        return nothing()

    def bulk_get(self, visit: Asks, body: Annotated[Any, Body()]) -> Response:
        """Return several audiences at once, whatever their state."""
        asked = asked_ids(body)
        found = self._shelf.find(visit.guest, asked)
        told = {name: self._shelf.told(visit.guest, audience) for name, audience in found.items()}
        return results(told, [each if isinstance(each, str) else each[0] for each in asked], visit.request_id)

    def eligibility(self, visit: Asks, audience_id: str) -> Response:
        """Say by which methods an audience can be evaluated, and what speaks against the others. An extension."""
        kept = kept_of(self._shelf.get(visit.guest, audience_id))
        if kept["type"] == EXTERNAL:
            raise InvalidInput("an external audience is not evaluated: it has the members that were uploaded")
        parsed = read_expression(kept["expression"]).parsed
        active = self._shelf.is_active_on_edge(visit.guest, kept)
        return reply(explained(eligibility(parsed.tree, active_on_edge=active), kept["evaluationInfo"]))

    def _told(self, visit: Visit, audience: Audience) -> Response:
        return reply(self._shelf.told(visit.guest, audience), headers={"ETag": etag_of(audience)})


def routes(shelf: Shelf) -> APIRouter:
    """Return the router of audiences."""
    endpoints = AudienceRoutes(shelf)
    router = APIRouter(tags=["Audiences"])
    one = f"{PATH}/{{audience_id}}"
    router.add_api_route(PATH, endpoints.list, methods=["GET"])
    router.add_api_route(PATH, endpoints.create, methods=["POST"])
    router.add_api_route(f"{PATH}/bulk-get", endpoints.bulk_get, methods=["POST"], status_code=207)
    router.add_api_route(one, endpoints.read, methods=["GET"])
    router.add_api_route(one, endpoints.replace, methods=["PUT"])
    router.add_api_route(one, endpoints.patch, methods=["PATCH"])
    router.add_api_route(one, endpoints.delete, methods=["DELETE"], status_code=204)
    router.add_api_route(f"{one}/eligibility", endpoints.eligibility, methods=["GET"])
    return router
