"""Export jobs: what is asked for, checked; the files, written once the reply has left; what became of it, kept.

The files lie in the deployment's data folder, one folder a job, until the job is deleted. Refuses fields that nobody
has, audiences that are not there, and people who left: who is not a member is not exported.
"""

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from houselights.apis.adobe.admission import Guest
from houselights.apis.adobe.audiences.shelf import Shelf
from houselights.apis.adobe.audiences.translate import log_of
from houselights.apis.adobe.config.policies import PROFILE_CLASS, Policies
from houselights.apis.adobe.errors import UNREADABLE, Refusal
from houselights.apis.adobe.exporting.filters import Qualified, check_events, qualified
from houselights.apis.adobe.language.words import KEPT_OF
from houselights.base.errors import HouselightsError, InvalidInput, NotFound
from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot
from houselights.model.document import StoredDocument
from houselights.rules.consent import OPTED_OUT
from houselights.rules.tree import InAudience, Not, Rule
from houselights.rules.values import IDENTITIES
from houselights.services.exports import checked_fields, write_members
from houselights.services.house import House
from houselights.services.question import open_question
from houselights.services.standing import came_between

KIND = "export"
NEW, PROCESSING, SUCCEEDED, FAILED = "NEW", "PROCESSING", "SUCCEEDED", "FAILED"
PROFILES, EVENTS = "profiles.parquet", "events.parquet"
EVERYBODY = "*"
IDENTITY_MAP = KEPT_OF[IDENTITIES]
_MEMBERS = frozenset({"realized", "existing"})


class ExportJobs:
    """The export jobs of a workspace."""

    def __init__(self, house: House, shelf: Shelf):
        self._house = house
        self._shelf = shelf
        self._policies = Policies(house)

    def all(self, guest: Guest) -> list[StoredDocument]:
        """Return the jobs, newest first."""
        guest.caller.require("profiles:read")
        jobs = self._house.control.documents.list(guest.caller.workspace.id, KIND)
        return sorted(jobs, key=lambda job: (job.created_at, int(job.id)), reverse=True)

    def get(self, guest: Guest, job_id: str) -> StoredDocument:
        """Return one job. Raises NotFound."""
        guest.caller.require("profiles:read")
        return self._house.control.documents.get(guest.caller.workspace.id, KIND, job_id)

    def create(self, guest: Guest, body: Mapping[str, Any]) -> StoredDocument:
        """Check what is asked for and keep it. Raises Refusal, InvalidInput."""
        guest.caller.require("profiles:read")
        kept = {
            name: body[name] for name in ("filter", "destination", "additionalFields", "mergePolicy") if name in body
        }
        if _within(body, "schema").get("name") != PROFILE_CLASS:
            raise InvalidInput(f'what is exported is of "{PROFILE_CLASS}"', field="schema.name")
        if not _within(body, "destination").get("datasetId"):
            raise Refusal(400, UNREADABLE, "an export has a destination", field="destination.datasetId")
        policy = kept.get("mergePolicy") or {"id": self._policies.default(guest)["id"]}
        snapshot = self._house.snapshots.current(guest.caller.workspace.id)
        every = (*sorted(snapshot.documents.shape.schema.person.fields), IDENTITY_MAP)
        fields = _names(body.get("fields"), "fields") or list(every)
        checked_fields(snapshot, list(_columns(fields).values()))
        events = _names(_within(_within(body, "additionalFields"), "eventList").get("fields"), "eventList.fields")
        checked_fields(snapshot, events, table="events")
        self._audiences(guest, kept)
        qualified(_within(kept, "filter"))
        check_events(_within(_within(kept, "additionalFields"), "eventList"))
        job = {
            **kept,
            "schema": {"name": PROFILE_CLASS},
            "mergePolicy": policy,
            "fields": ",".join(fields),
            "eventFields": ",".join(events),
            "status": NEW,
        }
        return self._store(guest, self._next_id(guest), job)

    def run(self, guest: Guest, job: StoredDocument) -> None:
        """Write the files of a job; a fault becomes the job's own."""
        started = self._house.clock.now()
        job = self._store(guest, job.id, {**job.body, "status": PROCESSING})
        try:
            self._house.uploads.expire(guest.caller.workspace)
            done = self._write(guest, job)
        except HouselightsError as error:
            done = {"status": FAILED, "errors": [{"code": "400", "msg": error.message, "callStack": []}]}
        except Exception:
            failed = {"status": FAILED, "errors": [{"code": "500", "msg": "Internal error", "callStack": []}]}
            self._store(guest, job.id, {**job.body, **failed})
            raise
        finished = self._house.clock.now()
        metrics = {**done.pop("metrics", {}), "totalTime": _time(started, finished)}
        self._store(guest, job.id, {**job.body, **done, "metrics": metrics})

    def delete(self, guest: Guest, job_id: str) -> None:
        """Forget a job and its files. Raises NotFound."""
        job = self.get(guest, job_id)
        self._house.control.documents.delete(guest.caller.workspace.id, KIND, job.id)
        shutil.rmtree(self._folder(guest, job.id), ignore_errors=True)

    def file(self, guest: Guest, job_id: str, name: str) -> Path:
        """Return a file of a job. Raises NotFound."""
        job = self.get(guest, job_id)
        if name not in job.body.get("files", ()):
            raise NotFound(f"export {job_id} has no file {name}")
        return self._folder(guest, job.id) / name

    def _write(self, guest: Guest, job: StoredDocument) -> dict[str, Any]:
        """Write one file of profiles and, where they are asked for, one of events; return what to keep."""
        snapshot = self._house.snapshots.current(guest.caller.workspace.id)
        times = qualified(_within(job.body, "filter"))
        people = {name: self._members(guest, rule) for name, rule in self._audiences(guest, job.body).items()}
        if times is not None:
            people = {name: each & self._came(guest, snapshot, name, times) for name, each in people.items()}
        folder, lake = self._folder(guest, job.id), self._house.lake
        fields = _columns(job.body["fields"].split(","))
        profiles = write_members(lake, snapshot, people, fields, folder / PROFILES)
        metrics: dict[str, Any] = {"totalExportedProfileCounter": profiles}
        metrics["exportedProfileBySegmentCounter"] = {name: len(each) for name, each in people.items()}
        files = [PROFILES]
        if job.body["eventFields"]:
            fields = {name: name for name in job.body["eventFields"].split(",")}
            metrics["totalExportedEventCounter"] = self._write_events(snapshot, people, fields, folder / EVENTS)
            files.append(EVENTS)
        self._house.audit.record(guest.caller, "profiles.export", job.id, people=profiles, fields=job.body["fields"])
        return {"status": SUCCEEDED, "files": files, "metrics": metrics}

    def _write_events(
        self, snapshot: Snapshot, people: Mapping[str, PeopleSet], fields: Mapping[str, str], file: Path
    ) -> int:
        return write_members(self._house.lake, snapshot, people, fields, file, table="events")

    def _members(self, guest: Guest, rule: Rule) -> PeopleSet:
        return open_question(self._house.snapshots, self._house.audiences, guest.caller, rule).audience

    def _came(self, guest: Guest, snapshot: Snapshot, name: str, times: Qualified) -> PeopleSet:
        """Return who came into an audience within some time, as the log of a job, a stream or an upload has it."""
        audience = self._shelf.named(guest, name)
        assert audience is not None, "who is exported was found by this name just before"
        return came_between(snapshot, log_of(audience), times.start, times.end)

    def _audiences(self, guest: Guest, job: Mapping[str, Any]) -> dict[str, Rule]:
        """Return the rules of the people to be exported, by the audience's id; everybody who did not opt out, else."""
        asked = _within(job, "filter").get("segments") or []
        rules: dict[str, Rule] = {}
        for place, each in enumerate(asked if isinstance(asked, list) else []):
            field = f"filter.segments[{place}]"
            name = each.get("segmentId") if isinstance(each, Mapping) else None
            number = self._shelf.number_of(guest, name) if isinstance(name, str) else None
            if number is None:
                raise InvalidInput(f'there is no audience "{name}"', field=f"{field}.segmentId")
            if not set(each.get("status") or _MEMBERS) <= _MEMBERS:
                raise InvalidInput("members are exported, not those who left", field=f"{field}.status")
            rules[str(name)] = InAudience(number)
        return rules or {EVERYBODY: Not(OPTED_OUT)}

    def _next_id(self, guest: Guest) -> str:
        """Return a number that no job has: ids are integers here, and nowhere else."""
        jobs = self._house.control.documents.list(guest.caller.workspace.id, KIND)
        return str(1 + max((int(job.id) for job in jobs), default=0))

    def _store(self, guest: Guest, job_id: str, body: Mapping[str, Any]) -> StoredDocument:
        now = self._house.clock.now()
        return self._house.control.documents.put(guest.caller.workspace.id, KIND, job_id, body, now)

    def _folder(self, guest: Guest, job_id: str) -> Path:
        return self._house.settings.data / "exports" / str(guest.caller.workspace.id) / job_id


def _within(body: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    inner = body.get(field) or {}
    if not isinstance(inner, Mapping):
        raise InvalidInput("expected an object", field=field)
    return inner


def _names(given: object, field: str) -> list[str]:
    """Read names with commas between them."""
    if given is not None and not isinstance(given, str):
        raise InvalidInput("expected names with commas between them", field=field)
    return [name.strip() for name in (given or "").split(",") if name.strip()]


def _columns(names: Sequence[str]) -> dict[str, str]:
    """Return the paths of fields by the names of their columns."""
    return {name: IDENTITIES if name == IDENTITY_MAP else name for name in names}


def _time(started: datetime, finished: datetime) -> dict[str, int]:
    start, end = (int(moment.timestamp() * 1000) for moment in (started, finished))
    return {"startTimeInMs": start, "endTimeInMs": end, "totalTimeInMs": end - start}
