"""Schedules: when everybody is evaluated. One of them is active at most, and it is the one that runs.

There is one from the start, inactive, as in a new sandbox. Schedules of exports can be kept and not be activated:
exports are made when they are asked for.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from houselights.apis.adobe.admission import Guest
from houselights.apis.adobe.config.cron import minute_of, schedule_of
from houselights.apis.adobe.errors import UNREADABLE, Refusal
from houselights.apis.adobe.ids import uuid_of
from houselights.base.errors import InvalidInput, NotFound
from houselights.base.ids import stable_id
from houselights.services.house import House

KIND = "schedule"
EVALUATION, EXPORT = "batch_segmentation", "export"
ACTIVE, INACTIVE = "active", "inactive"
FIRST = "0 0 1 * * ?"


class Schedules:
    """The schedules of a workspace."""

    def __init__(self, house: House):
        self._house = house

    def all(self, guest: Guest) -> list[dict[str, Any]]:
        """Return the schedules, oldest first."""
        workspace = guest.caller.workspace
        stored = self._house.control.documents.list(workspace.id, KIND)
        if not stored:
            running = self._house.evaluation.schedule(guest.caller)
            first = {
                "name": "profile-default",
                "type": EVALUATION,
                "schedule": FIRST if running is None else schedule_of(running.minute),
                "state": ACTIVE if running is not None and running.enabled else INACTIVE,
                "properties": {"segments": ["*"]},
            }
            self._store(guest, uuid_of(stable_id(KIND, workspace.name)), first)
            stored = self._house.control.documents.list(workspace.id, KIND)
        return [
            {
                "id": each.id,
                **guest.place,
                **each.body,
                "createEpoch": int(each.created_at.timestamp()),
                "updateEpoch": int(each.updated_at.timestamp()),
            }
            for each in reversed(stored)
        ]

    def get(self, guest: Guest, schedule_id: str) -> dict[str, Any]:
        """Return one schedule. Raises NotFound."""
        for schedule in self.all(guest):
            if schedule["id"] == schedule_id:
                return schedule
        raise NotFound(f"no schedule {schedule_id}")

    def create(self, guest: Guest, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Store a new schedule. Raises InvalidInput, and Refusal when it is active and another one is, too."""
        guest.caller.require("audiences:write")
        schedule_id = str(uuid4())
        self._settle(guest, schedule_id, _schedule(wanted))
        return self.get(guest, schedule_id)

    def update(self, guest: Guest, schedule_id: str, wanted: Mapping[str, Any]) -> None:
        """Change a schedule. Raises NotFound, InvalidInput, Refusal as above."""
        guest.caller.require("audiences:write")
        self.get(guest, schedule_id)
        self._settle(guest, schedule_id, _schedule(wanted))

    def delete(self, guest: Guest, schedule_id: str) -> None:
        """Remove a schedule; an active one runs no more. Raises NotFound."""
        guest.caller.require("audiences:write")
        if self.get(guest, schedule_id)["state"] == ACTIVE:
            self._run(guest, {**self.get(guest, schedule_id), "state": INACTIVE})
        self._house.control.documents.delete(guest.caller.workspace.id, KIND, schedule_id)

    def _settle(self, guest: Guest, schedule_id: str, schedule: dict[str, Any]) -> None:
        others = [each for each in self.all(guest) if each["id"] != schedule_id]
        if schedule["state"] == ACTIVE:
            active = next((each for each in others if each["state"] == ACTIVE), None)
            if active is not None:
                raise Refusal(400, "400", f'the schedule "{active["name"]}" is active already', field="state",
                              hint="change that one, or make it inactive first")  # fmt: skip
        was = self._house.control.documents
        before = next((each.body for each in was.list(guest.caller.workspace.id, KIND) if each.id == schedule_id), {})
        self._store(guest, schedule_id, schedule)
        if ACTIVE in {schedule["state"], before.get("state")}:
            self._run(guest, schedule)

    def _run(self, guest: Guest, schedule: Mapping[str, Any]) -> None:
        """Let the deployment's own schedule follow this one."""
        enabled = schedule["state"] == ACTIVE
        self._house.evaluation.set_schedule(guest.caller, minute_of(schedule["schedule"]), enabled=enabled)

    def _store(self, guest: Guest, schedule_id: str, schedule: Mapping[str, Any]) -> None:
        workspace_id, now = guest.caller.workspace.id, self._house.clock.now()
        body = {**schedule, "frequency": "daily"}
        self._house.control.documents.put(workspace_id, KIND, schedule_id, body, now)


def _schedule(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schedule with every field there and checked."""
    name, kind = wanted.get("name"), wanted.get("type")
    if not isinstance(name, str) or not name.strip():
        raise Refusal(400, UNREADABLE, "a schedule needs a name", field="name")
    if kind not in {EVALUATION, EXPORT}:
        raise InvalidInput(f'the type is "{EVALUATION}" or "{EXPORT}"', field="type")
    state = wanted.get("state", INACTIVE)
    if state not in {ACTIVE, INACTIVE}:
        raise InvalidInput(f'the state is "{ACTIVE}" or "{INACTIVE}"', field="state")
    if kind == EXPORT and state == ACTIVE:
        raise InvalidInput("exports are made when they are asked for, not by schedule", field="state")
    minute_of(wanted.get("schedule"))
    properties = wanted.get("properties") or {"segments": ["*"]}
    if not isinstance(properties, Mapping):
        raise InvalidInput("expected an object", field="properties")
    if kind == EVALUATION and properties.get("segments", ["*"]) != ["*"]:
        raise InvalidInput('a schedule evaluates all audiences: ["*"]', field="properties.segments")
    return {
        "name": name.strip(),
        "type": kind,
        "schedule": wanted["schedule"],
        "state": state,
        "properties": dict(properties),
    }
