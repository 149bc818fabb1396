"""`/segment/jobs`: evaluations over everybody, asked for and watched. Members are recorded when a job succeeds.

A job is a run of the deployment's own evaluation, whoever asked for it: those of the schedule are listed, too.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response
from starlette.background import BackgroundTask

from houselights.apis.adobe.admission import Guest
from houselights.apis.adobe.audiences.fields import INACTIVE
from houselights.apis.adobe.audiences.shelf import Shelf
from houselights.apis.adobe.audiences.translate import kept_of
from houselights.apis.adobe.bulk import asked_ids, results
from houselights.apis.adobe.config.policies import PROFILE_CLASS, Policies
from houselights.apis.adobe.door import Visit, visit_of
from houselights.apis.adobe.errors import UNREADABLE, Refusal
from houselights.apis.adobe.ids import id_of, uuid_of
from houselights.apis.adobe.operations import UPS
from houselights.apis.adobe.pages import asked_page
from houselights.apis.adobe.wire import nothing, present, reply
from houselights.base.errors import InvalidInput, NotFound, TooManyRequests
from houselights.model.audience import Audience
from houselights.model.motion import FINISHED, EvaluationRun, RunSource, RunState
from houselights.services.house import House

PATH = f"{UPS}/segment/jobs"
WAITING_MOST = 10  # jobs that have not finished
LISTED_MOST = 1000
EVERY = "*"
STATUS: Mapping[RunState, str] = {
    RunState.QUEUED: "QUEUED",
    RunState.RUNNING: "PROCESSING",
    RunState.SUCCEEDED: "SUCCEEDED",
    RunState.FAILED: "FAILED",
    RunState.CANCELLED: "CANCELLED",
}
Asks = Annotated[Visit, Depends(visit_of)]
Numbers = list[int]
Told = list[dict[str, Any]]
Properties = Annotated[list[str] | None, Query(alias="property")]


class JobRoutes:
    """The endpoints."""

    def __init__(self, house: House, shelf: Shelf):
        self._house = house
        self._shelf = shelf
        self._policies = Policies(house)

    def list(
        self,
        visit: Asks,
        start: int = 0,
        limit: int = 100,
        status: str = "",
        sort: str | None = None,
        properties: Properties = None,
    ) -> Response:
        """List jobs. `property` is `segments~segmentId==…`, for jobs that evaluated an audience, or `field==value`."""
        page = asked_page(start, limit, sort, ("creationTime", "updateTime"), "creationTime:desc")
        found = [
            job
            for job in self._told(visit, self._house.evaluation.list(visit.guest.caller, LISTED_MOST))
            if status in {"", job["status"]} and all(_has(job, text) for text in properties or ())
        ]
        found.sort(key=lambda job: (job[page.sort_field], job["requestId"]), reverse=page.sort == "desc")
        shown = page.of(found)
        return reply({**page.described("/segment/jobs", len(found), len(shown), {}), "children": shown})

    def create(self, visit: Asks, body: Annotated[Any, Body()]) -> Response:
        """Evaluate some audiences, or all. The work begins when the reply has left."""
        caller = visit.guest.caller
        caller.require("audiences:write")
        unfinished = [each for each in self._house.evaluation.list(caller, LISTED_MOST) if each.state not in FINISHED]
        if len(unfinished) >= WAITING_MOST:
            raise TooManyRequests(f"{len(unfinished)} jobs have not finished", retry_after_seconds=10)
        run = self._house.evaluation.request(caller, self._audiences(visit.guest, body))
        (told,) = self._told(visit, [run])
        response = reply({**told, "status": "NEW"})
        response.background = BackgroundTask(self._carry_out, visit.guest, run)
        return response

    def read(self, visit: Asks, job_id: str) -> Response:
        """Return one job."""
        (told,) = self._told(visit, [self._run(visit.guest, job_id)])
        return reply(told)

    def cancel(self, visit: Asks, job_id: str) -> Response:
        """Cancel a job that has not finished; it will have changed nothing."""
        self._house.evaluation.cancel(visit.guest.caller, self._run(visit.guest, job_id).id)
        return nothing()

    def bulk_get(self, visit: Asks, body: Annotated[Any, Body()]) -> Response:
        """Return several jobs at once."""
        asked = [each if isinstance(each, str) else each[0] for each in asked_ids(body)]
        found = {}
        for name in asked:
            try:
                (found[name],) = self._told(visit, [self._run(visit.guest, name)])
            except NotFound:
                continue
        return results(found, asked, visit.request_id)

    def _carry_out(self, guest: Guest, run: EvaluationRun) -> None:
        self._house.uploads.expire(guest.caller.workspace)
        self._house.evaluation.carry_out(run)

    def _audiences(self, guest: Guest, body: Any) -> Numbers:
        """Return which audiences are meant; an inactive one is not evaluated."""
        asked = body.get("segments") if isinstance(body, Mapping) else body
        schema = body.get("schema", {}) if isinstance(body, Mapping) else {}
        if schema != {} and (not isinstance(schema, Mapping) or schema.get("name") != PROFILE_CLASS):
            raise InvalidInput(f'audiences are of "{PROFILE_CLASS}"', field="schema.name")
        names = [each.get("segmentId") if isinstance(each, Mapping) else None for each in _items(asked)]
        active = [each for each in self._shelf.all(guest) if kept_of(each).get("lifecycleState") != INACTIVE]
        if EVERY in names:
            return [each.id for each in active]
        known = {each.id for each in active}
        chosen = []
        for place, name in enumerate(names):
            number = self._shelf.number_of(guest, name) if isinstance(name, str) else None
            if number is None or number not in known:
                raise InvalidInput(f'there is no audience "{name}" in use', field=f"[{place}].segmentId")
            chosen.append(number)
        return chosen

    def _run(self, guest: Guest, job_id: str) -> EvaluationRun:
        number = id_of(job_id)
        if number is None:
            raise NotFound(f"no segment job {job_id}")
        return self._house.evaluation.get(guest.caller, number)

    def _told(self, visit: Visit, runs: Sequence[EvaluationRun]) -> Told:
        guest = visit.guest
        ids = {each for run in runs for each in (*run.audiences, *run.counts)}
        audiences = self._house.audiences.find(guest.caller, sorted(ids))
        policy = self._policies.default(guest)
        return [written(run, guest, audiences, policy) for run in runs]


def _items(asked: Any) -> list[Any]:
    if not isinstance(asked, list) or not asked:
        raise Refusal(400, UNREADABLE, 'expected [{"segmentId": "…"}]', field="segments")
    return asked


def written(
    run: EvaluationRun, guest: Guest, audiences: Mapping[int, Audience], policy: Mapping[str, Any]
) -> dict[str, Any]:
    """Write a job. Counts are for callers who may see exact ones."""
    job_id = uuid_of(run.id)
    named = run.audiences or tuple(sorted(run.counts))
    changed = run.finished_at or run.started_at or run.requested_at
    return present(
        id=job_id,
        **guest.place,
        profileInstanceId="ups",
        source="api" if run.source is RunSource.REQUEST else "scheduler",
        status=STATUS[run.state],
        segments=[_segment(each, audiences) for each in named if each in audiences],
        metrics=_metrics(run, policy) if guest.caller.exact else None,
        requestId=job_id,
        schema={"name": PROFILE_CLASS},
        properties={},
        _links={
            "cancel": {"href": f"/segment/jobs/{job_id}", "method": "DELETE"},
            "checkStatus": {"href": f"/segment/jobs/{job_id}", "method": "GET"},
        },
        updateTime=int(changed.timestamp() * 1000),
        creationTime=int(run.requested_at.timestamp() * 1000),
        updateEpoch=int(changed.timestamp()),
        errors=[] if run.error is None else [{"code": "500", "msg": run.error, "callStack": []}],
    )


def _segment(number: int, audiences: Mapping[int, Audience]) -> dict[str, Any]:
    kept = kept_of(audiences[number])
    shown = present(
        id=uuid_of(number),
        version=audiences[number].version,
        expression=kept.get("expression"),
        mergePolicyId=kept.get("mergePolicyId"),
    )
    return {"segmentId": uuid_of(number), "segment": shown}


def _metrics(run: EvaluationRun, policy: Mapping[str, Any]) -> dict[str, Any]:
    started, finished = run.started_at or run.requested_at, run.finished_at or run.started_at or run.requested_at
    start, end = int(started.timestamp() * 1000), int(finished.timestamp() * 1000)
    took = {"startTimeInMs": start, "endTimeInMs": end, "totalTimeInMs": end - start}
    return {
        "totalTime": took,
        "profileSegmentationTime": took,
        "totalProfiles": run.people,
        "segmentedProfileCounter": {uuid_of(each): counts.members for each, counts in run.counts.items()},
        "segmentedProfileByNamespaceCounter": {
            uuid_of(each): dict(found.namespaces) for each, found in run.counts.items()
        },
        "segmentedProfileByStatusCounter": {
            uuid_of(each): {"realized": counts.realized, "existing": counts.existing, "exited": counts.exited}
            for each, counts in run.counts.items()
        },
        "totalProfilesByMergePolicy": {policy["id"]: run.people},
    }


def _has(job: Mapping[str, Any], text: str) -> bool:
    """Say whether a job has a property: `list~field==value` for any item of a list, else `path==value`."""
    path, equals, value = text.partition("==")
    if not equals:
        raise InvalidInput(f'expected field==value, found "{text}"', field="property")
    within, tilde, field = path.partition("~")
    if tilde:
        return any(str(item.get(field)) == value for item in job.get(within, ()))
    found: Any = job
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return str(found) == value


def routes(house: House, shelf: Shelf) -> APIRouter:
    """Return the router of jobs."""
    endpoints = JobRoutes(house, shelf)
    router = APIRouter(tags=["Segment jobs"])
    one = f"{PATH}/{{job_id}}"
    router.add_api_route(PATH, endpoints.list, methods=["GET"])
    router.add_api_route(PATH, endpoints.create, methods=["POST"])
    router.add_api_route(f"{PATH}/bulk-get", endpoints.bulk_get, methods=["POST"], status_code=207)
    router.add_api_route(one, endpoints.read, methods=["GET"])
    router.add_api_route(one, endpoints.cancel, methods=["DELETE"], status_code=204)
    return router
