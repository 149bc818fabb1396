"""Collects what one pass over the events must find for each person, so that a rule reads them once. Runs nothing.

Each thing found is an aggregate with the rows it is about. Two that are the same are found once.
"""

from dataclasses import dataclass, field

from sqlglot import exp

from houselights.engine.sql.terms import (
    EVENT,
    FOUND,
    PERSON,
    NeedsList,
    call,
    column,
    conjunction,
    disjunction,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One column of the pass: an aggregate over the rows where all `tests` hold.

    `exists` says that it only asks whether there is such a row.
    """

    name: str
    aggregate: exp.Expr
    tests: tuple[exp.Expr, ...]
    exists: bool = False

    def sql(self, shared: tuple[exp.Expr, ...]) -> exp.Expr:
        """Return the column, when the pass itself is restricted to rows where the `shared` tests hold."""
        rest = [test for test in self.tests if test not in shared]
        if self.exists:
            return call("bool_or", conjunction(rest))
        aggregate = self.aggregate.copy()
        if rest:
            aggregate = exp.Filter(this=aggregate, expression=exp.Where(this=conjunction(rest)))
        return aggregate


@dataclass(slots=True)
class Findings:
    """All that one rule wants found in the events, and which other tables it asks.

    `as_lists`: the events themselves are gathered, because a lambda asks about them. `known` and `audiences` are the
    tables of what is known besides, and the audiences, in the order of their mention.
    """

    as_lists: bool = False
    columns: list[Finding] = field(default_factory=list)
    uses_person: bool = False
    keeps_lists: bool = False
    audiences: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    _names: int = 0

    def fresh(self) -> str:
        """Return a name that no other lambda of the rule has; quoted names of attributes cannot be like it."""
        self._names += 1
        return f"x{self._names}"

    def find(
        self,
        aggregate: exp.Expr,
        tests: tuple[exp.Expr, ...],
        *,
        rows: str,
        exists: bool = False,
        is_list: bool = False,
    ) -> exp.Expr:
        """Ask for an aggregate over the rows that the alias `rows` stands for; return the column it will be in.

        Raises NeedsList when it depends on a lambda around it or on another finding.
        """
        aggregate, tests = _at_home(aggregate, rows), tuple(_at_home(test, rows) for test in tests)
        for part in (aggregate, *tests):
            self._admit(part)
        self.keeps_lists |= is_list
        for known in self.columns:
            if known.aggregate == aggregate and known.tests == tests and known.exists == exists:
                return column(FOUND, known.name)
        made = Finding(f"f{len(self.columns) + 1}", aggregate, tests, exists)
        self.columns.append(made)
        return column(FOUND, made.name)

    def _admit(self, part: exp.Expr) -> None:
        bound = {each.name for node in part.find_all(exp.Lambda) for each in node.expressions}
        for each in part.find_all(exp.Column):
            if each.table == PERSON:
                self.uses_person = True
            elif each.table != EVENT and each.name not in bound:
                raise NeedsList

    def shared(self) -> tuple[exp.Expr, ...]:
        """Return the tests that every finding makes: the pass makes them once."""
        if not self.columns:
            return ()
        return tuple(test for test in self.columns[0].tests if all(test in each.tests for each in self.columns))

    def rows_wanted(self) -> exp.Expr:
        """Return which rows any finding is about."""
        shared = self.shared()
        rest = [conjunction([test for test in each.tests if test not in shared]) for each in self.columns]
        return conjunction([*shared, disjunction(rest)])


def _at_home(part: exp.Expr, rows: str) -> exp.Expr:
    """Return an expression about the rows of one alias as one about the pass's rows."""

    def renamed(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and node.table == rows:
            return exp.Column(this=node.this, table=exp.to_identifier(EVENT))
        return node

    return part.transform(renamed)
