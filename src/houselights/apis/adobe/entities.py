"""`/access/entities`: one profile or several, their attributes or their events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response

from houselights.apis.adobe.audiences.shelf import Shelf
from houselights.apis.adobe.audiences.translate import log_of
from houselights.apis.adobe.config.policies import PROFILE_CLASS, Policies
from houselights.apis.adobe.door import Visit, visit_of
from houselights.apis.adobe.errors import UNREADABLE, Refusal
from houselights.apis.adobe.ids import uuid_of
from houselights.apis.adobe.operations import UPS
from houselights.apis.adobe.profiles import attributes_of, chosen_fields, events_of, person_of, written, xid_of
from houselights.apis.adobe.standings import standings_in, standings_told
from houselights.apis.adobe.wire import reply
from houselights.base.errors import InvalidInput, NotFound
from houselights.model.audience import AudienceStatus
from houselights.rules.values import MEMBERSHIPS
from houselights.services.house import House
from houselights.services.people import Profile

PATH = f"{UPS}/access/entities"
EVENT_CLASS = "_xdm.context.experienceevent"
MOST = 100
LIMIT_MOST = 1000
Asks = Annotated[Visit, Depends(visit_of)]
Name = Annotated[str, Query(alias="schema.name")]
Fields = Annotated[str, Query()]


class EntityRoutes:
    """The endpoints."""

    def __init__(self, house: House, shelf: Shelf):
        self._house = house
        self._shelf = shelf
        self._policies = Policies(house)

    def read(
        self,
        visit: Asks,
        schema: Name,
        entity_id: Annotated[str, Query(alias="entityId")] = "",
        namespace: Annotated[str, Query(alias="entityIdNS")] = "",
        related_id: Annotated[str, Query(alias="relatedEntityId")] = "",
        related_namespace: Annotated[str, Query(alias="relatedEntityIdNS")] = "",
        fields: Fields = "",
        policy_id: Annotated[str | None, Query(alias="mergePolicyId")] = None,
        start_time: Annotated[int | None, Query(alias="startTime")] = None,
        end_time: Annotated[int | None, Query(alias="endTime")] = None,
        limit: int = 1000,
        start: int = 0,
        offsets: str = "",
        orderby: str = "",
    ) -> Response:
        """Return a profile by its id, or by an identity and its namespace; or the events of one."""
        paths, policy = _fields(fields), self._policy(visit, policy_id)
        if schema == PROFILE_CLASS:
            return reply(self._entities(visit, [self._one(visit, entity_id, namespace)], paths, policy))
        if schema != EVENT_CLASS:
            raise InvalidInput(f'entities are of "{PROFILE_CLASS}" or "{EVENT_CLASS}"', field="schema.name")
        profile = self._one(visit, related_id, related_namespace)
        found = [event for event in events_of(profile) if _between(event["timestamp"], start_time, end_time)]
        if orderby.startswith("-"):
            found.reverse()
        start = int(offsets) if offsets.isdigit() else start  # the vendor's client calls the next page so
        if start < 0 or not 1 <= limit <= LIMIT_MOST:
            raise InvalidInput(f"limit is from 1 to {LIMIT_MOST}, start from 0 on", field="limit")
        shown = [
            {
                "relatedEntityId": xid_of(profile.key),
                "entityId": str(event.get("_id", "")),
                "timestamp": _epoch(event["timestamp"]),
                "entity": chosen_fields(event, paths),
            }
            for event in found[start : start + limit]
        ]
        more = start + limit < len(found)
        page = {"orderby": orderby or "timestamp", "start": str(start), "count": len(shown), "totalCount": len(found)}
        href = f"/entities?start={start + limit}&offsets={start + limit}&limit={limit}"
        links = {"next": {"href": href} if more else {}}
        return reply({"_page": page, "children": shown, "_links": links})

    def several(self, visit: Asks, body: Annotated[dict[str, Any], Body()]) -> Response:
        """Return several profiles by `identities`; those that are nobody's are left out."""
        schema = body.get("schema") or {"name": PROFILE_CLASS}
        if not isinstance(schema, dict) or schema.get("name") != PROFILE_CLASS:
            raise InvalidInput(f'several entities are of "{PROFILE_CLASS}"', field="schema.name")
        asked = body.get("identities")
        if not isinstance(asked, list) or not 1 <= len(asked) <= MOST:
            raise Refusal(400, UNREADABLE, f"identities is a list of 1 to {MOST}", field="identities")
        wanted = _fields(body.get("fields") or [])
        people = []
        for place, each in enumerate(asked):
            if not isinstance(each, dict) or not isinstance(each.get("entityId"), str):
                raise Refusal(400, UNREADABLE, "an identity has an entityId", field=f"identities[{place}].entityId")
            code = _namespace(each.get("entityIdNS"), f"identities[{place}].entityIdNS")
            person = person_of(self._house, visit.guest, each["entityId"], code)
            if person is not None:
                people.append(person)
        shown = self._house.people.shown(visit.guest.caller, list(dict.fromkeys(people)))
        return reply(self._entities(visit, shown, wanted, self._policy(visit, body.get("mergePolicyId"))))

    def _one(self, visit: Visit, entity_id: str, namespace: str) -> Profile:
        if not entity_id:
            raise InvalidInput("which entity is meant?", field="entityId")
        person = person_of(self._house, visit.guest, entity_id, namespace)
        found = [] if person is None else self._house.people.shown(visit.guest.caller, [person])
        if not found:
            raise Refusal(404, "404", f"The entity {entity_id} is not found.")
        return found[0]

    def _policy(self, visit: Visit, policy_id: object) -> str:
        """Return the id of the merge policy asked for, else of the default one. People are merged at import, by one."""
        if policy_id is None:
            return str(self._policies.default(visit.guest)["id"])
        try:
            return str(self._policies.get(visit.guest, str(policy_id))["id"])
        except NotFound as error:
            raise InvalidInput(f'there is no merge policy "{policy_id}"', field="mergePolicyId") from error

    def _entities(self, visit: Visit, profiles: Sequence[Profile], fields: list[str], policy: str) -> dict[str, Any]:
        """Write profiles by their ids: attributes, identities, and what was recorded of their memberships."""
        told: dict[str, Any] = {}
        standings = [standings_in(profile.document.get(MEMBERSHIPS)) for profile in profiles]
        names = self._names(visit, {int(number) for each in standings for number in each})
        for profile, each in zip(profiles, standings, strict=True):
            known = [
                {"namespace": {"code": name}, "id": value}
                for name, values in profile.identities.items()
                for value in values
            ]
            entity = {**attributes_of(profile), "segmentMembership": written(standings_told(each, names))}
            told[xid_of(profile.key)] = {
                "entityId": xid_of(profile.key),
                "mergePolicy": {"id": policy},
                "sources": [],
                "identityGraph": known,
                "entity": chosen_fields(entity, fields),
            }
        return told

    def _names(self, visit: Visit, logs: set[int]) -> dict[str, str]:
        """Return the ids of the audiences whose members are logged under some numbers, of those the caller may see."""
        guest = visit.guest
        found = dict(self._house.audiences.find(guest.caller, sorted(logs)))
        if logs - found.keys():  # members of external audiences are logged under the list they were uploaded to
            found |= {log_of(each): each for each in self._shelf.all(guest)}
        return {
            str(number): uuid_of(each.id)
            for number, each in found.items()
            if number in logs and each.status is AudienceStatus.ACTIVE
        }


def _fields(given: object) -> list[str]:
    """Read paths with commas between them, or a list of paths. Raises Refusal."""
    paths = given.split(",") if isinstance(given, str) else given
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise Refusal(400, UNREADABLE, "expected names of fields", field="fields")
    return [path.strip() for path in paths if path.strip()]


def _namespace(given: object, field: str) -> str:
    """Read a namespace, as `{"code": "email"}` or by its code alone; none is none. Raises Refusal."""
    code = given.get("code") if isinstance(given, dict) else given
    if code is not None and not isinstance(code, str):
        raise Refusal(400, UNREADABLE, 'a namespace is written {"code": "email"}', field=field)
    return code or ""


def _epoch(instant: str) -> int:
    """Return the milliseconds of an instant as events write it."""
    return int(datetime.fromisoformat(instant).timestamp() * 1000)


def _between(instant: str, low: int | None, high: int | None) -> bool:
    at = _epoch(instant)
    return (low is None or at >= low) and (high is None or at < high)


def routes(house: House, shelf: Shelf) -> APIRouter:
    """Return the router of entities."""
    endpoints = EntityRoutes(house, shelf)
    router = APIRouter(tags=["Entities"])
    router.add_api_route(PATH, endpoints.read, methods=["GET"])
    router.add_api_route(PATH, endpoints.several, methods=["POST"])
    return router
