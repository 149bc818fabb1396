"""Puts the query together: what is found in one pass over the events, joined to the people it is asked of.

The shapes, from cheap to dear: people alone; the ids of events, where a rule asks only whether there is one; people
without such events; a grouped pass over the events of the people who can still match; and one over everybody's.
"""

from collections.abc import Sequence

from sqlglot import exp

from houselights.engine.sql.absent import is_false_without_events
from houselights.engine.sql.found import Finding, Findings
from houselights.engine.sql.terms import EVENT, FOUND, MEMBER, PERSON, column, conjunction

_ID = "person_id"


def query(wanted: exp.Expr, found: Findings) -> exp.Select:
    """Return the query for the ids of the people of whom `wanted` is true; an id may come more than once."""
    if not found.columns:
        return _joined(_people(), found, wanted, "left")
    conjuncts = list(wanted.flatten()) if isinstance(wanted, exp.And) else [wanted]
    if not is_false_without_events(wanted):
        return _without_ids(conjuncts, found) or _joined(_people(), found, wanted, "left")
    about_person = [each for each in conjuncts if _tables(each) == {PERSON}]
    rest = [each for each in conjuncts if each not in about_person]
    if all(_tables(each) <= {FOUND} for each in rest):
        return _of_events(about_person, rest, found)
    return _joined(_people(), found, wanted, "inner")


def values(wanted: exp.Expr, found: Findings) -> exp.Select:
    """Return the query for everybody's `person_id` and `value`, which is what `wanted` is of each."""
    chosen = _people().select(exp.alias_(wanted, "value", quoted=True))
    return _joined(chosen, found, exp.true(), "left")


def _people() -> exp.Select:
    return exp.select(column(PERSON, _ID)).from_(_table("people", PERSON))


def _table(name: str, alias: str) -> exp.Expr:
    return exp.alias_(exp.to_table(name), alias, table=True)


def _tables(part: exp.Expr) -> set[str]:
    """Return which tables a condition asks; the variables of lambdas are of none."""
    return {each.table for each in part.find_all(exp.Column)} - {""}


def _of_events(about_person: Sequence[exp.Expr], rest: Sequence[exp.Expr], found: Findings) -> exp.Select:
    """Return the query over the events, of the people of whom something is true, if anything is asked of people."""
    only = found.columns[0]
    if len(found.columns) == 1 and only.exists and rest == [column(FOUND, only.name)]:
        tests = conjunction([*about_person, *only.tests])
        source = _source(found.uses_person or bool(about_person))
        return source if tests == exp.true() else source.where(tests)
    return exp.select(column(FOUND, _ID)).from_(_pass(found, about_person)).where(conjunction(rest))


def _source(with_people: bool) -> exp.Select:
    source = exp.select(column(EVENT, _ID)).from_(_table("events", EVENT))
    if with_people:
        on = exp.EQ(this=column(PERSON, _ID), expression=column(EVENT, _ID))
        source = source.join(_table("people", PERSON), on=on, join_type="inner")
    return source


def _without_ids(conjuncts: Sequence[exp.Expr], found: Findings) -> exp.Select | None:
    """Return the query for people without events of one kind, perhaps with some condition; None for any other rule."""
    if len(found.columns) != 1 or not found.columns[0].exists or found.known or found.uses_person:
        return None
    asked = column(FOUND, found.columns[0].name)
    without = exp.Not(this=exp.Is(this=asked, expression=exp.true()))
    about = [each for each in conjuncts if FOUND in _tables(each)]
    if about != [without]:
        return None
    rest = [each for each in conjuncts if each != without]
    ids = exp.In(this=column(PERSON, _ID), query=exp.Subquery(this=_ids_with(found.columns[0])))
    return _with_members(_people(), found).where(conjunction([*rest, exp.Not(this=ids)]))


def _ids_with(finding: Finding) -> exp.Select:
    source = _source(with_people=False)
    return source.where(conjunction(finding.tests)) if finding.tests else source


def _pass(found: Findings, about_person: Sequence[exp.Expr] = ()) -> exp.Expr:
    """Return the one pass over the events as a table of findings, a row for each person who has any."""
    shared = found.shared()
    source = _source(found.uses_person or bool(about_person)).group_by(column(EVENT, _ID))
    tests = conjunction([*about_person, found.rows_wanted()])
    if tests != exp.true():
        source = source.where(tests)
    for each in found.columns:
        source = source.select(exp.alias_(each.sql(shared), each.name))
    return source.subquery(FOUND)


def _joined(chosen: exp.Select, found: Findings, wanted: exp.Expr, join: str) -> exp.Select:
    if found.columns:
        chosen = chosen.join(_pass(found), on=_same_person(FOUND), join_type=join)
    for name in found.known:
        chosen = chosen.join(exp.to_table(name), on=_same_person(name), join_type="left")
    chosen = _with_members(chosen, found)
    return chosen if wanted == exp.true() else chosen.where(wanted)


def _with_members(chosen: exp.Select, found: Findings) -> exp.Select:
    """Join the members of each audience that is asked about; DuckDB makes inner joins of them where it can."""
    for number in range(1, len(found.audiences) + 1):
        name = f"{MEMBER}{number}"
        chosen = chosen.join(exp.to_table(name), on=_same_person(name), join_type="left")
    return chosen


def _same_person(table: str) -> exp.Expr:
    return exp.EQ(this=column(PERSON, _ID), expression=column(table, _ID))
