"""How several audiences lie over one another: every pair, and for a few of them every exclusive region.

Refuses more than `PAIRED` audiences, and draws regions (as in an UpSet plot) for at most `DRAWN`: k sets have 2ᵏ−1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from houselights.base.errors import InvalidInput, NotFound
from houselights.engine.overlap import pairwise
from houselights.engine.people_set import PeopleSet
from houselights.engine.snapshot import Snapshots
from houselights.rules.tree import Everyone, InAudience, Or, Rule
from houselights.services import privacy
from houselights.services.audiences import Audiences
from houselights.services.audit import Audit
from houselights.services.caller import Caller
from houselights.services.privacy import Counted, counted
from houselights.services.question import open_question

PAIRED = 50
DRAWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two audiences: how many are in both, over either (Jaccard), and over each. Shares are None when withheld."""

    first: int
    second: int
    both: Counted
    jaccard: float | None
    share_of_first: float | None
    share_of_second: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """People who are in all of `inside` and in none of the other audiences asked about."""

    inside: tuple[int, ...]
    people: Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapPicture:
    """The answer. `regions` is None for more than `DRAWN` audiences; empty regions are left out for exact callers."""

    sizes: dict[int, Counted]
    pairs: tuple[Pair, ...]
    regions: tuple[Region, ...] | None
    as_of: datetime
    built_at: datetime


class Overlaps:
    """Answers "who is in both?" for audiences that have an id."""

    def __init__(self, snapshots: Snapshots, audiences: Audiences, audit: Audit):
        self._snapshots = snapshots
        self._audiences = audiences
        self._audit = audit

    def among(self, caller: Caller, audience_ids: Sequence[int], *, universe: Rule | None = None) -> OverlapPicture:
        """Return the overlaps of 2 to `PAIRED` audiences within `universe`. Raises InvalidInput, NotFound."""
        caller.require("insights:read")
        ids = tuple(dict.fromkeys(audience_ids))
        if not 2 <= len(ids) <= PAIRED:
            raise InvalidInput(f"name 2 to {PAIRED} different audiences", field="audiences")
        self._must_exist(caller, ids)
        rules = tuple(InAudience(one) for one in ids)
        question = open_question(self._snapshots, self._audiences, caller, Or(rules), universe or Everyone())
        sets = [question.snapshot.evaluate(rule, question.resolve) & question.universe for rule in rules]
        both = pairwise(sets).tolist()
        self._audit.record(
            caller, "overlaps.among", audiences=[str(one) for one in ids], people=[len(one) for one in sets]
        )
        return OverlapPicture(
            sizes={one: counted(caller, len(people)) for one, people in zip(ids, sets, strict=True)},
            pairs=tuple(
                _pair(caller, (ids[i], ids[j]), both[i][i], both[j][j], both[i][j], question.universe_n)
                for i, j in combinations(range(len(ids)), 2)
            ),
            regions=_regions(caller, ids, sets) if len(ids) <= DRAWN else None,
            as_of=question.snapshot.generation.as_of,
            built_at=question.snapshot.generation.built_at,
        )

    def _must_exist(self, caller: Caller, ids: tuple[int, ...]) -> None:
        found = self._audiences.find(caller, ids)
        for position, one in enumerate(ids):
            if one not in found:
                raise NotFound(f"no audience {one}", field=f"audiences[{position}]")


def _pair(caller: Caller, names: tuple[int, int], first: int, second: int, both: int, universe: int) -> Pair:
    either = first + second - both
    shares: list[float | None] = [both / whole if whole else None for whole in (either, first, second)]
    if not caller.exact:
        policy = caller.workspace.privacy
        small = any(privacy.withheld_whole(policy, audience=size, universe=universe) for size in (first, second))
        cells = (both, first - both, second - both)
        if small or both < policy.minimum_cell or any(0 < cell < policy.minimum_cell for cell in cells):
            shares = [None, None, None]
        shares = [None if share is None else privacy.rounded_one(share) for share in shares]
    return Pair(
        first=names[0],
        second=names[1],
        both=counted(caller, both),
        jaccard=shares[0],
        share_of_first=shares[1],
        share_of_second=shares[2],
    )


def _regions(caller: Caller, ids: tuple[int, ...], sets: Sequence[PeopleSet]) -> tuple[Region, ...]:
    """Split the union into regions, one audience after the other: each part is either inside the next one or not."""
    parts: list[tuple[tuple[int, ...], PeopleSet]] = []
    outside: PeopleSet | None = None
    for audience_id, people in zip(ids, sets, strict=True):
        split: list[tuple[tuple[int, ...], PeopleSet]] = []
        for inside, part in parts:
            split += [(inside, part - people), ((*inside, audience_id), part & people)]
        alone = people if outside is None else people - outside
        parts = [*split, ((audience_id,), alone)]
        outside = people if outside is None else outside | people
    regions = sorted(parts, key=lambda part: (len(part[0]), [ids.index(one) for one in part[0]]))
    return tuple(
        Region(inside=inside, people=counted(caller, len(part)))
        for inside, part in regions
        if len(part) or not caller.exact
    )
