"""Turns a rule into a program for the block machine. Refuses audiences: they must have been inlined."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, assert_never

import numpy as np

from houselights.engine.estimate import in_order
from houselights.engine.index import Index
from houselights.engine.kernels import program
from houselights.engine.people_set import PeopleSet
from houselights.model.catalogue import follows_facet
from houselights.rules.tree import (
    And,
    AtLeast,
    Everyone,
    Follows,
    HasTrait,
    InAudience,
    Listed,
    Mentions,
    Nobody,
    Not,
    Or,
    Rule,
    Where,
)


class Leaves(Protocol):
    """Sets that do not come from traits. Of the index's capacity; people who no longer exist do no harm in them."""

    def listed(self, listed: Listed) -> PeopleSet:
        """Return the people on a list, as far as its log is to be read."""
        ...

    def settled(self, listed: Listed) -> Rule:
        """Return an equal rule that names the state the list is in, the same one while nobody comes or goes."""
        ...

    def mentions(self, mentions: Mentions) -> PeopleSet:
        """Return the people whose texts hold the phrases."""
        ...

    def active(self, follows: Follows) -> PeopleSet:
        """Return the people who were active on the platform within the days; accounts are not looked at."""
        ...

    def where(self, where: Where) -> PeopleSet:
        """Return the people for whose document an expression holds; what its audiences mean is in it."""
        ...


@dataclass(frozen=True, slots=True)
class Program:
    """What `run_program` takes: int64 instructions (n, 5), int64 leaves, dense sets, the number of registers."""

    code: np.ndarray[Any, np.dtype[np.int64]]
    leaves: np.ndarray[Any, np.dtype[np.int64]]
    sets: tuple[PeopleSet, ...]
    registers: int


def compile_rule(index: Index, rule: Rule, leaves: Leaves) -> Program:
    """Compile a rule without audiences. Raises TypeError when there is one.

    A trait that the catalogue does not know is carried by nobody, as in the plain evaluator.
    """
    compiler = _Compiler(index, leaves)
    compiler.emit(program.EVERYONE, 0)
    compiler.narrow(rule, 0)
    return Program(
        code=np.array(compiler.code, np.int64),
        leaves=np.array(compiler.leaves, np.int64),
        sets=tuple(compiler.sets.values()),
        registers=compiler.most + 1,
    )


class _Compiler:
    """One convention does everything: `narrow(rule, r)` writes code that keeps in register r those the rule holds."""

    def __init__(self, index: Index, leaves: Leaves):
        self.index = index
        self.source = leaves
        self.code: list[list[int]] = []
        self.leaves: list[int] = []
        self.sets: dict[Rule, PeopleSet] = {}
        self.used = 1
        self.most = 1

    def emit(self, operation: int, *arguments: int) -> None:
        self.code.append([operation, *arguments, *[0] * (4 - len(arguments))])

    def reserve(self, registers: int) -> int:
        """Take neighbouring registers and return the first; `self.used` is set back when they are free again."""
        first = self.used
        self.used += registers
        self.most = max(self.most, self.used)
        return first

    def narrow(self, rule: Rule, r: int) -> None:
        before = self.used
        group = self.group(rule)
        match rule:
            case _ if group is not None:
                self.keep(program.KEEP, r, group)
            case Everyone():
                pass
            case And(rules):
                self.narrow_all(rules, r)
            case Or(rules):
                self.narrow_any(rules, r)
            case Not(negated):
                self.narrow_not(negated, r)
            case AtLeast(k, rules):
                self.narrow_at_least(k, rules, r)
            case Follows():
                self.narrow_follows(rule, r)
            case InAudience():
                raise TypeError("audiences are inlined before a rule is compiled")
            case _:
                raise AssertionError(f"{type(rule).__name__} is a group")
        self.used = before

    def keep(self, operation: int, r: int, group: Iterable[int]) -> None:
        low = len(self.leaves)
        self.leaves.extend(dict.fromkeys(group))
        if len(self.leaves) > low:
            self.emit(operation, r, low, len(self.leaves))
        elif operation == program.KEEP:
            self.emit(program.CLEAR, r)

    def narrow_all(self, rules: tuple[Rule, ...], r: int) -> None:
        """Smallest first; what is taken away comes last, when least is left to take it from."""
        skips = []
        for place, each in enumerate(in_order(self.index, rules)):
            if place:
                skips.append(len(self.code))
                self.emit(program.SKIP, r)
            self.narrow(each, r)
        for skip in skips:
            self.code[skip][2] = len(self.code)

    def narrow_any(self, rules: tuple[Rule, ...], r: int) -> None:
        """One clause after another, each among those that no clause before it has found."""
        found = self.reserve(2)
        trial = found + 1
        groups = {each: self.group(each) for each in rules}
        simple = [leaf for group in groups.values() if group is not None for leaf in group]
        self.emit(program.COPY, found, r)
        self.keep(program.KEEP, found, simple)
        for each, group in groups.items():
            if group is None:
                self.emit(program.REST, trial, r, found)
                self.narrow(each, trial)
                self.emit(program.JOIN, found, trial)
        self.emit(program.COPY, r, found)

    def narrow_not(self, negated: Rule, r: int) -> None:
        group = self.group(negated)
        if group is not None:
            self.keep(program.DROP, r, group)
        elif isinstance(negated, Not):
            self.narrow(negated.rule, r)
        else:
            inside = self.reserve(1)
            self.emit(program.COPY, inside, r)
            self.narrow(negated, inside)
            self.emit(program.MINUS, r, inside)

    def narrow_at_least(self, k: int, rules: tuple[Rule, ...], r: int) -> None:
        if k <= 0:
            return
        if k > len(rules):
            self.emit(program.CLEAR, r)
            return
        planes = len(rules).bit_length()
        first = self.reserve(planes + 1)
        trial = first + planes
        for plane in range(first, first + planes):
            self.emit(program.CLEAR, plane)
        for each in rules:
            self.emit(program.COPY, trial, r)
            self.narrow(each, trial)
            self.emit(program.TALLY, trial, first, planes)
        self.emit(program.AT_LEAST, r, first, planes, k)

    def narrow_follows(self, rule: Follows, r: int) -> None:
        """Accounts are traits; when somebody was active is one set for all rules with the same platform and days."""
        if rule.active_within_days is not None:
            active = Follows(rule.platform, (), 0, rule.active_within_days)
            self.keep(program.KEEP, r, [self.set_leaf(active, lambda: self.source.active(active))])
        facet = follows_facet(rule.platform)
        if rule.at_least == 1:
            self.narrow(HasTrait(facet, rule.accounts), r)
        else:
            accounts = dict.fromkeys(rule.accounts)
            self.narrow_at_least(rule.at_least, tuple(HasTrait(facet, (each,)) for each in accounts), r)

    def group(self, rule: Rule) -> list[int] | None:
        """Return the leaves whose union the rule is, or None when it is no plain union."""
        match rule:
            case Nobody():
                return []
            case HasTrait(facet, any_of):
                found = (self.index.catalogue.find(facet, key) for key in any_of)
                return [trait.id for trait in found if trait is not None]
            case Listed():
                return [self.set_leaf(rule, lambda: self.source.listed(rule))]
            case Mentions():
                return [self.set_leaf(rule, lambda: self.source.mentions(rule))]
            case Follows(platform, accounts, 1, None):
                return self.group(HasTrait(follows_facet(platform), accounts))
            case Where():
                return [self.set_leaf(rule, lambda: self.source.where(rule))]
            case Or(rules):
                groups = [self.group(each) for each in rules]
                whole = [group for group in groups if group is not None]
                return [leaf for group in whole for leaf in group] if len(whole) == len(groups) else None
            case Everyone() | InAudience() | Follows() | And() | Not() | AtLeast():
                return None
            case _:
                assert_never(rule)

    def set_leaf(self, rule: Rule, fetch: Callable[[], PeopleSet]) -> int:
        """Return the leaf of a dense set, fetched once per program."""
        if rule not in self.sets:
            self.sets[rule] = fetch()
        return program.SET_LEAF + list(self.sets).index(rule)
