"""Draws a portrait: the maker of this kind of report. One generation, every baseline, the clusters; nothing sampled
but what `clusters/fit.py` says.

It is kept in two views: `exact` for readers with `counts:exact`, `shown` for all others and for public links, with what
they may not know left out before it is kept. The people of each cluster are kept as a list of their own, so that an
erasure finds them, and so that a cluster stays what the portrait says it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np

from houselights.base.errors import NotFound
from houselights.base.ids import stable_id
from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshot, Snapshots
from houselights.model.build import Build
from houselights.rules.tree import InAudience
from houselights.services.audiences import Audiences
from houselights.services.builds.makers import Array, Made, Stopped
from houselights.services.caller import Caller
from houselights.services.clusters.fit import BEYOND_CHANCE, Parted, part, usable
from houselights.services.clusters.tell import Standing, label, standing_out
from houselights.services.portraits.baselines import Baseline
from houselights.services.portraits.sections import share_inside, told
from houselights.services.privacy import counted, rounded_one, withheld_whole
from houselights.services.question import Question, open_question
from houselights.services.workflows.members import Members

EXACT, SHOWN = "exact", "shown"
CRITERION = (
    "of the numbers tried, the one with the greatest silhouette, if that is greater by at least "
    f"{BEYOND_CHANCE} than by chance"
)


class Drawing:
    """Draws portraits."""

    def __init__(self, snapshots: Snapshots, audiences: Audiences, members: Members):
        self._snapshots = snapshots
        self._audiences = audiences
        self._members = members

    def make(self, caller: Caller, build: Build, snapshot: Snapshot, stop: Event) -> Made:
        """Draw the portrait that a build asks for: `source` is that of `Portraits.start`."""

        def look() -> None:
            if stop.is_set():
                raise Stopped

        source = build.source
        views = {EXACT: _seeing(caller, exact=True), SHOWN: _seeing(caller, exact=False)}
        outcome: dict[str, Any] = {EXACT: {}, SHOWN: {}, "unavailable": {}}
        of = int(source["of"])
        whole = self._ask(views[EXACT], snapshot, of, Baseline())
        for name, written in source["baselines"].items():
            try:
                question = self._ask(views[EXACT], snapshot, of, Baseline.from_json(written))
            except NotFound as error:
                outcome["unavailable"][name] = error.message
                continue
            for view, seer in views.items():
                seen = replace(question, caller=seer)
                inside = share_inside(seen, whole.audience_n)
                outcome[view][name] = told(seen, look) | {"share_inside": inside}
        if source["clusters"]:
            outcome["clusters"] = self._clusters(build, whole, views, look)
        return Made(None, outcome)

    def _ask(self, caller: Caller, snapshot: Snapshot, audience_id: int, baseline: Baseline) -> Question:
        universe = baseline.meaning(snapshot.catalogue)
        return open_question(
            self._snapshots, self._audiences, caller, InAudience(audience_id), universe, snapshot=snapshot
        )

    def _clusters(
        self, build: Build, whole: Question, views: Mapping[str, Caller], look: Callable[[], None]
    ) -> dict[str, Any]:
        """Part the audience, keep the lists, and return what is told of it."""
        snapshot, size = whole.snapshot, whole.audience_n
        policy = whole.caller.workspace.privacy
        members = whole.audience.ids().astype(np.int64)
        counts = snapshot.overlaps(whole.audience)
        traits = usable(counts, size)
        parted = part(snapshot.index, members, traits, counts[traits] / max(1, size), policy.minimum_cell, look)
        lists = {_list_id(build, number): members[parted.groups == number - 1] for number in _numbers(parted)}
        self._members.replace_all(whole.caller.workspace, lists, f"clusters:{build.number}")
        rows: dict[str, list[dict[str, Any]]] = {view: [] for view in views}
        for number, (list_id, people) in enumerate(lists.items(), 1):
            look()
            group = PeopleSet.from_ids(people, snapshot.index.capacity)
            stands = (
                standing_out(snapshot.catalogue, snapshot.overlaps(group), len(people), counts, size, policy)
                if parted.count > 1
                else []
            )
            for view, seer in views.items():
                rows[view].append(_told(seer, size, number, list_id, people, stands))
        return {
            "count": parted.count,
            "criterion": CRITERION,
            "silhouette": None if parted.silhouette is None else round(parted.silhouette, 4),
            "tried": {str(count): round(value, 4) for count, value in parted.tried.items()},
            "by_chance": None if parted.by_chance is None else round(parted.by_chance, 4),
            "sampled": parted.sampled < size,
            "traits": parted.traits,
            "lists": [str(each) for each in lists],
            **rows,
        }


def _numbers(parted: Parted) -> range:
    return range(1, parted.count + 1)


def _list_id(build: Build, number: int) -> int:
    """Return the id of the list of a cluster: the same when the job is begun again."""
    return stable_id("cluster", str(build.audience_id), str(number))


def _seeing(caller: Caller, *, exact: bool) -> Caller:
    scopes = caller.scopes | {"counts:exact"} if exact else caller.scopes - {"counts:exact"}
    return replace(caller, scopes=frozenset(scopes))


def _told(
    caller: Caller, audience: int, number: int, list_id: int, people: Array, stands: list[Standing]
) -> dict[str, Any]:
    """Return what one reader may know of a cluster."""
    size = counted(caller, len(people))
    hidden = not caller.exact and withheld_whole(caller.workspace.privacy, audience=len(people), universe=audience)
    share = len(people) / audience if audience else 0.0

    def figure(value: float | None) -> float | None:
        return value if value is None or caller.exact else rounded_one(value)

    return {
        "number": number,
        "list": str(list_id),
        "label": f"cluster {number}" if hidden else label(stands),
        "people": {"exact": size.exact, "low": size.band.low, "high": size.band.high},
        "share": None if hidden else figure(share),
        "traits": [
            {
                "facet": each.trait.facet,
                "key": each.trait.key,
                "name": each.trait.name,
                "share": figure(each.share),
                "audience_share": figure(each.audience_share),
                "affinity": figure(each.affinity),
                "affinity_low": each.affinity_low if caller.exact else None,
                "people": each.both if caller.exact else None,
            }
            for each in ([] if hidden else stands)
        ],
    }
