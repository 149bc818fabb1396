"""Shows how an answer comes about: the plan, the count after each clause, who matches and who nearly does.

It names people. Who may see them is decided above.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from houselights.engine.inline import Resolve, inline
from houselights.engine.people_set import PeopleSet
from houselights.engine.plan import Plan, leaves_of, plan
from houselights.engine.snapshot import Snapshot
from houselights.rules.english import Names, english
from houselights.rules.tree import And, AtLeast, InAudience, Not, Rule, Where
from houselights.rules.unfold import unfold

MATCHES_SHOWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause of the outermost "and": whom it holds alone, and who is left after it and all before it."""

    rule: Rule
    english: str
    count_alone: int
    count_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearly:
    """Somebody whom every clause but one holds: their key, and that clause in English."""

    key: str
    failed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """How one expression is asked of everybody: as `sql`, or None and `why` not."""

    english: str
    sql: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`funnel` goes in the order in which the rule was written. `matches` are keys of up to two people.

    `nearly` is None when nobody misses by exactly one clause, and when there is only one clause to miss by.
    """

    rule: Rule
    english: str
    plan: Plan
    queries: tuple[Query, ...]
    count: int
    funnel: tuple[Clause, ...]
    matches: tuple[str, ...]
    nearly: Nearly | None


def explain(snapshot: Snapshot, rule: Rule, resolve: Resolve, names: Names) -> Explanation:
    """Return the explanation of a rule; people are those with the lowest ids.

    Raises what `resolve` raises, and InvalidRule when audiences contain each other in a circle.
    """
    people = snapshot.evaluate(rule, resolve)
    clauses = _clauses(rule, resolve)
    sets = [snapshot.evaluate(clause, resolve) for clause in clauses]
    return Explanation(
        rule=rule,
        english=english(rule, names),
        plan=plan(snapshot.index, rule, resolve, names, people),
        queries=tuple(_queries(snapshot, rule, resolve, names)),
        count=len(people),
        funnel=_funnel(snapshot, clauses, sets, names),
        matches=tuple(snapshot.key(person) for person in _first(people, MATCHES_SHOWN)),
        nearly=_nearly(snapshot, clauses, sets, resolve, names),
    )


def _clauses(rule: Rule, resolve: Resolve) -> tuple[Rule, ...]:
    """Return the parts of the outermost "and"; an audience asked about by itself is opened first."""
    while isinstance(rule, InAudience):  # a circle has been refused by evaluating
        rule = resolve(rule.audience_id)
    return tuple(_parts(rule))


def _parts(rule: Rule) -> Iterator[Rule]:
    """Yield the parts of a conjunction, those of an expression that is one among them."""
    if isinstance(rule, Where):
        opened = unfold(rule)
        rule = opened if isinstance(opened, And) else rule
    if isinstance(rule, And):
        for each in rule.rules:
            yield from _parts(each)
    else:
        yield rule


def _queries(snapshot: Snapshot, rule: Rule, resolve: Resolve, names: Names) -> Iterator[Query]:
    """Yield how each expression is asked, those of the audiences inside too."""
    seen: set[Where] = set()
    for leaf in leaves_of(inline(rule, resolve)):
        if isinstance(leaf, Where) and leaf not in seen:
            seen.add(leaf)
            how = snapshot.leaves.how(leaf)
            yield Query(english=english(Where(leaf.expression), names), sql=how.sql, why=how.why)


def _funnel(snapshot: Snapshot, clauses: tuple[Rule, ...], sets: list[PeopleSet], names: Names) -> tuple[Clause, ...]:
    left = snapshot.index.everyone
    funnel = []
    for clause, alone in zip(clauses, sets, strict=True):
        left = left & alone
        funnel.append(
            Clause(rule=clause, english=english(clause, names), count_alone=len(alone), count_after=len(left))
        )
    return tuple(funnel)


def _nearly(
    snapshot: Snapshot, clauses: tuple[Rule, ...], sets: list[PeopleSet], resolve: Resolve, names: Names
) -> Nearly | None:
    if len(clauses) < 2:
        return None
    all_but_one = And((AtLeast(len(clauses) - 1, clauses), Not(And(clauses))))
    for person in _first(snapshot.evaluate(all_but_one, resolve), 1):
        failed = next(clause for clause, alone in zip(clauses, sets, strict=True) if person not in alone)
        return Nearly(key=snapshot.key(person), failed=english(failed, names))
    return None


def _first(people: PeopleSet, most: int) -> list[int]:
    """Return the lowest ids, without listing everybody."""
    found: list[int] = []
    for block in people.block_sizes.nonzero()[0]:
        found += people.ids_of_block(int(block))[:most].tolist()
        if len(found) >= most:
            break
    return found[:most]
