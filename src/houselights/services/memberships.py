"""Who is, and was, on a list: counts at any instant, what came and went by the day, and who they are.

A list is what the membership log says: of an audience whose members are uploaded, what uploads said, for as long as the
list keeps people *now*; of any other, what runs and streams recorded of it. Refuses instants that lie ahead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from houselights.base.clock import Clock
from houselights.base.errors import InvalidInput
from houselights.engine.list_history import comings
from houselights.engine.list_log import instant_of, microseconds
from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.model.audience import Audience
from houselights.rules.consent import OPTED_OUT
from houselights.rules.json_form import from_json
from houselights.rules.listed import as_of as at_instant
from houselights.rules.tree import And, Everyone, Listed, Not, Rule
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.privacy import Counted, counted

DAYS_MOST = 400
IDS_MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersAt:
    """How many people were members at an instant."""

    people: Counted
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day, in UTC: how many came, were taken off, had been on it for too long, and were on it when it ended."""

    day: date
    added: Counted
    removed: Counted
    expired: Counted
    members: Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody on a list: the company's key, and when they were last put on it."""

    person_id: int
    key: str
    since: datetime


class Memberships:
    """Memberships of the current generation of each workspace."""

    def __init__(self, snapshots: Snapshots, audiences: Audiences, clock: Clock, audit: Audit):
        self._snapshots = snapshots
        self._audiences = audiences
        self._clock = clock
        self._audit = audit

    def count(self, caller: Caller, audience_id: int, *, as_of: datetime | None = None) -> MembersAt:
        """Count the members at an instant, now without one. Raises NotFound, InvalidInput for one that lies ahead."""
        caller.require("insights:read")
        audience, snapshot, instant = self._asked(caller, audience_id, as_of)
        people = self._members(caller, snapshot, audience, instant, is_now=as_of is None)
        self._audit.record(caller, "members.count", str(audience_id), as_of=instant.isoformat(), people=len(people))
        return MembersAt(people=counted(caller, len(people)), as_of=instant)

    def history(self, caller: Caller, audience_id: int, start: date, end: date) -> Sequence[Day]:
        """Return the days from `start` to `end`, both included, at most DAYS_MOST of them and none after today.

        Raises NotFound, InvalidInput.
        """
        caller.require("insights:read")
        audience, snapshot, now = self._asked(caller, audience_id, None)
        if start > end:
            raise InvalidInput("the end lies before the start", field="end")
        end = min(end, now.astimezone(UTC).date())
        days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
        if len(days) > DAYS_MOST:
            raise InvalidInput(f"a history has at most {DAYS_MOST} days", field="start")
        if not days:
            return []
        listed = list_of(audience)
        among = snapshot.evaluate(_besides(audience), self._audiences.resolve(caller.workspace))
        found = comings(snapshot.list_log(listed.list_id), listed.within_seconds, among)
        # Today ends now: what lies ahead has not happened. The log may be ahead of a clock that stands still.
        ends = [datetime.combine(day, time.min, UTC) + timedelta(days=1) for day in days]
        edges = [microseconds(datetime.combine(start, time.min, UTC)), *map(microseconds, ends)]
        edges[-1] = min(edges[-1], microseconds(now) + 1)
        bounds = np.array(edges, np.int64)
        came, gone, late = (
            np.diff(np.searchsorted(each, bounds)) for each in (found.added, found.removed, found.expired)
        )
        sizes = found.members_before(bounds[1:])
        self._audit.record(caller, "members.history", str(audience_id), days=len(days))
        return [
            Day(
                day=day,
                added=counted(caller, int(came[place])),
                removed=counted(caller, int(gone[place])),
                expired=counted(caller, int(late[place])),
                members=counted(caller, int(sizes[place])),
            )
            for place, day in enumerate(days)
        ]

    def list(
        self, caller: Caller, audience_id: int, *, as_of: datetime | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[Sequence[Member], int]:
        """Return members at an instant by ascending id, and how many there are in all. Needs "profiles:read"."""
        caller.require("profiles:read")
        if not 1 <= limit <= IDS_MOST:
            raise InvalidInput(f"at most {IDS_MOST} members can be listed at once", field="limit")
        audience, snapshot, instant = self._asked(caller, audience_id, as_of)
        people = self._members(caller, snapshot, audience, instant, is_now=as_of is None)
        some = people.ids()[offset : offset + limit]
        ids, since = snapshot.list_log(list_of(audience).list_id).standing(None if as_of is None else instant)
        when = since[np.searchsorted(ids, some)].tolist()
        keys = snapshot.documents.keys(some.tolist())
        self._audit.record(caller, "members.list", str(audience_id), people=some.tolist())
        members = [
            Member(person_id=person, key=keys.get(person, ""), since=instant_of(moment))
            for person, moment in zip(some.tolist(), when, strict=True)
        ]
        return members, len(people)

    def _asked(self, caller: Caller, audience_id: int, as_of: datetime | None) -> tuple[Audience, Snapshot, datetime]:
        audience = self._audiences.get(caller, audience_id)
        snapshot, now = self._snapshots.current(caller.workspace.id), self._clock.now()
        log = snapshot.list_log(list_of(audience).list_id)
        now = max(now, log.last) if len(log) else now  # what the log says has happened, whatever the clock says
        if as_of is not None and as_of > now:
            raise InvalidInput("nobody knows who will be a member then", field="as_of")
        return audience, snapshot, now if as_of is None else as_of

    def _members(
        self, caller: Caller, snapshot: Snapshot, audience: Audience, instant: datetime, *, is_now: bool
    ) -> PeopleSet:
        listed = list_of(audience)
        rule = And((listed if is_now else at_instant(listed, instant), _besides(audience)))
        return snapshot.evaluate(rule, self._audiences.resolve(caller.workspace))


def list_of(audience: Audience) -> Listed:
    """Return the list whose log says who is in an audience, and how long it keeps people."""
    rule = from_json(audience.rule)
    return rule if isinstance(rule, Listed) else Listed(audience.id)


def _besides(audience: Audience) -> Rule:
    """Return who may be a member at all."""
    is_list = isinstance(from_json(audience.rule), Listed)
    return Not(OPTED_OUT) if is_list and audience.exclude_opted_out else Everyone()
