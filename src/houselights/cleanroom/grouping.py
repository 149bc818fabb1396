"""Rows put together: SELECT lists, GROUP BY and DISTINCT, with the people behind what comes out."""

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from houselights.cleanroom.aggregates import Aggregate
from houselights.cleanroom.dialect import snippet
from houselights.cleanroom.lineage import Behind, Hidden, Lineage, Relation, Shown, Value
from houselights.cleanroom.people import gathered, on_each_side, single
from houselights.cleanroom.scope import Scope
from houselights.cleanroom.tables import Class

_MARKS = {Behind.MARK: ("bool_or(m)", "bool_and(m)"), Behind.SIDE: ("min(m)", "max(m)")}


def projected(scope: Scope, outputs: Sequence[tuple[str, Value]]) -> Relation:
    """Return the rows of a scope with values for columns, and the people behind the rows and the values."""
    carried = sorted(scope.rows.union(*(value.lineage.users | value.lineage.marks for _, value in outputs)))
    names = {each: f"h{number}" for number, each in enumerate(carried)}
    shown = tuple(
        Shown(name, f"c{number}", renamed(value.lineage, names)) for number, (name, value) in enumerate(outputs)
    )
    select = scope.select().select(
        *(exp.alias_(value.sql.copy(), each.column) for each, (_, value) in zip(shown, outputs, strict=True)),
        *(exp.alias_(scope.hidden[each].sql.copy(), name) for each, name in names.items()),
        copy=False,
    )
    if not (shown or names):
        select = select.select(exp.alias_(exp.null(), "nothing"), copy=False)  # rows to be counted, and no more
    return Relation(
        select,
        shown,
        {name: scope.hidden[each].kind for each, name in names.items()},
        frozenset(names[each] for each in scope.rows),
        scope.implied,
    )


def renamed(lineage: Lineage, names: dict[str, str]) -> Lineage:
    """Return a lineage with other names for its hidden columns."""
    return replace(
        lineage,
        users=frozenset(names[each] for each in lineage.users),
        names=frozenset(names[each] for each in lineage.names if each in names),
        marks=frozenset(names[each] for each in lineage.marks if each in names),
    )


def grouped(scope: Scope, keys: Sequence[Value], aggregates: Sequence[Aggregate]) -> Relation:
    """Return a row for each combination of the keys' values: the keys, then the aggregates, named k0… and a0…"""
    told = scope.told_by(each for key in keys for each in key.lineage.names)
    hidden: dict[str, Hidden] = {}
    known: dict[tuple[str, str], str] = {}

    def behind(name: str, condition: exp.Expr | None) -> str:
        is_told = name in told
        text = "" if condition is None or is_told else condition.sql("duckdb")
        if (name, text) not in known:
            known[name, text] = f"h{len(hidden)}"
            found = scope.hidden[name]
            hidden[known[name, text]] = single(found) if is_told else gathered(found, condition)
        return known[name, text]

    def kept(sql: str, name: str) -> str:
        known[name, sql] = known.get((name, sql)) or f"h{len(hidden)}"
        hidden[known[name, sql]] = Hidden(snippet(sql, m=scope.hidden[name].sql), scope.hidden[name].kind)
        return known[name, sql]

    def beside(name: str, side: str) -> str:
        if (name, side) not in known:
            known[name, side] = f"h{len(hidden)}"
            hidden[known[name, side]] = on_each_side(scope.hidden[name], scope.hidden[side])
        return known[name, side]

    rows = frozenset(behind(each, None) for each in sorted(scope.rows))
    shown = []
    for number, key in enumerate(keys):
        names = {each: behind(each, None) for each in sorted(key.lineage.users | key.lineage.names)}
        shown.append(Shown("", f"k{number}", renamed(key.lineage, names)))
    by = max((key.lineage.worst for key in keys if not key.is_key), default=Class.NONE)
    for number, aggregate in enumerate(aggregates):
        people = sorted(scope.rows | aggregate.lineage.users)
        users = frozenset(behind(each, condition) for each in people for condition in aggregate.sides(scope))
        users |= {beside(each, side) for each in people if each not in told for side in aggregate.lists(scope)}
        # Of one person's rows there is nobody to count, so what decided about them goes on to where there is.
        marks = frozenset(
            kept(sql, each)
            for each in sorted(aggregate.lineage.marks)
            for sql in _MARKS[scope.hidden[each].kind]
            if told
        )
        several = any(each not in told for each in people)  # a list of one person's values is a value of that person
        lineage = replace(
            aggregate.lineage, users=users, marks=marks, grouped=by,
            is_collected=aggregate.lineage.is_collected and several,
        )  # fmt: skip
        shown.append(Shown("", f"a{number}", lineage))
    values = [key.sql.copy() for key in keys] + [aggregate.sql() for aggregate in aggregates]
    select = scope.select().select(
        *(exp.alias_(value, each.column) for value, each in zip(values, shown, strict=True)),
        *(exp.alias_(each.sql, name) for name, each in hidden.items()),
        copy=False,
    )
    if keys:
        # By ordinal: a constant key would be taken for one.
        select = select.group_by(*(exp.Literal.number(number) for number in range(1, len(keys) + 1)), copy=False)
    kinds = {name: each.kind for name, each in hidden.items()}
    return Relation(select, tuple(shown), kinds, rows, scope.implied, is_one_row=not keys)


def distinct(scope: Scope, relation: Relation) -> Relation:
    """Return the different rows of a relation; behind each are the people of all its like."""
    scope.add(relation, "")
    keys = [scope.at(each.column) for each in relation.shown]
    found = grouped(scope, keys, [])
    return found.renamed(each.name for each in relation.shown)


def only_kinds(relation: Relation, kind: Behind) -> list[str]:
    """Return the row-level hidden columns of a kind."""
    return sorted(each for each in relation.rows if relation.hidden[each] is kind)
