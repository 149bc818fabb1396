"""Puts the query together: what is found in one pass over the events, joined to the people it is asked of.

Four shapes, from cheap to dear: people alone; the ids of events, where a rule asks only whether there is one; people
whose ids have such events or none; and one grouped pass over the events, with the people wherever they matter.
"""

from sqlglot import exp

from houselights.engine.sql.absent import is_false_without_events
from houselights.engine.sql.found import Finding, Findings
from houselights.engine.sql.terms import EVENT, FOUND, KNOWN, MEMBER, PERSON, column, conjunction

_ID = "person_id"


def query(wanted: exp.Expr, found: Findings, *, as_value: bool = False) -> exp.Select:
    """Return the query for the people of whom `wanted` is true, or for what it is of each."""
    if as_value:
        chosen = exp.select(column(PERSON, _ID), exp.alias_(wanted, "value", quoted=True))
        return _joined(chosen.from_(_table("people", PERSON)), found, exp.true(), "left")
    if not found.columns:
        return _joined(exp.select(column(PERSON, _ID)).from_(_table("people", PERSON)), found, wanted, "left")
    is_false_without = is_false_without_events(wanted)
    if is_false_without and not _asks_people(wanted) and not found.uses_identities:
        return _of_events(wanted, found)
    by_ids = _by_ids(wanted, found)
    if by_ids is not None:
        return by_ids
    chosen = exp.select(column(PERSON, _ID)).from_(_table("people", PERSON))
    return _joined(chosen, found, wanted, "inner" if is_false_without else "left")


def _table(name: str, alias: str) -> exp.Expr:
    return exp.alias_(exp.to_table(name), alias, table=True)


def _asks_people(wanted: exp.Expr) -> bool:
    return any(each.table not in ("", FOUND) for each in wanted.find_all(exp.Column))


def _of_events(wanted: exp.Expr, found: Findings) -> exp.Select:
    """Return the query when people do not matter: ids from the events themselves, repeated where that is enough."""
    only = found.columns[0]
    if len(found.columns) == 1 and only.exists and wanted == column(FOUND, only.name):
        return _ids_with(only, found)
    return exp.select(column(FOUND, _ID)).from_(_pass(found)).where(wanted)


def _source(found_uses_person: bool) -> exp.Select:
    source = exp.select(column(EVENT, _ID)).from_(_table("events", EVENT))
    if found_uses_person:
        on = exp.EQ(this=column(PERSON, _ID), expression=column(EVENT, _ID))
        source = source.join(_table("people", PERSON), on=on, join_type="inner")
    return source


def _ids_with(finding: Finding, found: Findings) -> exp.Select:
    source = _source(found.uses_person)
    return source.where(conjunction(finding.tests)) if finding.tests else source


def _by_ids(wanted: exp.Expr, found: Findings) -> exp.Select | None:
    """Return the query for people with some condition and events of one kind, or none; None for any other rule."""
    if len(found.columns) != 1 or not found.columns[0].exists or found.uses_identities or found.uses_person:
        return None
    asked = column(FOUND, found.columns[0].name)
    conjuncts = list(wanted.flatten()) if isinstance(wanted, exp.And) else [wanted]
    none = exp.Not(this=exp.Is(this=asked, expression=exp.true()))
    about = [each for each in conjuncts if asked in list(each.find_all(exp.Column))]
    if len(about) != 1 or about[0] not in (asked, none):
        return None
    ids = exp.In(this=column(PERSON, _ID), query=exp.Subquery(this=_ids_with(found.columns[0], found)))
    rest = [each for each in conjuncts if each is not about[0]]
    test = ids if about[0] == asked else exp.Not(this=ids)
    chosen = exp.select(column(PERSON, _ID)).from_(_table("people", PERSON))
    return _with_members(chosen, found).where(conjunction([*rest, test]))


def _pass(found: Findings) -> exp.Expr:
    """Return the one pass over the events as a table of findings, a row for each person who has any."""
    shared = found.shared()
    source = _source(found.uses_person).group_by(column(EVENT, _ID))
    if found.rows_wanted() != exp.true():
        source = source.where(found.rows_wanted())
    for each in found.columns:
        source = source.select(exp.alias_(each.sql(shared), each.name))
    return source.subquery(FOUND)


def _joined(chosen: exp.Select, found: Findings, wanted: exp.Expr, join: str) -> exp.Select:
    if found.columns:
        chosen = chosen.join(_pass(found), on=_same_person(FOUND), join_type=join)
    if found.uses_identities:
        chosen = chosen.join(_table("known", KNOWN), on=_same_person(KNOWN), join_type="left")
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
