"""Two sets of rows under each other, with their people side by side."""

from dataclasses import replace
from itertools import zip_longest

from sqlglot import exp

from houselights.cleanroom.dialect import snippet
from houselights.cleanroom.grouping import renamed
from houselights.cleanroom.lineage import Behind, Hidden, Lineage, Relation, Shown
from houselights.cleanroom.people import alone
from houselights.cleanroom.refusal import Refused
from houselights.cleanroom.tables import Class

_LISTED = "CASE WHEN p >= 0 THEN [p] WHEN p IS NOT NULL THEN CAST([] AS BIGINT[]) END"


def union(left: Relation, right: Relation, node: exp.Expr) -> Relation:
    """Return the rows of both, with the names of the first. Raises Refused."""
    if len(left.shown) != len(right.shown):
        raise Refused(node, f"UNION of {len(left.shown)} and {len(right.shown)} columns")
    pairs = [*zip_longest(sorted(left.rows), sorted(right.rows))]
    pairs += [(each, None) for each in sorted(left.hidden.keys() - left.rows)]
    pairs += [(None, each) for each in sorted(right.hidden.keys() - right.rows)]
    names = [f"h{number}" for number in range(len(pairs))]
    kinds = [_kind(pair, left, right) for pair in pairs]
    selects = []
    for side, found in enumerate((left, right)):
        source = found.sql.copy()
        select = exp.select(*(exp.alias_(exp.column(each.column), f"c{n}") for n, each in enumerate(found.shown)))
        for pair, name, kind in zip(pairs, names, kinds, strict=True):
            select = select.select(exp.alias_(_as(pair[side], kind, found), name), copy=False)
        selects.append(
            select.from_(
                source if isinstance(source, exp.Table) else exp.alias_(exp.Subquery(this=source), "u", table=True)
            )
        )
    to = [{pair[side]: name for pair, name in zip(pairs, names, strict=True) if pair[side]} for side in (0, 1)]
    shown = [
        Shown(one.name, f"c{number}", _both(renamed(one.lineage, to[0]), renamed(two.lineage, to[1]), node, one.name))
        for number, (one, two) in enumerate(zip(left.shown, right.shown, strict=True))
    ]
    rows = {to[0][each] for each in left.rows} | {to[1][each] for each in right.rows}
    return Relation(
        exp.Union(this=selects[0], expression=selects[1], distinct=False),
        tuple(shown),
        dict(zip(names, kinds, strict=True)),
        frozenset(rows),
        max(left.implied, right.implied),
    )


def _kind(pair: tuple[str | None, str | None], left: Relation, right: Relation) -> Behind:
    kinds = {found.hidden[name] for name, found in zip(pair, (left, right), strict=True) if name is not None}
    if len(kinds) == 1:
        return kinds.pop()
    return Behind.LEAST if Behind.LEAST in kinds else Behind.MANY


def _as(name: str | None, kind: Behind, found: Relation) -> exp.Expr:
    """Return a hidden column as one of another kind that never tells of more people."""
    if name is None:
        return exp.null()
    column, own = exp.column(name), found.hidden[name]
    if own is kind:
        return column
    return alone(Hidden(column, own)) if kind is Behind.LEAST else snippet(_LISTED, p=column)


def _both(left: Lineage, right: Lineage, node: exp.Expr, name: str) -> Lineage:
    if left.type == "NULL":
        left = replace(left, klass=right.klass)
    if right.type == "NULL":
        right = replace(right, klass=left.klass)
    if left.is_key != right.is_key or (
        left.is_key and "NULL" not in (left.type, right.type) and bool(left.names) != bool(right.names)
    ):
        raise Refused(node, f"the UNION puts user ids and other values into one column, {name}")
    kinds = {left.type, right.type} - {"NULL"}
    return Lineage(
        type=kinds.pop() if len(kinds) == 1 else "",
        klass=max(left.klass, right.klass, Class.NONE),
        implied=max(left.implied, right.implied),
        grouped=max(left.grouped, right.grouped),
        has_literal=left.has_literal or right.has_literal,
        users=left.users | right.users,
        names=left.names | right.names,
        marks=left.marks | right.marks,
        is_metric=left.is_metric or right.is_metric,
        is_collected=left.is_collected or right.is_collected,
        merge=left.merge if left.merge == right.merge else None,
    )
