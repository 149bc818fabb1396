"""Who the records of a batch of uploads mean: one vectorised pass over all hashes, then each record in its turn.

Records are taken in the order in which they were accepted, because one may name by an external id whom an earlier one
introduced. Works on what it is given; writes nothing, and keeps no match for anybody but the membership log.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from houselights.engine.snapshot import Snapshot
from houselights.identity.columns import HashedRecords
from houselights.identity.hashing import NOTHING, is_sha256
from houselights.identity.namespaces import NAMESPACES
from houselights.model.upload import InvalidRecord, ListCounts, TargetOutcome, UploadState
from houselights.services.intake.lists import Destination, Destinations
from houselights.services.intake.payload import Hashed, IdentityRecord, IdentityUpload, MemberRecord, MemberUpload
from houselights.services.matching import EXTERNAL, Matching
from houselights.storage.control.uploads import Outcome

CREATE, DELETE = "CREATE", "DELETE"
EMPTY = "none of its hashes is of anything"
NAMELESS = "it names nobody: there are no hashes, no external id and no token"
DENIED = "consent is denied"
ALL_INVALID = "none of its records is valid"

Identity = tuple[str, str]
Line = tuple[int, int, str, str | None, int]
"""List, person, action, country, and which upload of the batch it is of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An upload that waits, unpacked: where its records may go, and which targets can have it."""

    number: int
    upload: MemberUpload | IdentityUpload
    destinations: Destinations
    targets: tuple[TargetOutcome, ...]

    @property
    def is_refused(self) -> bool:
        """Whether it has targets and none of them can have it."""
        return bool(self.targets) and all(each.error is not None for each in self.targets)


@dataclass(slots=True)
class Resolved:
    """What a batch brings: lines of the log, identities to remember as (namespace, value, person), outcomes of the
    uploads in their order, and counts by audience. `version` of `identities` is what it rests on.
    """

    version: int | None = None
    lines: list[Line] = field(default_factory=list)
    identities: list[tuple[str, str, int]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    counts: dict[int, ListCounts] = field(default_factory=dict)


def resolve(matching: Matching, snapshot: Snapshot, batch: Sequence[Opened]) -> Resolved:
    """Return what a batch brings to the generation of `snapshot`."""
    records = [record for each in batch for record in _records(each)]
    people, faults = _matched(matching, snapshot, records)
    known = _Known(matching, snapshot, _named(batch))
    found = Resolved(version=snapshot.generation.tables.get("identities"))
    place = 0
    for ordinal, each in enumerate(batch):
        stretch = range(place, place + len(_records(each)))
        place = stretch.stop
        work = _One(ordinal, each, known, found)
        for at in stretch:
            work.take(records[at], faults[at], people[at])
        work.finish()
    return found


def _records(each: Opened) -> Sequence[MemberRecord | IdentityRecord]:
    return () if each.is_refused else each.upload.records


def _matched(
    matching: Matching, snapshot: Snapshot, records: Sequence[MemberRecord | IdentityRecord]
) -> tuple[list[tuple[int, ...]], list[str | None]]:
    """Return for each record the people that its hashes match, and what is wrong with its hashes."""
    faults: list[str | None] = [None] * len(records)
    hashed: Sequence[tuple[Hashed, ...]] = [record.hashed for record in records]
    try:
        columns = HashedRecords.from_rows([each for some in hashed for each in some])
    except ValueError:  # rooms refuse what is no hash; one that did not spoils its own records only
        faults = [_fault(some) for some in hashed]
        hashed = [() if fault else some for some, fault in zip(hashed, faults, strict=True)]
        columns = HashedRecords.from_rows([each for some in hashed for each in some])
    found = matching.records(snapshot, columns).person_ids.tolist() if columns.count else []
    people: list[tuple[int, ...]] = []
    place = 0
    for some in hashed:
        if len(some) == 1:
            people.append((found[place],) if found[place] >= 0 else ())
        else:
            people.append(tuple(dict.fromkeys(each for each in found[place : place + len(some)] if each >= 0)))
        place += len(some)
    return people, faults


def _fault(hashed: Sequence[Hashed]) -> str | None:
    """Return what is wrong with the hashes of a record."""
    for each in hashed:
        for name, value in each.items():
            if value and not is_sha256(value):
                return f"{name} is not a SHA-256 hash"
    return None


def _named(batch: Iterable[Opened]) -> Iterator[Identity]:
    """Yield the external ids and tokens of a batch."""
    for each in batch:
        namespace = each.upload.namespace
        for record in _records(each):
            if record.external_id is not None:
                yield namespace, record.external_id
            if isinstance(record, MemberRecord) and record.token is not None and _is_known(record.token[0]):
                yield record.token


def _is_known(namespace: str) -> bool:
    return namespace in NAMESPACES or namespace.startswith(EXTERNAL)


class _Known:
    """Who is known under which external id and token, what the batch itself introduces included."""

    def __init__(self, matching: Matching, snapshot: Snapshot, named: Iterable[Identity]):
        wanted = list(dict.fromkeys(named))
        self._people = {
            identity: people
            for identity, people in zip(wanted, matching.tokens(snapshot, wanted), strict=True)
            if people
        }

    def of(self, identity: Identity | None) -> tuple[int, ...]:
        return () if identity is None else self._people.get(identity, ())

    def introduce(self, identity: Identity, people: tuple[int, ...]) -> tuple[int, ...]:
        """Remember people under an external id, and return those who were not known under it."""
        before = self.of(identity)
        new = tuple(each for each in people if each not in before)
        if new:
            self._people[identity] = before + new
        return new


class _One:
    """One upload of the batch being worked on."""

    def __init__(self, ordinal: int, opened: Opened, known: _Known, found: Resolved):
        self._ordinal = ordinal
        self._opened = opened
        self._known = known
        self._found = found
        self._changes: dict[tuple[int, int], tuple[str, str | None]] = {}
        self._invalid: list[InvalidRecord] = []
        self._at = -1
        self._processed = self._matched = 0
        self._people: set[int] = set()
        upload = opened.upload
        self._countries = frozenset(upload.countries) if isinstance(upload, MemberUpload) else frozenset()
        self._received: dict[int, int] = {}
        self._meant: dict[int, int] = {}

    def take(self, record: MemberRecord | IdentityRecord, fault: str | None, people: tuple[int, ...]) -> None:
        """Take one record in: `people` are those its hashes match."""
        self._at += 1
        if isinstance(record, IdentityRecord):
            self._take_identity(record, fault, people)
            return
        where = self._opened.destinations[record.audience_id]
        why_not = where if isinstance(where, str) else fault or self._why_not(record, where)
        if why_not is not None or isinstance(where, str):
            named = record.external_id if record.token is None else record.token[1]
            self._refuse(record.audience_id, named, str(why_not))
            return
        external = None if record.external_id is None else (self._opened.upload.namespace, record.external_id)
        if record.action == DELETE:
            meant = dict.fromkeys((*people, *self._known.of(external), *self._known.of(record.token)))
        else:
            meant = dict.fromkeys(people or self._known.of(external) or self._known.of(record.token))
            self._remember(external, people)
            self._received[record.audience_id] = self._received.get(record.audience_id, 0) + 1
            if meant:
                self._meant[record.audience_id] = self._meant.get(record.audience_id, 0) + 1
        self._processed += 1
        self._matched += bool(meant)
        self._people.update(meant)
        for person_id in meant:
            self._changes[where.list_id, person_id] = (record.action, record.country or where.country)

    def _take_identity(self, record: IdentityRecord, fault: str | None, people: tuple[int, ...]) -> None:
        why_not = fault or (None if _has_hash(record.hashed) else EMPTY)
        if why_not is not None:
            self._refuse(None, record.external_id, why_not)
            return
        self._processed += 1
        self._matched += bool(people)
        self._people.update(people)
        self._remember((self._opened.upload.namespace, record.external_id), people)

    def _why_not(self, record: MemberRecord, where: Destination) -> str | None:
        if record.fault is not None:
            return record.fault
        if record.consent_denied:
            return DENIED
        country = record.country or where.country
        if self._countries and country is not None and country not in self._countries:
            return f"people of {country} cannot be uploaded"
        if record.token is not None and not _is_known(record.token[0]):
            return f'there are no tokens in a namespace "{record.token[0]}"'
        if record.token is None and not _has_hash(record.hashed):
            if record.hashed:
                return EMPTY
            if record.external_id is None:
                return NAMELESS
        return None

    def _refuse(self, audience_id: int | None, external_id: str | None, error: str) -> None:
        self._invalid.append(InvalidRecord(audience_id=audience_id, external_id=external_id, error=error, at=self._at))

    def _remember(self, identity: Identity | None, people: tuple[int, ...]) -> None:
        if identity is not None and people:
            self._found.identities += [(*identity, each) for each in self._known.introduce(identity, people)]

    def finish(self) -> None:
        """Add what the upload brings to the batch. Of several records about one person and list the last one counts."""
        found, targets = self._found, self._opened.targets
        found.lines += [
            (list_id, person_id, action, country, self._ordinal)
            for (list_id, person_id), (action, country) in self._changes.items()
        ]
        for audience_id, received in self._received.items():
            before = found.counts.get(audience_id, ListCounts())
            found.counts[audience_id] = ListCounts(
                received=before.received + received, matched=before.matched + self._meant.get(audience_id, 0)
            )
        error = None
        if self._opened.is_refused:
            state, error = UploadState.FAILED, "; ".join(f"{each.name}: {each.error}" for each in targets)
        elif not self._processed:
            state, error = UploadState.FAILED, ALL_INVALID
        elif any(each.error is not None for each in targets):
            state = UploadState.PARTIAL
        else:
            state = UploadState.SUCCEEDED
        found.outcomes.append(
            Outcome(
                number=self._opened.number, state=state, processed=self._processed,
                matched=min(self._matched, len(self._people)),  # who repeats a record is not told that it matches
                invalid=tuple(self._invalid), targets=targets, error=error,
            )
        )  # fmt: skip


def _has_hash(hashed: Sequence[Hashed]) -> bool:
    """Say whether there is a hash of something."""
    return any(value and value != NOTHING for each in hashed for value in each.values())
