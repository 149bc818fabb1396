"""Puts the parts of builds together: what rooms ask, and the worker that whoever serves starts."""

from dataclasses import dataclass
from threading import Event

from houselights.engine.snapshot import Snapshots
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.builds.builds import RULE, Builds
from houselights.services.builds.work import Work
from houselights.services.builds.worker import Lane, Worker
from houselights.services.credits import Credits
from houselights.services.imports.parts import Parts
from houselights.services.workflows.members import Members


@dataclass(frozen=True, slots=True)
class Building:
    """Builds, and the worker that carries them out."""

    builds: Builds
    worker: Worker


def building(parts: Parts, snapshots: Snapshots, audit: Audit, audiences: Audiences, ledger: Credits) -> Building:
    """Wire them; the maker of rules is there, others are added to `builds.makers`."""
    control, clock, news = parts.control, parts.clock, {lane: Event() for lane in Lane}

    def wake() -> None:
        for each in news.values():
            each.set()

    members = Members(parts, snapshots)
    builds = Builds(control, clock, audit, audiences, snapshots, members, ledger, wake)
    work = Work(control, clock, audit, audiences, snapshots, members, ledger, builds)
    builds.makers[RULE] = work.by_rule
    return Building(builds, Worker(control, clock, builds, work, news))
