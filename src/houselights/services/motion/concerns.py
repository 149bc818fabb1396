"""Says which audiences a change of one person could matter to, and why. Evaluates nothing.

It may name an audience that turns out the same, never leave out one that would not: what an expression reads is
over-estimated (`rules/reads.py`), and a new person is a change of everything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from houselights.engine.inline import Resolve, inline
from houselights.engine.plan import leaves_of
from houselights.engine.values.names import EVENT_TYPE
from houselights.rules.reads import Reads, reads
from houselights.rules.tree import InAudience, Listed, Where
from houselights.services.motion.place import Change


@dataclass(frozen=True, slots=True)
class Concern:
    """What one audience, with all audiences inside it, looks at; `expires` where one of its lists forgets people."""

    audience_id: int
    asked: tuple[Reads, ...]
    lists: frozenset[int]
    expires: bool = False

    @property
    def now(self) -> bool:
        """Whether time alone can change who is in it."""
        return self.expires or any(each.now for each in self.asked)

    @property
    def is_own_record(self) -> bool:
        """Whether it is a list itself: its log is what uploads say, and nothing that is found out belongs in there."""
        return self.audience_id in self.lists

    def because(self, change: Change) -> str | None:
        """Return why a change could matter, in words; None when it cannot."""
        if change.is_new:
            return "a new person"
        for path in sorted(change.paths):
            if any(each.concerns_path(path) for each in self.asked):
                return f"it looks at {'.'.join(path)}, which changed"
        for event_type in sorted(change.event_types):
            if any(each.concerns_event(event_type) for each in self.asked):
                return f"it looks at events such as {event_type}"
        if change.identities and any(each.identities for each in self.asked):
            return "it looks at identities, and one was added"
        return None

    def because_of_lists(self, changed: Iterable[int]) -> str | None:
        """Return why an entry into or exit from other audiences could matter; None when it cannot."""
        for audience_id in sorted(self.lists.intersection(changed)):
            return f"it looks at who is recorded in {audience_id}, which changed"
        if any(each.memberships for each in self.asked):
            return "it looks at memberships, and one changed"
        return None


def concerns(audience_ids: Sequence[int], resolve: Resolve) -> list[Concern]:
    """Return what each audience looks at, as its rule stands today."""
    return [concern(audience_id, resolve) for audience_id in audience_ids]


def concern(audience_id: int, resolve: Resolve) -> Concern:
    """Return what one audience looks at. Raises what `inline` raises."""
    leaves = list(leaves_of(inline(InAudience(audience_id), resolve)))
    return Concern(
        audience_id,
        tuple(reads(leaf.expression, event_type=EVENT_TYPE) for leaf in leaves if isinstance(leaf, Where)),
        frozenset(leaf.list_id for leaf in leaves if isinstance(leaf, Listed)),
        any(isinstance(leaf, Listed) and leaf.within_seconds is not None for leaf in leaves),
    )
