"""The house: everything that answers, wired once by `app.build_house` and handed to every room. Holds no logic."""

from dataclasses import dataclass

from houselights.base.clock import Clock
from houselights.base.paging import PageTokens
from houselights.base.settings import Settings
from houselights.engine.snapshot import Snapshots
from houselights.services.access import Access
from houselights.services.agreements import Agreements
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.builds.builds import Builds
from houselights.services.builds.worker import Worker as BuildWorker
from houselights.services.callbacks.callbacks import Callbacks
from houselights.services.callbacks.sender import Sender
from houselights.services.callers import Callers
from houselights.services.clients import Clients
from houselights.services.connections import Connections
from houselights.services.credits import Credits
from houselights.services.discovery import Discovery
from houselights.services.edge import Edge
from houselights.services.erasure.erase import Erasing
from houselights.services.erasure.eraser import Eraser
from houselights.services.evaluation import Evaluating
from houselights.services.explain import Explaining
from houselights.services.forecasts import Forecasts
from houselights.services.id_lists.id_lists import IdLists
from houselights.services.id_lists.keeper import Keeper
from houselights.services.insights import Insights
from houselights.services.intake.intake import Intake
from houselights.services.intake.rehearsal import Rehearsal
from houselights.services.intake.worker import Worker
from houselights.services.jobs import Jobs
from houselights.services.lookalike.expand import Lookalikes
from houselights.services.matching import Matching
from houselights.services.memberships import Memberships
from houselights.services.motion.applier import Applier
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
from houselights.services.workflows.workflows import Workflows
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One deployment, ready to answer.

    `clock` tells "now" (held still where settings say so). `pages` signs page tokens. Rooms use the services;
    `control`, `lake` and `snapshots` are here for the command line and for what no service covers.
    `applier`, `scheduler`, `worker`, `build_worker` and `eraser` are started by whoever serves.
    """

    settings: Settings
    clock: Clock
    control: Control
    lake: Lake
    snapshots: Snapshots
    pages: PageTokens
    access: Access
    throttle: Throttle
    telemetry: Telemetry
    callers: Callers
    audit: Audit
    clients: Clients
    operators: Operators
    audiences: Audiences
    discovery: Discovery
    insights: Insights
    overlaps: Overlaps
    forecasts: Forecasts
    explain: Explaining
    imports: Imports
    jobs: Jobs
    profiles: Profiles
    edge: Edge
    evaluation: Evaluating
    applier: Applier
    scheduler: Scheduler
    matching: Matching
    people: People
    uploads: Uploads
    intake: Intake
    worker: Worker
    rehearsal: Rehearsal
    rosters: Rosters
    connections: Connections
    agreements: Agreements
    memberships: Memberships
    erasing: Erasing
    eraser: Eraser
    workflows: Workflows
    credits: Credits
    rights: ClientRights
    builds: Builds
    build_worker: BuildWorker
    portraits: Portraits
    lookalikes: Lookalikes
    callbacks: Callbacks
    callback_sender: Sender
    outputs: Outputs
    id_lists: IdLists
    id_list_keeper: Keeper
