"""`/segment/definitions` and `/segment/conversion`: the older face of audiences with an expression.

The same audiences as `/audiences`, in another list and with other habits: names are unique, a PATCH is a whole object,
and an audience that asks for no method of evaluation is a batch audience.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Response

from houselights.apis.adobe.audiences.fields import INACTIVE, PLATFORM, name_of
from houselights.apis.adobe.audiences.listing import SORT_FIELDS, in_order
from houselights.apis.adobe.audiences.shelf import Shelf
from houselights.apis.adobe.audiences.translate import etag_of, kept_of
from houselights.apis.adobe.bulk import asked_ids, results
from houselights.apis.adobe.door import Visit, visit_of
from houselights.apis.adobe.errors import UNKNOWN, Refusal
from houselights.apis.adobe.expressions import JSON, TEXT, read_expression
from houselights.apis.adobe.language.eligibility import Method
from houselights.apis.adobe.language.json_form import write_json
from houselights.apis.adobe.language.write import write
from houselights.apis.adobe.operations import UPS
from houselights.apis.adobe.pages import asked_page, flag
from houselights.apis.adobe.wire import present, reply
from houselights.base.errors import InvalidInput
from houselights.model.audience import Audience

PATH = f"{UPS}/segment/definitions"
CONVERSION = f"{UPS}/segment/conversion"
LIMIT = 100
Asks = Annotated[Visit, Depends(visit_of)]
Json = Annotated[dict[str, Any], Body()]
IfMatch = Annotated[str | None, Header()]
Definitions = list[Audience]


class DefinitionRoutes:
    """The endpoints."""

    def __init__(self, shelf: Shelf):
        self._shelf = shelf

    def list(
        self,
        visit: Asks,
        start: int = 0,
        page: int | None = None,
        limit: int = LIMIT,
        sort: str | None = None,
        batch: Annotated[str | None, Query(alias="evaluationInfo.batch.enabled")] = None,
        continuous: Annotated[str | None, Query(alias="evaluationInfo.continuous.enabled")] = None,
        synchronous: Annotated[str | None, Query(alias="evaluationInfo.synchronous.enabled")] = None,
    ) -> Response:
        """List definitions; pages count from 0, and the one after the last is empty."""
        flags = {"batch": batch, "continuous": continuous, "synchronous": synchronous}
        wanted = {name: flag(text, f"evaluationInfo.{name}.enabled") for name, text in flags.items()}
        first = start if page is None else page
        asked = asked_page(first, limit, sort, SORT_FIELDS, "creationTime:desc", most=LIMIT)
        found = [each for each in self._definitions(visit) if _evaluated(each, wanted)]
        shown = asked.of(in_order(found, asked))
        described = {
            "totalCount": len(found),
            "totalPages": -(-len(found) // limit),
            "sortField": asked.sort_field,
            "sort": asked.sort,
            "pageSize": len(shown),
            "limit": limit,
        }
        told = [self._shelf.told(visit.guest, each) for each in shown]
        return reply({"segments": told, "page": described, "link": {}})

    def create(self, visit: Asks, body: Json) -> Response:
        """Make a definition. Its name may not be another's."""
        name = name_of(body)
        for field in ("schema", "expression"):
            if not body.get(field):
                raise InvalidInput(f"a definition needs {field}", field=field)
        self._must_be_new(visit, name)
        made = self._shelf.create(visit.guest, {**body, "type": PLATFORM}, otherwise=Method.BATCH)
        told = self._shelf.told(visit.guest, made)
        return reply(told, headers={"X-Location": f"{PATH}/{told['id']}"})

    def read(self, visit: Asks, definition_id: str) -> Response:
        """Return one definition."""
        return self._told(visit, self._get(visit, definition_id))

    def replace(self, visit: Asks, definition_id: str, body: Json, if_match: IfMatch = None) -> Response:
        """Overwrite a definition with a whole one. Its name may not become another's."""
        old = self._get(visit, definition_id)
        if name_of(body) != old.name:
            self._must_be_new(visit, name_of(body))
        changed = self._shelf.replace(visit.guest, old, {**body, "type": PLATFORM}, if_match)
        return self._told(visit, changed)

    def delete(self, visit: Asks, definition_id: str, if_match: IfMatch = None) -> Response:
        """Delete a definition that no other audience stands on."""
        self._shelf.delete(visit.guest, self._get(visit, definition_id), if_match)
        return reply({"status": True, "message": f"Segment definition '{definition_id}' has been deleted"})

    def bulk_get(self, visit: Asks, body: Annotated[Any, Body()]) -> Response:
        """Return several definitions at once."""
        asked = [each if isinstance(each, str) else each[0] for each in asked_ids(body)]
        found = {name: each for name, each in self._shelf.find(visit.guest, asked).items() if _is_definition(each)}
        told = {name: self._shelf.told(visit.guest, each) for name, each in found.items()}
        return results(told, asked, visit.request_id)

    def convert(self, visit: Asks, body: Json) -> Response:
        """Write an expression in the other format. Saves nothing, and asks of the expression only that it is one."""
        expression = read_expression(body.get("expression"))
        to_json = expression.verbatim.get("format", TEXT) == TEXT
        tree = expression.parsed.tree
        converted = {
            "type": "PQL",
            "format": JSON if to_json else TEXT,
            "value": write_json(tree) if to_json else write(tree),
        }
        kept = {name: body.get(name) for name in ("ttlInDays", "name", "description")}
        schema = body.get("schema")
        return reply(present(**kept, **visit.guest.place, schema=schema, expression=converted))

    def _told(self, visit: Visit, definition: Audience) -> Response:
        return reply(self._shelf.told(visit.guest, definition), headers={"ETag": etag_of(definition)})

    def _must_be_new(self, visit: Visit, name: str) -> None:
        if any(each.name == name for each in self._definitions(visit)):
            raise Refusal(422, "422", f'there is a segment definition "{name}"', field="name")

    def _definitions(self, visit: Visit) -> Definitions:
        return [
            each
            for each in self._shelf.all(visit.guest)
            if _is_definition(each) and kept_of(each).get("lifecycleState") != INACTIVE
        ]

    def _get(self, visit: Visit, definition_id: str) -> Audience:
        found = self._shelf.get(visit.guest, definition_id)
        if not _is_definition(found):
            raise Refusal(404, UNKNOWN, f"The segment definition {definition_id} is not found.")
        return found


def _is_definition(audience: Audience) -> bool:
    return bool(kept_of(audience)["type"] == PLATFORM)


def _evaluated(audience: Audience, wanted: Mapping[str, bool | None]) -> bool:
    info = kept_of(audience).get("evaluationInfo", {})
    return all(
        info.get(method, {}).get("enabled", False) is value for method, value in wanted.items() if value is not None
    )


def routes(shelf: Shelf) -> APIRouter:
    """Return the router of definitions."""
    endpoints = DefinitionRoutes(shelf)
    router = APIRouter(tags=["Segment definitions"])
    one = f"{PATH}/{{definition_id}}"
    router.add_api_route(PATH, endpoints.list, methods=["GET"])
    router.add_api_route(PATH, endpoints.create, methods=["POST"])
    router.add_api_route(f"{PATH}/bulk-get", endpoints.bulk_get, methods=["POST"], status_code=207)
    router.add_api_route(one, endpoints.read, methods=["GET"])
    router.add_api_route(one, endpoints.replace, methods=["PATCH"])
    router.add_api_route(one, endpoints.delete, methods=["DELETE"])
    router.add_api_route(CONVERSION, endpoints.convert, methods=["POST"])
    return router
