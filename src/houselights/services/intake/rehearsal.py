"""Tries an upload without keeping it, and says of each record what would become of it and which match rules held.

For operators only: who may try one record after another learns who is known here. Every try is in the audit log.
"""

from collections import Counter
from dataclasses import dataclass

import msgspec

from houselights.base.errors import InvalidInput
from houselights.engine.snapshot import Snapshots
from houselights.identity.columns import HashedRecords
from houselights.identity.waterfall import WATERFALL
from houselights.identity.waterfall import Outcome as RuleOutcome
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.intake.lists import destinations
from houselights.services.intake.payload import MemberRecord, MemberUpload
from houselights.services.intake.resolve import Opened, resolve
from houselights.services.matching import Matching
from houselights.storage.control.control import Control

RECORDS_MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What would become of one record: `error` when it would be left out, else how many `people` it means.

    `rules` holds, for each of the record's hashed persons, what every rule of the waterfall says, by its name.
    """

    error: str | None
    people: int
    rules: tuple[dict[str, RuleOutcome], ...]


class Rehearsal:
    """Tries uploads of one house against the people being served."""

    def __init__(self, control: Control, snapshots: Snapshots, matching: Matching, audit: Audit):
        self._control = control
        self._snapshots = snapshots
        self._matching = matching
        self._audit = audit

    def run(self, caller: Caller, upload: MemberUpload) -> list[Rehearsed]:
        """Return what would become of each record, taken in order. Nothing is kept or counted.

        Raises NotAllowed without the scope "operator", InvalidInput for too many records, NotFound before the first
        import.
        """
        caller.require("operator")
        if not 1 <= len(upload.records) <= RECORDS_MOST:
            raise InvalidInput(f"1 to {RECORDS_MOST:,} records can be tried at once", field="records")
        snapshot = self._snapshots.current(caller.workspace.id)
        named = sorted({record.audience_id for record in upload.records})
        known = self._control.audiences.find(caller.workspace.id, named)
        where = destinations(known, named, None, upload.origin)
        # Each record as an upload of its own: what is told of uploads is then told of records.
        batch = [
            Opened(
                number=number, upload=msgspec.structs.replace(upload, records=(record,)), destinations=where, targets=()
            )
            for number, record in enumerate(upload.records)
        ]
        found = resolve(self._matching, snapshot, batch)
        people = Counter(ordinal for *_, ordinal in found.lines)
        rules = [self._rules(caller, record) for record in upload.records]
        self._audit.record(caller, "uploads.rehearse", "", records=len(upload.records))
        return [
            Rehearsed(
                error=outcome.invalid[0].error if outcome.invalid else None, people=people[number], rules=rules[number]
            )
            for number, outcome in enumerate(found.outcomes)
        ]

    def _rules(self, caller: Caller, record: MemberRecord) -> tuple[dict[str, RuleOutcome], ...]:
        try:
            columns = HashedRecords.from_rows(record.hashed)
        except ValueError:
            return ()
        if not columns.count:
            return ()
        said = self._matching.diagnosed(self._snapshots.current(caller.workspace.id), columns)
        return tuple({rule.name: RuleOutcome(int(row[place])) for place, rule in enumerate(WATERFALL)} for row in said)
