"""Works out who enters and leaves the continuous audiences because some people changed. Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa

from houselights.engine.inline import Resolve
from houselights.engine.plain import Person
from houselights.engine.single import Asked, Singles
from houselights.services.motion.concerns import Concern
from houselights.services.motion.place import Change
from houselights.storage.lake.tables import MEMBERSHIPS

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
) -> Looked:
    """Ask of each person the audiences their change could matter to; `person.lists` are the recorded memberships."""
    entries: list[Entry] = []
    singles = Singles(resolve)
    number = 0
    for person in people:
        why = {concern.audience_id: concern.because(changes[person.id]) for concern in asked}
        rounds = 0
        while any(why.values()) and rounds <= len(asked):  # each round follows one step of audiences upon audiences
            one = Asked(person, now)
            found = [
                Entry(audience_id=audience_id, person_id=person.id, is_member=is_member, because=because)
                for audience_id, because in why.items()
                if because is not None
                and (is_member := singles.is_member(audience_id, one)) != (audience_id in person.lists)
            ]
            number += sum(because is not None for because in why.values())
            entries += found
            person = replace(person, lists=_after(person.lists, found))
            turned = [entry.audience_id for entry in found]
            why = {each.audience_id: each.because_of_lists(turned) if turned else None for each in asked}
            rounds += 1
    return Looked(entries=tuple(entries), asked=number)


def _after(lists: frozenset[int], entries: Sequence[Entry]) -> frozenset[int]:
    entered = {entry.audience_id for entry in entries if entry.is_member}
    return (lists | entered) - {entry.audience_id for entry in entries if not entry.is_member}


def log_of(entries: Sequence[Entry], at: datetime, upload_id: str) -> pa.Table:
    """Return the lines of the membership log; of several turns of one person in one audience only the last counts."""
    last = {(entry.audience_id, entry.person_id): entry for entry in entries}
    rows = [
        {"audience_id": entry.audience_id, "person_id": entry.person_id, "action": entry.action, "time": at,
         "country": None, "upload_id": upload_id}
        for entry in last.values()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=MEMBERSHIPS.schema)
