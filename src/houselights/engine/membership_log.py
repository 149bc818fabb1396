"""The membership log of one generation, read list by list and kept while there is room. Decides about nobody.

A later version of the table that only adds lines is read no further than those lines; one whose files were put
together, not at all. Only where lines were taken away, or nobody can say any more what was added, all is read again.
"""

from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from houselights.engine.list_log import ListLog
from houselights.engine.recent import Recent
from houselights.engine.withheld import NOTHING_WITHHELD, Withheld
from houselights.model.workspace import Generation
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.superseded import undeleted
from houselights.storage.lake.tables import MEMBERSHIPS

CACHE_BYTES = 512 << 20
READ_AT_ONCE = 100
COLUMNS = ("audience_id", "person_id", "time", "action")

Array = np.ndarray[Any, Any]


class MembershipLog:
    """The logs of a workspace's lists, as one version of the table has them. Any number of threads may ask at once."""

    def __init__(self, lake: Lake, generation: Generation, withheld: Withheld = NOTHING_WITHHELD):
        self._lake = lake
        self._withheld = withheld
        self._workspace_id = generation.workspace_id
        self._version = generation.tables.get(MEMBERSHIPS.name)
        self._lists: Recent[int, ListLog] = Recent(CACHE_BYTES, lambda each: each.nbytes)

    def of(self, list_id: int) -> ListLog:
        """Return the log of one list; of a list nobody was ever put on, an empty one."""
        known = self._lists.get(list_id)
        if known is None:
            lines = self.lines(pc.field("audience_id") == list_id, ("person_id", "time", "action"))
            known = self._lists[list_id] = ListLog.of(*_arrays(lines))
        return known

    def read(self, list_ids: Collection[int]) -> None:
        """Read the logs of many lists that will be asked for, a hundred at a time instead of one by one."""
        missing = sorted(each for each in set(list_ids) if self._lists.get(each) is None)
        for begin in range(0, len(missing), READ_AT_ONCE):
            some = missing[begin : begin + READ_AT_ONCE]
            lines = self.lines(pc.field("audience_id").isin(some))
            nothing = ListLog.of(*_arrays(lines.slice(0, 0)))
            none = dict.fromkeys(some, nothing)
            self._lists.update({**none, **_grown(none, lines)})

    def lines(self, where: pc.Expression | None = None, columns: tuple[str, ...] = COLUMNS) -> pa.Table:
        """Return lines of the log as the lake has them; none when there is no log yet. Raises Superseded."""
        if self._version is None:
            return MEMBERSHIPS.schema.empty_table().select(list(columns))
        dataset = self._lake.dataset(self._workspace_id, MEMBERSHIPS.name, self._version)
        with undeleted():
            return dataset.to_table(columns=list(columns), filter=self._kept(where))

    def _kept(self, where: pc.Expression | None) -> pc.Expression | None:
        stays = self._withheld.of_log
        return where if stays is None else stays if where is None else where & stays

    def after(self, generation: Generation) -> "MembershipLog":
        """Return the log of a later generation of the same workspace, with what is known already."""
        version = generation.tables.get(MEMBERSHIPS.name)
        if version == self._version:
            return self
        later = MembershipLog(self._lake, generation, self._withheld)
        known = {list_id: log for list_id in self._lists if (log := self._lists.get(list_id)) is not None}
        if not known or version is None:
            return later
        added = self._lake.added(
            self._workspace_id, MEMBERSHIPS.name, self._version, version, columns=list(COLUMNS),
            where=self._kept(pc.field("audience_id").isin(sorted(known))),
        )  # fmt: skip
        if added is not None:
            later._lists.update({**known, **_grown(known, added)})
        return later


def _grown(known: dict[int, ListLog], added: pa.Table) -> dict[int, ListLog]:
    """Return the logs that got more lines."""
    lists = added["audience_id"].to_numpy()
    people, times, removed = _arrays(added)
    found = {}
    for list_id in np.unique(lists).tolist():
        its = lists == list_id
        found[list_id] = known[list_id].grown(people[its], times[its], removed[its])
    return found


def _arrays(lines: pa.Table) -> tuple[Array, Array, Array]:
    removed = pc.not_equal(lines["action"], "CREATE").to_numpy()
    return lines["person_id"].to_numpy(), lines["time"].cast(pa.int64()).to_numpy(), removed
