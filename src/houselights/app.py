"""Wires everything: settings in, a house out; a house in, one ASGI application out. Only here is every room known.

A room is told from another by the first segments of the path; it sees the whole path, so its routes read as its
callers write them. What no room owns is answered here, and refused.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from houselights import web
from houselights.apis import adobe, amazon, native, statsocial
from houselights.base.logs import logger, write_logs
from houselights.base.paging import PageTokens
from houselights.base.settings import Settings
from houselights.base.steady import steady
from houselights.base.upload_settings import INSIDE
from houselights.engine.snapshot import Snapshots
from houselights.engine.warm import warm_up
from houselights.rules.check import Limits
from houselights.services.access import Access
from houselights.services.agreements import Agreements
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.background import Background
from houselights.services.beside import Beside
from houselights.services.builds.wiring import building
from houselights.services.callbacks.wiring import calling
from houselights.services.callers import Callers
from houselights.services.clients import Clients
from houselights.services.connections import Connections
from houselights.services.credits import Credits
from houselights.services.discovery import Discovery
from houselights.services.edge import Edge
from houselights.services.erasure.erase import Erasing
from houselights.services.erasure.eraser import Eraser
from houselights.services.erasure.job import Job
from houselights.services.erasure.withholding import Withholding
from houselights.services.evaluation import Evaluating
from houselights.services.explain import Explaining
from houselights.services.forecasts import Forecasts
from houselights.services.house import House
from houselights.services.id_lists.id_lists import FOLDER as ID_LISTS
from houselights.services.id_lists.id_lists import IdLists
from houselights.services.id_lists.keeper import Keeper
from houselights.services.imports.importer import importer
from houselights.services.imports.parts import Parts
from houselights.services.insights import Insights
from houselights.services.intake.intake import Intake
from houselights.services.intake.rehearsal import Rehearsal
from houselights.services.intake.worker import Worker
from houselights.services.jobs import Jobs
from houselights.services.language import Language
from houselights.services.lookalike.expand import Lookalikes
from houselights.services.matching import Matching
from houselights.services.memberships import Memberships
from houselights.services.motion.applier import Applier
from houselights.services.motion.apply import Applying
from houselights.services.motion.scheduler import Scheduler
from houselights.services.operators import Operators
from houselights.services.outputs.outputs import Outputs
from houselights.services.overlaps import Overlaps
from houselights.services.people import People
from houselights.services.portraits.portraits import Portraits
from houselights.services.profiles import Profiles
from houselights.services.rights import ClientRights
from houselights.services.rosters import Rosters
from houselights.services.runs import Imports
from houselights.services.telemetry import Telemetry
from houselights.services.throttle import Throttle
from houselights.services.uploads import Uploads
from houselights.services.workflows.members import Members
from houselights.services.workflows.workflows import workflows
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake

log = logger("access")


@dataclass(frozen=True, slots=True)
class Room:
    """A dialect: the path prefixes it owns, how to make its application of a house, and where its API page is."""

    name: str
    paths: tuple[str, ...]
    make: Callable[[House], ASGIApp]
    docs: str = ""
    language: Language | None = None


# Where a sixth vendor goes: one line here.
ROOMS: tuple[Room, ...] = (
    Room(
        "native", native.PATHS, lambda house: native.room(house, languages=LANGUAGES, documents=DOCUMENTS), "/v1/docs"
    ),
    Room("amazon", amazon.PATHS, amazon.room, "/amazon/docs", amazon.LANGUAGE),
    Room("adobe", adobe.PATHS, adobe.room, "/adobe/docs", adobe.LANGUAGE),
    Room("statsocial", statsocial.PATHS, statsocial.room, "/statsocial/docs", statsocial.LANGUAGE),
    Room("web", web.PATHS, web.web, "/"),
)
DOCUMENTS: Mapping[str, str] = {
    room.name: room.docs.replace("/docs", "/openapi.json") for room in ROOMS if room.docs.endswith("/docs")
}
LANGUAGES: Mapping[str, Language] = {room.language.name: room.language for room in ROOMS if room.language}

# Rooms accept rules of up to 11 groups of 500 audiences; the default limits are meant for rules people write.
LIMITS = Limits(nodes=50_000, audiences=6_000)


def build_house(settings: Settings) -> House:
    """Open what `settings` name and wire the services; the data folder and control database are made when missing."""
    settings.data.mkdir(parents=True, exist_ok=True)
    clock = settings.clock
    control = Control.open(settings.database_url)
    lake = Lake(settings.lake_url, settings.storage_options)
    snapshots = Snapshots(lake, control.generations, settings.index_folder, clock, Withholding(control))
    access = Access(control, clock)
    audit = Audit(control)
    throttle = Throttle()
    audiences = Audiences(control, snapshots, clock, audit, LIMITS)
    parts = Parts(settings=settings, control=control, lake=lake, clock=clock)
    applier = Applier(parts, Applying(parts, snapshots))
    evaluation = Evaluating(parts, snapshots, audit)
    matching = Matching(lake, settings.index_folder)
    people = People(snapshots, lake, audit, matching)
    callers = Callers(access, control)
    worker = Worker(parts, snapshots, matching)
    eraser = Eraser(parts, Job(parts, snapshots, matching))
    pages = PageTokens(control.signing_key(), clock)
    ledger = Credits(control, clock, audit)
    built = building(parts, snapshots, audit, audiences, ledger)
    called = calling(parts, audit)
    rights = ClientRights(control, clock, audit)
    links = PageTokens(control.signing_key())  # links end by the machine's clock, also where a house's stands still
    id_lists = IdLists(
        settings.data / ID_LISTS, control, clock, audit, snapshots, matching, Members(parts, snapshots), links,
        settings.files,
    )  # fmt: skip
    return House(
        settings=settings,
        clock=clock,
        control=control,
        lake=lake,
        snapshots=snapshots,
        pages=pages,
        access=access,
        throttle=throttle,
        telemetry=Telemetry(control),
        callers=callers,
        audit=audit,
        clients=Clients(access, control, audit),
        operators=Operators(control, access, clock, audit, throttle),
        audiences=audiences,
        discovery=Discovery(snapshots, audiences, control),
        insights=Insights(snapshots, audiences, Beside(control), audit),
        overlaps=Overlaps(snapshots, audiences, audit),
        forecasts=Forecasts(snapshots, audiences, audit),
        explain=Explaining(snapshots, audiences, audit),
        imports=Imports(settings, control, audit, importer(control, lake, settings, clock)),
        jobs=Jobs(control),
        profiles=Profiles(control, lake, snapshots, clock, audit, applier),
        edge=Edge(control, lake, snapshots, clock),
        evaluation=evaluation,
        applier=applier,
        scheduler=Scheduler(parts, evaluation),
        matching=matching,
        people=people,
        uploads=Uploads(parts, snapshots, audit, people),
        intake=Intake(parts, worker.wake, snapshots=snapshots),
        worker=worker,
        rehearsal=Rehearsal(control, snapshots, matching, audit),
        rosters=Rosters(control, snapshots, audiences, callers),
        connections=Connections(control, callers, clock, audit),
        agreements=Agreements(control, clock, audit),
        memberships=Memberships(snapshots, audiences, clock, audit),
        erasing=Erasing(parts, snapshots, matching, audit, eraser.wake),
        eraser=eraser,
        workflows=workflows(parts, snapshots, audit, audiences, pages),
        credits=ledger,
        rights=rights,
        builds=built.builds,
        build_worker=built.worker,
        portraits=Portraits(control, clock, audit, snapshots, audiences, built.builds, Members(parts, snapshots)),
        lookalikes=Lookalikes(control, audiences, built.builds),
        callbacks=called.callbacks,
        callback_sender=called.sender,
        outputs=Outputs(control, lake, snapshots, audiences, rights, links, audit, settings.files),
        id_lists=id_lists,
        id_list_keeper=Keeper(id_lists),
    )


def create_app(house: House, rooms: Sequence[Room] = ROOMS, *, alone: bool = False) -> "Door":
    """Return the application that serves `rooms` over one house; `alone` says that its process does nothing else."""
    return Door(house, [(room, room.make(house)) for room in rooms], alone=alone)


def from_environment() -> "Door":
    """Make the application of a server process from `HOUSELIGHTS_…` variables, and start writing logs."""
    write_logs()
    return create_app(build_house(Settings.from_environment()), alone=True)


class Door:
    """The one way in: finds the room, names the request, counts it, writes its line in the log.

    The request's id is taken from `X-Request-Id` when that is a modest word, made up otherwise, stands in
    `request.state.request_id` for the room, and goes back in the reply.
    """

    def __init__(self, house: House, rooms: Sequence[tuple[Room, ASGIApp]], *, alone: bool = False):
        self._house = house
        self._alone = alone
        prefixes = [(prefix, room.name, app) for room, app in rooms for prefix in room.paths]
        self._prefixes = sorted(prefixes, key=lambda entry: -len(entry[0]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000, "reason": "there are no sockets here"})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            # Kernels and indexes are ready before the first request, which would otherwise pay for all of them.
            await run_in_threadpool(warm, self._house)
        except Exception as error:
            log.exception("startup failed")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        for thread in threads_of(self._house):
            thread.start()
        with steady() if self._alone else nullcontext():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        for thread in threads_of(self._house):
            await run_in_threadpool(thread.stop)
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        name, app = self._room(scope["path"])
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await app(scope, receive, send_named)
        except Exception:
            # A room that has already answered in its own envelope re-raises so that the fault is heard of here.
            log.exception("fault", request_id=request_id, path=scope["path"])
            if not status:
                await _problem(500, "Internal error", "the fault is in the log under the request id")(
                    scope, receive, send_named
                )
        finally:
            self._note(scope, name, status, time.perf_counter() - started)

    def _room(self, path: str) -> tuple[str, ASGIApp]:
        for prefix, name, app in self._prefixes:
            # "/" is the front page alone, not everything below it.
            if path == prefix or (prefix != "/" and path.startswith(prefix + "/")):
                return name, app
        return "none", _problem(404, "Not found", f"no room answers {path}")

    def _note(self, scope: Scope, room: str, status: int, seconds: float) -> None:
        # The template of the route, for numbers that can be added up; "other" where no route matched.
        route = getattr(scope.get("route"), "path", "other")
        self._house.telemetry.answered(room=room, method=scope["method"], route=route, status=status, seconds=seconds)
        log.info(
            "request",
            request_id=scope["state"]["request_id"],
            room=room,
            method=scope["method"],
            path=scope["path"],
            status=status,
            milliseconds=round(seconds * 1000, 2),
            client=scope["state"].get("client"),
        )


def threads_of(house: House) -> Sequence[Background]:
    """Return what works beside the requests of a server; uploads are worked on elsewhere where settings say so."""
    inside = (house.worker,) if house.settings.uploads.workers == INSIDE else ()
    return (
        house.applier,
        house.scheduler,
        house.eraser,
        house.workflows.workers,
        house.build_worker,
        house.callback_sender,
        house.id_list_keeper,
        *inside,
    )


def warm(house: House) -> None:
    """Compile or load the kernels and open every workspace's index."""
    warm_up()
    for workspace in house.control.workspaces.list():
        if house.control.generations.current_number(workspace.id) is not None:
            house.snapshots.current(workspace.id)


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if re.fullmatch(r"[\w.:-]{1,128}", given) else str(uuid4())


def _problem(status: int, title: str, detail: str) -> ASGIApp:
    """Return an application that answers problem+json, for paths that no room answers in an envelope of its own."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        body = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail,
            "request_id": scope["state"]["request_id"],
        }
        await JSONResponse(body, status, media_type="application/problem+json")(scope, receive, send)

    return answer
