"""Rosters: audiences whose members are uploaded, with a time to live. Uploads themselves go through `services.intake`.

A roster is an audience of kind ADVERTISER with the rule `Listed(its own id, within_seconds=ttl)`; origin and country
stand in its attributes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from houselights.base.errors import InvalidInput, NotAllowed, NotFound
from houselights.base.ids import random_id
from houselights.engine.snapshot import Snapshots
from houselights.model.audience import Audience, AudienceFilter, AudienceKind, AudienceStatus
from houselights.model.upload import ListCounts
from houselights.rules.json_form import from_json
from houselights.rules.tree import InAudience, Listed
from houselights.services.audiences import Audiences
from houselights.services.caller import Caller
from houselights.services.callers import Callers, granted
from houselights.services.resolver import Resolver
from houselights.storage.control.control import Control

ORIGIN, COUNTRY = "origin", "country"  # attributes
MADE_BY = "client"  # attribute: the number of the client that made it, whose tables in SQL have it
CATEGORY = "Advertiser audiences"
MANY = 1_000_000  # more rosters than anybody has


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterSizes:
    """How large a roster is. `received` and `matched` count records ever uploaded, `active` people on it now.

    `matched` is never more than the people who were ever put on it: whoever sends one record a thousand times shall
    not read from a thousand matches that it matched. Exact otherwise: a room decides what of it its callers may know.
    """

    received: int
    matched: int
    active: int


class Rosters:
    """Rosters of one house."""

    def __init__(self, control: Control, snapshots: Snapshots, audiences: Audiences, callers: Callers):
        self._control = control
        self._callers = callers
        self._snapshots = snapshots
        self._audiences = audiences

    def create(
        self,
        caller: Caller,
        *,
        name: str,
        description: str,
        account_id: int | None,
        ttl_seconds: int | None,
        country: str | None = None,
        origin: str | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Audience:
        """Make an empty roster that belongs to an account the caller's client may act for, or to the workspace.

        `ttl_seconds` None: members stay until they are taken off. Raises NotAllowed for another account, InvalidInput
        for the name, InvalidRule for the time to live.
        """
        audience_id = random_id()
        made_by = None if caller.client is None else caller.client.id
        return self._audiences.create(
            self._acting(caller, account_id),
            audience_id=audience_id,
            name=name,
            description=description,
            rule=Listed(audience_id, ttl_seconds),
            kind=AudienceKind.ADVERTISER,
            category=CATEGORY,
            account_id=account_id,
            attributes={**(attributes or {}), ORIGIN: origin, COUNTRY: country, MADE_BY: made_by},
        )

    def update(
        self,
        caller: Caller,
        audience_id: int,
        *,
        origin: str | None = None,
        description: str | None = None,
        ttl_seconds: int | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Audience:
        """Change what is given; attributes are laid over those there are. A time to live of 0 hides everybody; raised
        again, people are back by the time they were put on. Raises NotFound, Conflict when it is archived.
        """
        old = self.get(caller, audience_id, origin=origin)
        return self._audiences.update(
            self._acting(caller, old.account_id),
            audience_id,
            description=description,
            rule=None if ttl_seconds is None else Listed(list_of(old), ttl_seconds),
            attributes=None if attributes is None else {**old.attributes, **attributes},
        )

    def get(self, caller: Caller, audience_id: int, *, origin: str | None = None) -> Audience:
        """Return a roster of the workspace's, or of an account the caller's client may act for; with an `origin`, only
        one made with it. Raises NotFound, also for an audience that is no roster.
        """
        caller.require("audiences:read")
        found = self._control.audiences.get(caller.workspace.id, audience_id)
        is_foreign = origin is not None and found.attributes.get(ORIGIN) != origin
        if is_foreign or not isinstance(from_json(found.rule), Listed) or not self._may_see(caller, found):
            raise NotFound(f"no audience {audience_id}")
        return found

    def sizes(self, caller: Caller, audience: Audience) -> RosterSizes:
        """Count a roster."""
        workspace = caller.workspace
        counted = self._control.uploads.counts(workspace.id, [audience.id]).get(audience.id, ListCounts())
        try:
            rule = InAudience(audience.id)
            snapshot = self._snapshots.current(workspace.id)
            active = snapshot.count(rule, self._audiences.resolve(workspace))
            ever = snapshot.list_log(list_of(audience)).ever
        except NotFound:  # nobody has been imported yet
            active = ever = 0
        return RosterSizes(received=counted.received, matched=min(counted.matched, ever), active=active)

    def below(self, caller: Caller, least: int, among: Collection[int] | None = None) -> frozenset[int]:
        """Return the rosters, of those the caller may see or of these, that have fewer than `least` people on them now.

        Only rosters made with an origin, which is what uploads through a room have. Archived ones are none of them.
        """
        wanted = AudienceFilter(
            ids=None if among is None else frozenset(among),
            kinds=frozenset({AudienceKind.ADVERTISER}),
            statuses=frozenset({AudienceStatus.ACTIVE}),
        )
        listed, _ = self._audiences.list(caller, wanted, 0, MANY)
        rosters = [one for one in listed if one.attributes.get(ORIGIN) and isinstance(from_json(one.rule), Listed)]
        if not rosters:
            return frozenset()
        snapshot = self._snapshots.current(caller.workspace.id)
        # Hundreds of them: one query for their rules, few reads for their logs.
        resolve = Resolver(self._control, caller.workspace, snapshot.catalogue, named=[one.id for one in rosters])
        snapshot.read_lists([list_of(one) for one in rosters])
        return frozenset(one.id for one in rosters if snapshot.count(InAudience(one.id), resolve) < least)

    def ttl_of(self, audience: Audience) -> int | None:
        """Return a roster's time to live in seconds, None when members stay until they are taken off."""
        rule = from_json(audience.rule)
        return rule.within_seconds if isinstance(rule, Listed) else None

    def _may_see(self, caller: Caller, audience: Audience) -> bool:
        try:
            return self._acting(caller, audience.account_id).may_see(audience)
        except NotAllowed:
            return False

    def _acting(self, caller: Caller, account_id: int | None) -> Caller:
        """Return the caller on behalf of an account that its client may act for. Raises NotAllowed."""
        if account_id is None or account_id == caller.account_id:
            return caller
        if caller.account is not None:
            raise NotAllowed("this is another account than the one acted for", field="account")
        return caller.acting_for(granted(self._callers.reach(caller), account_id))


def list_of(audience: Audience) -> int:
    """Return the list that an audience is. Raises InvalidInput for one with another rule."""
    rule = from_json(audience.rule)
    if not isinstance(rule, Listed):
        raise InvalidInput(f'"{audience.name}" has a rule; members are uploaded to lists only')
    return rule.list_id
