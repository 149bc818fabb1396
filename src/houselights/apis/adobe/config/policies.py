"""Merge policies: kept, named by audiences, and asked for one thing: whether the audiences of one may be evaluated as
profiles stream in. People are merged once, at import; nothing here merges them again.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from houselights.apis.adobe.admission import Guest
from houselights.apis.adobe.errors import Refusal
from houselights.apis.adobe.ids import uuid_of
from houselights.base.errors import InvalidInput, NotFound
from houselights.base.ids import stable_id
from houselights.services.house import House

KIND = "merge policy"
PROFILE_CLASS = "_xdm.context.profile"
MOST = 5
GRAPHS = ("none", "pdg")
MERGES = ("timestampOrdered", "dataSetPrecedence")


class Policies:
    """The merge policies of a workspace; the default one is made when it is first needed."""

    def __init__(self, house: House):
        self._house = house

    def all(self, guest: Guest) -> list[dict[str, Any]]:
        """Return the policies, oldest first."""
        self.default(guest)
        stored = self._house.control.documents.list(guest.caller.workspace.id, KIND)
        return [{**each.body, **guest.place} for each in reversed(stored)]

    def get(self, guest: Guest, policy_id: str) -> dict[str, Any]:
        """Return one policy. Raises NotFound."""
        for policy in self.all(guest):
            if policy["id"] == policy_id:
                return policy
        raise NotFound(f"no merge policy {policy_id}")

    def default(self, guest: Guest) -> dict[str, Any]:
        """Return the policy of audiences that name none."""
        workspace = guest.caller.workspace
        stored = [dict(each.body) for each in self._house.control.documents.list(workspace.id, KIND)]
        known = next((each for each in stored if each.get("default")), None)
        if known is not None:
            return known
        policy_id = uuid_of(stable_id(KIND, workspace.name))
        made = _policy({"name": "Default Timebased", "isActiveOnEdge": True, "identityGraph": {"type": "pdg"}})
        return self._store(guest, {**made, "id": policy_id, "default": True, "version": 1})

    def create(self, guest: Guest, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Store a new policy. Raises Refusal when there are as many as there may be."""
        guest.caller.require("audiences:write")
        if len(self.all(guest)) >= MOST:
            raise Refusal(400, "400", f"a sandbox has at most {MOST} merge policies")
        return self._settle(guest, {**_policy(wanted), "id": str(uuid4()), "version": 1})

    def update(self, guest: Guest, policy_id: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Replace a policy; its version goes up. Raises NotFound."""
        guest.caller.require("audiences:write")
        old = self.get(guest, policy_id)
        if old["default"] and not wanted.get("default", False):
            raise InvalidInput("a sandbox keeps one default merge policy", field="default", hint="make another default")
        return self._settle(guest, {**_policy(wanted), "id": policy_id, "version": old["version"] + 1})

    def delete(self, guest: Guest, policy_id: str) -> None:
        """Remove a policy. Raises NotFound, and Refusal for the default one."""
        guest.caller.require("audiences:write")
        if self.get(guest, policy_id)["default"]:
            raise Refusal(400, "400", "the default merge policy cannot be deleted", hint="make another default first")
        self._house.control.documents.delete(guest.caller.workspace.id, KIND, policy_id)

    def _settle(self, guest: Guest, policy: dict[str, Any]) -> dict[str, Any]:
        """Store a policy; of the default one, and of the one active on edge, there is only one."""
        for other in self.all(guest):
            for flag in ("default", "isActiveOnEdge"):
                if policy[flag] and other[flag] and other["id"] != policy["id"]:
                    other = self._store(guest, {**other, flag: False, "version": other["version"] + 1})
        return self._store(guest, policy)

    def _store(self, guest: Guest, policy: Mapping[str, Any]) -> dict[str, Any]:
        now = self._house.clock.now()
        body = {name: value for name, value in policy.items() if name not in guest.place}
        body["updateEpoch"] = int(now.timestamp())
        self._house.control.documents.put(guest.caller.workspace.id, KIND, body["id"], body, now)
        return {**body, **guest.place}


def _policy(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy with every field there and checked. Raises InvalidInput naming the field."""
    name = wanted.get("name")
    if not isinstance(name, str) or not name.strip():
        raise InvalidInput("a merge policy needs a name", field="name")
    schema = _within(wanted, "schema").get("name", PROFILE_CLASS)
    if schema != PROFILE_CLASS:
        raise InvalidInput(f"policies merge {PROFILE_CLASS}", field="schema.name")
    graph = _within(wanted, "identityGraph").get("type", "none")
    if graph not in GRAPHS:
        raise InvalidInput(f"the graph is one of {', '.join(GRAPHS)}", field="identityGraph.type")
    merge = dict(_within(wanted, "attributeMerge")) or {"type": MERGES[0]}
    if merge.get("type") not in MERGES:
        raise InvalidInput(f"attributes are merged by one of {', '.join(MERGES)}", field="attributeMerge.type")
    return {
        "name": name.strip(),
        "schema": {"name": schema},
        "identityGraph": {"type": graph},
        "attributeMerge": merge,
        "isActiveOnEdge": _flag(wanted, "isActiveOnEdge"),
        "default": _flag(wanted, "default"),
    }


def _flag(wanted: Mapping[str, Any], field: str) -> bool:
    value = wanted.get(field, False)
    if not isinstance(value, bool):
        raise InvalidInput(f"{field} is true or false", field=field)
    return value


def _within(wanted: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    inner = wanted.get(field) or {}
    if not isinstance(inner, Mapping):
        raise InvalidInput("expected an object", field=field)
    return inner
