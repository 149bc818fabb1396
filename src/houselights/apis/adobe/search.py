"""`/search/namespaces` and `/search/entities`: audiences found by words, by namespace, and in folders.

What a query may say is told in `search_query.py`.
"""

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from houselights.apis.adobe.audiences.fields import PLATFORM_NAMESPACE
from houselights.apis.adobe.audiences.shelf import Shelf
from houselights.apis.adobe.audiences.translate import kept_of
from houselights.apis.adobe.door import Visit, visit_of
from houselights.apis.adobe.ids import uuid_of
from houselights.apis.adobe.operations import UPS
from houselights.apis.adobe.search_query import read_query
from houselights.apis.adobe.wire import present, reply
from houselights.base.errors import InvalidInput
from houselights.model.audience import Audience

NAMESPACES, ENTITIES = f"{UPS}/search/namespaces", f"{UPS}/search/entities"
AUDIENCE_CLASS = "_xdm.context.segmentdefinition"
# The client sends this namespace when its user names none; it is one of people, not of audiences, and asks for all.
ANY_NAMESPACE = "ECID"
LIMIT = 50
DISPLAY = {PLATFORM_NAMESPACE: "Segmentation Service", "CustomerAudienceUpload": "Custom upload", "AO": "Compositions"}
Asks = Annotated[Visit, Depends(visit_of)]


class SearchRoutes:
    """The endpoints."""

    def __init__(self, shelf: Shelf):
        self._shelf = shelf

    def namespaces(
        self, visit: Asks, schema: Annotated[str, Query(alias="schema.name")] = AUDIENCE_CLASS, s: str = ""
    ) -> Response:
        """Say in which namespaces how many audiences match."""
        counts = Counter(str(kept_of(each).get("namespace")) for each in self._found(visit, schema, s))
        told = [
            {"namespace": name, "displayName": DISPLAY.get(name, name), "count": count}
            for name, count in sorted(counts.items())
        ]
        return reply({"namespaces": told, "totalCount": sum(counts.values()), "status": {"message": "Success"}})

    def entities(
        self,
        visit: Asks,
        schema: Annotated[str, Query(alias="schemaClass")] = "",
        schema_name: Annotated[str, Query(alias="schema.name")] = "",
        namespace: str = "",
        s: str = "",
        entity_id: Annotated[str, Query(alias="entityId")] = "",
        limit: int = LIMIT,
        page: int = 0,
    ) -> Response:
        """List the audiences that match, in a namespace, in a folder (`entityId`), or anywhere."""
        if not 1 <= limit <= LIMIT or page < 0:
            raise InvalidInput(f"limit is from 1 to {LIMIT}, page from 0 on", field="limit")
        found = [
            each
            for each in self._found(visit, schema or schema_name or AUDIENCE_CLASS, s)
            if namespace in {"", ANY_NAMESPACE, kept_of(each).get("namespace")} and entity_id in {"", _folder(each)}
        ]
        found.sort(key=lambda each: (each.name.casefold(), each.id))
        pages = max(1, -(-len(found) // limit))
        shown = [_entity(each) for each in found[page * limit : (page + 1) * limit]]
        described = {"totalCount": len(found), "totalPages": pages, "pageOffset": page, "pageSize": len(shown)}
        return reply({"entities": shown, "page": described, "status": {"message": "Success"}})

    def _found(self, visit: Visit, schema: str, query: str) -> Sequence[Audience]:
        if schema != AUDIENCE_CLASS:
            raise InvalidInput(f'what can be searched is "{AUDIENCE_CLASS}"', field="schema.name")
        wanted = read_query(query)
        return [each for each in self._shelf.all(visit.guest) if wanted(_texts(each))]


def _texts(audience: Audience) -> Mapping[str, Any]:
    return {"name": audience.name, "description": audience.description, **kept_of(audience)}


def _folder(audience: Audience) -> str:
    reference = kept_of(audience).get("linkedAudienceRef")
    return str(reference.get("audienceFolderId", "")) if isinstance(reference, dict) else ""


def _entity(audience: Audience) -> dict[str, Any]:
    source = str(kept_of(audience).get("audienceId") or uuid_of(audience.id))
    return present(
        id=uuid_of(audience.id),
        base64EncodedSourceId=base64.b64encode(source.encode()).decode(),
        sourceId=source,
        isFolder=False,
        parentFolderId=_folder(audience) or None,
        name=audience.name,
        description=audience.description,
    )


def routes(shelf: Shelf) -> APIRouter:
    """Return the router of search."""
    endpoints = SearchRoutes(shelf)
    router = APIRouter(tags=["Search"])
    router.add_api_route(NAMESPACES, endpoints.namespaces, methods=["GET"])
    router.add_api_route(ENTITIES, endpoints.entities, methods=["GET"])
    return router
