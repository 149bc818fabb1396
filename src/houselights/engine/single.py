"""Says of one person after another whether they are in audiences, from functions made of the rules beforehand.

It says what `engine/plain.py` says; tests hold it to that. An audience that several others stand on is asked once per
person.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias, assert_never

from houselights.base.errors import InvalidRule
from houselights.engine import plain
from houselights.engine.plain import Person, Resolve
from houselights.engine.values.compiled import compiled
from houselights.engine.values.evaluate import Circumstances
from houselights.rules.tree import (
    And,
    AtLeast,
    Everyone,
    Follows,
    HasTrait,
    InAudience,
    Listed,
    Mentions,
    Nobody,
    Not,
    Or,
    Rule,
    Where,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One person at one instant, and what has been found out about them so far, by audience.

    `now` is what it means for the data, `clock` what it means for lists.
    """

    person: Person
    now: datetime
    clock: datetime
    known: dict[int, bool] = field(default_factory=dict)


Test: TypeAlias = Callable[[Asked], bool]


class Singles:
    """The audiences of one workspace as functions of one person, made when they are first asked about."""

    def __init__(self, resolve: Resolve):
        self._resolve = resolve
        self._made: dict[int, Test] = {}
        self._open: list[int] = []

    def is_member(self, audience_id: int, asked: Asked) -> bool:
        """Say whether the person is in an audience. Raises what `resolve` raises, InvalidRule for a circle."""
        known = asked.known.get(audience_id)
        if known is None:
            known = asked.known[audience_id] = self._of(audience_id)(asked)
        return known

    def _of(self, audience_id: int) -> Test:
        made = self._made.get(audience_id)
        if made is None:
            if audience_id in self._open:
                chain = " → ".join(str(each) for each in (*self._open[self._open.index(audience_id) :], audience_id))
                raise InvalidRule(f"audiences contain each other in a circle: {chain}")
            self._open.append(audience_id)
            try:
                made = self._made[audience_id] = self._test(self._resolve(audience_id))
            finally:
                self._open.pop()
        return made

    def _test(self, rule: Rule) -> Test:
        match rule:
            case Everyone():
                return lambda _: True
            case Nobody():
                return lambda _: False
            case InAudience(audience_id):
                self._of(audience_id)
                return lambda asked: self.is_member(audience_id, asked)
            case HasTrait(facet, any_of):
                wanted, nothing = frozenset(any_of), frozenset[str]()
                return lambda asked: not wanted.isdisjoint(asked.person.traits.get(facet, nothing))
            case Listed():
                return lambda asked: plain.is_listed(rule, asked.person, asked.clock)
            case Mentions() | Follows():
                return lambda asked: plain.matches(rule, asked.person, resolve=self._resolve, as_of=asked.now)
            case Where():
                return self._where(rule)
            case And(rules):
                parts = [self._test(each) for each in rules]
                return lambda asked: all(part(asked) for part in parts)
            case Or(rules):
                parts = [self._test(each) for each in rules]
                return lambda asked: any(part(asked) for part in parts)
            case Not(negated):
                part = self._test(negated)
                return lambda asked: not part(asked)
            case AtLeast(k, rules):
                parts = [self._test(each) for each in rules]
                return lambda asked: sum(part(asked) for part in parts) >= k
            case _:
                assert_never(rule)

    def _where(self, rule: Where) -> Test:
        run = compiled(rule.expression)
        meant = {name: self._test(each) for name, each in rule.members}

        def test(asked: Asked) -> bool:
            def is_member(audience: str) -> bool:
                return meant[audience](asked) if audience in meant else self.is_member(int(audience), asked)

            return run(Circumstances(inputs=(asked.person.document,), now=asked.now, is_member=is_member))

        return test
