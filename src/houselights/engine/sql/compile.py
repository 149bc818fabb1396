"""Turns a value-level rule into one SQL query over people and events. Refuses what SQL would answer otherwise.

The walk answers for each node what `terms.py` describes. Whatever is the same for everybody is left to the plain
evaluator, so that dates, `now` and folded constants cannot come out differently.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from sqlglot import exp

from houselights.base.errors import InvalidRule
from houselights.engine.sql.assemble import query, values
from houselights.engine.sql.calls import apply
from houselights.engine.sql.chain import Link, happened
from houselights.engine.sql.comparing import Argument, holds
from houselights.engine.sql.found import Findings
from houselights.engine.sql.lists import first_of, get
from houselights.engine.sql.rows import EventRows, event_record
from houselights.engine.sql.sequences import as_term, items_of, read
from houselights.engine.sql.shape import IDENTITIES_TYPE, MEMBERSHIPS_TYPE, TableShape, is_told_apart
from houselights.engine.sql.terms import (
    EVENT,
    IDENTITY_TABLE,
    MEMBER,
    MEMBERSHIP_TABLE,
    PERSON,
    Answer,
    Constant,
    NeedsList,
    Parts,
    Record,
    Term,
    Unsupported,
    as_instant,
    bare,
    column,
    condition,
    field,
    is_list,
    present,
)
from houselights.engine.sql.times import Anchor, at_distance, beside, between, during
from houselights.engine.values.evaluate import Circumstances, evaluate
from houselights.model.schema import AnyType, MapType, ObjectType, Scalar, Type
from houselights.rules.calendar import Stretch, instant
from houselights.rules.functions.comparing import is_time
from houselights.rules.values import (
    EVENTS,
    IDENTITIES,
    MEMBERSHIPS,
    Beside,
    Between,
    Call,
    Chain,
    During,
    Field,
    Input,
    Lambda,
    Let,
    Listing,
    Literal,
    Member,
    Now,
    Occurs,
    Offset,
    Period,
    Step,
    Value,
    Variable,
    When,
)
from houselights.rules.values import Record as RecordNode
from houselights.rules.walk import every

Bindings = Mapping[str, Answer]

LONGEST = 200_000  # characters of SQL; DuckDB takes seconds to plan more


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule as SQL. `audiences` are those it asks about, in the order of the tables `m1`, `m2` … it reads.

    `sql` answers person ids, of which some may be repeated, or ids with a value each. `mentions_now`: the answer
    changes with the clock. `keeps_lists`: it gathers events in memory, so it is to be run by ranges of people. `why`
    is a sentence for the plan.
    """

    tree: exp.Expr
    sql: str
    audiences: tuple[str, ...]
    mentions_now: bool
    keeps_lists: bool
    kind: Type
    why: str

    @property
    def tables(self) -> frozenset[str]:
        """The names of the tables that the query reads."""
        return frozenset(each.name for each in self.tree.find_all(exp.Table))

    @property
    def pretty(self) -> str:
        """The query as text for people to read."""
        return self.tree.sql("duckdb", pretty=True)


def compile_rule(rule: Value, shape: TableShape, now: datetime) -> Compiled:
    """Return the query for the ids of the people whom a rule holds. Raises Unsupported where there is none."""
    return _compiled(rule, shape, now, as_condition=True)


def compile_value(rule: Value, shape: TableShape, now: datetime) -> Compiled:
    """Return the query for `person_id` and `value`, what a rule answers for each person. Raises Unsupported."""
    return _compiled(rule, shape, now, as_condition=False)


def _compiled(rule: Value, shape: TableShape, now: datetime, *, as_condition: bool) -> Compiled:
    try:
        return _attempt(rule, shape, now, Findings(), as_condition=as_condition)
    except NeedsList:
        pass
    except RecursionError:
        raise Unsupported("a rule nested this deep") from None
    try:
        return _attempt(rule, shape, now, Findings(as_lists=True), as_condition=as_condition)
    except RecursionError:
        raise Unsupported("a rule nested this deep") from None


def _attempt(rule: Value, shape: TableShape, now: datetime, found: Findings, *, as_condition: bool) -> Compiled:
    walk = _Walk(rule, shape, instant(now), found)
    answer = walk.value(rule, {})
    if as_condition:
        term = condition(holds(answer, found))
        tree = query(term.sql, found)
    else:
        term = as_term(answer, found)
        tree = values(term.sql, found)
    nodes = list(every(rule))
    text = tree.sql("duckdb")
    if len(text) > LONGEST:
        raise Unsupported("a rule that becomes so long")
    return Compiled(
        tree=tree,
        sql=text,
        audiences=tuple(found.audiences),
        mentions_now=any(isinstance(node, Now | Period) for node in nodes),
        keeps_lists=found.keeps_lists,
        kind=term.kind,
        why=_why(found),
    )


def _why(found: Findings) -> str:
    if not found.columns:
        return "SQL over the people"
    what = "one pass over the events"
    if found.keeps_lists:
        return f"SQL, {what}, which gathers those asked about in the order of time, by ranges of people"
    return f"SQL, {what} for {len(found.columns)} question{'s' if len(found.columns) > 1 else ''}"


class _Walk:
    def __init__(self, rule: Value, shape: TableShape, now: datetime, found: Findings):
        self.shape, self.now, self.found = shape, now, found
        self.named = {node.name for node in every(rule) if isinstance(node, Field)} | {
            str(node.value) for node in every(rule) if isinstance(node, Literal) and isinstance(node.value, str)
        }
        self.sources = 0
        self.closed: dict[int, bool] = {}

    def value(self, node: Value, bound: Bindings) -> Answer:
        if self.is_closed(node):
            return self.constant(node)
        match node:
            case Listing(items):
                return self.listing([self.value(item, bound) for item in items])
            case RecordNode(entries):
                return Record({name: self.value(each, bound) for name, each in entries}, is_written=True)
            case Input(position):
                return self.person() if position == 1 else Constant(None)
            case Variable(name):
                return bound[name]
            case Field(Input(1), name) if name in (EVENTS, IDENTITIES, MEMBERSHIPS):
                return self.kept(name)
            case Field(of, name):
                return self.step(self.value(of, bound), name)
            case Call("count", (Call("distinct", (inner,)),)) if not isinstance(inner, Lambda):
                return items_of(self.value(inner, bound), self.found).count_different()
            case Call():
                return apply(node, [self.argument(each, bound) for each in node.arguments], self.found)
            case Let(name, value, body):
                return self.value(body, {**bound, name: self.value(value, bound)})
            case Occurs(time, when):
                return self.occurs(self.value(time, bound), when, bound)
            case Chain():
                return self.chain(node, bound)
            case Member(audience):
                return self.member(audience)
            case Literal() | Now() | Period():
                return self.constant(node)
            case _:
                assert_never(node)

    def is_closed(self, node: Value) -> bool:
        """Say whether a node has the same value for everybody."""
        known = self.closed.get(id(node))
        if known is None:
            known = not any(isinstance(each, Input | Variable | Member | Chain) for each in every(node))
            self.closed[id(node)] = known
        return known

    def constant(self, node: Value) -> Constant:
        try:
            return Constant(evaluate(node, Circumstances(inputs=(), now=self.now)))
        except InvalidRule as refusal:
            raise Unsupported(refusal.message) from None

    def listing(self, items: list[Answer]) -> Answer:
        """Open lists that are constants and drop nulls, so that items are single."""
        parts: list[Answer] = []
        for item in items:
            if isinstance(item, Constant) and isinstance(item.value, list):
                parts.extend(Constant(each) for each in item.value)
            elif item != Constant(None):
                parts.append(item)
        return Parts(tuple(parts)) if parts else Constant([])

    def person(self) -> Record:
        fields = self.shape.schema.person.fields
        for name in self.named & fields.keys():
            self.refuse_twins(name, fields)
        return Record({name: self.read(column(PERSON, self.shape.people.get(name, name)), kind, name)
                       for name, kind in fields.items() if name in self.named})  # fmt: skip

    def read(self, sql: exp.Expr, kind: Type, name: str) -> Term:
        if isinstance(kind, AnyType):
            raise Unsupported(f'"{name}", whose type is not known')
        return read(sql, kind)

    def refuse_twins(self, name: str, fields: Mapping[str, Type]) -> None:
        """Refuse a field beside which there is one whose name differs in case only: DuckDB might read the other."""
        if not is_told_apart(name, fields):
            raise Unsupported(f'"{name}", beside which there is one that differs in case only')

    def kept(self, name: str) -> Answer:
        if name == EVENTS:
            return self.events()
        table, kind = (IDENTITY_TABLE, IDENTITIES_TYPE) if name == IDENTITIES else (MEMBERSHIP_TABLE, MEMBERSHIPS_TYPE)
        if table not in self.found.known:
            self.found.known.append(table)
        return read(column(table, "entries"), kind)

    def events(self) -> Answer:
        """Return the events as rows; each mention has rows of its own, so that two cannot be confused."""
        self.sources += 1
        rows = f"{EVENT}{self.sources}"
        held = self.shape.schema.event.fields
        for name in self.named:
            if isinstance(held.get(name), AnyType):
                raise Unsupported(f'"{name}", whose type is not known')
            if name in held:
                self.refuse_twins(name, held)
        # The time even when no path names it: an object needs a field, and it is what is read anyhow.
        named = {name: kind for name, kind in held.items() if name in {*self.named, self.shape.schema.event_time}}
        fields = {name: (self.shape.events.get(name, name), kind) for name, kind in named.items()}
        clock, _ = fields[self.shape.schema.event_time]
        order = (column(rows, clock), column(rows, "@place"))
        found = EventRows(rows, event_record(rows, fields), self.found, order=order)
        return found.listed() if self.found.as_lists else found

    def step(self, of: Answer, name: str) -> Answer:
        """Take one step of a path; through a list, for each item."""
        if is_list(of):
            return items_of(of, self.found).map(lambda item: self.step(item, name))
        match of:
            case Record(entries):
                return entries.get(name, Constant(None))
            case Term(sql, ObjectType(fields)):
                if name not in fields:
                    return Constant(None)
                self.refuse_twins(name, fields)
                return self.read(field(sql, name), fields[name], name)
            case Term(kind=MapType()):
                return get(self.found, of, Constant(name))
            case Constant(dict() as entries):
                return Constant(entries.get(name))
            case _:
                return Constant(None)

    def argument(self, node: "Value | Lambda", bound: Bindings) -> Argument:
        return self.function(node, bound) if isinstance(node, Lambda) else self.value(node, bound)

    def function(self, node: Lambda, bound: Bindings) -> Callable[..., Answer]:
        return lambda *answers: self.value(node.body, {**bound, **dict(zip(node.names, answers, strict=True))})

    def test(self, node: Lambda, bound: Bindings) -> Callable[[Answer], exp.Expr]:
        of = self.function(node, bound)
        return lambda item: holds(of(item), self.found)

    def occurs(self, time: Answer, when: When, bound: Bindings) -> Answer:
        anchors = self.anchors(when, bound)
        if anchors is None:
            return Constant(False)
        return condition(items_of(time, self.found).any(lambda each: self.lies(each, when, anchors)))

    def anchors(self, when: When, bound: Bindings) -> list[Anchor] | None:
        """Return the times that `when` measures from; None when one of them is none for anybody."""
        nodes = [when.low, when.high] if isinstance(when, Between) else [when.anchor]
        found: list[Anchor] = []
        for node in nodes:
            match first_of(self.found, self.value(node, bound)):
                case Constant(value) if is_time(value):
                    found.append(value)
                case Term(kind=Scalar.DATE | Scalar.TIMESTAMP) as term:
                    found.append(term)
                case _:
                    return None
        return found

    def lies(self, time: Answer, when: When, anchors: list[Anchor]) -> exp.Expr:
        if isinstance(time, Constant) and is_time(time.value):
            time = Term(
                bare(instant(time.value) if not isinstance(time.value, Stretch) else time.value), Scalar.TIMESTAMP
            )
        if not isinstance(time, Term) or time.kind not in (Scalar.DATE, Scalar.TIMESTAMP):
            return exp.false()
        at = as_instant(time)
        match when:
            case Offset(compare, amount, unit, side, _):
                return at_distance(at, compare, amount, unit, side, anchors[0])
            case Beside(side, _):
                return beside(at, side, anchors[0])
            case During():
                return during(at, anchors[0])
            case Between():
                return between(at, anchors[0], anchors[1])
            case _:
                assert_never(when)

    def chain(self, node: Chain, bound: Bindings) -> Answer:
        labels = {step.label for step in node.steps}
        clock = self.function(node.time, bound)
        links = [self.link(step, clock, labels, node, bound) for step in node.steps]
        return condition(happened(self.value(node.events, bound), clock, links, self.found))

    def link(
        self, step: Step, clock: Callable[[Answer], Answer], labels: set[str], node: Chain, bound: Bindings
    ) -> Link:
        referred = {each.name for each in every(node) if isinstance(each, Variable)} & labels
        when = step.when
        is_relative = when is not None and any(
            isinstance(each, Variable) and each.name in labels for each in every(when)
        )
        tests = [self.test(each, bound) for each in (step.what, step.where) if each is not None]

        def fits(item: Answer) -> exp.Expr:
            parts = [test(item) for test in tests]
            if when is not None and not is_relative:
                parts.append(holds(self.occurs(clock(item), when, bound), self.found))
            return exp.and_(*parts) if exp.false() not in parts else exp.false()

        def later(at: Term, times: dict[str, Term]) -> exp.Expr:
            assert when is not None, "only steps with a WHEN are asked"
            return holds(self.occurs(at, when, {**bound, **times}), self.found)

        return Link(step.label, fits, step.count, later if is_relative else None, step.label in referred)

    def member(self, audience: str) -> Answer:
        if audience not in self.found.audiences:
            self.found.audiences.append(audience)
        table = f"{MEMBER}{self.found.audiences.index(audience) + 1}"
        return Term(present(column(table, "person_id")), Scalar.BOOLEAN)
