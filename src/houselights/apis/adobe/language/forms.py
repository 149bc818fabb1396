"""The forms that reach to the right, chains of events and places in time: each made by one function of a builder."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Never, Protocol, TypeVar

from lark import Token, Tree

from houselights.apis.adobe.language.errors import Parse, Place
from houselights.apis.adobe.language.literals import read_integer, read_unit
from houselights.apis.adobe.language.nesting import joined, nested_in
from houselights.apis.adobe.language.scope import Scope
from houselights.apis.adobe.language.words import INFIX
from houselights.rules.values import (
    Beside,
    Between,
    Call,
    Chain,
    Comparison,
    During,
    Lambda,
    Node,
    Offset,
    Side,
    Step,
    Value,
    When,
)

N = TypeVar("N", bound=Node)


class Builds(Protocol):
    """What these forms need of a builder."""

    text: str

    def value(self, tree: Parse, scope: Scope) -> Value: ...
    def function(self, tree: Parse, variables: int, scope: Scope) -> Lambda: ...
    def levels(self, place: Place, number: int) -> AbstractContextManager[None]: ...
    def check_name(self, token: Token) -> None: ...
    def marked(self, node: N, place: Parse) -> N: ...
    def fail(self, place: Place, message: str, hint: str | None = None) -> Never: ...


def generators(children: Sequence[Parse | Token]) -> list[Parse]:
    """Return the generators among a form's children, which the commas between them are not."""
    return [each for each in children if isinstance(each, Tree)]


def generated(build: Builds, function: str, sources: Sequence[Parse], scope: Scope) -> Value:
    """Nest `exists E from A where P, I from B where Q` as: an E for which P, and an I for which Q."""
    name, source, condition = sources[0].children
    build.check_name(name)
    inner = scope.with_names([str(name)])
    with build.levels(sources[0], 2):  # the quantifier, and the conditions joined below it
        parts = [] if condition is None else [build.value(condition, inner)]
        if len(sources) > 1:
            parts.append(generated(build, nested_in(function), sources[1:], inner))
        of = build.marked(Lambda((str(name),), joined(parts)), sources[0])
        return build.marked(Call(function, (build.value(source, scope), of)), sources[0])


def comprehension(build: Builds, function: str, head: Parse, generator: Parse, scope: Scope) -> Value:
    """Make `sum X.price over X from A where C` the sum over those of A for which C."""
    name, source, condition = generator.children
    build.check_name(name)
    inner = scope.with_names([str(name)])
    with build.levels(generator, 1):
        items = build.value(source, scope)
        if condition is not None:
            where = Lambda((str(name),), build.value(condition, inner))
            items = build.marked(Call("filter", (items, build.marked(where, condition))), generator)
    return Call(function, (items, build.marked(Lambda((str(name),), build.value(head, inner)), head)))


def chain(build: Builds, events: Parse, time: Parse, links: Sequence[Parse], scope: Scope) -> Chain:
    """Make a chain of events; a step may measure its time from the labels before it."""
    made: list[Step] = []
    for link in links:
        label, *clauses = link.children
        build.check_name(label)
        earlier = [each.label for each in made]
        if str(label) in earlier:
            build.fail(label, f'two steps are labelled "{label}"')
        made.append(build.marked(_step(build, label, clauses, earlier, scope), link))
    return Chain(build.value(events, scope), build.function(time, 1, scope), tuple(made))


def _step(build: Builds, label: Token, clauses: Sequence[Parse], earlier: Sequence[str], scope: Scope) -> Step:
    kinds = [str(clause.data) for clause in clauses]
    for clause, kind in zip(clauses, kinds, strict=True):
        if kinds.count(kind) > 1:
            build.fail(clause, "a step has each of WHAT, WHEN, COUNT and WHERE at most once")
    parts = {kind: clause.children[0] for kind, clause in zip(kinds, clauses, strict=True)}
    if "what" not in parts:
        build.fail(label, f"step {label} does not say what happened", "begin it with WHAT(…)")
    count = read_integer(build.text, parts["count"]) if "count" in parts else 1
    if count < 1:
        build.fail(parts["count"], "COUNT takes a number from 1 on", "for none at all write not(chain(…))")
    return Step(
        str(label),
        build.function(parts["what"], 1, scope),
        when(build, parts["when_clause"], scope.with_names(earlier)) if "when_clause" in parts else None,
        count,
        build.function(parts["where"], 1, scope) if "where" in parts else None,
    )


def when(build: Builds, tree: Parse, scope: Scope) -> When:
    """Make the part of `occurs` that says where a time lies."""
    return build.marked(_place(build, tree, scope), tree)


def _place(build: Builds, tree: Parse, scope: Scope) -> When:
    match str(tree.data), tree.children:
        case ("offset", [compare, amount, unit, side, anchor]):
            return Offset(
                Comparison(INFIX[str(compare)]),
                read_integer(build.text, amount),
                read_unit(unit),
                Side(side.lower()),
                build.value(anchor, scope),
            )
        case ("beside", [side, anchor]):
            return Beside(Side(side.lower()), build.value(anchor, scope))
        case ("during", [anchor]):
            return During(build.value(anchor, scope))
        case ("between", [low, high]):
            return Between(build.value(low, scope), build.value(high, scope))
    raise AssertionError(f"the grammar has a form of time {tree.data} that is not known here")
