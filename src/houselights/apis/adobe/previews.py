"""`/preview` and `/estimate`: who an expression would find, before it is saved. Nothing is sampled.

The people are counted, all of them: an estimate here is the number, its error is 0, and it says so (`exact`). Callers
without the scope "counts:exact" are told the lower end of the band the number lies in, and that it is no exact one.
Those who opted out are left out, as they are from audiences.
"""

import base64
import binascii
from collections import Counter
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Body, Depends, Response
from starlette.background import BackgroundTask

from houselights.apis.adobe.admission import Guest
from houselights.apis.adobe.audiences.shelf import Shelf
from houselights.apis.adobe.config.policies import GRAPHS, PROFILE_CLASS
from houselights.apis.adobe.door import Visit, visit_of
from houselights.apis.adobe.expressions import FIELD, TEXT, read_expression
from houselights.apis.adobe.operations import UPS
from houselights.apis.adobe.profiles import xid_of
from houselights.apis.adobe.wire import reply
from houselights.base.errors import HouselightsError, InvalidInput, NotFound
from houselights.rules.consent import OPTED_OUT
from houselights.rules.json_form import from_json, to_json
from houselights.rules.tree import And, Not
from houselights.services.house import House
from houselights.services.question import Question, described, open_question

KIND = "preview"
PREVIEW, ESTIMATE = f"{UPS}/preview", f"{UPS}/estimate"
NEW, RUNNING, READY, FAILED = "NEW", "RUNNING", "RESULT_READY", "FAILED"
SHOWN_MOST = 1000
Asks = Annotated[Visit, Depends(visit_of)]


class PreviewRoutes:
    """The endpoints."""

    def __init__(self, house: House, shelf: Shelf):
        self._house = house
        self._shelf = shelf

    def create(self, visit: Asks, body: Annotated[dict[str, Any], Body()]) -> Response:
        """Ask who an expression finds. The counting begins when the reply has left."""
        visit.guest.caller.require("insights:read")
        if body.get("predicateModel", PROFILE_CLASS) != PROFILE_CLASS:
            raise InvalidInput(f'the model is "{PROFILE_CLASS}"', field="predicateModel")
        if body.get("graphType", GRAPHS[0]) not in GRAPHS:
            raise InvalidInput(f"the graph is one of {', '.join(GRAPHS)}", field="graphType")
        sent = {"format": body.get("predicateType", TEXT), "value": body.get("predicateExpression")}
        try:
            checked = self._shelf.expressions.check(
                visit.guest,
                read_expression(sent),
                lambda name: self._shelf.named(visit.guest, name),
                override_warnings=True,
            )
        except InvalidInput as error:
            error.field = _as_sent(error.field)
            raise
        query_id = str(uuid4())
        kept = {"rule": to_json(And((checked.rule, Not(OPTED_OUT)))), "state": NEW}
        self._keep(visit.guest, query_id, kept)
        told = {
            "state": NEW,
            "previewQueryId": query_id,
            "previewQueryStatus": NEW,
            "previewId": preview_id_of(query_id),
            "previewExecutionId": 0,
        }
        response = reply(told, 201, {"X-Location": f"{PREVIEW}/{told['previewId']}"})
        response.background = BackgroundTask(self._count, visit.guest, query_id, kept)
        return response

    def read(self, visit: Asks, preview_id: str, offset: int = 0, limit: int = SHOWN_MOST) -> Response:
        """Show people whom the expression finds, by id, with their identities."""
        if offset < 0 or not 1 <= limit <= SHOWN_MOST:
            raise InvalidInput(f"limit is from 1 to {SHOWN_MOST}, offset from 0 on", field="limit")
        query_id, kept = self._kept(visit.guest, preview_id)
        told = {
            "state": kept["state"],
            "previewQueryId": query_id,
            "previewQueryStatus": kept["state"],
            "previewId": preview_id,
            "previewExecutionId": 0,
        }
        if kept["state"] != READY:
            return reply({**told, "results": []})
        people = self._question(visit.guest, kept).audience.ids()
        page = [int(each) for each in people[offset : offset + limit]]
        results = []
        for profile in self._house.people.shown(visit.guest.caller, page):
            xid = xid_of(profile.key)
            known = {name: {"code": name, "ids": list(values)} for name, values in profile.identities.items()}
            href = f"{self._base}{UPS}/access/entities?schema.name={PROFILE_CLASS}&entityId={xid}"
            results.append({xid: {"_href": href, "endCustomerIds": known}})
        here = f"@/preview/{preview_id}?offset="
        links = {"_self": f"{here}{offset}&limit={limit}"}
        links["next"] = f"{here}{offset + limit}&limit={limit}" if offset + limit < len(people) else ""
        links["prev"] = f"{here}{max(0, offset - limit)}&limit={limit}" if offset else ""
        return reply({**told, "results": results, "links": links, "page": {"offset": offset, "size": len(results)}})

    def delete(self, visit: Asks, preview_id: str) -> Response:
        """Forget a preview."""
        query_id, _ = self._kept(visit.guest, preview_id)
        self._house.control.documents.delete(visit.guest.caller.workspace.id, KIND, query_id)
        return reply({"status": True, "message": f"Preview '{preview_id}' has been deleted"})

    def estimate(self, visit: Asks, preview_id: str) -> Response:
        """Say how many people the expression finds: all of them were counted."""
        caller = visit.guest.caller
        caller.require("insights:read")
        _, kept = self._kept(visit.guest, preview_id)
        state = kept["state"]
        total, count = kept.get("total", 0), kept.get("count", 0)
        if not caller.exact:
            bands = caller.workspace.privacy.bands
            total, count = (max(low for low in bands if low <= number) for number in (total, count))
        namespaces = kept.get("namespaces", {}) if caller.exact else {}
        return reply(
            {
                "state": state,
                "estimatedSize": count,
                "exact": state == READY and caller.exact,
                "numRowsToRead": total,
                "totalRows": total,
                "profilesReadSoFar": total if state == READY else 0,
                "profilesMatchedSoFar": count,
                "standardError": 0.0,
                "confidenceInterval": "100%" if caller.exact else "95%",
                "estimatedNamespaceDistribution": [
                    {"namespaceId": name, "profilesMatchedSoFar": number} for name, number in namespaces.items()
                ],
                "error": {"description": kept.get("error", ""), "traceback": ""},
                "_links": {"preview": f"{self._base}{PREVIEW}/{preview_id}"},
            }
        )

    # ── the counting ────────────────────────────────────────────────────────────────────────────────────────────────

    def _count(self, guest: Guest, query_id: str, kept: dict[str, Any]) -> None:
        """Count, and keep what was counted; a fault becomes the preview's own."""
        self._keep(guest, query_id, {**kept, "state": RUNNING})
        try:
            self._house.uploads.expire(guest.caller.workspace)
            question = self._question(guest, kept)
            self._house.audit.record(guest.caller, "insights.size", **described(question))
            people = [int(each) for each in question.audience.ids()]
            known = self._house.people.identities(question.snapshot, people)
            namespaces = Counter(name for each in known.values() for name in each)
            done = {
                "state": READY,
                "count": len(people),
                "total": len(question.snapshot.index.everyone),
                "namespaces": dict(sorted(namespaces.items())),
            }
        except HouselightsError as error:
            done = {"state": FAILED, "error": error.message}
        except Exception:
            self._keep(guest, query_id, {**kept, "state": FAILED, "error": "Internal error"})
            raise
        self._keep(guest, query_id, {**kept, **done})

    def _question(self, guest: Guest, kept: dict[str, Any]) -> Question:
        return open_question(self._house.snapshots, self._house.audiences, guest.caller, from_json(kept["rule"]))

    def _keep(self, guest: Guest, query_id: str, kept: dict[str, Any]) -> None:
        self._house.control.documents.put(guest.caller.workspace.id, KIND, query_id, kept, self._house.clock.now())

    def _kept(self, guest: Guest, preview_id: str) -> tuple[str, dict[str, Any]]:
        query_id = query_id_of(preview_id)
        if query_id is None:
            raise NotFound(f"no preview {preview_id}")
        return query_id, dict(self._house.control.documents.get(guest.caller.workspace.id, KIND, query_id).body)

    @property
    def _base(self) -> str:
        return self._house.settings.base_url


def _as_sent(field: str | None) -> str | None:
    """Return a field of an expression by its name in the body of a preview, which holds it in pieces."""
    if field == f"{FIELD}.format":
        return "predicateType"
    return field and field.replace(FIELD, "predicateExpression").replace(".value", "", 1)


def preview_id_of(query_id: str) -> str:
    """Return the id under which a query is previewed: it names the query and its execution."""
    return base64.urlsafe_b64encode(f"0:houselights:{query_id}:0".encode()).decode().rstrip("=")


def query_id_of(preview_id: str) -> str | None:
    """Return the query in a preview's id; None for text that is no such id."""
    try:
        text = base64.urlsafe_b64decode(preview_id + "=" * (-len(preview_id) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    parts = text.split(":")
    return parts[2] if len(parts) == 4 else None


def routes(house: House, shelf: Shelf) -> APIRouter:
    """Return the router of previews."""
    endpoints = PreviewRoutes(house, shelf)
    router = APIRouter(tags=["Previews and estimates"])
    router.add_api_route(PREVIEW, endpoints.create, methods=["POST"], status_code=201)
    router.add_api_route(f"{PREVIEW}/{{preview_id}}", endpoints.read, methods=["GET"])
    router.add_api_route(f"{PREVIEW}/{{preview_id}}", endpoints.delete, methods=["DELETE"])
    router.add_api_route(f"{ESTIMATE}/{{preview_id}}", endpoints.estimate, methods=["GET"])
    return router
