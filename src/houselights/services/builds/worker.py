"""The threads that carry out builds, and look after those whose process died. They keep nothing themselves.

There are two lanes, each with a thread of its own: audiences, and reports of them. However long one takes, the other
goes on; within a lane it is one build after another, in the order they were asked for.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from threading import Event
from uuid import uuid4

from houselights.base.clock import Clock, SystemClock
from houselights.base.errors import HouselightsError, Unavailable
from houselights.base.logs import logger
from houselights.model.build import Build
from houselights.services.background import Background
from houselights.services.builds.builds import Builds
from houselights.services.builds.work import INTERNAL, Work
from houselights.storage.control.control import Control

log = logger("builds")

LOOK_SECONDS = 0.5
LEASE_SECONDS = 30.0
RENEW_SECONDS = 5.0
ATTEMPTS = 3


class Lane(StrEnum):
    """What is worked out side by side; the names of the threads."""

    AUDIENCES = "builds"
    REPORTS = "reports"


class Worker(Background):
    """Carries out what waits until it is stopped; `news` wakes each lane. Leases go by the machine's time."""

    name = "builds"

    def __init__(self, control: Control, clock: Clock, builds: Builds, work: Work, news: Mapping[Lane, Event]):
        super().__init__()
        self._lanes = news
        self._control = control
        self._clock = clock
        self._builds = builds
        self._work = work
        self._name = str(uuid4())
        self._machine = SystemClock()

    def loops(self) -> Mapping[str, Callable[[], None]]:
        return {**{lane: partial(self._run, lane) for lane in Lane}, "build leases": self._renew}

    def wake(self) -> None:
        for each in self._lanes.values():
            each.set()

    def work(self) -> int:
        """Carry out everything that waits, here and now; return how many builds that was."""
        done = 0
        while (build := self._claim(self._builds.followers)) is not None:
            self._carry(build)
            done += 1
        return done

    def tend(self) -> None:
        """Let wait again what other processes left when they died, or give it up when it was begun too often."""
        now = self._machine.now()
        for lapsed in self._control.builds.lapsed(now):
            if not self._control.builds.release(lapsed, now):
                continue
            if lapsed.attempts >= ATTEMPTS:
                why = f"it was begun {lapsed.attempts} times, and each time the server ended before it did"
                self._work.fail(lapsed, None, why)
            else:
                log.info("begun again", build=lapsed.number)

    def run(self) -> None:
        """Carry out audiences; `loops` has the other lane."""
        self._run(Lane.AUDIENCES)

    def _run(self, lane: Lane) -> None:
        news = self._lanes[lane]
        while not self._over.is_set():
            try:
                self.tend()
                while not self._over.is_set() and (build := self._claim(self._origins(lane))) is not None:
                    self._carry(build)
            except HouselightsError as error:
                log.warning("not looked after", reason=error.message)
            except Exception:
                log.exception("looking after builds failed")
            news.wait(LOOK_SECONDS)
            news.clear()

    def _renew(self) -> None:
        while not self._over.wait(RENEW_SECONDS):
            try:
                self._control.builds.renew(self._name, self._lease())
            except Exception:
                log.exception("leases of builds were not renewed")

    def _carry(self, build: Build) -> None:
        """Carry one out; what could not be done now waits again, and is given up when it was tried often enough."""
        try:
            if self._work.carry_out(build, self._name, self._over):
                return
            why = ""
        except Unavailable as error:
            why = error.message
        except Exception:
            # Whoever follows the build could not write down that it ended.
            log.exception("build could not be ended", build=build.number)
            why = INTERNAL
        if why and build.attempts >= ATTEMPTS:
            self._work.fail(build, self._name, why, tell=why != INTERNAL)
        else:
            self._control.builds.put_back(self._name, build, counts=bool(why))

    def _origins(self, lane: Lane) -> Collection[str]:
        reports = self._builds.reports
        return [each for each in self._builds.followers if (each in reports) == (lane is Lane.REPORTS)]

    def _claim(self, origins: Collection[str]) -> Build | None:
        return self._control.builds.claim(self._name, origins, lease_until=self._lease(), now=self._clock.now())

    def _lease(self) -> datetime:
        return self._machine.now() + timedelta(seconds=LEASE_SECONDS)
