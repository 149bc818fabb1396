"""Works out who enters and leaves the continuous audiences because some people changed. Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa

from houselights.engine.inline import Resolve
from houselights.engine.plain import Line, Person, is_listed
from houselights.engine.single import Asked, Singles
from houselights.engine.standings import with_standing
from houselights.rules.tree import Listed
from houselights.rules.values import MEMBERSHIPS
from houselights.services.motion.concerns import Concern
from houselights.services.motion.place import Change
from houselights.storage.lake.tables import MEMBERSHIPS as LOG

CREATE, DELETE = "CREATE", "DELETE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Somebody who entered (`is_member`) or left an audience; `because` says what made us look."""

    audience_id: int
    person_id: int
    is_member: bool
    because: str

    @property
    def action(self) -> str:
        """The word of the membership log."""
        return CREATE if self.is_member else DELETE


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What came of looking: entries and exits, and how many (person, audience) pairs were asked."""

    entries: tuple[Entry, ...]
    asked: int


def look(
    people: Sequence[Person],
    changes: Mapping[int, Change],
    asked: Sequence[Concern],
    resolve: Resolve,
    now: datetime,
    logged_at: datetime,
    clock: datetime,
) -> Looked:
    """Ask of each person the audiences their change could matter to; `person.lists` are the recorded memberships.

    `logged_at` is when the log will say that somebody entered or left, `clock` what now is for lists.
    """
    entries: list[Entry] = []
    singles = Singles(resolve)
    number = 0
    for person in people:
        why = {concern.audience_id: concern.because(changes[person.id]) for concern in asked}
        rounds = 0
        while any(why.values()) and rounds <= len(asked):  # each round follows one step of audiences upon audiences
            one = Asked(person, now, clock)
            found = [
                Entry(audience_id=audience_id, person_id=person.id, is_member=is_member, because=because)
                for audience_id, because in why.items()
                if because is not None
                and (is_member := singles.is_member(audience_id, one)) != is_listed(Listed(audience_id), person, clock)
            ]
            number += sum(because is not None for because in why.values())
            entries += found
            person = _after(person, found, logged_at)
            turned = [entry.audience_id for entry in found]
            why = {each.audience_id: each.because_of_lists(turned) if turned else None for each in asked}
            rounds += 1
    return Looked(entries=tuple(entries), asked=number)


def _after(person: Person, entries: Sequence[Entry], at: datetime) -> Person:
    """Return the person with what is recorded of them changed."""
    lists, document = dict(person.lists), dict(person.document)
    for entry in entries:
        lists[entry.audience_id] = (Line(at, not entry.is_member),)
        document[MEMBERSHIPS] = with_standing(document.get(MEMBERSHIPS), entry.audience_id, entry.is_member, at)
    return replace(person, lists=lists, document=document)


def log_of(entries: Sequence[Entry], at: datetime, upload_id: str) -> pa.Table:
    """Return the lines of the membership log; of several turns of one person in one audience only the last counts."""
    last = {(entry.audience_id, entry.person_id): entry for entry in entries}
    rows = [
        {"audience_id": entry.audience_id, "person_id": entry.person_id, "action": entry.action, "time": at,
         "country": None, "upload_id": upload_id}
        for entry in last.values()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=LOG.schema)
