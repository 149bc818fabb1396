"""The last step of a report: how many people are behind each row, and what becomes of rows with too few.

Three shapes of rows: those gathered (`s`), their groups with what is behind them (`g`), and, where values are removed
rather than rows, groups anew with the removed values gone (`m`). Every count is taken where the rows are put together,
so what is put together again is counted again, from the rows themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from sqlglot import exp

from houselights.cleanroom.aggregates import Aggregate
from houselights.cleanroom.context import Context
from houselights.cleanroom.dialect import snippet
from houselights.cleanroom.grouping import projected
from houselights.cleanroom.lineage import Behind, Lineage, Relation, Shown, Value
from houselights.cleanroom.people import counted, least, on_each_side
from houselights.cleanroom.predicates import condition
from houselights.cleanroom.queries import Selected, shown
from houselights.cleanroom.question import Privacy
from houselights.cleanroom.refusal import Refused
from houselights.cleanroom.scope import Scope
from houselights.cleanroom.tables import Class

COUNT, PASSES, FILTERED, REASON = "n", "passes", "filtered", "reason"


@dataclass(frozen=True, slots=True)
class Merged(Aggregate):
    """The value of one row, or of rows put together where their values have a sum, a least or a greatest."""

    @property
    def counts(self) -> exp.Expr | None:
        """All rows: the people behind a value were counted when it was made."""
        return None

    def sql(self) -> exp.Expr:
        """Return it as DuckDB's SQL: NULL where values of several rows cannot be put together."""
        value = self.arguments[0].sql
        if self.name:
            return exp.Anonymous(this=self.name.lower(), expressions=[value.copy()])
        return snippet("CASE WHEN count(*) = 1 THEN any_value(a) END", a=value)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a report gives: SQL of `c0`… with COUNT, PASSES, FILTERED and REASON, and what is known of its columns."""

    sql: exp.Select
    columns: tuple[tuple[str, Lineage], ...]


def judge_groups(context: Context, selected: Selected, privacy: Privacy) -> Judged:
    """Judge a SELECT that groups, or has aggregates, and no window over them."""
    values = [replace(value, lineage=replace(value.lineage, marks=frozenset())) for _, value in selected.keys]
    for (node, _), value in zip(selected.keys, values, strict=True):
        if value.is_key:
            raise Refused(node, "the last SELECT may not be grouped by user ids", "Each row would be one person's.")
    aggregates = [each for _, each in selected.aggregates]
    arguments = [
        replace(value, lineage=replace(value.lineage, marks=each.lineage.marks))
        for each in aggregates
        for value in each.values
    ]
    scope, columns = _gathered(context, projected(selected.scope, [("", each) for each in (*values, *arguments)]))
    keys, rest = columns[: len(values)], columns[len(values) :]
    over = []
    for each in aggregates:
        own, rest = rest[: len(each.values)], rest[len(each.values) :]
        # DuckDB wants some arguments to be literals; a literal is the same in any row.
        over.append(
            each.over([a if isinstance(a.sql, exp.Literal) else b for a, b in zip(each.values, own, strict=True)])
        )

    def having(above: Scope) -> None:
        if selected.having is not None:
            above.where(condition(selected.having, above))

    def outputs(above: Scope) -> list[tuple[str, Value]]:
        return [(name, shown(node, above)) for name, node in selected.outputs]

    judge = _Judge(context, privacy, scope, keys, over, selected.scope.implied)
    return judge.rows(selected.over, having, outputs)


def judge_rows(context: Context, found: Relation, privacy: Privacy) -> Judged:
    """Judge rows as they are: of a UNION, or of a SELECT from what was grouped before."""
    rows = exp.select(
        *(exp.column(each.column) for each in found.shown),
        *(exp.column(each) for each in found.hidden),
        exp.alias_(snippet("row_number() OVER ()"), "row"),
    ).from_(
        found.sql.copy()
        if isinstance(found.sql, exp.Table)
        else exp.alias_(exp.Subquery(this=found.sql.copy()), "p", table=True)
    )
    numbered = replace(found, sql=rows, shown=(*found.shown, Shown("", "row", Lineage())))
    scope, columns = _gathered(context, numbered)
    number, columns = columns[-1], columns[:-1]
    keys = [number, *(each for each in columns if not each.lineage.is_metric)]
    merged = [
        Merged(each.lineage.merge or "", (each,), False, None, each.lineage)
        for each in columns
        if each.lineage.is_metric
    ]
    judge = _Judge(context, privacy, scope, keys, merged, found.implied, is_numbered=True)

    def over(groups: Relation) -> Scope:
        above = Scope(context, {})
        above.add(groups, "")
        return above

    def outputs(above: Scope) -> list[tuple[str, Value]]:
        metrics, others = count(), count(1)
        return [
            (each.name, above.at(f"a{next(metrics)}" if each.lineage.is_metric else f"k{next(others)}"))
            for each in found.shown
        ]

    return judge.rows(over, lambda _: None, outputs)


def _gathered(context: Context, found: Relation) -> tuple[Scope, list[Value]]:
    """Return a scope over rows that are computed once, and its columns in order."""
    name = context.fresh("s")
    context.named.append((name, found.sql))
    scope = Scope(context, {})
    scope.add(replace(found, sql=exp.to_table(name)), "")
    return scope, [scope.at(each.column) for each in found.shown]


class _Judge:
    """Groups of the rows of a scope, by keys, with aggregates, under thresholds.

    `is_numbered`: the first key is the number of the row, and goes when any other does.
    """

    def __init__(
        self,
        context: Context,
        privacy: Privacy,
        scope: Scope,
        keys: Sequence[Value],
        aggregates: Sequence[Aggregate],
        implied: Class,
        *,
        is_numbered: bool = False,
    ):
        self._context = context
        self._privacy = privacy
        self._scope = scope
        self._keys = [snippet("a", a=each.sql) for each in keys]
        self._aggregates = aggregates
        self._shown = [Shown("", f"k{number}", each.lineage) for number, each in enumerate(keys)]
        self._shown += [Shown("", f"a{number}", each.lineage) for number, each in enumerate(aggregates)]
        self._least = max(privacy.floor, self._threshold(implied))
        self._needed = {each.column: max(self._least, self._threshold(each.lineage.worst)) for each in self._shown}
        for number, key in enumerate(keys):  # a group's value to group by tells as much as what made the group
            self._needed[f"k{number}"] = max(self._needed[f"k{number}"], self._threshold(key.lineage.grouped))
        if is_numbered:
            # What the rows were once grouped by may not be shown any more, and so cannot be removed.
            shown = max((each.lineage.klass for each in self._shown if not each.lineage.is_metric), default=Class.NONE)
            by = max(each.lineage.grouped for each in self._shown)
            if by > shown:
                self._least = max(self._least, self._threshold(by))
                self._needed = {column: max(need, self._least) for column, need in self._needed.items()}
            self._needed["k0"] = max(need for column, need in self._needed.items() if column.startswith("k"))

    def rows(
        self,
        over: Callable[[Relation], Scope],
        having: Callable[[Scope], None],
        outputs: Callable[[Scope], list[tuple[str, Value]]],
    ) -> Judged:
        """Return the judged rows. `over` makes a scope over groups, in which HAVING and the outputs are read."""
        above = over(self._named("g", self._grouped(self._scope.select(), [])))
        having(above)
        if not self._privacy.removes_values:
            values = outputs(above)
            passes = self._enough(max(self._needed.values(), default=self._least))
            return self._finished(above, values, passes, exp.false(), exp.null())
        kept = self._named("v", self._kept(above))
        merged = self._named("m", self._grouped(self._scope.select(), self._keys, kept))
        above = over(self._named("j", self._stripped(merged)))
        values = outputs(above)
        whole = exp.and_(*(exp.column(f"o_{each.column}") for each in self._shown), exp.true())
        # A row without its values may be anybody's, but not one person's.
        several = max(self._least, self._threshold(Class.LOW))
        passes = snippet("CASE WHEN w THEN a ELSE b END", w=whole, a=self._enough(self._least), b=self._enough(several))
        return self._finished(above, values, passes, snippet("NOT a", a=whole), self._reason(values))

    def _grouped(self, rows: exp.Select, kept_keys: Sequence[exp.Expr], kept: Relation | None = None) -> exp.Select:
        """Return the groups with their number of people: by the keys, or by what was `kept` of them."""
        keys = [exp.alias_(key.copy(), f"k{number}") for number, key in enumerate(self._keys)]
        if kept is not None:
            same = [
                snippet("a IS NOT DISTINCT FROM b", a=key, b=exp.column(f"k{number}", "v"))
                for number, key in enumerate(kept_keys)
            ]
            rows = rows.join(
                exp.alias_(kept.sql.copy(), "v", table=True), on=exp.and_(*same, exp.true()), join_type="INNER"
            )
            flags = [exp.column(f"o_k{number}", "v") for number in range(len(kept_keys))]
            keys = [
                exp.alias_(snippet("CASE WHEN o THEN k END", o=flag, k=key), f"k{number}")
                for number, (flag, key) in enumerate(zip(flags, kept_keys, strict=True))
            ] + [exp.alias_(flag.copy(), flag.name) for flag in flags]
        counts = {}
        for each in sorted(self._scope.rows):
            counts[each, ""] = counted(self._scope.hidden[each], None)
        for aggregate in self._aggregates:
            for side in aggregate.sides(self._scope):
                text = "" if side is None else side.sql("duckdb")
                for each in sorted(self._scope.rows | aggregate.lineage.users):
                    counts[each, text] = counted(self._scope.hidden[each], side)
            for taken in aggregate.lists(self._scope):
                for each in sorted(self._scope.rows | aggregate.lineage.users):
                    counts[each, taken] = on_each_side(self._scope.hidden[each], self._scope.hidden[taken]).sql
        select = rows.select(
            *keys,
            *(exp.alias_(each.sql(), f"a{number}") for number, each in enumerate(self._aggregates)),
            exp.alias_(least(counts.values()), COUNT),
        )
        if keys:
            select = select.group_by(*(exp.Literal.number(number) for number in range(1, len(keys) + 1)))
        return select

    def _kept(self, above: Scope) -> exp.Select:
        """Return each group's keys, and of each key whether enough people are behind the group for it to stay."""
        select = above.select()
        for number in range(len(self._keys)):
            key = above.at(f"k{number}").sql if not above.known else exp.column(f"k{number}")
            select = select.select(
                exp.alias_(key.copy(), f"k{number}"),
                exp.alias_(self._enough(self._needed[f"k{number}"]), f"o_k{number}"),
            )
        return select if self._keys else select.select(exp.alias_(exp.true(), "o"))

    def _stripped(self, merged: Relation) -> exp.Select:
        """Return the groups put together again, without aggregates that show more than the people behind them allow."""
        keys = [column for number in range(len(self._keys)) for column in (f"k{number}", f"o_k{number}")]
        select = exp.select(*map(exp.column, keys), exp.column(COUNT)).from_(merged.sql.copy())
        for number in range(len(self._aggregates)):
            enough = self._enough(self._needed[f"a{number}"])
            value = snippet("CASE WHEN o THEN a END", o=enough, a=exp.column(f"a{number}"))
            select = select.select(exp.alias_(value, f"a{number}"), exp.alias_(enough.copy(), f"o_a{number}"))
        return select

    def _reason(self, values: list[tuple[str, Value]]) -> exp.Expr:
        """Return the names of the columns that lost their value, as a text."""
        parts = []
        for name, value in values:
            made_of = {column.name for column in value.sql.find_all(exp.Column)} & self._needed.keys()
            if made_of:
                kept = exp.and_(*(exp.column(f"o_{column}") for column in sorted(made_of)))
                parts.append(snippet("CASE WHEN NOT k THEN c END", k=kept, c=exp.Literal.string(name)))
        if not parts:
            return exp.null()
        return snippet(
            "nullif(t, '')", t=exp.Anonymous(this="concat_ws", expressions=[exp.Literal.string(", "), *parts])
        )

    def _finished(
        self, above: Scope, values: list[tuple[str, Value]], passes: exp.Expr, filtered: exp.Expr, reason: exp.Expr
    ) -> Judged:
        for name, value in values:
            self._threshold(value.lineage.worst)
            if value.lineage.is_collected and self._least > 1:
                why = f"column {name} holds values collected from several people, each of which may be one person's"
                hint = "Collect for each user in a WITH query (GROUP BY user_id), and group by what comes out."
                raise Refused(None, why, hint)
        sql = above.select().select(
            *(exp.alias_(value.sql.copy(), f"c{number}") for number, (_, value) in enumerate(values)),
            exp.alias_(exp.column(COUNT), COUNT),
            exp.alias_(passes, PASSES),
            exp.alias_(filtered, FILTERED),
            exp.alias_(exp.cast(reason, "VARCHAR"), REASON),
        )
        return Judged(sql, tuple((name, value.lineage) for name, value in values))

    def _enough(self, needed: int) -> exp.Expr:
        return snippet("n >= t", n=exp.column(COUNT), t=exp.Literal.number(needed))

    def _threshold(self, klass: Class) -> int:
        if klass >= Class.VERY_HIGH:
            raise Refused(None, "a user id may not be shown, nor anything made of it", "It may be counted.")
        return self._privacy.thresholds[klass]

    def _named(self, letter: str, sql: exp.Select) -> Relation:
        name = self._context.fresh(letter)
        self._context.named.append((name, sql))
        return Relation(
            exp.to_table(name), tuple(self._shown), dict.fromkeys(self._hidden(), Behind.LEAST), frozenset()
        )

    def _hidden(self) -> frozenset[str]:
        return frozenset[str]().union(*(each.lineage.users for each in self._shown))
