"""The people behind rows, counted in SQL: how hidden columns go up through a GROUP BY and how many they are at the end.

Nothing here ever counts too many: where it cannot know, it counts the least it knows of.
"""

from collections.abc import Iterable

from sqlglot import exp

from houselights.cleanroom.dialect import snippet
from houselights.cleanroom.lineage import Behind, Hidden

UNKNOWN = -1  # the id of somebody unknown
NOBODY_BEHIND = 2**63 - 1  # the count of a row that tells of nobody

_TRUE = exp.true()

_LISTED = (
    "CASE WHEN count(p) FILTER (WHERE c) > 0 THEN "
    "coalesce(list(DISTINCT p) FILTER (WHERE p >= 0 AND c), CAST([] AS BIGINT[])) END"
)
_GATHERED = {
    Behind.ONE: (_LISTED, Behind.MANY),
    Behind.MANY: ("list_distinct(flatten(list(p) FILTER (WHERE p IS NOT NULL AND c)))", Behind.MANY),
    Behind.LEAST: ("min(p) FILTER (WHERE c)", Behind.LEAST),
}
_COUNTED = {
    Behind.ONE: "CASE WHEN count(p) FILTER (WHERE c) > 0 THEN count(DISTINCT p) FILTER (WHERE p >= 0 AND c) END",
    Behind.MANY: "len(list_distinct(flatten(list(p) FILTER (WHERE p IS NOT NULL AND c))))",
    Behind.LEAST: "min(p) FILTER (WHERE c)",
}
_ON_EACH_SIDE = {
    Behind.ONE: (
        "list_min(map_values(list_aggregate(list_transform("
        "list(DISTINCT {'m': m, 'p': p}) FILTER (WHERE p >= 0), lambda e : e.m), 'histogram')))"
    ),
    Behind.MANY: "min(len(p))",
    Behind.LEAST: "min(p)",
}
_ALONE = {Behind.ONE: "CASE WHEN p >= 0 THEN 1 WHEN p IS NOT NULL THEN 0 END", Behind.MANY: "len(p)", Behind.LEAST: "p"}


def gathered(hidden: Hidden, condition: exp.Expr | None) -> Hidden:
    """Return the people behind the rows of a group that a condition holds for (None: all), as an aggregate."""
    sql, kind = _GATHERED[hidden.kind]
    return Hidden(snippet(sql, p=hidden.sql, c=condition or _TRUE), kind)


def single(hidden: Hidden) -> Hidden:
    """Return the one person behind a group whose rows all tell of the same, as an aggregate."""
    return Hidden(snippet("max(p)", p=hidden.sql), Behind.ONE)


def counted(hidden: Hidden, condition: exp.Expr | None) -> exp.Expr:
    """Return how many known people are behind the rows of a group, as an aggregate; NULL when there are no rows."""
    return snippet(_COUNTED[hidden.kind], p=hidden.sql, c=condition or _TRUE)


def on_each_side(hidden: Hidden, side: Hidden) -> Hidden:
    """Return how many known people there are at least for each value that `side` has in a group, as an aggregate."""
    return Hidden(snippet(_ON_EACH_SIDE[hidden.kind], p=hidden.sql, m=side.sql), Behind.LEAST)


def least(counts: Iterable[exp.Expr]) -> exp.Expr:
    """Return the least of several counts. One that is NULL says nothing; if all are, there is nobody."""
    found = list(counts)
    if not found:
        return exp.Literal.number(NOBODY_BEHIND)
    return snippet("coalesce(a, 0)", a=exp.Anonymous(this="least", expressions=found))


def alone(hidden: Hidden) -> exp.Expr:
    """Return how many known people are behind one row."""
    return snippet(_ALONE[hidden.kind], p=hidden.sql)
