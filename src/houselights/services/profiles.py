"""Profiles and events as they come in: checked, kept for good, and acknowledged; their place they get soon after.

Refuses what cannot be put in its place: attributes the workspace does not have, values of another type, people without
a name. A batch is accepted whole or not at all.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from houselights.base.clock import Clock
from houselights.base.errors import Conflict, InvalidInput, NotFound
from houselights.base.suggest import did_you_mean
from houselights.engine.snapshot import Snapshots
from houselights.identity.namespaces import NAMESPACES, identities
from houselights.model.motion import Arrival
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.erasure.held_back import KEY, held_back
from houselights.services.motion.fit import fit_fields
from houselights.services.motion.incoming import Incoming, NewEvent, NewProfile, Who, body_of
from houselights.services.motion.people import attributes_of, schema_of
from houselights.storage.control.columns import storable
from houselights.storage.control.control import Control
from houselights.storage.lake.lake import Lake

BATCH_MOST = 1_000
KEY_CHARACTERS = 255
AHEAD_MOST = timedelta(days=366)  # an event further in the future is a mistake in its clock


class Waking(Protocol):
    """Whoever applies what has arrived."""

    def wake(self) -> None: ...


class Profiles:
    """Accepts profiles and events. Needs the scope "imports:write"."""

    def __init__(self, control: Control, lake: Lake, snapshots: Snapshots, clock: Clock, audit: Audit, applier: Waking):
        self._control = control
        self._lake = lake
        self._snapshots = snapshots
        self._clock = clock
        self._audit = audit
        self._applier = applier

    def accept(self, caller: Caller, arriving: Sequence[Incoming]) -> list[int]:
        """Keep profiles, or events, and return a number for each by which it can be followed.

        When this returns they are in the control database, and nothing but its loss loses them. Raises NotAllowed,
        NotFound before the first import, InvalidInput whose field begins with the place in the batch.
        """
        caller.require("imports:write")
        if not 1 <= len(arriving) <= BATCH_MOST:
            raise InvalidInput(f"a batch holds from 1 to {BATCH_MOST} items", field="items")
        snapshot = self._snapshots.current(caller.workspace.id)
        fields = {table: attributes_of(schema_of(self._lake, snapshot, table), table) for table in ("people", "events")}
        now = self._clock.now()
        for place, each in enumerate(arriving):
            self._check(each, fields, now, f"items[{place}]")
        self._must_not_be_held_back(caller, [each.who for each in arriving])
        kind = arriving[0].kind
        if any(each.kind is not kind for each in arriving):
            raise InvalidInput("a batch holds profiles or events, not both", field="items")
        ids = self._control.arrivals.add(caller.workspace.id, kind, [body_of(each) for each in arriving], now)
        self._audit.record(caller, f"{kind.value}.accept", items=len(ids))
        self._applier.wake()
        return ids

    def _must_not_be_held_back(self, caller: Caller, whose: Sequence[Who]) -> None:
        """Raise Conflict for somebody who was erased: what is acknowledged is kept, and may not bring them back."""
        names = [((KEY, who.key), *who.identities) if who.key is not None else who.identities for who in whose]
        held = held_back(self._control, caller.workspace.id, (name for each in names for name in each))
        for place, each in enumerate(names):
            if not held.isdisjoint(each):
                raise Conflict(
                    "this person was erased, and is held back",
                    field=f"items[{place}]",
                    hint="an operator can let them in again: houselights erase --let-go",
                )

    def arrivals(self, caller: Caller, arrival_ids: Sequence[int]) -> Sequence[Arrival]:
        """Return what became of arrivals. Raises NotFound for one that the workspace never had."""
        caller.require("imports:write")
        found = self._control.arrivals.find(caller.workspace.id, arrival_ids)
        missing = set(arrival_ids) - {each.id for each in found}
        if missing:
            raise NotFound(f"no arrival {min(missing)}")
        return found

    def _check(self, incoming: Incoming, fields: Mapping[str, Mapping[str, Any]], now: datetime, path: str) -> None:
        who = incoming.who
        if who.key is None and not who.identities:
            raise InvalidInput("say who it is, by key or by an identity", field=f"{path}.key")
        if who.key is not None and not (who.key.strip() and len(who.key) <= KEY_CHARACTERS and storable(who.key)):
            raise InvalidInput(f"a key has from 1 to {KEY_CHARACTERS} characters", field=f"{path}.key")
        match incoming:
            case NewProfile(attributes=attributes):
                fit_fields(attributes, fields["people"], f"{path}.attributes")
            case NewEvent(type=word, time=time, attributes=attributes):
                if not word.strip() or not storable(word):
                    raise InvalidInput("an event has a type", field=f"{path}.type")
                if time.astimezone(UTC) > now + AHEAD_MOST:
                    raise InvalidInput("the event lies more than a year in the future", field=f"{path}.time")
                fit_fields(attributes, fields["events"], f"{path}.attributes")


def who_of(key: str | None, given: Mapping[str, Sequence[str]], path: str) -> Who:
    """Return somebody by raw names: identities are normalised and hashed here, and raw no further.

    Raises InvalidInput for an unknown namespace and for a value that can identify nobody.
    """
    stored: dict[tuple[str, str], None] = {}
    for namespace, raws in given.items():
        for raw in raws:
            try:
                forms = identities(namespace, raw)
            except KeyError:
                raise InvalidInput(
                    f'there is no namespace "{namespace[:60]}"', field=f"{path}.identities.{namespace[:60]}",
                    hint=did_you_mean(namespace, list(NAMESPACES)) or "ids of your own are external:NAME",
                ) from None  # fmt: skip
            if not forms or not all(map(storable, forms)):
                raise InvalidInput("this value identifies nobody", field=f"{path}.identities.{namespace[:60]}")
            stored.update(dict.fromkeys((namespace, form) for form in forms))
    return Who(key=key, identities=tuple(stored))
