"""Keeps the sets of people that rules were found to describe, by the rule as it was settled.

A settled rule names the state of every list in it, so its set holds in every generation of the same data. Not so one
that asks about anybody's standing, which is the whole membership log, or identities, which uploads add to: that is
kept apart, and for one generation.
"""

from collections.abc import Iterator, MutableMapping

from houselights.engine.people_set import PeopleSet
from houselights.engine.plan import leaves_of
from houselights.engine.recent import Recent
from houselights.rules.tree import Rule, Where
from houselights.rules.values import IDENTITIES, MEMBERSHIPS, Field
from houselights.rules.walk import every

OWN_BYTES = 64 << 20


class Remembered(MutableMapping[Rule, PeopleSet]):
    """The sets of one generation; those in `shared` may be other generations' as well."""

    def __init__(self, shared: Recent[Rule, PeopleSet]):
        self._shared = shared
        self._own: Recent[Rule, PeopleSet] = Recent(OWN_BYTES, lambda each: each.nbytes)

    def _place(self, rule: Rule) -> Recent[Rule, PeopleSet]:
        return self._own if asks_standings(rule) else self._shared

    def __getitem__(self, rule: Rule) -> PeopleSet:
        return self._place(rule)[rule]

    def __setitem__(self, rule: Rule, people: PeopleSet) -> None:
        self._place(rule)[rule] = people

    def __delitem__(self, rule: Rule) -> None:
        del self._place(rule)[rule]

    def __iter__(self) -> Iterator[Rule]:
        yield from self._shared
        yield from self._own

    def __len__(self) -> int:
        return len(self._shared) + len(self._own)


def asks_standings(rule: Rule) -> bool:
    """Say whether some expression in the rule looks at what the membership log, or identities, say of a person."""
    return any(
        isinstance(node, Field) and node.name in (MEMBERSHIPS, IDENTITIES)
        for leaf in leaves_of(rule)
        if isinstance(leaf, Where)
        for node in every(leaf.expression)
    )
