"""What the names in one SELECT mean: its sources, joined, with the people behind their rows.

A scope over groups knows its values by the text they were read from instead: the keys and the aggregates.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlglot import exp

from houselights.cleanroom.context import Context, Names
from houselights.cleanroom.dialect import snippet
from houselights.cleanroom.lineage import Behind, Hidden, Lineage, Relation, Shown, Value
from houselights.cleanroom.refusal import Refused, unknown
from houselights.cleanroom.tables import Class, fold


class Scope:
    """The sources of a SELECT. `rows` are the hidden columns of every row; `implied` what decided about the rows."""

    def __init__(self, context: Context, names: Names):
        self.context = context
        self.names = names
        self.hidden: dict[str, Hidden] = {}
        self.rows: set[str] = set()
        self.implied = Class.NONE
        self.known: dict[str, Value] | None = None
        self.below: Scope | None = None  # of a scope over groups: what was grouped
        self.takes_windows = False
        self._sources: list[tuple[str, list[tuple[str, Value]]]] = []
        self._merged: dict[str, Value] = {}
        self._same: dict[str, str] = {}
        self._select = exp.Select()
        self._joins = 0

    def add(self, relation: Relation, name: str | None, *, join: str = "CROSS", on: exp.Expr | None = None) -> str:
        """Put a relation into the scope; return its name in our SQL.

        `name` is what the query calls it, "" for nothing; with None its columns cannot be named at all.
        """
        ours = self.context.fresh("r")
        if not relation.rows:
            # A list of literals joined to people chooses among them as a condition does.
            row = exp.Anonymous(this="hash", expressions=[exp.column(each.column, ours) for each in relation.shown])
            self.hidden[f"{ours}.side"] = Hidden(row, Behind.SIDE)
        columns = [(fold(each.name), self.brought(each, ours)) for each in relation.shown]
        if name is not None:
            self._sources.append((fold(name), columns))
        for hidden, kind in relation.hidden.items():
            self.hidden[f"{ours}.{hidden}"] = Hidden(exp.column(hidden, ours), kind)
        self.rows |= {f"{ours}.{hidden}" for hidden in relation.rows}
        self.implied = max(self.implied, relation.implied)
        source = relation.sql.copy()
        aliased = exp.alias_(source if isinstance(source, exp.Table) else exp.Subquery(this=source), ours, table=True)
        if self._joins == 0:
            self._select = self._select.from_(aliased, copy=False)
        else:
            self._select = self._select.join(aliased, join_type=join, on=on, copy=False)
        self._joins += 1
        return ours

    def has_source(self, name: str) -> bool:
        """Whether a source has this name already."""
        return any(name and each == fold(name) for each, _ in self._sources)

    def join_on(self, condition: Value) -> None:
        """Give the source that was added last its condition."""
        join = self._select.args["joins"][-1]
        join.set("on", condition.sql.copy())
        self.implied = max(self.implied, condition.lineage.worst)

    def where(self, condition: Value) -> None:
        """Keep only rows that a condition holds for."""
        self._select = self._select.where(condition.sql.copy(), copy=False)
        self.implied = max(self.implied, condition.lineage.worst)

    def merge(self, name: str, value: Value) -> None:
        """Let an unqualified name mean this value (of a join USING it)."""
        self._merged[fold(name)] = value

    def select(self) -> exp.Select:
        """Return a SELECT of nothing yet from the sources, with their conditions."""
        return self._select.copy()

    @staticmethod
    def _brought(lineage: Lineage, ours: str) -> Lineage:
        return replace(
            lineage,
            users=frozenset(f"{ours}.{each}" for each in lineage.users),
            names=frozenset(f"{ours}.{each}" for each in lineage.names),
            marks=frozenset(f"{ours}.{each}" for each in lineage.marks),
        )

    def keep(self, hidden: Hidden) -> str:
        """Add a hidden column computed from others, and return its name."""
        name = self.context.fresh("w")
        self.hidden[name] = hidden
        return name

    def marked(self, lineage: Lineage, conditions: Sequence[Value]) -> Lineage:
        """Return a lineage with marks of the conditions that say something of people: of class LOW and above."""
        telling = [each for each in conditions if each.lineage.worst >= Class.LOW]
        new = {self.keep(Hidden(snippet("coalesce(c, FALSE)", c=each.sql), Behind.MARK)) for each in telling}
        return replace(lineage, marks=lineage.marks.union(new, *(each.lineage.marks for each in conditions)))

    # -- who is who ------------------------------------------------------------------------------------------------

    def equate(self, left: Iterable[str], right: Iterable[str]) -> None:
        """Remember that user ids behind these hidden columns are equal in every row, or one of them is absent."""
        everybody = [*left, *right]
        for each in everybody[1:]:
            self._same[self._root(each)] = self._root(everybody[0])

    def told_by(self, names: Iterable[str]) -> set[str]:
        """Return the hidden columns that are one person each wherever all of `names` are."""
        roots = {self._root(each) for each in names}
        if len(roots) != 1:
            return set()
        return {each for each, hidden in self.hidden.items() if hidden.kind is Behind.ONE and self._root(each) in roots}

    def _root(self, name: str) -> str:
        while name in self._same and self._same[name] != name:
            name = self._same[name]
        return name

    # -- values ----------------------------------------------------------------------------------------------------

    def value(self, node: exp.Expr) -> Value:
        """Return what an expression of the query means here. Raises Refused."""
        if self.known is not None and self.below is not None:
            found = self.known.get(self.below.signature(node))
            if found is not None:
                return found
        reader = self.context.readers.get(type(node))
        if reader is None:
            raise unknown(node)
        return reader(node, self)

    def column(self, node: exp.Column) -> Value:
        """Return what a column means here."""
        if self.below is not None:
            self.below.column(node)  # unknown columns are told as such
            if self.known is not None:
                hint = "Group by it, or put it into an aggregate."
                raise Refused(node, f"column {node.name} is neither grouped by nor aggregated", hint)
        found = self._lookup(node, fold(node.name), fold(node.table))
        if found is None:
            now = self.context.retired(fold(node.name))
            found = None if now is None else self._lookup(node, fold(now), fold(node.table))
            if now is not None and found is not None:
                self.context.note(
                    f"{node.name} is not a column of the tables it is asked of; it was read as {now}, "
                    "which says the same."
                )
        if found is None:
            raise self._missing(node)
        if found.lineage.klass == Class.INTERNAL:
            raise Refused(node, f"column {node.name} is internal and may not be used")
        return found

    def brought(self, shown: Shown, ours: str) -> Value:
        """Return a column of the source that has this name in our SQL."""
        lineage, side = self._brought(shown.lineage, ours), f"{ours}.side"
        if side in self.hidden:
            lineage = replace(lineage, marks=lineage.marks | {side})
        return Value(exp.column(shown.column, ours), lineage)

    def knows(self, name: str) -> bool:
        """Whether a source has a column of this name."""
        return fold(name) in self._merged or any(
            each == fold(name) for _, columns in self._sources for each, _ in columns
        )

    def at(self, column: str) -> Value:
        """Return a column of the only source by its name in our SQL."""
        ((_, columns),) = self._sources
        return next(value for _, value in columns if value.sql.name == column)

    def _lookup(self, node: exp.Column, name: str, source: str) -> Value | None:
        if not source and name in self._merged:
            return self._merged[name]
        found = [
            value
            for each, columns in self._sources
            if not source or each == source
            for known, value in columns
            if known == name
        ]
        if len(found) > 1:
            raise Refused(node, f"column {node.name} is in several tables", "Write the table's name before it.")
        return found[0] if found else None

    def _missing(self, node: exp.Column) -> Refused:
        source = fold(node.table)
        if source and not any(each == source for each, _ in self._sources):
            return Refused(node, f"there is no table {node.table} here")
        names = sorted(
            known
            for each, columns in self._sources
            for known, value in columns
            if (not source or each == source) and value.lineage.klass < Class.INTERNAL
        )
        hint = f"There are {', '.join(names[:40])}." if names else None
        return Refused(node, f"unknown column {node.name}", hint)

    def signature(self, node: exp.Expr) -> str:
        """Return a text that two expressions have in common only when they mean the same here."""

        def resolve(each: exp.Expr) -> exp.Expr:
            if isinstance(each, exp.Column) and isinstance(each.this, exp.Identifier):
                found = self._lookup(each, fold(each.name), fold(each.table))
                return exp.var(each.sql() if found is None else f"<{found.sql.sql()}>")
            if isinstance(each, exp.Anonymous):
                each.set("this", str(each.this).upper())
            return each

        while isinstance(node, exp.Paren):
            node = node.this
        return node.copy().transform(resolve, copy=False).sql(comments=False)
