"""Who is in which audience: of one person at once, of everybody in runs that are asked for or due every day."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from houselights.apis.native.asking import CallerIn, HouseIn
from houselights.apis.native.errors import CONFLICT
from houselights.apis.native.schemas import motion as shapes
from houselights.apis.native.schemas.common import Id
from houselights.apis.native.translate import counted_shape
from houselights.base.errors import InvalidInput, NotFound
from houselights.model.motion import EvaluationRun, EvaluationSchedule
from houselights.services.caller import Caller
from houselights.services.edge import Arriving
from houselights.services.motion.incoming import NewEvent
from houselights.services.privacy import counted
from houselights.services.profiles import who_of

router = APIRouter(tags=["motion"])


@router.post("/v1/evaluate")
def evaluate(house: HouseIn, caller: CallerIn, body: shapes.Evaluate) -> shapes.Evaluation:
    """Say at once which audiences one person is in: somebody we know, or a profile as it stands in the request."""
    ids = None if body.audiences is None else [int(each) for each in body.audiences]
    if body.profile is not None and body.person is None:
        given = body.profile
        who = who_of(given.key, given.identities, "profile")
        events = [
            NewEvent(who=who, time=each.time, type=each.type, attributes=each.attributes) for each in given.events
        ]
        answer = house.edge.arriving(caller, Arriving(who=who, attributes=given.attributes, events=events), ids)
    elif body.person is not None and body.profile is None:
        answer = house.edge.known(caller, body.person, ids)
    else:
        raise InvalidInput("give either a person or a profile", field="person")
    results = [shapes.Verdict(audience=str(one), member=member) for one, member in answer.members.items()]
    return shapes.Evaluation(results=results, as_of=answer.as_of)


@router.get("/v1/evaluations/schedule")
def read_schedule(house: HouseIn, caller: CallerIn) -> shapes.Scheduled:
    """Read when all audiences are evaluated every day."""
    schedule = house.evaluation.schedule(caller)
    if schedule is None:
        raise NotFound("nothing is scheduled", hint="PUT /v1/evaluations/schedule")
    return _schedule_shape(schedule)


@router.put("/v1/evaluations/schedule")
def set_schedule(house: HouseIn, caller: CallerIn, body: shapes.Schedule) -> shapes.Scheduled:
    """Evaluate all audiences every day at a minute of the UTC day, or (not enabled) only on request."""
    return _schedule_shape(house.evaluation.set_schedule(caller, body.minute, enabled=body.enabled))


@router.get("/v1/evaluations")
def list_runs(house: HouseIn, caller: CallerIn, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[shapes.Run]:
    """List runs, newest first."""
    return [_run_shape(caller, run) for run in house.evaluation.list(caller, limit)]


@router.post("/v1/evaluations", status_code=202)
def start_run(house: HouseIn, caller: CallerIn, body: shapes.NewRun, response: Response) -> shapes.Run:
    """Evaluate audiences over everybody; read the run to see how it goes."""
    run = house.evaluation.request(caller, [int(each) for each in body.audiences])
    house.scheduler.wake()
    response.headers["Location"] = f"/v1/evaluations/{run.id}"
    return _run_shape(caller, run)


@router.get("/v1/evaluations/{run_id}")
def read_run(house: HouseIn, caller: CallerIn, run_id: Id) -> shapes.Run:
    """Read one run: where it is, or what it found."""
    return _run_shape(caller, house.evaluation.get(caller, int(run_id)))


@router.delete("/v1/evaluations/{run_id}", responses=CONFLICT)
def cancel_run(house: HouseIn, caller: CallerIn, run_id: Id) -> shapes.Run:
    """End a run that has not ended (409 when it has); nothing of it is published."""
    return _run_shape(caller, house.evaluation.cancel(caller, int(run_id)))


def _run_shape(caller: Caller, run: EvaluationRun) -> shapes.Run:
    counts = [
        shapes.RunCounts(
            audience=str(audience_id),
            realized=counted_shape(counted(caller, found.realized)),
            existing=counted_shape(counted(caller, found.existing)),
            exited=counted_shape(counted(caller, found.exited)),
        )
        for audience_id, found in sorted(run.counts.items())
    ]
    return shapes.Run(
        id=str(run.id),
        source=run.source,
        state=run.state,
        audiences=[str(each) for each in run.audiences],
        requested_at=run.requested_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        as_of=run.as_of,
        generation=run.generation,
        counts=counts,
        error=run.error,
        done=run.done,
        total=run.total,
    )


def _schedule_shape(schedule: EvaluationSchedule) -> shapes.Scheduled:
    return shapes.Scheduled(minute=schedule.minute, enabled=schedule.enabled, next_due=schedule.next_due)
