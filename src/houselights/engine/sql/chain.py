"""Chains of steps as SQL: for each step the times of the events that fit it, then one time after another.

The first step needs only its earliest time and the last only its latest, so a chain of two is two aggregates, and only
the steps between them need all their times. A step that a later one measures from is tried at every completion.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from houselights.engine.sql.found import Findings
from houselights.engine.sql.rows import EventRows
from houselights.engine.sql.sequences import items_of
from houselights.engine.sql.terms import Answer, Constant, Term, anything, as_instant, call, conjunction
from houselights.model.schema import ListType, Scalar, Type

Test = Callable[[Answer], exp.Expr]
Later = Callable[[Term, dict[str, Term]], exp.Expr]


@dataclass(frozen=True, slots=True)
class Link:
    """One step: which events fit, how many are needed, and what `WHEN` says when it needs earlier steps' times."""

    label: str
    test: Test
    count: int
    when: Later | None
    is_referred: bool


def happened(events: Answer, clock: Callable[[Answer], Answer], links: Sequence[Link], found: Findings) -> exp.Expr:
    """Return whether the steps happened in order, each strictly later than the one before."""
    if not links:
        return exp.true()
    columns = [_times(events, clock, link, found) for link in links]
    if any(column is None for column in columns):
        return exp.false()
    times = [column for column in columns if column is not None]
    if len(links) == 1 and links[0].when is None:
        return _alone(times[0], max(1, links[0].count), found)
    simple = all(link.count <= 1 and link.when is None for link in links)
    if simple and all(isinstance(each, EventRows) for each in times):
        return _by_ends(times, found)
    return _from_step(
        _Chain(links, [items_of(each, found).listed(ordered=False) for each in times], found), 0, None, {}
    )


def _times(events: Answer, clock: Callable[[Answer], Answer], link: Link, found: Findings) -> Answer | None:
    """Return the times of the events that fit a step; None when no event can."""
    items = items_of(events, found)
    kept = items.where(link.test)
    at = items_of(kept, found).map(clock)
    if isinstance(at, Constant):
        return None
    kind = _item_kind(at)
    if kind is Scalar.DATE:
        return items_of(at, found).map(lambda each: Term(as_instant(_term(each)), Scalar.TIMESTAMP))
    return at if kind is Scalar.TIMESTAMP else None


def _item_kind(at: Answer) -> Type | None:
    match at:
        case EventRows(item=Term(kind=kind)):
            return kind
        case Term(kind=ListType(kind)):
            return kind
        case _:
            return None


def _term(answer: Answer) -> Term:
    assert isinstance(answer, Term), "the times of events are terms"
    return answer


def _alone(times: Answer, count: int, found: Findings) -> exp.Expr:
    items = items_of(times, found)
    if count == 1:
        return items.any(anything)
    return exp.GTE(this=items.count().sql, expression=exp.Literal.number(str(count)))


def _by_ends(times: Sequence[Answer], found: Findings) -> exp.Expr:
    """Return whether single steps happened in order: the earliest of the first, the latest of the last."""
    first, last = items_of(times[0], found).reduce("min"), items_of(times[-1], found).reduce("max")
    at = _term(first).sql
    for middle in times[1:-1]:
        at = call("list_min", _after(items_of(middle, found).listed(ordered=False), at, found))
    return exp.GT(this=_term(last).sql, expression=at)


def _after(times: Term, at: exp.Expr, found: Findings) -> exp.Expr:
    name = found.fresh()
    later = exp.GT(this=exp.column(name), expression=at)
    return call("list_filter", times.sql, exp.Lambda(this=later, expressions=[exp.to_identifier(name)]))


@dataclass(frozen=True, slots=True)
class _Chain:
    links: Sequence[Link]
    times: Sequence[Term]
    found: Findings


def _from_step(chain: _Chain, place: int, after: exp.Expr | None, known: dict[str, Term]) -> exp.Expr:
    """Return whether the steps from a place on fit after a time; `known` has the times of the steps referred to."""
    if place == len(chain.links):
        return exp.true()
    link, count = chain.links[place], max(1, chain.links[place].count)
    name = chain.found.fresh()
    at = Term(exp.column(name), Scalar.TIMESTAMP)
    tests: list[exp.Expr] = [] if after is None else [exp.GT(this=at.sql.copy(), expression=after.copy())]
    if link.when is not None:
        tests.append(link.when(at, known))
    fitting = chain.times[place].sql.copy()
    if tests:
        fitting = call("list_filter", fitting, _lambda(name, conjunction(tests)))
    if place == len(chain.links) - 1:
        return exp.GTE(this=call("len", fitting), expression=exp.Literal.number(str(count)))
    # The earliest completion, which leaves the most room; every one, where a later step measures from it.
    ends = fitting
    if count > 1 or not link.is_referred:
        last = _number(2**31 if link.is_referred else count)
        ends = call("list_slice", call("list_sort", fitting), _number(count), last)
    done = chain.found.fresh()
    end = Term(exp.column(done), Scalar.TIMESTAMP)
    rest = _from_step(chain, place + 1, end.sql, {**known, link.label: end})
    tried = call("list_filter", ends, _lambda(done, rest))
    return exp.GT(this=call("len", tried), expression=_number(0))


def _lambda(name: str, body: exp.Expr) -> exp.Expr:
    return exp.Lambda(this=body, expressions=[exp.to_identifier(name)])


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(str(value))
